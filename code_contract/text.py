"""Text from outside, made safe to show: the one escaper of unprintable characters."""

from __future__ import annotations

import json
import re
from typing import Any

# Control and format characters (among them bidirectional overrides), spaces other than U+0020, line separators,
# surrogates, private use, noncharacters, tags. str.isprintable() also rejects what its version of Unicode lacks.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\xa0\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u1680\u180e\u2000-\u200f\u2028-\u202f"
    "\u205f-\u206f\u3000\ud800-\uf8ff\ufeff\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)


def escape_unprintable(text: str) -> str:
    """Return the text with control characters, bidirectional overrides and lone surrogates as escapes of Python."""
    return text if text.isprintable() else _UNPRINTABLE.sub(_python_escape, text)


def escape_lines(text: str) -> str:
    """Return the text with its lines escaped; the line breaks stay."""
    return "\n".join(map(escape_unprintable, text.split("\n")))


def printable_json(value: Any, indent: int | None = None) -> str:
    """Return a value as JSON that reads as the same value, with unprintable characters as escapes."""
    return _UNPRINTABLE.sub(_json_escape, json.dumps(value, ensure_ascii=False, indent=indent))


def _python_escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")


def _json_escape(found: re.Match[str]) -> str:
    # JSON has line breaks only between tokens; json.dumps has escaped those in strings.
    return found[0] if found[0] == "\n" else json.dumps(found[0])[1:-1]
