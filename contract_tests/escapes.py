"""Undoing of the escapes in a text, with the way back to the original text."""

from __future__ import annotations

import html
import re
from array import array
from bisect import bisect_right

_ESCAPE = re.compile(
    rb"%[0-9A-Fa-f]{2}|%u[0-9A-Fa-f]{4}|\\[0-3][0-7]{2}"
    rb"|\\u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}"
    rb"|\\u[0-9A-Fa-f]{4}|\\u\{[0-9A-Fa-f]{1,6}\}|\\U[0-9A-Fa-f]{8}|\\x[0-9A-Fa-f]{2}|\\[^uUx]"
    rb"|&#[0-9]{1,7};?|&#[xX][0-9A-Fa-f]{1,6};?|&[A-Za-z][A-Za-z0-9]{1,31};"
)
_CONTROLS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


class Unescaped:
    """A text with its escapes undone.

    Attributes:
        text: The text.
    """

    def __init__(self, text: bytes, here: array[int], there: array[int]) -> None:
        self.text = text
        # Where segments begin here and in the original, in turn unchanged ones and escapes.
        self._here, self._there = here, there

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the range of the original text that a range of this one, which is not empty, comes from."""
        return self._position(start, 0), self._position(end - 1, 1)

    def _position(self, at: int, after: int) -> int:
        """Return where the byte at a position begins in the original, or with `after` ends."""
        segment = bisect_right(self._here, at) - 1
        if segment % 2 == 0:
            return self._there[segment] + at - self._here[segment] + after
        return self._there[segment + after]


def undo_escapes(data: bytes) -> Unescaped | None:
    """Return a text with its escapes undone once, None if it has none.

    Percent-encoding, escapes of JSON, JavaScript, Python and C, and references of HTML and XML are undone, to UTF-8.
    """
    parts: list[bytes] = []
    here, there = array("q", [0]), array("q", [0])
    at = size = 0
    for match in _ESCAPE.finditer(data):
        literal, undone = data[at : match.start()], _undo(match[0])
        parts += (literal, undone)
        at = match.end()
        here.append(size + len(literal))
        there.append(match.start())
        size += len(literal) + len(undone)
        here.append(size)
        there.append(at)
    if not at:
        return None
    parts.append(data[at:])
    return Unescaped(b"".join(parts), here, there)


def _undo(escape: bytes) -> bytes:
    kind = escape[:2]
    if kind == b"%u":
        return _encode(chr(int(escape[2:], 16)))
    if escape[1:].isdigit() and kind[:1] == b"\\" and len(escape) == 4:
        return bytes([int(escape[1:], 8)])
    if escape[:1] == b"%" or kind == b"\\x":
        return bytes([int(escape[-2:], 16)])
    if escape[:1] == b"&":
        return _encode(html.unescape(escape.decode("ascii")))
    if kind in (b"\\u", b"\\U"):
        if len(escape) == 12:
            high, low = int(escape[2:6], 16), int(escape[8:], 16)
            return chr(0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF)).encode()
        code = int(escape[2:].strip(b"{}"), 16)
        return _encode(chr(code)) if code <= 0x10FFFF else escape
    return _CONTROLS.get(escape[1:], escape[1:])


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
