"""Options that several subcommands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from contract_tests.options import Option

Command = TypeVar("Command", bound=Callable[..., Any])

FILE = click.Path(path_type=Path)

spec_option = click.option(
    "--spec", type=FILE, metavar="FILE", help="OpenAPI document to use.  [default: the packaged contract]"
)


def settings_options(options: dict[str, Option]) -> Callable[[Command], Command]:
    """Add settings of the suite as options; an option that is not given is None, False or empty."""

    def add(function: Command) -> Command:
        for option in reversed(options.values()):
            kind: dict[str, Any] = {"type": option.kind, "metavar": option.metavar}
            if option.kind is bool:
                kind = {"is_flag": True}
            elif option.kind is tuple:
                kind = {"multiple": True, "metavar": option.metavar}
            function = click.option(f"--{option.flag}", option.name, help=option.help, **kind)(function)
        return function

    return add
