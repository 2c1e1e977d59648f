"""Reasons: the sentences of the journal, of the access log and of X-Mock-Reason, made of a code and values.

A reason is a text, its sentence in English. With its code and values, the page shows it in its own language.
reasons.json has the sentence of each code in English and Chinese, with the names of the values in braces.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any


@lru_cache(1)
def templates() -> Mapping[str, tuple[str, str]]:
    """Return the sentences in English and Chinese by code."""
    text = files(__package__).joinpath("reasons.json").read_text(encoding="utf-8")
    return {code: (english, chinese) for code, (english, chinese) in json.loads(text).items()}


class Reason(str):
    """One reason.

    Args:
        code: A code in reasons.json.
        values: The values of its sentence: reasons, and anything else as its text.

    Attributes:
        code: The code.
        values: The values by name.
    """

    __slots__ = ("code", "values")
    code: str
    values: Mapping[str, Any]

    def __new__(cls, code: str, /, **values: Any) -> Reason:
        """Return the reason. Raises KeyError if the code or a value is missing."""
        made = super().__new__(cls, templates()[code][0].format_map(values))
        made.code, made.values = code, values
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str, ...], Mapping[str, Any]]:
        return (self.code,), self.values

    @property
    def parts(self) -> tuple[Reason, ...]:
        """The reasons that this one is joined of: itself."""
        return (self,)

    def mapped(self, change: Callable[[str], str]) -> Reason:
        """Return the reason with the texts among its values changed, as by redaction."""
        return Reason(self.code, **{name: _mapped(value, change) for name, value in self.values.items()})

    def as_json(self) -> list[dict[str, Any]]:
        """Return the parts as JSON values: the schema `Reason` of the admin API."""
        return [
            {"code": each.code, "values": {k: _json(v) for k, v in each.values.items()}, "text": str(each)}
            for each in self.parts
        ]


class Reasons(Reason):
    """Several reasons, joined by semicolons. Each part has its code and values."""

    __slots__ = ("_parts",)
    _parts: tuple[Reason, ...]

    def __new__(cls, *parts: Reason) -> Reasons:
        """Return the parts as one reason."""
        made = str.__new__(cls, "; ".join(parts))
        made._parts = parts
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str, ...], Mapping[str, Any]]:
        return self._parts, {}

    @property
    def parts(self) -> tuple[Reason, ...]:
        """The reasons."""
        return self._parts

    def mapped(self, change: Callable[[str], str]) -> Reason:
        """Return the reasons with the texts among their values changed."""
        return Reasons(*(each.mapped(change) for each in self.parts))


class ReasonError(Exception):
    """An error for a reason.

    Attributes:
        reason: The reason.
    """

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, Reason):
        return value.mapped(change)
    return change(value) if isinstance(value, str) else value


def _json(value: Any) -> Any:
    return value.as_json() if isinstance(value, Reason) else str(value)
