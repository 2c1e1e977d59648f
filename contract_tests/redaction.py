"""Replacement of secrets in every output: reports, messages and recordings.

A target may return a secret in any spelling. Text is searched as it is and with its escapes undone, several times if
they are nested: percent-encoding, escapes of JSON, Python and C, references of HTML. Base64, hexadecimal and lists of
bytes are searched for in these texts. So spellings are not listed, and a secret whose characters are spelled in
different ways is found.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, quote_plus

from contract_tests.escapes import Unescaped, undo_escapes

MIN_LENGTH = 4
"""Bytes of the shortest value that is redacted. Shorter ones are part of ordinary words and numbers."""
MIN_EMBEDDED_LENGTH = 6
"""Bytes of the shortest value that is redacted inside a word."""
MIN_PIECE = 8
"""Bytes of the shortest beginning or end of a value that is redacted anywhere; before an ellipsis, MIN_LENGTH suffices.
A piece from the middle is redacted if it is 16 bytes long, or a quarter of the value."""

_MAX_LAYERS = 4
_MAX_ELLIPSES = 200
_ELLIPSES = ("…".encode(), b"...", rb"\u2026")

_URL_SAFE = bytes.maketrans(b"+/", b"-_")
"""From the alphabet of base64 to the one for URLs (RFC 4648 §4, §5)."""

Span = tuple[int, int, str]
"""Start, end and placeholder of a secret in a text."""


@dataclass(frozen=True)
class _Needle:
    """One form of a secret to search for; `folded` in lower case, `pieces` also in part.

    `before` and `after` count the characters of base64 beside the form that depend on it in part.
    """

    form: bytes
    placeholder: str
    folded: bool
    pieces: bool
    before: int = 0
    after: int = 0

    def spans(self, text: bytes) -> Iterator[Span]:
        """Yield where the form, or a piece of it, is in a text."""
        length = len(self.form)
        if not self.pieces or length <= MIN_PIECE:
            return self._whole(text)
        return self._pieces(
            text, sorted({*range(0, length - MIN_PIECE, max(MIN_PIECE, length // 8)), length - MIN_PIECE})
        )

    def _whole(self, text: bytes) -> Iterator[Span]:
        at = text.find(self.form)
        while at >= 0:
            end = at + len(self.form)
            if len(self.form) >= MIN_EMBEDDED_LENGTH or not (
                text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()
            ):
                yield self._span(text, at, end)
            at = text.find(self.form, end)

    def _pieces(self, text: bytes, offsets: list[int]) -> Iterator[Span]:
        form = self.form
        for offset in offsets:
            anchor = form[offset : offset + MIN_PIECE]
            at = text.find(anchor)
            while at >= 0:
                start, end = at, at + MIN_PIECE
                while start and start > at - offset and text[start - 1] == form[offset - (at - start) - 1]:
                    start -= 1
                while end < len(text) and offset + end - at < len(form) and text[end] == form[offset + end - at]:
                    end += 1
                yield self._span(text, start, end)
                at = text.find(anchor, end)

    def _span(self, text: bytes, start: int, end: int) -> Span:
        if not self.folded and end - start == len(self.form):
            start, end = max(0, start - self.before), min(len(text), end + self.after)
            end += len(text[end : end + 2]) - len(text[end : end + 2].lstrip(b"="))
        return start, end, self.placeholder

    def truncated(self, text: bytes, ends: list[int]) -> Iterator[Span]:
        """Yield the short beginnings of the form that end where the text was truncated."""
        for end in ends if self.pieces else ():
            for length in range(min(MIN_PIECE, len(self.form)) - 1, MIN_LENGTH - 1, -1):
                if text.endswith(self.form[:length], 0, end):
                    yield end - length, end, self.placeholder
                    break


class Redactor:
    """Replaces secrets by placeholders.

    Args:
        secrets: The placeholder of every secret. Values shorter than MIN_LENGTH are not replaced.
        public: Text whose parts are not secrets, such as the contract, which may print the value of a header.
        whole: Secrets that are replaced as a whole only, because pieces of them occur in ordinary text.
    """

    def __init__(self, secrets: Mapping[str, str], public: str = "", whole: Collection[str] = ()) -> None:
        self._secrets = secrets
        self._needles = tuple(
            needle
            for value, name in secrets.items()
            if value not in public and len(_bytes(value)) >= MIN_LENGTH
            for needle in _needles(value, name, value not in whole)
        )
        self._cached = lru_cache(maxsize=512)(self._replace_in)

    @property
    def is_active(self) -> bool:
        """True if there are secrets to replace."""
        return bool(self._needles)

    def text(self, text: str) -> str:
        """Return text without secrets."""
        if not self._needles:
            return text
        return self._cached(text) if len(text) < 1_000 else self._replace_in(text)

    def header_value(self, value: str) -> str:
        """Return the value of a request header without secrets; a secret value is replaced even if it is public."""
        return self._secrets.get(value) or self.text(value)

    def raw(self, data: bytes) -> bytes:
        """Return bytes without secrets."""
        return _replace(data, self._spans(data)) if self._needles else data

    def _replace_in(self, text: str) -> str:
        data = _bytes(text)
        spans = self._spans(data)
        return _replace(data, spans).decode("utf-8", "surrogatepass") if spans else text

    def _spans(self, data: bytes) -> list[Span]:
        found: list[Span] = []
        layers: list[Unescaped] = []
        text = data
        for _ in range(_MAX_LAYERS):
            for start, end, name in self._spans_of_layer(text):
                for layer in reversed(layers):
                    start, end = layer.original(start, end)
                found.append((start, end, name))
            undone = undo_escapes(text)
            if undone is None:
                break
            layers.append(undone)
            text = undone.text
        return found

    def _spans_of_layer(self, text: bytes) -> Iterator[Span]:
        folded = text.lower()
        ends = list(_truncations(folded))
        for needle in self._needles:
            searched = folded if needle.folded else text
            yield from needle.spans(searched)
            yield from needle.truncated(searched, ends)


def _truncations(text: bytes) -> Iterator[int]:
    """Yield where ellipses are in a text."""
    for mark in _ELLIPSES:
        at = text.find(mark)
        for _ in range(_MAX_ELLIPSES):
            if at < 0:
                break
            yield at
            at = text.find(mark, at + len(mark))


def _replace(data: bytes, spans: list[Span]) -> bytes:
    """Return the bytes with the spans replaced; of those that overlap, the longest gives the placeholder."""
    parts: list[bytes] = []
    at = 0
    merged: list[Span] = []
    for start, end, name in sorted(spans, key=lambda each: (each[0], -each[1])):
        if merged and start < merged[-1][1]:
            before = merged[-1]
            longest = name if end - start > before[1] - before[0] else before[2]
            merged[-1] = (before[0], max(end, before[1]), longest)
        else:
            merged.append((start, end, name))
    for start, end, name in merged:
        # A piece may end within a character of UTF-8.
        for _ in range(3):
            start -= start > at and data[start : start + 1] > b"\x7f" and data[start] & 0xC0 == 0x80
            end += end < len(data) and data[end] & 0xC0 == 0x80
        parts += (data[at:start], name.encode())
        at = end
    return b"".join((*parts, data[at:]))


def _needles(value: str, placeholder: str, pieces: bool) -> Iterator[_Needle]:
    """Yield the forms of a secret: itself, in base64 at each alignment within a longer text, and in hexadecimal."""
    plain = _bytes(value)
    undone = undo_escapes(plain)
    forms = {plain, plain.replace(b" ", b"+"), plain if undone is None else undone.text}
    # Headers are decoded as Latin-1, whatever their encoding.
    forms.add(_bytes(plain.decode("latin-1")))
    for form in {each.lower() for each in forms}:
        yield _Needle(form, placeholder, True, pieces)
    yield _Needle(plain.hex().encode(), placeholder, True, pieces)
    # As a whole: a piece is a few ordinary numbers.
    for numbers in (plain.hex(" "), plain.hex(":"), str(list(plain))[1:-1], ",".join(map(str, plain))):
        yield _Needle(numbers.encode(), placeholder, True, False)
    if len(plain) < MIN_EMBEDDED_LENGTH:
        return
    written = json.dumps(value)[1:-1]
    spelled = (written, written.replace("/", "\\/"), json.dumps(value, ensure_ascii=False)[1:-1])
    encoded = (
        quote(value, errors="replace"),
        quote(value, safe="", errors="replace"),
        quote_plus(value, errors="replace"),
    )
    for text in {plain, *map(_bytes, spelled), *map(_bytes, encoded)}:
        for before in range(3):
            coded = base64.b64encode(bytes(before) + text)
            first, last = -(-before * 8 // 6), (before + len(text)) * 8 // 6
            partial = int((before + len(text)) % 3 > 0)
            for form in {coded[first:last], coded[first:last].translate(_URL_SAFE)}:
                yield _Needle(form, placeholder, False, pieces, int(before > 0), partial)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
