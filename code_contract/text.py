"""Text from outside, made safe for a single line of output."""

from __future__ import annotations


def escape_unprintable(text: str) -> str:
    """Return the text with control characters, bidirectional overrides and lone surrogates as escapes."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
