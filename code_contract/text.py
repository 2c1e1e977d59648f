"""Text that may hold anything, fit to be printed on one line."""

from __future__ import annotations


def escape_unprintable(text: str) -> str:
    """`text` with control characters, bidirectional overrides and lone surrogates as escapes."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
