"""Limits of pictures and blocks within them: the last valid number, and the first that is not."""

from __future__ import annotations

import struct

import pytest

from code_contract import Carrier, Contract, PictureMark, pictures
from contract_tests.checks.parsed_picture import LADDERS, ParsedPicture
from contract_tests.pictures import gif, jpeg, xml_errors
from contract_tests.pictures.jpeg import MAX_SCANS
from contract_tests.pictures.png import MAX_SIDE
from contract_tests.pictures.structure import Structure
from contract_tests.verdict import LimitExceeded
from tests.contract_tests.png_samples import GOOD, GREY, IDAT, IEND, ihdr, png
from tests.contract_tests.test_picture_formats import PATH, SVG, saved
from tests.contract_tests.test_picture_structures import EOI, SCAN, SOI, TRAILER, error, frame, image, screen, segment
from tests.contract_tests.test_svg_limits import error as svg_error


@pytest.mark.parametrize("bits", range(11))
def test_the_code_size_of_a_gif(bits: int) -> None:
    """From 2 to 8 bits (GIF89a Appendix F); also behind a colour table."""
    for flags in (0, 0x81):
        block = image(flags=flags)
        at = block.index(b"\2\1\xff")
        found = gif.parse(screen() + block[:at] + bytes([bits]) + block[at + 1 :] + TRAILER)
        expected = ("", "") if 2 <= bits <= 8 else (f"byte {13 + at}", str(bits))
        assert error(found) == expected


@pytest.mark.parametrize("size", range(1, 8))
def test_the_size_of_a_graphic_control(size: int) -> None:
    """Four bytes (GIF89a §23); other extensions have blocks of any size."""
    for label in (0xF9, 0xFE):
        block = bytes((0x21, label, size)) + bytes(size) + b"\0"
        found = gif.parse(screen() + block + image() + TRAILER)
        is_valid = label == 0xFE or size == 4
        assert error(found) == (("", "") if is_valid else ("byte 15", f"{size} bytes"))
    assert error(gif.parse(screen() + b"\x21\xf9")) == ("byte 13", "2 byte(s)")


def test_restart_markers_of_a_jpeg_count_from_0_to_7() -> None:
    """Again in every scan (T.81 §B.2.1)."""
    header = segment(0xDA, b"\1\1\0\0\x3f\0")
    markers = b"".join(b"\x12\xff" + bytes([0xD0 + n % 8]) for n in range(19))
    assert jpeg.parse(SOI + frame() + header + markers + header + markers + EOI) == Structure(((600, 400),))
    wrong = markers.replace(b"\x12\xff\xd7\x12\xff\xd0", b"\x12\xff\xd7\x12\xff\xd1", 1)
    found = jpeg.parse(SOI + frame() + header + wrong + EOI)
    assert error(found) == (f"byte {25 + 3 * 8 + 1}", "restart marker 1")
    assert found.error is not None
    assert found.error.expected == "restart marker 0"


def test_the_number_of_scans_is_limited() -> None:
    """A decoder visits every pixel in each of them."""
    assert jpeg.parse(SOI + frame() + SCAN * MAX_SCANS + EOI).error is None
    with pytest.raises(LimitExceeded, match=f"more than {MAX_SCANS} scans"):
        jpeg.parse(SOI + frame() + SCAN * (MAX_SCANS + 1) + EOI)


def picture(kind: str, data: bytes) -> ParsedPicture:
    return ParsedPicture("body", data, PictureMark(Carrier.BODY, kind, None, "", ""), kind)


def wide(data: bytes) -> bytes:
    """Return a GIF with a screen that is wider than what is decoded."""
    return data[:6] + struct.pack("<H", MAX_SIDE + 1) + data[8:]


@pytest.mark.parametrize(
    ("kind", "data", "limit", "steps"),
    [
        ("image/png", GOOD, "", 8),
        ("image/png", png(ihdr(MAX_SIDE + 1, 1, 8, GREY), IDAT, IEND), "", 6),
        ("image/gif", wide(saved("GIF")), f"more than {MAX_SIDE} on a side", 3),
        ("image/jpeg", SOI + frame() + SCAN * (MAX_SCANS + 1) + EOI, f"more than {MAX_SCANS} scans", 1),
        ("image/svg+xml", SVG.replace(b"150", b"60000") % PATH, "", 5),
        ("image/svg+xml", SVG % (b"<g>" * 100 + b"</g>" * 100), "100 of them nested", 0),
    ],
)
def test_a_limit_ends_the_checks_of_a_picture(kind: str, data: bytes, limit: str, steps: int) -> None:
    """The steps before it are kept; a picture beyond a limit is neither valid nor decoded. An SVG has any size."""
    found = picture(kind, data)
    assert limit in found.limit
    assert bool(found.limit) is bool(limit)
    assert list(found.results) == list(LADDERS[found.mark.format])[:steps]
    assert found.is_valid is (not limit and steps == len(LADDERS[found.mark.format]))
    assert (found.pixels is None) is not found.is_valid


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (b"", "no element"),
        (b"<svg", "a tag without an end"),
        (b"<svg></g>", "an end tag of another element"),
        (b"<svg a='1' a='1'/>", "an attribute that is repeated"),
        (b"<svg/>x", "text after the end of the root element"),
        (b"<svg>&nbsp;</svg>", "an entity that is not declared"),
        (b"<svg x:a='1'/>", "a prefix that is not declared"),
        (b"<svg a=1/>", "text that is not allowed there"),
    ],
)
def test_the_words_for_malformed_xml(document: bytes, words: str) -> None:
    """The words are our own: those of expat depend on its version."""
    assert svg_error(document) == ("well-formed XML", words)
    assert xml_errors.describe(0) == "text that is not allowed there"


@pytest.mark.parametrize("picture_format", LADDERS)
def test_the_steps_of_a_format_are_clauses(contract: Contract, picture_format: str) -> None:
    """Each step has a clause, of the packaged contract or of marked pictures."""
    assert LADDERS[picture_format].keys() <= contract.clauses.keys() | {entry["id"] for entry in pictures.entries()}
