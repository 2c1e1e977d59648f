"""A valid PNG has no violation; every defect is reported once, under its own requirement."""

from __future__ import annotations

import base64
import struct
import zlib

import pytest

from contract_tests.checks.parsed_picture import ParsedPicture
from contract_tests.pictures.png import SIGNATURE, end_problems, parse
from tests.contract_tests.png_samples import (
    DATA,
    DEPTHS,
    GOOD,
    GREY,
    HEAD,
    HIDDEN_HEAD,
    HIDDEN_IDAT,
    IDAT,
    IEND,
    PALETTE,
    PLTE,
    RGB,
    STREAM,
    VALID,
    by_chance,
    chunk,
    drawn,
    found,
    ihdr,
    pixels,
    png,
    rows,
    with_idat,
)


@pytest.mark.parametrize("data", VALID.values(), ids=VALID.keys())
def test_a_valid_picture_has_no_violation(data: bytes) -> None:
    """Nothing that the specification allows is reported."""
    assert found(data) == {}


@pytest.mark.parametrize("interlace", [0, 1], ids=["at-once", "adam7"])
@pytest.mark.parametrize(
    ("colour", "depth"),
    [(colour, depth) for colour, depths in DEPTHS.items() for depth in depths],
    ids=lambda value: str(value),
)
def test_every_colour_type_and_depth_is_valid_at_every_size(colour: int, depth: int, interlace: int) -> None:
    """All fifteen pairs are valid, interlaced or not, even with empty passes and partly filled bytes."""
    for width, height in ((1, 1), (2, 1), (1, 2), (1, 9), (4, 4), (5, 1), (3, 8), (9, 5), (17, 16)):
        data = drawn(width, height, depth, colour, interlace)
        assert found(data) == {}, (width, height)
        assert (pixels(data).width, pixels(data).height) == (width, height)
        short = png(ihdr(width, height, depth, colour, interlace), *_parts(data, shorter=1))
        longer = png(ihdr(width, height, depth, colour, interlace), *_parts(data, longer=1))
        assert next(iter(found(short))) == "pixels", (width, height)
        assert list(found(longer)) == ["pixels"], (width, height)


def _parts(data: bytes, shorter: int = 0, longer: int = 0) -> list[bytes]:
    """Return the chunks after IHDR, with fewer or more bytes of pixels."""
    parts = []
    for each in parse(data).chunks[1:]:
        held = bytes(each.data)
        if each.type == b"IDAT":
            plain = zlib.decompress(held)
            held = zlib.compress(plain[: len(plain) - shorter] + bytes(longer))
        parts.append(chunk(each.type, held))
    return parts


def ihdr_with(at: int, value: bytes, colour: int = RGB) -> bytes:
    """Return an IHDR with bytes overwritten: width at 0, height 4, depth 8, colour type 9, methods 10, 11, 12."""
    data = struct.pack(">IIBBBBB", 5, 3, 8, colour, 0, 0, 0)
    return chunk(b"IHDR", data[:at] + value + data[at + len(value) :])


def wrong_crc(data: bytes) -> bytes:
    return data[:-4] + bytes(4)


FILTER_5 = DATA[:32] + b"\x05" + DATA[33:]
INTERLACED = rows(5, 3, 8, 1, by_chance(8, RGB))
DICTIONARY = zlib.compressobj(zdict=DATA)

