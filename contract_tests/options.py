"""The declaration of a setting as an option: its default, help text, type and limits in one place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import Field, dataclass, field, replace
from typing import Any

_KEY = "option"


class SettingsError(Exception):
    """A setting cannot be used; the message names the value, unless it may be a secret, and the remedy."""


@dataclass(frozen=True)
class Option:
    """One setting that users give on a command line, to pytest or in pyproject.toml.

    Attributes:
        name: The field of `Settings`.
        flag: The option without the leading dashes.
        kind: The type of the value; the options of a `tuple` are repeatable.
        summary: The help text without the default.
        metavar: The placeholder of the value in help texts.
        limits: The smallest and the largest number allowed.
        default: The value if the option is not given.
    """

    name: str
    flag: str
    kind: type
    summary: str
    metavar: str | None
    limits: tuple[float, float] | None
    default: Any

    @property
    def help(self) -> str:
        """The help text, with the default of a number."""
        return (
            self.summary if self.default is None or not self.limits else f"{self.summary}  [default: {self.default:g}]"
        )

    @property
    def argparse(self) -> dict[str, Any]:
        """Keyword arguments of `argparse.ArgumentParser.add_argument`; the value is None if the option is not given."""
        if self.kind is bool:
            return {"help": self.help, "action": "store_true", "default": None}
        how = {"action": "append"} if self.kind is tuple else {"type": self.kind}
        return {"help": self.help, "metavar": self.metavar, **how}


def option(
    default: Any,
    summary: str,
    metavar: str | None = None,
    *,
    limits: tuple[float, float] | None = None,
    flag: str = "",
    kind: type | None = None,
    secret: bool = False,
) -> Any:
    """Declare a dataclass field that is an option; a secret is left out of the representation."""
    kind = kind or (str if default is None else type(default))
    declared = Option("", flag, kind, summary, metavar, limits, default)
    return field(default=default, repr=not secret, metadata={_KEY: declared})


def options_of(fields: Iterable[Field[Any]]) -> dict[str, Option]:
    """Return the options among the fields of a dataclass, by field name."""
    found = {each.name: each.metadata[_KEY] for each in fields if _KEY in each.metadata}
    return {name: replace(each, name=name, flag=each.flag or name.replace("_", "-")) for name, each in found.items()}
