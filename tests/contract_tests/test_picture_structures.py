"""The structure of GIF, JPEG and WebP, written byte by byte: stated sizes, and the place of each defect."""

from __future__ import annotations

import struct

import pytest

from contract_tests.pictures import gif, jpeg, webp
from contract_tests.pictures.jpeg import MAX_SCANS
from contract_tests.pictures.png import SIGNATURE
from contract_tests.pictures.structure import Structure, detect, size_problems

Sizes = list[tuple[int, int]]


def error(structure: Structure) -> tuple[str, str]:
    return (structure.error.where, structure.error.received) if structure.error else ("", "")


def screen(flags: int = 0) -> bytes:
    """A logical screen of 6 x 4 pixels (GIF89a §18)."""
    return b"GIF89a" + struct.pack("<HHBBB", 6, 4, flags, 0xFF, 0xFF)


def image(left: int = 0, top: int = 0, width: int = 6, height: int = 4, flags: int = 0) -> bytes:
    """An image descriptor (§20) with its colour table and two data sub-blocks."""
    table = bytes(3 * 2 ** (1 + (flags & 7))) if flags & 0x80 else b""
    return b"\x2c" + struct.pack("<HHHHB", left, top, width, height, flags) + table + b"\x02\x01\xff\x03abc\0"


TRAILER = b"\x3b"
COMMENT = b"\x21\xfe\x02hi\x01;\0"
SMALLEST = screen() + image() + TRAILER


@pytest.mark.parametrize(
    ("data", "sizes"),
    [
        (SMALLEST, [(6, 4), (6, 4)]),
        *((screen(0x80 | n) + bytes(6 << n) + image() + TRAILER, [(6, 4), (6, 4)]) for n in range(8)),
        (screen(0x07) + image() + TRAILER, [(6, 4), (6, 4)]),
        *((screen() + image(flags=0x80 | n) + TRAILER, [(6, 4), (6, 4)]) for n in range(8)),
        (screen() + COMMENT + image() + COMMENT + TRAILER, [(6, 4), (6, 4)]),
        (screen() + image(2, 3, 7, 9) + image(width=1, height=1) + TRAILER, [(6, 4), (9, 12), (1, 1)]),
        (screen() + image(2, 3, 0, 9) + image(2, 3, 9, 0) + TRAILER, [(6, 4), (0, 12), (11, 0)]),
        (screen() + b"\x21\xf9\4\0\0\0\0\0" + image() + TRAILER, [(6, 4), (6, 4)]),
    ],
)
def test_a_gif_is_followed_to_its_trailer(data: bytes, sizes: Sizes) -> None:
    """Colour tables, extensions and images; an image reaches from its corner to its size."""
    assert gif.parse(data) == Structure(tuple(sizes))


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (screen()[:12], ("logical screen", "12 of them")),
        (screen(), ("byte 13", "the end of the file")),
        (screen() + TRAILER, ("byte 13", "none")),
        (screen() + COMMENT + TRAILER, ("byte 21", "none")),
        (SMALLEST + b"ab", (f"byte {len(SMALLEST)}", "2 byte(s)")),
        (screen() + image() + b"\0", ("byte 31", "00")),
        (screen() + image()[:10], ("byte 13", "10 byte(s) of an image descriptor")),
        (screen() + image()[:11], ("byte 13", "11 byte(s)")),
        (screen() + image()[:-1], ("byte 13", "17 byte(s)")),
        (screen() + image()[:-2], ("byte 13", "16 byte(s)")),
        (screen() + image() + COMMENT[:1], ("byte 31", "1 byte(s)")),
        (screen(0x80) + bytes(5), ("byte 18", "the end of the file")),
        (SMALLEST[:-1], ("byte 31", "the end of the file")),
    ],
)
def test_a_defect_of_a_gif_is_located(data: bytes, found: tuple[str, str]) -> None:
    """The byte where the block begins, and what is there."""
    assert error(gif.parse(data)) == found


def segment(kind: int, data: bytes = b"") -> bytes:
    return bytes((0xFF, kind)) + struct.pack(">H", len(data) + 2) + data


def frame(kind: int = 0xC0, width: int = 600, height: int = 400) -> bytes:
    """A frame header (T.81 §B.2.2) with one component."""
    return segment(kind, struct.pack(">BHHB3s", 8, height, width, 1, b"\1\x11\0"))


SOI, EOI = b"\xff\xd8", b"\xff\xd9"
SCAN = segment(0xDA, b"\1\1\0\0\x3f\0") + b"\x12\xff\0\x34\xff\xd0\x56"
FRAMES = [0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF]
JPEG = SOI + frame() + SCAN + EOI


