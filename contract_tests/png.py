"""Reads a PNG given as hostile bytes, and states what is wrong with it, one function per fact.

By the PNG specification (W3C, Third Edition; ISO/IEC 15948). Exactly what it demands and no more: ancillary chunks, odd
depths, interlacing and several IDATs are as right as any. A function asks only what holds once the ones before found
nothing. Nothing here raises, and no more is inflated than the header announces.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from contract_tests import showing
from contract_tests.findings import Problem

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_PIXELS = 16_000_000
"""Pixels of the largest picture that is read."""
MAX_CHUNKS = 10_000

# Colour type: its channels, and the depths it goes with (§11.2.1, table 8).
_COLOURS = {
    0: (1, (1, 2, 4, 8, 16)),
    2: (3, (8, 16)),
    3: (1, (1, 2, 4, 8)),
    4: (2, (8, 16)),
    6: (4, (8, 16)),
}
# Adam7: first column, first row, column step, row step of each pass (§8.2).
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


@dataclass(frozen=True)
class Chunk:
    """One chunk (§5.3): where it begins, its type, its data, the CRC stored in it."""

    offset: int
    type: bytes
    data: bytes
    crc: int

    @property
    def name(self) -> str:
        """For people: its type, escaped, and where it begins."""
        return f"chunk {showing.text(self.type.decode('latin-1'))} at byte {self.offset}"


@dataclass(frozen=True)
class Header:
    """IHDR (§11.2.1)."""

    width: int
    height: int
    depth: int
    colour: int
    compression: int
    filter: int
    interlace: int


@dataclass(frozen=True)
class Png:
    """The chunks of a PNG up to its first break; `broken` says what that is, `rest` are bytes behind IEND."""

    chunks: tuple[Chunk, ...]
    broken: Problem | None
    rest: int

    @cached_property
    def header(self) -> Header | None:
        """The first chunk read as IHDR, None where it is none."""
        if not self.chunks or self.chunks[0].type != b"IHDR" or len(self.chunks[0].data) != 13:
            return None
        return Header(*struct.unpack(">IIBBBBB", self.chunks[0].data))


def split(png: bytes) -> Png:
    """Divide the bytes into chunks, up to IEND or the first break."""
    if not png.startswith(SIGNATURE):
        wanted = f"the signature {SIGNATURE.hex(' ')}"
        return Png((), Problem("byte 0", wanted, png[:8].hex(" ") or "nothing"), 0)
    found: list[Chunk] = []
    at = len(SIGNATURE)
    while at < len(png):
        if len(found) >= MAX_CHUNKS:
            return _broken(found, at, f"at most {MAX_CHUNKS} chunks", "more of them")
        if len(png) - at < 12:
            return _broken(found, at, "a whole chunk", f"{len(png) - at} byte(s)")
        length, kind = struct.unpack_from(">I4s", png, at)
        if not kind.isalpha() or not kind.isascii():
            shown = showing.quoted(kind.decode("latin-1"))
            return _broken(found, at, "a chunk type of four letters", shown)
        if length > len(png) - at - 12:
            shown = f"one of {length}, of which {len(png) - at - 12} are there"
            return _broken(found, at, f"a whole {kind.decode()} chunk", shown)
        data = png[at + 8 : at + 8 + length]
        found.append(Chunk(at, kind, data, int.from_bytes(png[at + 8 + length : at + 12 + length], "big")))
        at += 12 + length
        if kind == b"IEND":
            break
    return Png(tuple(found), None, len(png) - at)


def order_problems(png: Png) -> Iterator[Problem]:
    """§5.6: IHDR first and once; PLTE, where the colour type needs it, before IDAT; IDATs in one run; no critical chunk
    that the specification does not know (§5.4)."""
    kinds = [chunk.type for chunk in png.chunks]
    if not kinds or kinds[0] != b"IHDR":
        first = png.chunks[0].name if png.chunks else "no chunk"
        yield Problem("first chunk", "IHDR", first)
        return
    for kind in (b"IHDR", b"PLTE"):
        if kinds.count(kind) > 1:
            yield Problem("chunks", f"one {kind.decode()}", f"{kinds.count(kind)} of them")
    pixels = [index for index, kind in enumerate(kinds) if kind == b"IDAT"]
    if not pixels:
        yield Problem("chunks", "at least one IDAT", "none")
        return
    if pixels[-1] - pixels[0] + 1 != len(pixels):
        between = next(c for c in png.chunks[pixels[0] :] if c.type != b"IDAT")
        yield Problem("chunks", "IDATs one after another", f"{between.name} between them")
    if b"PLTE" in kinds and kinds.index(b"PLTE") > pixels[0]:
        yield Problem("chunks", "PLTE before IDAT", "PLTE behind it")
    colour = png.header.colour if png.header else None
    if colour == 3 and b"PLTE" not in kinds:
        yield Problem("chunks", "a PLTE, which colour type 3 needs", "none")
    if colour in (0, 4) and b"PLTE" in kinds:
        yield Problem("chunks", "no PLTE, since the picture is grey", "one")
    for chunk in png.chunks:
        if chunk.type[:1].isupper() and chunk.type not in (b"IHDR", b"PLTE", b"IDAT", b"IEND"):
            yield Problem("chunks", "the critical chunks of the specification only", chunk.name)


def crc_problems(png: Png) -> Iterator[Problem]:
    """§5.3: the CRC is that of the type and the data."""
    for chunk in png.chunks:
        right = zlib.crc32(chunk.type + chunk.data)
        if right != chunk.crc:
            yield Problem(chunk.name, f"CRC {right:08x}", f"CRC {chunk.crc:08x}")


def header_problems(png: Png) -> Iterator[Problem]:
    """§11.2.1, and the length of PLTE (§11.2.2)."""
    header = png.header
    if header is None:
        yield Problem("IHDR", "13 bytes", f"{len(png.chunks[0].data)} of them")
        return
    size = f"{header.width}x{header.height} pixels"
    if not (0 < header.width < 2**31 and 0 < header.height < 2**31):
        yield Problem("IHDR", "a width and a height from 1 to 2147483647", size)
    elif header.width * header.height > MAX_PIXELS:
        yield Problem("IHDR", f"at most the {MAX_PIXELS} pixels that are read", size)
    if header.colour not in _COLOURS:
        yield Problem("IHDR", "colour type 0, 2, 3, 4 or 6", str(header.colour))
    elif header.depth not in _COLOURS[header.colour][1]:
        depths = ", ".join(map(str, _COLOURS[header.colour][1]))
        wanted = f"a depth of {depths} for colour type {header.colour}"
        yield Problem("IHDR", wanted, str(header.depth))
    for name, highest in (("compression", 0), ("filter", 0), ("interlace", 1)):
        if getattr(header, name) > highest:
            wanted = "0" if highest == 0 else "0 or 1"
            yield Problem("IHDR", f"{name} method {wanted}", str(getattr(header, name)))
    for chunk in png.chunks:
        if chunk.type == b"PLTE":
            entries = len(chunk.data) / 3
            most = 2**header.depth if header.colour == 3 else 256
            if not (entries.is_integer() and 1 <= entries <= most):
                wanted = f"1 to {most} colours of 3 bytes"
                yield Problem(chunk.name, wanted, f"{len(chunk.data)} bytes")


def pixel_problems(png: Png) -> Iterator[Problem]:
    """§7, §9, §10: the IDATs are one zlib stream, which inflates to the rows of the header's size, each behind a filter
    type from 0 to 4."""
    header = png.header
    if header is None:
        return
    rows = list(_rows(header))
    expected = sum(count * length for count, length in rows)
    inflater = zlib.decompressobj()
    pixels = bytearray()
    try:
        for chunk in png.chunks:
            if chunk.type == b"IDAT" and not inflater.eof and len(pixels) <= expected:
                pixels += inflater.decompress(chunk.data, expected + 1 - len(pixels))
        # The checksum is read only once the last byte is taken out.
        if not inflater.eof and len(pixels) <= expected:
            pixels += inflater.decompress(inflater.unconsumed_tail, expected + 1 - len(pixels))
    except zlib.error as error:
        yield Problem("IDAT", "a zlib stream", showing.text(str(error)))
        return
    wanted = f"{expected} bytes for {header.width}x{header.height} pixels"
    if len(pixels) > expected:
        yield Problem("IDAT", wanted, "more")
    elif len(pixels) < expected:
        yield Problem("IDAT", wanted, f"{len(pixels)} bytes")
    elif not inflater.eof:
        yield Problem("IDAT", "a zlib stream to its end", "one that breaks off")
    else:
        at = 0
        for count, length in rows:
            worst = max(pixels[at : at + count * length : length], default=0)
            if worst > 4:
                yield Problem("IDAT", "filter types from 0 to 4", str(worst))
                return
            at += count * length


def end_problems(png: Png) -> Iterator[Problem]:
    """§11.2.4: IEND last, empty, nothing behind it."""
    last = png.chunks[-1]
    if last.type != b"IEND":
        yield Problem("end", "IEND for the last chunk", last.name)
    elif last.data:
        yield Problem(last.name, "no data", f"{len(last.data)} bytes")
    elif png.rest:
        yield Problem("end", "nothing behind IEND", f"{png.rest} byte(s)")


def _broken(found: list[Chunk], at: int, expected: str, received: str) -> Png:
    return Png(tuple(found), Problem(f"byte {at}", expected, received), 0)


def _rows(header: Header) -> Iterator[tuple[int, int]]:
    """How many rows of how many bytes, filter byte included: one pair, or one for each pass that has pixels."""
    bits = _COLOURS[header.colour][0] * header.depth
    passes = _PASSES if header.interlace else ((0, 0, 1, 1),)
    for column, row, columns, rows in passes:
        width = (header.width - column + columns - 1) // columns
        height = (header.height - row + rows - 1) // rows
        if width > 0 and height > 0:
            yield height, 1 + (width * bits + 7) // 8
