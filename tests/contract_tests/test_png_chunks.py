"""The contents of the ancillary chunks of a PNG."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator

import pytest

from contract_tests.pictures import png_chunks
from contract_tests.pictures.png import Png, parse
from contract_tests.pictures.png_chunks import content_problems
from contract_tests.verdict import Violation
from tests.contract_tests.png_samples import GREY, GREY_ALPHA, IEND, PALETTE, RGB, RGBA, chunk, ihdr, png
from tests.contract_tests.png_zoo import IDAT, PLTE

Check = Callable[[Png], Iterator[Violation]]


def found(check: Check, *chunks: bytes, colour: int = RGB, depth: int = 8) -> list[tuple[str, str, str]]:
    """Return the violations of a picture with these chunks after its header; the place without its offset."""
    picture = parse(png(ihdr(12, 8, depth, colour), *chunks, IEND))
    return [(each.where.partition(" at byte")[0], each.expected, each.received) for each in check(picture)]


WORDS = "a keyword of 1 to 79 printable Latin-1 characters, without outer or double spaces, and a null byte"
ZLIB = "compression method 0 and a complete zlib stream"
FIELDS = "a compression flag, method 0, a language tag, a keyword in UTF-8, each with its null byte"
PACKED = zlib.compress(b"text")
ORDER = "a byte order, II or MM, and the number 42"
DATE = "a date and a time"


def date(month: int = 1, day: int = 1, hour: int = 0, minute: int = 0, second: int = 0) -> bytes:
    return struct.pack(">HBBBBB", 2026, month, day, hour, minute, second)


# Type, valid contents, invalid contents with the requirement.
CONTENTS: list[tuple[bytes, list[bytes], dict[bytes, str]]] = [
    (b"teSt", [b"", b"x"], {}),
    (b"test", [], {b"": "a chunk type whose third letter is upper case"}),
    (b"cHRM", [b"\xff" * 32], {bytes(31): "32 byte(s)", bytes(33): "32 byte(s)"}),
    (b"gAMA", [b"\x7f\xff\xff\xff"], {b"\x80\0\0\0": "a number of 31 bits", b"": "4 byte(s)"}),
    (b"sRGB", [b"\0", b"\3"], {b"\4": "a rendering intent of 0 to 3", b"\0\0": "1 byte(s)"}),
    (
        b"cICP",
        [b"\1\x0d\0\0", b"\1\x0d\0\1"],
        dict.fromkeys([b"\1\x0d\1\1", b"\1\x0d\0\2"], "matrix coefficients of 0 and a range flag of 0 or 1")
        | {b"\0": "4 byte(s)"},
    ),
    (
        b"mDCV",
        [bytes(24), b"\xff" * 16 + b"\x7f\xff\xff\xff" * 2],
        {
            bytes(16) + b"\x80" + bytes(7): "luminances of 31 bits",
            bytes(20) + b"\x80" + bytes(3): "luminances of 31 bits",
        }
        | {bytes(23): "24 byte(s)"},
    ),
    (
        b"cLLI",
        [b"\x7f\xff\xff\xff" * 2],
        {b"\x80" + bytes(7): "numbers of 31 bits", bytes(4) + b"\x80" + bytes(3): "numbers of 31 bits"}
        | {bytes(9): "8 byte(s)"},
    ),
    (
        b"pHYs",
        [b"\x7f\xff\xff\xff" * 2 + b"\1", bytes(9)],
        dict.fromkeys(
            [b"\x80" + bytes(8), bytes(4) + b"\x80" + bytes(4), bytes(8) + b"\2"],
            "numbers of 31 bits and a unit of 0 or 1",
        )
        | {bytes(8): "9 byte(s)"},
    ),
    (
        b"tIME",
        [date(), date(12, 31, 23, 59, 60)],
        dict.fromkeys([date(0), date(13), date(1, 0), date(1, 32)], DATE)
        | dict.fromkeys([date(hour=24), date(minute=60), date(second=61)], DATE)
        | {date()[:6]: "7 byte(s)"},
    ),
    (
        b"tEXt",
        [b"a\0", b"k" * 79 + b"\0text", b"\xa1\xff ~!\0\n\xff"],
        dict.fromkeys([b"", b"\0", b"a", b"k" * 80 + b"\0", b" a\0", b"a \0", b"a  b\0", b"a\xa0\0", b"\x7f\0"], WORDS)
        | {b"a\0b\0": "no null byte in the text"},
    ),
    (
        b"zTXt",
        [b"a\0\0" + PACKED, b"a\0\0" + PACKED + b"more"],
        dict.fromkeys([b"a\0\1" + PACKED, b"a\0\0" + PACKED[:-1], b"a\0\0x" + PACKED, b"a\0"], ZLIB) | {b"": WORDS},
    ),
    (b"iCCP", [b"a\0\0" + PACKED], {b"a\0\0": ZLIB}),
    (
        b"iTXt",
        [b"a\0\0\0\0\0", b"a\0\0\0zh-Hans\0\xc3\xa9\0\xc3\xa9\n", b"a\0\1\0\0\0" + PACKED, b"a\0\0\0abcdefgh-1\0\0"],
        dict.fromkeys([b"a\0\2\0\0\0", b"a\0\0\1\0\0", b"a\0\0\0zh_CN\0\0", b"a\0\0\0abcdefghi\0\0"], FIELDS)
        | dict.fromkeys([b"a\0\0\0\0\xe9\0", b"a\0\0\0\0", b"a\0"], FIELDS)
        | dict.fromkeys([b"a\0\0\0\0\0\xe9", b"a\0\0\0\0\0b\0"], "a text in UTF-8 without null bytes")
        | {b"a\0\1\0\0\0" + PACKED[:-1]: ZLIB},
    ),
    (
        b"sPLT",
        [
            *(b"a\0\x08", b"a\0\x08" + bytes(6), b"a\0\x10" + bytes(8) + b"\1\0" + bytes(8) + b"\0\xff"),
            b"a\0\x08" + bytes(4) + b"\0\2" + bytes(4) + b"\0\2" + bytes(4) + b"\0\1",
        ],
        dict.fromkeys(
            [b"a\0", b"a\0\4" + bytes(6), b"a\0\x08" + bytes(5), b"a\0\x08" + bytes(10), b"a\0\x10" + bytes(6)],
            "a depth of 8 or 16 bits, and entries of 6 or 10 bytes",
        )
        | dict.fromkeys(
            [b"a\0\x08" + bytes(4) + b"\0\1" + bytes(4) + b"\0\2", b"a\0\x10" + bytes(18) + b"\0\1"],
            "entries of decreasing frequency",
        ),
    ),
    (
        b"eXIf",
        [b"II*\0", b"MM\0*more"],
        dict.fromkeys([b"II\0*", b"Exif", b""], "a byte order, II or MM, and the number 42"),
    ),
]


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        *((kind, data, "") for kind, valid, _ in CONTENTS for data in valid),
        *((kind, data, words) for kind, _, invalid in CONTENTS for data, words in invalid.items()),
    ],
)
def test_the_contents_of_a_chunk(kind: bytes, data: bytes, expected: str) -> None:
    """Valid at each limit, and not beyond it."""
    assert [each[1] for each in found(content_problems, chunk(kind, data), IDAT)] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("colour", "depth", "kind", "valid", "invalid", "words"),
    [
        (GREY, 8, b"sBIT", [b"\1", b"\x08"], [b"\0", b"\x09", b"", b"\1\1"], "1 byte(s), numbers from 1 to 8"),
        (RGB, 16, b"sBIT", [b"\1\x10\1"], [b"\1\x11\1", b"\1\1"], "3 byte(s), numbers from 1 to 16"),
        (PALETTE, 4, b"sBIT", [b"\x08\x08\x08"], [b"\x09\1\1", b"\1\1"], "3 byte(s), numbers from 1 to 8"),
        (GREY_ALPHA, 8, b"sBIT", [b"\x08\x08"], [b"\1"], "2 byte(s), numbers from 1 to 8"),
        (RGBA, 8, b"sBIT", [b"\x08" * 4], [b"\1\1\1"], "4 byte(s), numbers from 1 to 8"),
        (GREY, 4, b"bKGD", [b"\0\x0f"], [b"\0\x10", b"\1\0", b"\0"], "2 byte(s), numbers below 16"),
        (RGB, 8, b"bKGD", [b"\0\xff" * 3], [b"\0\0\0\0\1\0", b"\0\0"], "6 byte(s), numbers below 256"),
        (RGBA, 16, b"bKGD", [b"\xff" * 6], [b"\xff" * 5], "6 byte(s), numbers below 65536"),
        (GREY_ALPHA, 8, b"bKGD", [b"\0\xff"], [b"\1\0"], "2 byte(s), numbers below 256"),
        (PALETTE, 4, b"bKGD", [b"\7"], [b"\x08", b"\0\0", b""], "1 byte(s), numbers below 8"),
        (PALETTE, 4, b"hIST", [bytes(16)], [bytes(14), b""], "2 bytes for each of the 8 colours of PLTE"),
        (GREY, 4, b"tRNS", [b"\0\x0f", b""], [b"\0\x10"], "numbers below 16"),
        (RGB, 8, b"tRNS", [b"\0\xff" * 3], [b"\1\0\0\0\0\0"], "numbers below 256"),
        (PALETTE, 4, b"tRNS", [b"\xff" * 8], [], ""),
    ],
)
def test_contents_that_depend_on_the_colour_type(
    colour: int, depth: int, kind: bytes, valid: list[bytes], invalid: list[bytes], words: str
) -> None:
    """Lengths follow from the channels, and numbers from the depth or the palette."""
    palette = (PLTE,) if colour == PALETTE else ()
    for data in (*valid, *invalid):
        violations = found(content_problems, *palette, chunk(kind, data), IDAT, colour=colour, depth=depth)
        assert [each[1] for each in violations] == ([words] if data in invalid else []), data


def test_contents_of_an_unknown_colour_type_are_not_checked() -> None:
    """The header is reported instead."""
    assert found(content_problems, chunk(b"sBIT"), chunk(b"bKGD"), IDAT, colour=7) == []


def test_contents_are_shown_once_for_a_type() -> None:
    """The number of bytes, and the first of them; another type is reported besides."""
    srgb = chunk(b"sRGB", b"\x04" + b"x" * 30)
    violations = found(content_problems, srgb, srgb, chunk(b"gAMA", b"\x1b"), IDAT)
    assert violations == [
        ("chunk 2 (sRGB)", "1 byte(s)", '31 byte(s) that begin with "\\x04' + "x" * 19 + '"'),
        ("chunk 4 (gAMA)", "4 byte(s)", '1 byte(s) that begin with "\\x1b"'),
    ]
    names = (chunk(b"sPLT", b"a\0\x08"), chunk(b"sPLT", b"b\0\x08"), chunk(b"sPLT", b"a\0\x08"))
    assert found(content_problems, *names)[0][:2] == ("chunk 4 (sPLT)", "another name than that of an earlier sPLT")


def test_texts_are_inflated_up_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts are checked up to the limit of all of them together."""
    text = zlib.compress(bytes(50), 0)
    damaged = chunk(b"zTXt", b"a\0\0" + text[:-1])
    whole = chunk(b"zTXt", b"a\0\0" + text)
    for limit, chunks, is_found in ((51, (damaged,), True), (50, (damaged,), False), (101, (whole, damaged), True)):
        monkeypatch.setattr(png_chunks, "MAX_TEXT", limit)
        assert bool(found(content_problems, *chunks)) is is_found
    monkeypatch.setattr(png_chunks, "MAX_TEXT", 100)
    assert found(content_problems, whole, damaged) == []
