"""Sanitizing of text from a target before it is shown on a terminal, in a log or in a report.

Within `redacting`, secrets are replaced first, so that no truncated piece of one is left. Then unprintable characters
(control characters, terminal escapes, bidirectional overrides, lone surrogates) are escaped, long text is truncated,
and pictures in base64 are abbreviated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from typing import Any

from code_contract.text import escape_unprintable
from contract_tests.message import Message

MAX_CHARS = 120
"""Characters shown of one value."""

_MAX_INPUT = 64 * 1024

_DATA_URI = re.compile(r"(data:[^,\s]{0,60};base64,[A-Za-z0-9+/=]{4})[A-Za-z0-9+/=]{40,}")


# A parameter would pass through every check: each of them describes what it received.
_REDACT: ContextVar[Callable[[str], str]] = ContextVar("redact", default=str)


@contextmanager
def redacting(redact: Callable[[str], str]) -> Iterator[None]:
    """Replace secrets in everything that is sanitized within the block, in this thread."""
    token = _REDACT.set(redact)
    try:
        yield
    finally:
        _REDACT.reset(token)


def escape(value: str, limit: int = MAX_CHARS) -> str:
    """Return `value` as one line, escaped, with pictures abbreviated, of about `limit` characters."""
    head = _DATA_URI.sub(lambda m: f"{m[1]}… ({len(m[0])} characters)", _REDACT.get()(value[:_MAX_INPUT]))
    shown = escape_unprintable(head[: limit + 1])
    return shown if len(head) <= limit else f"{shown[:limit]}… ({len(value)} characters)"


def quoted(value: str, limit: int = MAX_CHARS) -> str:
    """Return `value` in double quotes, escaped and truncated."""
    return f'"{escape(value, limit)}"'


def json_value(value: Any, limit: int = MAX_CHARS) -> str:
    """Return a JSON value as one short line. Never raises, regardless of its depth and size."""
    if isinstance(value, str):
        return quoted(value, limit)
    try:
        written = json.dumps(_pruned(value), ensure_ascii=False)
    except (ValueError, RecursionError):
        written = "a value that cannot be shown"
    return escape(written, limit)


def body(value: bytes, limit: int = MAX_CHARS) -> str:
    """Return the bytes of a body as text if they are UTF-8, else the first ones in hexadecimal."""
    if not value:
        return "an empty body"
    try:
        return Message("{}", escape(value[:_MAX_INPUT].decode("utf-8"), limit))
    except UnicodeDecodeError:
        if len(value) > _MAX_INPUT:
            return Message("{}", escape(value[:_MAX_INPUT].decode("utf-8", "replace"), limit))
        return Message("{} bytes beginning {}", len(value), hexadecimal(value[:16]))


def hexadecimal(value: bytes) -> str:
    """Return bytes in hexadecimal, or as redacted text if they contain a secret."""
    text = value.decode("latin-1")
    redacted = _REDACT.get()(text)
    return value.hex(" ") if redacted == text else escape(redacted)


def _pruned(value: Any, depth: int = 4) -> Any:
    """Return the upper levels of a value, with ellipses for the rest."""
    if isinstance(value, dict):
        if depth == 0 and value:
            return "{…}"
        redact = _REDACT.get()
        return {redact(str(k)[:1_000])[:80]: _pruned(v, depth - 1) for k, v in islice(value.items(), 20)}
    if isinstance(value, list):
        if depth == 0 and value:
            return "[…]"
        return [_pruned(item, depth - 1) for item in value[:20]]
    if isinstance(value, str):
        return _DATA_URI.sub(lambda m: f"{m[1]}… ({len(m[0])} characters)", value[: 16 * 1024])
    return value
