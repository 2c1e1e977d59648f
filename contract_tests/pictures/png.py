"""Parses a PNG from hostile bytes, and yields its violations of the specification, one function per requirement.

The requirements are those of the PNG specification (W3C, Third Edition; ISO/IEC 15948), and no more: ancillary chunks,
all bit depths, interlacing and several IDATs are valid. No function reports what another one reports. None raises for
any bytes. The pixels are in stream.py.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from contract_tests import sanitize
from contract_tests.message import Message, joined
from contract_tests.verdict import LimitExceeded, Violation

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_PIXELS, MAX_SIDE, MAX_CHUNKS = 4_000_000, 10_000, 10_000
"""Limits: decoders use four bytes for each pixel, and hold whole rows."""

CHUNKS = Message("chunks")
"""The place of a violation that several chunks have together."""

# Colour type: its channels and allowed bit depths (§11.2.1, table 8).
COLOUR_TYPES = {
    0: (1, (1, 2, 4, 8, 16)),
    2: (3, (8, 16)),
    3: (1, (1, 2, 4, 8)),
    4: (2, (8, 16)),
    6: (4, (8, 16)),
}


def bytes_received(count: int) -> Message:
    """Return the number of bytes where another one is expected. Chinese counts bytes and things by different words."""
    return Message("{0} of them", count)


@dataclass(frozen=True)
class Chunk:
    """One chunk (§5.3): its number from 1, offset in bytes, type, data, and stored CRC."""

    number: int
    offset: int
    type: bytes
    data: memoryview
    crc: int

    @property
    def name(self) -> str:
        """The number, type and offset, for people."""
        return Message("chunk {} ({}) at byte {}", self.number, self.type.decode("ascii"), self.offset)


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
    """The chunks of a PNG up to the first error, that error, and the number of bytes after IEND."""

    chunks: tuple[Chunk, ...]
    error: Violation | None
    trailing_bytes: int

    @cached_property
    def header(self) -> Header | None:
        """The first chunk parsed as IHDR, None if it is not a valid IHDR."""
        if not self.chunks or self.chunks[0].type != b"IHDR" or len(self.chunks[0].data) != 13:
            return None
        return Header(*struct.unpack(">IIBBBBB", self.chunks[0].data))


def parse(png: bytes) -> Png:
    """Split bytes into chunks, up to IEND or the first error (§5.2, §5.3). Raises LimitExceeded."""
    if not png.startswith(SIGNATURE):
        return _malformed(
            [], 0, Message("the signature {}", SIGNATURE.hex(" ")), sanitize.hexadecimal(png[:8]) or "nothing"
        )
    found: list[Chunk] = []
    at = len(SIGNATURE)
    while at < len(png):
        left = len(png) - at - 12
        if len(found) >= MAX_CHUNKS:
            raise LimitExceeded(Message("a picture has more than {} chunks", MAX_CHUNKS))
        if left < 0:
            return _malformed(found, at, "a complete chunk", Message("{} byte(s)", left + 12))
        length, kind = struct.unpack_from(">I4s", png, at)
        if not kind.isalpha():
            return _malformed(found, at, "a chunk type of four letters", sanitize.quoted(kind.decode("latin-1")))
        if length > left:
            return _malformed(
                found,
                at,
                Message("a complete {}, {} bytes", kind.decode(), length + 12),
                bytes_received(left + 12),
            )
        end = at + 8 + length
        crc = int.from_bytes(png[end : end + 4], "big")
        found.append(Chunk(len(found) + 1, at, kind, memoryview(png)[at + 8 : end], crc))
        at = end + 4
        if kind == b"IEND":
            break
    return Png(tuple(found), None, len(png) - at)


def order_problems(png: Png) -> Iterator[Violation]:
    """Check the order of critical chunks (§5.6) and that none is unknown (§5.4). Ancillary chunks may be anywhere."""
    kinds = [chunk.type for chunk in png.chunks]
    if not kinds or kinds[0] != b"IHDR":
        yield Violation("first chunk", "IHDR", png.chunks[0].name if png.chunks else "no chunk")
        return
    for kind in (b"IHDR", b"PLTE"):
        if kinds.count(kind) > 1:
            yield Violation(CHUNKS, Message("one {}", kind.decode()), Message("{} of them", kinds.count(kind)))
    for chunk in png.chunks:
        if chunk.type[:1].isupper() and chunk.type not in (b"IHDR", b"PLTE", b"IDAT", b"IEND"):
            yield Violation(CHUNKS, "no unknown critical chunk", chunk.name)
            break
    if b"IDAT" not in kinds:
        yield Violation(CHUNKS, "at least one IDAT", "none")
        return
    start = kinds.index(b"IDAT")
    run = png.chunks[start : start + kinds.count(b"IDAT")]
    if (between := next((each for each in run if each.type != b"IDAT"), None)) is not None:
        yield Violation(CHUNKS, "consecutive IDATs", Message("{} between them", between.name))
    if b"PLTE" in kinds and kinds.index(b"PLTE") > start:
        yield Violation(CHUNKS, "PLTE before IDAT", "PLTE after it")
    colour = png.header.colour if png.header else None
    if colour == 3 and b"PLTE" not in kinds:
        yield Violation(CHUNKS, "a PLTE, which colour type 3 requires", "none")
    if colour in (0, 4) and b"PLTE" in kinds:
        yield Violation(CHUNKS, "no PLTE in a greyscale picture", "one")


def crc_problems(png: Png) -> Iterator[Violation]:
    """Check that each CRC is that of the type and the data (§5.3, §5.5)."""
    for chunk in png.chunks:
        if (right := zlib.crc32(chunk.data, zlib.crc32(chunk.type))) != chunk.crc:
            yield Violation(chunk.name, f"CRC {right:08x}", f"CRC {chunk.crc:08x}")


def header_problems(png: Png) -> Iterator[Violation]:
    """Check the header (§11.2.1) and the length of the palette (§11.2.2)."""
    header = png.header
    if header is None:
        if png.chunks and png.chunks[0].type == b"IHDR":
            yield Violation("IHDR", "13 bytes", bytes_received(len(png.chunks[0].data)))
        return
    size = Message("{}x{} pixels", header.width, header.height)
    if not (0 < header.width < 2**31 and 0 < header.height < 2**31):
        yield Violation("IHDR", "a width and a height from 1 to 2147483647", size)
    if header.colour not in COLOUR_TYPES:
        yield Violation("IHDR", "colour type 0, 2, 3, 4 or 6", str(header.colour))
    elif header.depth not in COLOUR_TYPES[header.colour][1]:
        depths = joined("{} or {}", map(str, COLOUR_TYPES[header.colour][1]))
        yield Violation(
            "IHDR",
            Message("a depth of {} bits for colour type {}", depths, header.colour),
            Message("{} bits", header.depth),
        )
    for name, right in (("compression", (0,)), ("filter", (0,)), ("interlace", (0, 1))):
        if getattr(header, name) not in right:
            yield Violation(
                "IHDR",
                Message("{} method {}", Message(name), joined("{} or {}", map(str, right))),
                str(getattr(header, name)),
            )
    for chunk in (each for each in png.chunks if each.type == b"PLTE"):
        most = 2 ** min(header.depth, 8) if header.colour == 3 else 256
        if len(chunk.data) % 3 or not 1 <= len(chunk.data) // 3 <= most:
            yield Violation(
                chunk.name, Message("1 to {} colours of 3 bytes", most), Message("{} bytes", len(chunk.data))
            )


def require_size(width: int, height: int) -> None:
    """Raise LimitExceeded if a picture is larger than what is decoded."""
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise LimitExceeded(
            Message("a picture has more than {} pixels, or more than {} on a side", MAX_PIXELS, MAX_SIDE)
        )


def end_problems(png: Png) -> Iterator[Violation]:
    """Check that the picture ends with an empty IEND (§11.2.4)."""
    if not png.chunks:
        return
    if (last := png.chunks[-1]).type != b"IEND":
        yield Violation(Message("end"), "IEND as the last chunk", last.name)
    elif last.data:
        yield Violation(last.name, "no data", Message("{} bytes", len(last.data)))
    if png.trailing_bytes:
        yield Violation(Message("end"), "nothing after IEND", Message("{} byte(s)", png.trailing_bytes))


def _malformed(found: list[Chunk], at: int, expected: str, received: str) -> Png:
    return Png(tuple(found), Violation(Message("byte {}", at), expected, received), 0)
