"""Lines of a terminal: text wrapped at a number of columns, of which a Chinese character takes two."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_WIDE = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff60"
_CLOSING = "、。，．：；？！）》」』】”’"
"""Punctuation that begins no line."""
_TOKEN = re.compile(rf"\s+|[{_WIDE}][{_CLOSING}]*|[^\s{_WIDE}]+[{_CLOSING}]*")


def columns(text: str) -> int:
    """Return the columns that text takes on a terminal; escapes for colours take none."""
    return sum(map(_columns, _COLOUR.sub("", text)))


def wrap(text: str, width: int, indent: str = "") -> Iterator[str]:
    """Yield the lines of a text; those after the first begin with `indent` (hanging indent).

    A line breaks at spaces and beside Chinese characters; a longer word is broken anywhere.
    """
    line, used = "", 0
    for token in _TOKEN.findall(text):
        size = columns(token)
        if used + size <= width:
            line, used = line + token, used + size
            continue
        if token.isspace():
            token = ""
        elif line.strip():
            yield line.rstrip()
            line, used = indent, len(indent)
        for piece in _pieces(token, width - used, width - len(indent)):
            if used + columns(piece) > width:
                yield line.rstrip()
                line, used = indent, len(indent)
            line, used = line + piece, used + columns(piece)
    if line.strip():
        yield line.rstrip()


def _pieces(token: str, first: int, further: int) -> Iterator[str]:
    """Yield a token in pieces of at most `first` columns, and of `further` ones after that."""
    if columns(token) <= first:
        yield token
        return
    piece, room = "", max(first, 1)
    for each in token:
        if piece and columns(piece + each) > room:
            yield piece
            piece, room = "", max(further, 1)
        piece += each
    yield piece


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
