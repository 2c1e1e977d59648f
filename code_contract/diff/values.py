"""JSON values: equality, and a short text. A value may contain itself, as a recursive schema does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from code_contract.text import escape_unprintable

MAX_CHARS = 60
"""Upper bound of a printed value."""
MAX_COMPARED = 10_000
"""Upper bound of the characters in which two values are searched for their difference."""
CONTEXT = 15
"""Characters that are printed before and after a difference."""


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
    return _shown(_text(value, MAX_CHARS))


def format_change(old: Any, new: Any) -> tuple[str, str]:
    """Return two values as `format_value` does, but of long ones the part that differs, with a little on each side."""
    texts = [_text(value, MAX_COMPARED) for value in (old, new)]
    begin = _common(*texts)
    # Texts that are equal as far as they were read differ somewhere behind.
    if max(map(len, texts)) <= MAX_CHARS or texts[0] == texts[1]:
        return format_value(old), format_value(new)
    end = _common(*(text[begin:][::-1] for text in texts))
    start, stop = max(0, begin - CONTEXT), max(0, end - CONTEXT)
    head, tail = "…" if start else "", "…" if stop else ""
    old_part, new_part = (_shown(text[start : len(text) - stop], head, tail) for text in texts)
    return old_part, new_part


def _common(one: str, other: str) -> int:
    """Return the length of the common beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(one), len(other)))


def _text(value: Any, limit: int) -> str:
    """Return a JSON text, or its beginning with more than `limit` characters."""
    text = ""
    for part in _json_parts(value):
        text += part
        if len(text) > limit:
            break
    return text


def _shown(text: str, head: str = "", tail: str = "") -> str:
    return escape_unprintable(f"{head}{text}{tail}" if len(text) <= MAX_CHARS else f"{head}{text[:MAX_CHARS]}…")


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
