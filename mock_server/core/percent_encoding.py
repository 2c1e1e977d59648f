"""Percent-encoding (RFC 3986 §2.1): a delimiter that is encoded is data, and separates nothing.

Decoded text keeps the two apart: an encoded delimiter is a private character until the text has been split.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

_DELIMITERS = "/,;="
_PROTECTED = {character: chr(0xE000 + number) for number, character in enumerate(_DELIMITERS)}
_UNPROTECTED = {ord(private): character for character, private in _PROTECTED.items()}
_ENCODED = re.compile("%(?:" + "|".join(f"{ord(each):02X}" for each in _DELIMITERS) + ")", re.IGNORECASE)


def decode(text: str) -> str:
    """Return a text decoded, with private characters in place of the delimiters that were encoded."""
    if "%" not in text:
        return text
    return unquote(_ENCODED.sub(lambda found: _PROTECTED[chr(int(found[0][1:], 16))], text))


def unprotect(text: str) -> str:
    """Return a decoded text with all its delimiters."""
    return text.translate(_UNPROTECTED)
