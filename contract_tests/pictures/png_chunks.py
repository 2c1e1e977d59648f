"""The ancillary chunks of a PNG: transparency, order, contents, and the defects for which decoders refuse a picture.

Decoders ignore most defects of ancillary chunks, but not all: Chromium and Pillow differ in the pixels that they show
if tRNS is not valid. The animation is in png_animation.py.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator

from contract_tests import sanitize
from contract_tests.message import Message
from contract_tests.pictures.png import CHUNKS, COLOUR_TYPES, Chunk, Header, Png, bytes_received
from contract_tests.pictures.png_stream import Inflated
from contract_tests.verdict import Violation

MAX_TEXT = 4_000_000
"""Maximum number of bytes to which the compressed chunks of a picture are inflated; what exceeds it is not checked."""

_STEP = 64 * 1024

# Positions (§5.6, table 7).
_BEFORE_PALETTE = frozenset({b"cHRM", b"cICP", b"gAMA", b"iCCP", b"mDCV", b"cLLI", b"sBIT", b"sRGB"})
_AFTER_PALETTE = frozenset({b"bKGD", b"hIST"})
_BEFORE_PIXELS = _BEFORE_PALETTE | _AFTER_PALETTE | {b"eXIf", b"pHYs", b"sPLT"}
_ONCE = _BEFORE_PIXELS - {b"sPLT"} | {b"tIME"}

# Length in bytes, by colour type, of tRNS (§11.3.1.1), sBIT (§11.3.2.4) and bKGD (§11.3.4.1).
_KEY_LENGTHS = {0: 2, 2: 6}
_BIT_LENGTHS = {0: 1, 2: 3, 3: 3, 4: 2, 6: 4}
_BACKGROUND_LENGTHS = {0: 2, 2: 6, 3: 1, 4: 2, 6: 6}

_CODE_POINTS = (b"\0\0", b"\0\1")
"""Matrix coefficients and range flag of cICP (§11.3.2.6)."""

# Chunks of one length: that length in bytes, a condition of their values, and its description (§11.3.2 to §11.3.5).
_FIXED: dict[bytes, tuple[int, Callable[[bytes], bool], str]] = {
    b"cHRM": (32, lambda data: True, ""),
    b"gAMA": (4, lambda data: data[0] < 128, "a number of 31 bits"),
    b"sRGB": (1, lambda data: data[0] < 4, "a rendering intent of 0 to 3"),
    b"cICP": (4, lambda data: data[2:] in _CODE_POINTS, "matrix coefficients of 0 and a range flag of 0 or 1"),
    b"mDCV": (24, lambda data: max(data[16], data[20]) < 128, "luminances of 31 bits"),
    b"cLLI": (8, lambda data: max(data[0], data[4]) < 128, "numbers of 31 bits"),
    b"pHYs": (9, lambda data: max(data[0], data[4]) < 128 and data[8] < 2, "numbers of 31 bits and a unit of 0 or 1"),
    b"tIME": (
        7,
        lambda data: 0 < data[2] < 13 and 0 < data[3] < 32 and data[4] < 24 and data[5] < 60 and data[6] < 61,
        "a date and a time",
    ),
}

_NAMED = frozenset({b"tEXt", b"zTXt", b"iTXt", b"iCCP", b"sPLT"})
_NAME = re.compile(rb"(?! )(?:[\x21-\x7e\xa1-\xff]| (?! )){1,79}(?<! )\0")
"""A keyword or a name, and its end (§11.3.3)."""
_METHOD_0, _OTHER_METHOD = re.compile(rb"[^\0]*\0\0"), re.compile(rb"[^\0]*\0[^\0]")
_INTERNATIONAL = re.compile(rb"[\0\1]\0(?:[A-Za-z0-9]{1,8}(?:-[A-Za-z0-9]{1,8}){0,30})?\0([^\0]*)\0")
"""The fields of iTXt between its keyword and its text (§11.3.3)."""


def transparency_problems(png: Png) -> Iterator[Violation]:
    """Check the place, the number and the length of tRNS (§5.6, §11.3.1.1)."""
    kinds = [chunk.type for chunk in png.chunks]
    header = png.header
    if b"tRNS" not in kinds or header is None or header.colour not in COLOUR_TYPES:
        return
    at = kinds.index(b"tRNS")
    chunk = png.chunks[at]
    if kinds.count(b"tRNS") > 1:
        yield Violation(CHUNKS, "one tRNS", Message("{} of them", kinds.count(b"tRNS")))
    elif header.colour in (4, 6):
        yield Violation(chunk.name, "no tRNS in a picture with an alpha channel", "one")
    elif b"IDAT" in kinds[:at]:
        yield Violation(chunk.name, "tRNS before IDAT", "tRNS after it")
    elif b"PLTE" in kinds[at:]:
        yield Violation(chunk.name, "tRNS after PLTE", "tRNS before it")
    elif header.colour == 3 and len(chunk.data) > _colours(png):
        yield Violation(
            chunk.name,
            Message("at most {} bytes, one for each colour", _colours(png)),
            bytes_received(len(chunk.data)),
        )
    elif header.colour != 3 and len(chunk.data) != _KEY_LENGTHS[header.colour]:
        yield Violation(chunk.name, Message("{} bytes", _KEY_LENGTHS[header.colour]), bytes_received(len(chunk.data)))


def place_problems(png: Png) -> Iterator[Violation]:
    """Check the place and the number of the other ancillary chunks (§5.6, table 7), once for each type."""
    kinds = [chunk.type for chunk in png.chunks]
    pixels = kinds.index(b"IDAT") if b"IDAT" in kinds else len(kinds)
    palette = kinds.index(b"PLTE") if b"PLTE" in kinds else None
    misplaced = set()
    for number, chunk in enumerate(png.chunks):
        kind, name = chunk.type, chunk.type.decode()
        if kind in misplaced or kind not in _BEFORE_PIXELS:
            continue
        if number > pixels:
            yield Violation(chunk.name, Message("{} before IDAT", name), Message("{} after it", name))
        elif palette is not None and kind in _BEFORE_PALETTE and number > palette:
            yield Violation(chunk.name, Message("{} before PLTE", name), Message("{} after it", name))
        elif palette is not None and kind in _AFTER_PALETTE and number < palette:
            yield Violation(chunk.name, Message("{} after PLTE", name), Message("{} before it", name))
        else:
            continue
        misplaced.add(kind)
    counts = Counter(kinds)
    for kind in sorted(_ONCE):
        if counts[kind] > 1:
            yield Violation(CHUNKS, Message("one {}", kind.decode()), Message("{} of them", counts[kind]))
    if counts[b"iCCP"] and counts[b"sRGB"]:
        yield Violation(CHUNKS, "either iCCP or sRGB", "both")
    if counts[b"mDCV"] and not counts[b"cICP"]:
        yield Violation(CHUNKS, "a cICP beside mDCV", "none")


def content_problems(png: Png) -> Iterator[Violation]:
    """Check the contents of ancillary chunks (§11.3) and their reserved bit (§5.4), once for each type."""
    contents, wrong = _Contents(png), set[bytes]()
    for chunk in png.chunks:
        if chunk.type[:1].islower() and chunk.type not in wrong and (expected := contents.requirement(chunk)):
            wrong.add(chunk.type)
            start = sanitize.quoted(bytes(chunk.data[:20]).decode("latin-1"))
            yield Violation(chunk.name, expected, Message("{} byte(s) that begin with {}", len(chunk.data), start))


def refused(png: Png) -> Iterator[Violation]:
    """Yield the defects of ancillary chunks for which Chromium (bKGD, cICP) or Pillow (iCCP, zTXt) refuses a PNG."""
    started = False
    needs_palette = png.header is not None and png.header.colour == 3
    for chunk in png.chunks:
        started = started or chunk.type == b"IDAT"
        needs_palette = needs_palette and chunk.type != b"PLTE"
        if chunk.type == b"bKGD" and needs_palette:
            yield Violation(chunk.name, "bKGD after PLTE", "bKGD before it")
        elif (
            chunk.type == b"cICP" and not started and len(chunk.data) == 4 and bytes(chunk.data[2:]) not in _CODE_POINTS
        ):
            yield Violation(chunk.name, _FIXED[b"cICP"][2], sanitize.hexadecimal(bytes(chunk.data)))
        elif (chunk.type == b"iCCP" and not _METHOD_0.match(chunk.data)) or (
            chunk.type == b"zTXt" and _OTHER_METHOD.match(chunk.data)
        ):
            yield Violation(
                chunk.name, "compression method 0 after a name", sanitize.hexadecimal(bytes(chunk.data[:16]))
            )


def _colours(png: Png) -> int:
    return next((len(chunk.data) // 3 for chunk in png.chunks if chunk.type == b"PLTE"), 0)


class _Contents:
    """The requirements of the contents of the ancillary chunks of a picture."""

    def __init__(self, png: Png) -> None:
        self._header = png.header if png.header and png.header.colour in COLOUR_TYPES else None
        self._colours = _colours(png)
        self._left = MAX_TEXT
        self._palettes: set[bytes] = set()

    def requirement(self, chunk: Chunk) -> str:
        """Return the requirement that a chunk violates, "" if none."""
        kind, header = chunk.type, self._header
        if kind[2:3].islower():
            return "a chunk type whose third letter is upper case"
        if kind in _FIXED:
            length, condition, values = _FIXED[kind]
            if len(chunk.data) != length:
                return Message("{} byte(s)", length)
            return "" if condition(bytes(chunk.data)) else values
        if kind in _NAMED:
            return self._named(kind, bytes(chunk.data))
        if kind == b"eXIf" and bytes(chunk.data[:4]) not in (b"II*\0", b"MM\0*"):
            return "a byte order, II or MM, and the number 42"
        if kind == b"hIST" and not 0 < len(chunk.data) == 2 * self._colours:
            return Message("2 bytes for each of the {} colours of PLTE", self._colours)
        return self._of_colour_type(kind, bytes(chunk.data[:16]), header) if header else ""

    def _of_colour_type(self, kind: bytes, data: bytes, header: Header) -> str:
        if kind == b"sBIT":
            length, depth = _BIT_LENGTHS[header.colour], 8 if header.colour == 3 else header.depth
            valid = len(data) == length and min(data) > 0 and max(data) <= depth
            return "" if valid else Message("{} byte(s), numbers from 1 to {}", length, depth)
        if kind == b"bKGD":
            length = _BACKGROUND_LENGTHS[header.colour]
            most = self._colours if header.colour == 3 else 2**header.depth
            valid = len(data) == length and _largest(data) < most
            return "" if valid else Message("{} byte(s), numbers below {}", length, most)
        if kind == b"tRNS" and header.colour in _KEY_LENGTHS and _largest(data) >= 2**header.depth:
            return Message("numbers below {}", 2**header.depth)
        return ""

    def _named(self, kind: bytes, data: bytes) -> str:
        """Check tEXt, zTXt, iTXt, iCCP or sPLT: a keyword or name, a null byte, and a content."""
        found = _NAME.match(data)
        if found is None:
            return "a keyword of 1 to 79 printable Latin-1 characters, without outer or double spaces, and a null byte"
        name, rest = found[0], data[found.end() :]
        if kind == b"tEXt":
            return "no null byte in the text" if b"\0" in rest else ""
        if kind == b"sPLT":
            return self._suggested(name, rest)
        if kind == b"iTXt":
            fields = _INTERNATIONAL.match(rest)
            if fields is None or not _is_utf8(fields[1]):
                return "a compression flag, method 0, a language tag, a keyword in UTF-8, each with its null byte"
            if not rest[0]:
                return "" if _is_utf8(rest[fields.end() :]) else "a text in UTF-8 without null bytes"
            rest = rest[fields.end() - 1 :]  # the null byte before the text stands for method 0
        valid = rest[:1] == b"\0" and self._inflates(rest[1:])
        return "" if valid else "compression method 0 and a complete zlib stream"

    def _suggested(self, name: bytes, rest: bytes) -> str:
        if name in self._palettes:
            return "another name than that of an earlier sPLT"
        self._palettes.add(name)
        entry = {b"\x08": 6, b"\x10": 10}.get(rest[:1], 0)
        if not entry or (len(rest) - 1) % entry:
            return "a depth of 8 or 16 bits, and entries of 6 or 10 bytes"
        ends = range(1 + entry, len(rest) - entry + 1, entry)
        decreasing = all(rest[at - 2 : at] >= rest[at + entry - 2 : at + entry] for at in ends)
        return "" if decreasing else "entries of decreasing frequency"

    def _inflates(self, data: bytes) -> bool:
        """Return False if a zlib stream is damaged or truncated before the limit of all texts is reached."""
        stream = Inflated([memoryview(data)])
        try:
            while self._left > 0 and (part := stream.read(min(self._left, _STEP))):
                self._left -= len(part)
        except zlib.error:
            return False
        return stream.inflater.eof or self._left <= 0


def _largest(data: bytes) -> int:
    """The largest number in a tRNS or bKGD: of one byte if that is all there is, else of two."""
    if len(data) == 1:
        return data[0]
    return max((int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)), default=0)


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in text