@pytest.mark.parametrize(
    "data",
    [
        JPEG,
        *(SOI + frame(kind) + SCAN + EOI for kind in FRAMES),
        *(SOI + segment(kind) + frame() + SCAN + EOI for kind in (0xC4, 0xC8, 0xCC, 0xDB, 0xE0, 0xFE)),
        *(SOI + bytes((0xFF, kind)) + frame() + SCAN + EOI for kind in (0x01, *range(0xD0, 0xD8))),
        SOI + b"\xff\xff" + frame() + b"\xff" + SCAN + b"\xff\xff" + EOI,
        SOI + frame() + SCAN * MAX_SCANS + EOI,
        SOI + frame() + SCAN + segment(0xC4, b"table") + SCAN + EOI,
    ],
)
def test_a_jpeg_is_followed_to_its_end(data: bytes) -> None:
    """Every frame type, markers without a length, fill bytes, stuffed bytes and restart markers."""
    assert jpeg.parse(data) == Structure(((600, 400),))


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (SOI, ("byte 2", "the end of the file")),
        (SOI + b"\xff", ("byte 2", "the end of the file")),
        (SOI + EOI, ("byte 4", "none")),
        (SOI + frame() + EOI, ("byte 17", "none")),
        (JPEG + b"abc", (f"byte {len(JPEG)}", "3 byte(s)")),
        (SOI + frame() + b"\0\0", ("byte 15", "00")),
        (SOI + frame() + frame(), ("byte 15", "another")),
        (SOI + SCAN + EOI, ("byte 12", "scan 1")),
        (SOI + frame() + SCAN, ("byte 32", "the end of the file")),
        (SOI + frame() + segment(0xDA, b"") + EOI, ("byte 19", "none")),
        (SOI + frame() + SCAN[:-2] + b"\xd1" + EOI, ("byte 29", "restart marker 1")),
        (SOI + frame() + SCAN[:-3] + b"\xff\xd8" + EOI, ("byte 29", "4 byte(s)")),
        (SOI + frame()[:-1], ("byte 2", "12 byte(s)")),
        (SOI + b"\xff\xfe", ("byte 2", "2 byte(s)")),
        (SOI + b"\xff\xfe\0\1" + JPEG[2:], ("byte 2", f"{len(JPEG) + 2} byte(s)")),
        (SOI + segment(0xC0, bytes(5)) + JPEG[2:], ("byte 2", f"{len(JPEG) + 7} byte(s)")),
    ],
)
def test_a_defect_of_a_jpeg_is_located(data: bytes, found: tuple[str, str]) -> None:
    """The byte where the segment begins, and what is there."""
    assert error(jpeg.parse(data)) == found


def test_the_shortest_frame_header_is_read() -> None:
    """A frame header without components has eight bytes; its size is read."""
    assert jpeg.parse(SOI + segment(0xC0, b"\x08\1\x90\2\x58\0") + SCAN + EOI) == Structure(((600, 400),))


def riff(*chunks: bytes, length: int | None = None) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) if length is None else length) + body


def chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


VP8L = chunk(b"VP8L", b"\x2f" + struct.pack("<I", (299 << 14) | 599))
VP8 = chunk(b"VP8 ", b"\x10\2\0\x9d\x01\x2a" + struct.pack("<HH", 0x4000 | 600, 0x8000 | 300))
VP8X = chunk(b"VP8X", b"\x02\0\0\0" + (599).to_bytes(3, "little") + (299).to_bytes(3, "little"))


