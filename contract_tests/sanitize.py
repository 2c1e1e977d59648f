"""Hostile text made fit to be shown: on a terminal, in a log, in a report.

Whatever a target sent passes through here before a person sees it: control characters, terminal escapes, bidirectional
overrides and lone surrogates are written as escapes, long text is cut, and a picture is named instead of dumped.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

MAX_CHARS = 120
"""Characters shown of one value."""

_DATA_URI = re.compile(r"(data:[^,\s]{0,60};base64,[A-Za-z0-9+/=]{4})[A-Za-z0-9+/=]{40,}")
# Cc control, Cf format (bidi overrides, zero width), Cs surrogate, Co private use, Cn unassigned, Zl/Zp separators.
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def escape(value: str, limit: int = MAX_CHARS) -> str:
    """`value` on one line: escaped, its pictures shortened, cut to about `limit` characters."""
    # A long text is cut before it is worked on: only its beginning can be seen anyway.
    head = _DATA_URI.sub(lambda m: f"{m[1]}… ({len(m[0])} characters)", value[: 64 * 1024])
    shown = "".join(_escaped(character) for character in head[: limit + 1])
    return shown if len(head) <= limit else f"{shown[:limit]}… ({len(value)} characters)"


def quoted(value: str, limit: int = MAX_CHARS) -> str:
    """`value` in double quotes, escaped and cut."""
    return f'"{escape(value, limit)}"'


def json_value(value: Any, limit: int = MAX_CHARS) -> str:
    """A JSON value as one short line. Never raises, however deep or large it is."""
    if isinstance(value, str):
        return quoted(value, limit)
    try:
        written = json.dumps(_pruned(value), ensure_ascii=False)
    except (ValueError, RecursionError):
        written = f"a {type(value).__name__} that cannot be written out"
    return escape(written, limit)


def body(value: bytes, limit: int = MAX_CHARS) -> str:
    """The bytes of a body: as text where they are UTF-8, else their first ones in hexadecimal."""
    if not value:
        return "an empty body"
    try:
        return escape(value[: 64 * 1024].decode("utf-8"), limit)
    except UnicodeDecodeError:
        if len(value) > 64 * 1024:
            return escape(value[: 64 * 1024].decode("utf-8", "replace"), limit)
        return f"{len(value)} bytes beginning {value[:16].hex(' ')}"


def _escaped(character: str) -> str:
    if character == "\\" or unicodedata.category(character) not in _HIDDEN:
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _pruned(value: Any, depth: int = 4) -> Any:
    """The upper levels of a value; what is below, and what is long, by an ellipsis."""
    if isinstance(value, dict):
        if depth == 0 and value:
            return "{…}"
        return {str(k)[:80]: _pruned(v, depth - 1) for k, v in list(value.items())[:20]}
    if isinstance(value, list):
        if depth == 0 and value:
            return "[…]"
        return [_pruned(item, depth - 1) for item in value[:20]]
    if isinstance(value, str):
        return _DATA_URI.sub(lambda m: f"{m[1]}… ({len(m[0])} characters)", value[: 16 * 1024])
    return value