# The requirement, an excerpt of the violation, the picture.
DEFECTS: dict[str, tuple[str, str, bytes]] = {
    "nothing": ("structure", "nothing", b""),
    "a-jpeg": ("structure", "ff d8", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"),
    "signature-through-a-text-conversion": ("structure", "89 50 4e 47 0a", GOOD.replace(b"\r\n", b"\n", 1)),
    "signature-cut": ("structure", "89 50 4e 47", GOOD[:4]),
    "half-a-picture": ("structure", "a complete IDAT", GOOD[: len(GOOD) // 2]),
    "last-byte-missing": ("structure", "11 byte(s)", GOOD[:-1]),
    "crc-cut": ("structure", "a complete IDAT, 71 bytes: 70 of them", png(HEAD, IDAT[:-1])),
    "chunk-head-cut": ("structure", "5 byte(s)", png(HEAD, IDAT, IEND[:5])),
    "length-beyond-the-end": (
        "structure",
        "a complete IDAT, 4294967307 bytes",
        png(HEAD, b"\xff" * 4 + IDAT[4:], IEND),
    ),
    "type-with-a-digit": ("structure", '"ID4T"', png(HEAD, chunk(b"ID4T", STREAM), IEND)),
    "type-with-an-escape": ("structure", r'"\x1b[2J"', png(HEAD, chunk(b"\x1b[2J", STREAM), IEND)),
    "type-of-other-letters": ("structure", '"éééé"', png(HEAD, chunk(b"\xe9\xe9\xe9\xe9", STREAM), IEND)),
    "signature-alone": ("order", "no chunk", SIGNATURE),
    "pixels-before-header": ("order", "chunk 1 (IDAT) at byte 8", png(IDAT, HEAD, IEND)),
    "no-header": ("order", "chunk 1 (PLTE) at byte 8", png(PLTE, IDAT, IEND)),
    "text-before-header": ("order", "chunk 1 (tEXt)", png(chunk(b"tEXt", b"a\x00b"), HEAD, IDAT, IEND)),
    "two-headers": ("order", "2 of them", png(HEAD, HEAD, IDAT, IEND)),
    "two-palettes": ("order", "2 of them", png(HIDDEN_HEAD, PLTE, PLTE, HIDDEN_IDAT, IEND)),
    "no-pixels": ("order", "at least one IDAT", png(HEAD, IEND)),
    "end-before-pixels": ("order", "at least one IDAT", png(HEAD, IEND, IDAT)),
    "text-among-pixels": (
        "order",
        "chunk 3 (tEXt)",
        png(HEAD, chunk(b"IDAT", STREAM[:9]), chunk(b"tEXt", b"a\x00b"), chunk(b"IDAT", STREAM[9:]), IEND),
    ),
    "palette-after-pixels": ("order", "after", png(HEAD, IDAT, PLTE, IEND)),
    "palette-missing": ("order", "colour type 3", png(HIDDEN_HEAD, HIDDEN_IDAT, IEND)),
    "palette-of-a-grey-picture": ("order", "no PLTE", drawn(5, 3, 8, GREY, before=PLTE)),
    "critical-chunk-unknown": ("order", "chunk 2 (CrIT)", png(HEAD, chunk(b"CrIT"), IDAT, IEND)),
    "crc-of-the-header": ("crc", "CRC 00000000", png(wrong_crc(HEAD), IDAT, IEND)),
    "crc-of-the-pixels": ("crc", "chunk 2 (IDAT) at byte 33", png(HEAD, wrong_crc(IDAT), IEND)),
    "crc-of-a-text": ("crc", "(tEXt)", png(HEAD, wrong_crc(chunk(b"tEXt", b"a\x00b")), IDAT, IEND)),
    "crc-of-the-end": ("crc", "CRC ae426082", png(HEAD, IDAT, wrong_crc(IEND))),
    "header-short": ("header", "12 of them", png(chunk(b"IHDR", bytes(12)), IDAT, IEND)),
    "header-long": ("header", "14 of them", png(chunk(b"IHDR", HEAD[8:21] + b"\x00"), IDAT, IEND)),
    "width-0": ("header", "0x3 pixels", png(ihdr_with(0, bytes(4)), IDAT, IEND)),
    "height-0": ("header", "5x0 pixels", png(ihdr_with(4, bytes(4)), IDAT, IEND)),
    "width-beyond-31-bits": ("header", "from 1 to 2147483647", png(ihdr_with(0, b"\x80\x00\x00\x00"), IDAT, IEND)),
    "picture-bomb": ("pixels", "for 60000x60000 pixels", png(ihdr(60000, 60000, 8, RGB), IDAT, IEND)),
    "too-many-pixels": ("pixels", "for 2001x2000 pixels", png(ihdr(2001, 2000, 8, RGB), IDAT, IEND)),
    "too-many-pixels-for-any": ("pixels", "x2147483647", png(ihdr(2**31 - 1, 2**31 - 1, 16, RGB, 1), IDAT, IEND)),
    "colour-type-1": ("header", "colour type 0, 2, 3, 4 or 6", png(ihdr_with(9, b"\x01"), IDAT, IEND)),
    "depth-3": ("header", "8 or 16 bits for colour type 2", png(ihdr_with(8, b"\x03"), IDAT, IEND)),
    "depth-16-with-a-palette": ("header", "16", png(ihdr_with(8, b"\x10", PALETTE), PLTE, HIDDEN_IDAT, IEND)),
    "compression-method-1": ("header", "compression method 0", png(ihdr_with(10, b"\x01"), IDAT, IEND)),
    "filter-method-1": ("header", "filter method 0", png(ihdr_with(11, b"\x01"), IDAT, IEND)),
    "interlace-method-2": ("header", "interlace method 0 or 1", png(ihdr_with(12, b"\x02"), IDAT, IEND)),
    "palette-empty": ("header", "0 bytes", png(HIDDEN_HEAD, chunk(b"PLTE"), HIDDEN_IDAT, IEND)),
    "palette-of-11-bytes": ("header", "11 bytes", png(HIDDEN_HEAD, chunk(b"PLTE", bytes(11)), HIDDEN_IDAT, IEND)),
    "palette-too-long-for-its-depth": ("header", "1 to 2 colours", drawn(5, 3, 1, PALETTE, before=PLTE)),
    "suggested-palette-of-257": ("header", "1 to 256", png(HEAD, chunk(b"PLTE", bytes(771)), IDAT, IEND)),
    "suggested-palette-of-257-at-16-bits": (
        "header",
        "1 to 256",
        drawn(5, 3, 16, RGB, before=chunk(b"PLTE", bytes(771))),
    ),
    "IDAT-empty": ("pixels", "truncated after 0 bytes", with_idat(b"")),
    "not-zlib": ("pixels", "a zlib stream", with_idat(b"\x00" + STREAM)),
    "raw-deflate": ("pixels", "a zlib stream", with_idat(STREAM[2:-4])),
    "preset-dictionary": (
        "pixels",
        "a zlib stream",
        with_idat(DICTIONARY.compress(DATA) + DICTIONARY.flush()),
    ),
    "stream-cut": ("pixels", "truncated after", with_idat(STREAM[: len(STREAM) // 2])),
    "checksum-missing": ("pixels", "truncated after 48 bytes", with_idat(STREAM[:-4])),
    "checksum-wrong": ("pixels", "a zlib stream", with_idat(STREAM[:-4] + bytes(4))),
    "half-of-the-pixels": ("pixels", "24 bytes", with_idat(zlib.compress(DATA[:24]))),
    "one-byte-short": ("pixels", "48 bytes for 5x3 pixels", with_idat(zlib.compress(DATA[:-1]))),
    "one-byte-more": ("pixels", "more", with_idat(zlib.compress(DATA + b"\x00"))),
    "one-byte-more-of-a-large-picture": (
        "pixels",
        "160400 bytes",
        png(ihdr(400, 400, 8, GREY), chunk(b"IDAT", zlib.compress(bytes(160401))), IEND),
    ),
    "pixels-twice": ("pixels", "more", with_idat(zlib.compress(DATA * 2))),
    "filter-5": ("pixels", "IDAT, row 3", with_idat(zlib.compress(FILTER_5))),
    "filter-255-in-a-pass": (
        "pixels",
        "IDAT, pass 7, row 1",
        png(ihdr(5, 3, 8, RGB, 1), chunk(b"IDAT", zlib.compress(INTERLACED[:-16] + b"\xff" * 16)), IEND),
    ),
    "interlaced-in-name-only": ("pixels", "for 5x3 pixels", png(ihdr(5, 3, 8, RGB, 1), IDAT, IEND)),
    "interlaced-unannounced": (
        "pixels",
        "for 9x9 pixels",
        png(ihdr(9, 9, 8, GREY), chunk(b"IDAT", zlib.compress(bytes(len(rows(9, 9, 8, 1, by_chance(8, GREY)))))), IEND),
    ),
    "no-end": ("end", "chunk 2 (IDAT)", png(HEAD, IDAT)),
    "end-with-data": ("end", "4 bytes", png(HEAD, IDAT, chunk(b"IEND", b"data"))),
    "bytes-behind-the-end": ("end", "5 byte(s)", GOOD + b"<?php"),
    "chunk-behind-the-end": ("end", "12 byte(s)", GOOD + chunk(b"teSt")),
    "end-twice": ("end", "12 byte(s)", GOOD + IEND),
    "ancillary-chunk-short": ("decoding", "pHYs", png(HEAD, chunk(b"pHYs"), IDAT, IEND)),
    "animation-out-of-order": (
        "animation",
        "sequence",
        png(HEAD, chunk(b"fcTL", struct.pack(">IIIIIHHBB", 7, 5, 3, 0, 0, 1, 1, 0, 0)), IDAT, IEND),
    ),
}


@pytest.mark.parametrize(("requirement", "excerpt", "data"), DEFECTS.values(), ids=DEFECTS.keys())
def test_a_defect_is_reported_once(requirement: str, excerpt: str, data: bytes) -> None:
    """Earlier requirements pass; the violated one has one violation, which shows the defect."""
    violations = found(data)
    assert next(iter(violations)) == requirement
    assert len(violations[requirement]) == 1
    violation = violations[requirement][0]
    assert excerpt in f"{violation.where}: {violation.expected}: {violation.received}"


# An early IEND violates both: a chunk before it is missing, and bytes follow it.
WHOLE = {name: each for name, each in DEFECTS.items() if each[0] != "structure" and name != "end-before-pixels"}


@pytest.mark.parametrize(("requirement", "excerpt", "data"), WHOLE.values(), ids=WHOLE.keys())
def test_the_end_is_checked_independently(requirement: str, excerpt: str, data: bytes) -> None:
    """No defect elsewhere is reported as a violation of the end."""
    assert ("end" in found(data)) == (requirement == "end")


def test_a_requirement_does_not_repeat_an_earlier_one() -> None:
    """A picture with chunks out of order has no violation of the header, and a malformed one is not decoded."""
    assert all("header" not in found(data) for name, _, data in DEFECTS.values() if name == "order")
    assert all("decoding" in found(data) for name, _, data in DEFECTS.values() if name in ("structure", "order"))


def test_a_picture_without_end_is_decoded() -> None:
    """A picture whose only defect is its end passes every other requirement."""
    assert all(list(found(data)) == ["end"] for name, _, data in DEFECTS.values() if name == "end")


def test_a_signature_alone_is_checked() -> None:
    """The checks of a picture that is only a signature stop at the order of its chunks."""
    picture = ParsedPicture("$", "data:image/png;base64," + base64.b64encode(SIGNATURE).decode())
    assert [clause for clause, problems in picture.results.items() if problems] == ["png-chunks-are-in-order"]
    assert picture.png is not None
    assert list(end_problems(picture.png)) == []
