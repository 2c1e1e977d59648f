"""The pixel data of a PNG: one zlib stream of rows, inflated in small steps, no further than the header announces."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from contract_tests.message import Message
from contract_tests.pictures.png import COLOUR_TYPES, MAX_PIXELS, Header, Png, header_problems
from contract_tests.verdict import LimitExceeded, Violation

# Adam7: first column, first row, column step, row step of each pass (§8.2).
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_ZLIB_PROBLEMS = {"data check": "a wrong checksum (Adler-32)", "header check": "no header of zlib (RFC 1950 §2.2)"}
"""Our words by a part of those of zlib."""
_STEP_SIZE = 64 * 1024  # bytes passed to the inflater, and taken from it, at a time
MAX_STREAM = 9 * MAX_PIXELS
"""Maximum size in bytes of pixel data that is inflated: eight bytes a pixel, and the filter types."""
_MAX_PREFIX = 1024 * 1024
"""Bytes that are inflated of larger pixel data: it is not checked, unless it ends before."""


def pixel_problems(png: Png) -> Iterator[Violation]:
    """Check that the IDATs are one zlib stream of the announced rows, each with a filter type of 0 to 4 (§7, §9, §10).

    Bytes after the zlib stream are ignored, as decoders do. Raises LimitExceeded.
    """
    header = png.header
    if header is not None and not any(header_problems(png)):
        yield from stream_problems("IDAT", header, (each.data for each in png.chunks if each.type == b"IDAT"))


def stream_problems(place: str, header: Header, parts: Iterable[memoryview]) -> Iterator[Violation]:
    """Check that parts are the pixels of a picture, or of a frame, of the size in the header."""
    expected = sum(rows * length for _, rows, length in _passes(header))
    announced = Message("{} bytes for {}x{} pixels", expected, header.width, header.height)
    stream, bad_filter = Inflated(parts, MAX_STREAM if expected <= MAX_STREAM else _MAX_PREFIX), None
    try:
        for name, rows, length in _passes(header):
            at_once = max(1, _STEP_SIZE // length)
            for row in range(0, rows, at_once):
                size = min(at_once, rows - row) * length
                part = stream.read(size)
                for offset, kind in enumerate(part[::length]):
                    if kind > 4 and bad_filter is None:
                        bad_filter = Violation(
                            Message("{}, {}row {}", place, name, row + offset + 1), "a filter type of 0 to 4", str(kind)
                        )
                if len(part) < size:
                    break
        # The checksum is read only if more is requested than announced.
        more = stream.read(1)
    except zlib.error as error:
        words = [words for part, words in _ZLIB_PROBLEMS.items() if part in str(error)]
        yield Violation(place, "a zlib stream", words[0] if words else "data that cannot be decompressed")
        return
    if more:
        yield Violation(place, announced, "more")
    elif not stream.inflater.eof:
        yield Violation(
            place,
            Message("a complete zlib stream of {}", announced),
            Message("one truncated after {} bytes", stream.taken),
        )
    elif stream.taken < expected:
        yield Violation(place, announced, Message("{} bytes", stream.taken))
    elif bad_filter is not None:
        # Reported last: if the size is wrong, rows are at other offsets.
        yield bad_filter


def _passes(header: Header) -> Iterator[tuple[str, int, int]]:
    """Yield each pass that has pixels (§8.2): name, rows, bytes of a row with its filter type."""
    bits = COLOUR_TYPES[header.colour][0] * header.depth
    for number, (column, row, columns, rows) in enumerate(_ADAM7 if header.interlace else ((0, 0, 1, 1),), 1):
        width = (header.width - column + columns - 1) // columns
        height = (header.height - row + rows - 1) // rows
        if width > 0 and height > 0:
            yield Message("pass {}, ", number) if header.interlace else "", height, 1 + (width * bits + 7) // 8


class Inflated:
    """The inflated parts of a zlib stream as a stream of at most `limit` bytes; `taken` counts the bytes read."""

    def __init__(self, parts: Iterable[memoryview], limit: int = MAX_STREAM) -> None:
        self._limit = limit
        self.inflater = zlib.decompressobj()
        # In short pieces: zlib copies what it leaves of one every time.
        self._input = (each[at : at + _STEP_SIZE] for each in parts for at in range(0, len(each), _STEP_SIZE))
        self.taken = 0

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes, fewer only at the end. Raises zlib.error, or LimitExceeded."""
        found = bytearray()
        size = min(size, self._limit + 1 - self.taken)
        while len(found) < size and not self.inflater.eof:
            piece = self.inflater.unconsumed_tail or next(self._input, b"")
            # Without further input, zlib still returns what it has buffered.
            found += self.inflater.decompress(piece, size - len(found))
            if not piece:
                break
        self.taken += len(found)
        if self.taken > self._limit:
            raise LimitExceeded(Message("the pixels of a picture take more than {} bytes", MAX_STREAM))
        return bytes(found)
