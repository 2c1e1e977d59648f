"""JSON values: equality, and a short text. A value may contain itself, as a recursive schema does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from code_contract.text import escape_unprintable

MAX_CHARS = 60
"""Upper bound of a printed value."""


def json_equal(one: Any, other: Any, by_value: bool = False) -> bool:
    """Return True for equal JSON values: true is not 1, and 1 is not 1.0 unless compared `by_value`.

    Values may contain themselves, as recursive schemas do.
    """
    waiting, seen = [(one, other)], set[tuple[int, int]]()
    while waiting:
        one, other = waiting.pop()
        if one is other or (id(one), id(other)) in seen:
            continue
        if isinstance(one, dict) and isinstance(other, dict):
            if one.keys() != other.keys():
                return False
            waiting += [(one[key], other[key]) for key in one]
        elif isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                return False
            waiting += zip(one, other, strict=True)
        else:
            numbers = by_value and not isinstance(one, bool) and not isinstance(other, bool)
            if one != other or not (numbers or type(one) is type(other)):
                return False
            continue
        seen.add((id(one), id(other)))
    return True


def format_value(value: Any) -> str:
    """Return a value as one printable line of at most MAX_CHARS characters."""
    text = ""
    for part in _json_parts(value):
        text += part
        if len(text) > MAX_CHARS:
            return escape_unprintable(f"{text[:MAX_CHARS]}…")
    return escape_unprintable(text)


def _json_parts(value: Any) -> Iterator[str]:
    """Yield a JSON text in parts: a value that contains itself has no end."""
    if isinstance(value, (dict, list)) and value:
        pairs = value.items() if isinstance(value, dict) else ((None, each) for each in value)
        for index, (name, each) in enumerate(pairs):
            yield ", " if index else "{" if isinstance(value, dict) else "["
            if name is not None:
                yield f"{json.dumps(name, ensure_ascii=False)}: "
            yield from _json_parts(each)
        yield "}" if isinstance(value, dict) else "]"
    else:
        yield json.dumps(value, ensure_ascii=False)