@pytest.mark.parametrize(
    ("data", "sizes"),
    [
        (riff(VP8L), [(600, 300)]),
        (riff(chunk(b"VP8L", b"\x2f\xff\xff\xff\xff")), [(1 << 14, 1 << 14)]),
        (riff(chunk(b"VP8L", b"\x2f\x00\x00\x00\xf0")), [(1, 1)]),
        (riff(VP8), [(600, 300)]),
        (riff(VP8X, VP8), [(600, 300), (600, 300)]),
        (riff(VP8X, chunk(b"EXIF", b"abc"), chunk(b"ANMF", b"frame")), [(600, 300)]),
        (riff(chunk(b"VP8X", b"\0\0\0\0\xff\xff\xff\xff\xff\xff"), VP8L), [(1 << 24, 1 << 24), (600, 300)]),
        (riff(chunk(b"VP8X", VP8X[8:] + b"\xff\xff"), VP8L), [(600, 300), (600, 300)]),
        (riff(chunk(b"VP8L", VP8L[8:13] + b"more"), chunk(b"VP8 ", VP8[8:] + b"more")), [(600, 300), (600, 300)]),
        (riff(chunk(b"EXIF", b""), VP8L), [(600, 300)]),
    ],
)
def test_a_webp_is_followed_to_its_end(data: bytes, sizes: Sizes) -> None:
    """Sizes of lossless, lossy and extended files; odd chunks are padded, unknown ones passed over."""
    assert webp.parse(data) == Structure(tuple(sizes))


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (riff(VP8L, length=17), ("RIFF", "26 bytes")),
        (riff(VP8L) + b"\0", ("RIFF", "27 bytes")),
        (riff(), ("RIFF", "0 other chunk(s)")),
        (riff(VP8X), ("RIFF", "1 other chunk(s)")),
        (riff(chunk(b"ANMF", b"frame")), ("RIFF", "1 other chunk(s)")),
        (riff(chunk(b"VP8L", b"\x2e" + VP8L[9:13])), ("RIFF", "1 other chunk(s)")),
        (riff(chunk(b"VP8L", VP8L[8:12])), ("RIFF", "1 other chunk(s)")),
        (riff(chunk(b"VP8 ", VP8[8:11] + b"\x9d\x01\x2b" + VP8[14:18])), ("RIFF", "1 other chunk(s)")),
        (riff(chunk(b"VP8 ", VP8[8:17])), ("RIFF", "1 other chunk(s)")),
        (riff(chunk(b"VP8X", VP8X[8:17]), chunk(b"ANMF", b"")), ("RIFF", "2 other chunk(s)")),
        (riff(chunk(b"ALPH", VP8X[8:]), chunk(b"ANMF", VP8L[8:13])), ("RIFF", "2 other chunk(s)")),
        (riff(VP8L, b"EXI"), ("byte 26", '3 byte(s) of "EXI"')),
        (riff(VP8L, b"EXIF\0\0\0"), ("byte 26", '7 byte(s) of "EXIF"')),
        (riff(VP8L, b"EXIF\2\0\0\0a"), ("byte 26", '9 byte(s) of "EXIF"')),
        (riff(VP8L, b"\xe9XIF\xff\0\0\0"), ("byte 26", '8 byte(s) of "éXIF"')),
    ],
)
def test_a_defect_of_a_webp_is_located(data: bytes, found: tuple[str, str]) -> None:
    """The stated length, a chunk that is cut, and a file without an image or a size."""
    assert error(webp.parse(data)) == found


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (SIGNATURE, "PNG"),
        (SIGNATURE[:7], None),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"\xff\xd8", None),
        (b"GIF87a", "GIF"),
        (b"GIF89a", "GIF"),
        (b"GIF88a", None),
        (b"RIFF\0\0\0\0WEBP", "WebP"),
        (b"RIFF\0\0\0\0WAVE", None),
        (b"XXXX\0\0\0\0WEBP", None),
        (b"<svg", "SVG"),
        (b" \n<svg", "SVG"),
        (b"\xef\xbb\xbf <svg>", "SVG"),
        (b"<?xml version='1.0'?><!-- a --><s:svg/>", "SVG"),
        (b"<svgx/>", "SVG"),
        (b"<html><body>", None),
        ("\ufeff<svg>".encode("utf-16-le"), "SVG"),
        ("\ufeff<?xml?><svg>".encode("utf-16-be"), "SVG"),
        ("<svg>".encode("utf-16-be"), None),
        (b" " * 9000 + b"<svg>", None),
        (b"", None),
    ],
)
def test_the_format_is_detected_by_the_first_bytes(head: bytes, found: str | None) -> None:
    """Nothing else decides, neither the field nor the header that carries a picture."""
    assert detect(head) == found


@pytest.mark.parametrize(
    ("sizes", "excerpt"),
    [
        ([], None),
        ([(1, 1), (60000, 60000)], None),
        ([(0, 5)], "0x5 pixels"),
        ([(5, 0)], "5x0 pixels"),
        ([(-1, 5)], "-1x5 pixels"),
        ([(9, 9), (0, 5), (5, 0)], "0x5 pixels"),
    ],
)
def test_a_size_without_pixels_is_reported(sizes: Sizes, excerpt: str | None) -> None:
    """The first size that cannot be drawn is reported."""
    assert [each.received for each in size_problems(Structure(tuple(sizes)))] == ([excerpt] if excerpt else [])
