"""Options that several subcommands share."""

from __future__ import annotations

import functools
import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click
from click.core import ParameterSource

from code_contract import Contract, load
from code_contract.text import escape_lines

if TYPE_CHECKING:
    from contract_tests.options import Option

Command = TypeVar("Command", bound=Callable[..., Any])


class _Text(click.types.StringParamType):
    """A text; the environment variable of a repeatable option has one on each line."""

    def split_envvar_value(self, rv: str) -> list[str]:
        return [line for line in rv.splitlines() if line.strip()]


class NumberRange(click.FloatRange):
    """A number in a range, in which NaN, for which every comparison is false, is not."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number."""
        number = super().convert(value, param, ctx)
        return self.fail("nan is not a number", param, ctx) if math.isnan(number) else number


class _File(click.Path):
    """The path of a file; the environment variable of a repeatable option has one on each line."""

    def split_envvar_value(self, rv: str) -> list[str]:
        return [line for line in rv.splitlines() if line.strip()]


TEXT = _Text()
FILE = _File(path_type=Path)

PREFIX = "CODE_CONTRACT_"
"""The beginning of the environment variable of an option."""
URL_VARIABLE = f"{PREFIX}URL"
"""The environment variable of the base URL."""

MAX_WARNINGS = 20
"""Problems of a document that are printed one by one."""


@dataclass(frozen=True)
class Spec:
    """The document that a command uses.

    Attributes:
        path: The file, None for the packaged contract.
        overlays: Files that change the document.
        strict: True if a document that violates OpenAPI is rejected.
    """

    path: Path | None
    overlays: tuple[Path, ...]
    strict: bool

    def configured(self, documents: Mapping[str, Any]) -> Spec:
        """Return the document with what the settings of a project name, unless it is given."""
        path = documents.get("spec") if self.path is None else self.path
        return replace(self, path=path, overlays=self.overlays or documents.get("overlay", ()))

    def load(self) -> Contract:
        """Load the contract, and print its problems as warnings on stderr. Raises ContractError."""
        contract = load(self.path, overlays=self.overlays, strict=self.strict)
        for problem in contract.problems[:MAX_WARNINGS]:
            _warn(str(problem))
        if len(contract.problems) > MAX_WARNINGS:
            _warn(f"{len(contract.problems) - MAX_WARNINGS} more; --strict-spec rejects the document")
        return contract


def _warn(text: str) -> None:
    # The text counts little: a command works without stderr too.
    with suppress(OSError):
        click.echo(f"code-contract: warning: {escape_lines(text)}", err=True)


overlay_option = click.option(
    "--overlay",
    type=FILE,
    multiple=True,
    metavar="FILE",
    envvar=f"{PREFIX}OVERLAY",
    help="OpenAPI Overlay 1.0 document that changes the document, for example adds clauses (repeatable).",
)
strict_option = click.option(
    "--strict-spec",
    is_flag=True,
    envvar=f"{PREFIX}STRICT_SPEC",
    help="Reject a document that violates OpenAPI; otherwise what can be read of it is used, with warnings.",
)


class EnvironmentCommand(click.Command):
    """A command whose options environment variables give too, and whose help lists them in groups.

    Args:
        groups: Names of parameters by the title of their group; other options come last.
        rest: The title of the group of the other options.
    """

    def __init__(
        self, *args: Any, groups: Mapping[str, Sequence[str]] | None = None, rest: str = "Options", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._groups, self._rest = groups or {}, rest
        for each in self.params:
            if isinstance(each, click.Option) and each.envvar is None:
                longest = max(each.opts, key=len)
                each.envvar = PREFIX + longest.lstrip("-").replace("-", "_").upper()

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        titles = {name: title for title, names in self._groups.items() for name in names}
        records = defaultdict[str, list[tuple[str, str]]](list, {title: [] for title in self._groups})
        for each in self.get_params(ctx):
            # The usage line has the arguments; only newer versions of click have a record of them.
            if isinstance(each, click.Option) and (record := each.get_help_record(ctx)):
                records[titles.get(each.name or "", self._rest)].append(record)
        for title, found in records.items():
            if found:
                with formatter.section(title):
                    formatter.write_dl(found)


config_option = click.option(
    "--config",
    type=FILE,
    metavar="FILE",
    help="TOML file with settings.  [default: the nearest code-contract.toml or pyproject.toml]",
)


def given_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of the running command that the command line or the environment gives."""
    source = click.get_current_context().get_parameter_source
    return {name: value for name, value in given.items() if source(name) is not ParameterSource.DEFAULT}


def spec_option(function: Command) -> Command:
    """Add --spec, --overlay and --strict-spec, as the argument `spec` (a Spec)."""

    @functools.wraps(function)
    def with_spec(
        *arguments: Any, spec: Path | None, overlay: tuple[Path, ...], strict_spec: bool, **given: Any
    ) -> Any:
        return function(*arguments, spec=Spec(spec, overlay, strict_spec), **given)

    for option in (
        strict_option,
        overlay_option,
        click.option(
            "--spec",
            type=FILE,
            metavar="FILE",
            envvar=f"{PREFIX}SPEC",
            help="OpenAPI 3 document to use.  [default: the packaged contract]",
        ),
    ):
        with_spec = option(with_spec)
    return cast("Command", with_spec)


def settings_options(options: dict[str, Option]) -> Callable[[Command], Command]:
    """Add settings of the suite as options; an option that is not given is None, False or empty."""

    def add(function: Command) -> Command:
        for option in reversed(options.values()):
            kind: dict[str, Any] = {"type": option.kind, "metavar": option.metavar}
            if option.kind is bool:
                kind = {"is_flag": True}
            elif option.kind is tuple:
                kind = {"type": TEXT, "multiple": True, "metavar": option.metavar}
            function = click.option(f"--{option.flag}", option.name, help=option.help, **kind)(function)
        return function

    return add
