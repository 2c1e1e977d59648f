"""Unusual and faulty GIFs, JPEGs, WebPs and SVGs: each faulty one violates one clause, each unusual one none.

Chromium shows every unusual one with more than one colour.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator

import pytest

from tests.contract_tests.png_samples import noise
from tests.contract_tests.test_picture_formats import SVG, picture, saved, violated

FORMED, SIZED, DECODES, TYPED = (
    "img-is-well-formed",
    "img-size-is-valid",
    "img-is-decodable",
    "img-is-of-the-documented-type",
)

# GIF: 4 x 2 pixels of 4 colours, between clear and end codes of 3 bits (GIF89a Appendix F).
TABLE = bytes(range(0, 240, 20))
CODES = (4, 0, 1, 4, 2, 3, 4, 3, 2, 4, 1, 0, 5)
LZW = sum(code << 3 * at for at, code in enumerate(CODES)).to_bytes(5, "little")


def gif(*blocks: bytes, version: bytes = b"89a", size: tuple[int, int] = (4, 2), table: bytes = TABLE) -> bytes:
    flags = 0x81 if table else 0
    return b"GIF" + version + struct.pack("<HHBBB", *size, flags, 0, 0) + table + b"".join(blocks) + b";"


def image(left: int = 0, table: bytes = b"", bits: int = 2, codes: bytes = LZW) -> bytes:
    head = struct.pack("<HHHHB", left, 0, 4, 2, 0x81 if table else 0)
    return b"," + head + table + bytes([bits, len(codes)]) + codes + b"\0"


CONTROL = b"!\xf9\4\0\0\0\0\0"

# JPEG: the segments and the entropy-coded data of one by Pillow.
JPEG = saved("JPEG", noise("RGB", 40, 24))


def segments(jpeg: bytes) -> Iterator[bytes]:
    at = 2
    while jpeg[at + 1] != 0xDA:
        length = 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        yield jpeg[at : at + length]
        at += length
    yield jpeg[at:]


PARTS = list(segments(JPEG))
RESTARTS = saved("JPEG", noise("RGB", 40, 24), restart_marker_blocks=1)
TABLES = b"\xff\xdb"
COMMENT = b"\xff\xfe\0\4hi"
SCAN_HEADER = 2 + int.from_bytes(PARTS[-1][2:4], "big")


def jpeg(*parts: bytes) -> bytes:
    return b"\xff\xd8" + b"".join(parts)


# WebP: the chunks of RFC 9649.
LOSSLESS = saved("WEBP", noise("RGB", 40, 24), lossless=True)[20:]


def chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def webp(*chunks: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", 4 + len(b"".join(chunks))) + b"WEBP" + b"".join(chunks)


def side(value: int) -> bytes:
    return value.to_bytes(3, "little")


def extended(flags: int = 0, width: int = 40, height: int = 24) -> bytes:
    return chunk(b"VP8X", bytes((flags, 0, 0, 0)) + side(width - 1) + side(height - 1))


def frame(left: int = 0) -> bytes:
    return chunk(b"ANMF", side(left // 2) + side(0) + side(39) + side(23) + side(50) + b"\0" + VP8L)


VP8L = chunk(b"VP8L", LOSSLESS)
ANIM = chunk(b"ANIM", bytes(6))

BACKGROUND = b'<rect width="150" height="50" fill="black"/>'
GRADIENT = b'<linearGradient id="g"><stop stop-color="red"/><stop offset="1" stop-color="blue"/></linearGradient>'
SYMBOL = b'<symbol id="a"><path d="M0 0h9v9" fill="red"/></symbol>'
CLIP = b'<clipPath id="c"><circle r="9"/></clipPath>'
PNG = base64.b64encode(saved("PNG", noise("RGB", 40, 24)))

CORRECT = {
    "GIF87a": ("GIF", gif(image(), version=b"87a")),
    "GIF with a local table only": ("GIF", gif(image(table=TABLE), table=b"")),
    "GIF with an image that is smaller than the screen": ("GIF", gif(image(left=6), size=(20, 9))),
    "GIF with comment, loop and unknown extension": (
        "GIF",
        gif(b"!\xfe\5hello\0!\xff\x0bNETSCAPE2.0\3\1\0\0\0!\x99\1x\0", CONTROL, image(), b"!\xfe\1;\0"),
    ),
    "GIF with several images": ("GIF", gif(CONTROL, image(), CONTROL, image())),
    "JPEG without JFIF": ("JPEG", jpeg(*PARTS[1:])),
    "JPEG with fill bytes": ("JPEG", jpeg(*(b"\xff\xff" + part for part in PARTS))),
    "JPEG with comments first": ("JPEG", jpeg(COMMENT, b"\xff\xfe\0\2", *PARTS)),
    "JPEG with restarts": ("JPEG", RESTARTS),
    "JPEG with odd sizes, subsampled and progressive": (
        "JPEG",
        saved("JPEG", noise("RGB", 41, 23), subsampling=2, progressive=True),
    ),
    "WebP in the extended format": ("WebP", webp(extended(), VP8L)),
    "WebP with metadata of an odd length": (
        "WebP",
        webp(extended(12), VP8L, chunk(b"EXIF", bytes(3)), chunk(b"XMP ", b"x")),
    ),
    "WebP with unknown chunks": ("WebP", webp(extended(), VP8L, chunk(b"abcd", b"x"))),
    "WebP with frames beside each other": ("WebP", webp(extended(2, 90), ANIM, frame(), frame(left=50))),
    "WebP with an alpha channel of its own": ("WebP", saved("WEBP", noise("RGBA", 41, 23), quality=50)),
    "SVG with colours from a style sheet": (
        "SVG",
        SVG % b"<style>.a{stroke:red}</style><path class='a' fill='none' d='M0 9h9'/>",
    ),
    "SVG with a gradient": ("SVG", SVG % (GRADIENT + BACKGROUND.replace(b"black", b"url(#g)"))),
    "SVG with an image on a background": (
        "SVG",
        SVG % (BACKGROUND + b'<image href="data:image/png;base64,%s"/>' % PNG),
    ),
    "SVG with a symbol on a background": ("SVG", SVG % (SYMBOL + BACKGROUND + b'<use href="#a"/>')),
    "SVG with HTML inside": (
        "SVG",
        SVG % b'<foreignObject width="99" height="50"><p xmlns="http://www.w3.org/1999/xhtml">1</p></foreignObject>',
    ),
    "SVG with spans in other colours": ("SVG", SVG % (BACKGROUND + b'<text y="20"><tspan fill="red">1</tspan></text>')),
    "SVG with an animation": (
        "SVG",
        SVG % b'<path d="M0 0h9v9" opacity="0"><set attributeName="opacity" to="1"/></path>',
    ),
    "SVG with a scaled rectangle": ("SVG", SVG % b'<g transform="scale(.2)">%s</g>' % BACKGROUND),
    "SVG with a rectangle beside the corner": ("SVG", SVG % BACKGROUND.replace(b"<rect", b'<rect x="9"')),
    "SVG with round corners": ("SVG", SVG % BACKGROUND.replace(b"<rect", b'<rect rx="9"')),
    "SVG with a clipped rectangle": ("SVG", SVG % (CLIP + BACKGROUND.replace(b"<rect", b'<rect clip-path="url(#c)"'))),
    "SVG with a nested picture": ("SVG", SVG % b'<svg width="9" height="9"><rect width="100%" height="100%"/></svg>'),
    "SVG with a view box of another size": (
        "SVG",
        (SVG % BACKGROUND).replace(b"<svg", b'<svg viewBox="0 0 300 100"', 1),
    ),
    "SVG with a computed size": ("SVG", (SVG % b'<path d="M0 0h9v9"/>').replace(b'"150"', b'"calc(3 * 50px)"')),
    "SVG with attributes of another namespace": (
        "SVG",
        SVG % b'<path xmlns:x="urn:x" x:one="1" d="M0 0h9v9" data="x"/>',
    ),
    "SVG that declares an encoding which browsers ignore": (
        "SVG",
        b'<?xml version="1.0" encoding="GBK"?>' + SVG % '<text y="20">验</text>'.encode(),
    ),
}

FAULTY = {
    "GIF with a graphic control of 5 bytes": (FORMED, "GIF", gif(b"!\xf9\5\0\0\0\0\0\0", image())),
    "GIF with codes of 13 bits": (FORMED, "GIF", gif(image(bits=13))),
    "GIF with codes of 1 bit": (FORMED, "GIF", gif(image(bits=1))),
    "GIF with an empty screen": (SIZED, "GIF", gif(image(), size=(0, 0))),
    "GIF with half of the pixels": (DECODES, "GIF", gif(image(codes=LZW[:2]))),
    "GIF with undefined codes": (DECODES, "GIF", gif(image(codes=b"\xff" * 9))),
    "GIF of another version": (TYPED, "GIF", gif(image(), version=b"88a")),
    "GIF with a stray byte": (FORMED, "GIF", gif(b"\0", image())),
    "JPEG without pixels": (FORMED, "JPEG", jpeg(*PARTS[:-1], PARTS[-1][:SCAN_HEADER], b"\xff\xd9")),
    "JPEG with a restart marker missing": (FORMED, "JPEG", RESTARTS.replace(b"\xff\xd2", b"", 1)),
    "JPEG with restart markers out of order": (FORMED, "JPEG", RESTARTS.replace(b"\xff\xd2", b"\xff\xd5", 1)),
    "JPEG without quantization tables": (DECODES, "JPEG", jpeg(*(part for part in PARTS if part[:2] != TABLES))),
    "JPEG with two beginnings": (FORMED, "JPEG", jpeg(JPEG)),
    "JPEG with bytes between segments": (FORMED, "JPEG", jpeg(PARTS[0], b"xx", *PARTS[1:])),
    "WebP with a wrong size of RIFF": (FORMED, "WebP", webp(VP8L) + b"xx"),
    "WebP whose canvas is not the image": (DECODES, "WebP", webp(extended(0, 50), VP8L)),
    "WebP with a frame outside the canvas": (DECODES, "WebP", webp(extended(2), ANIM, frame(left=2))),
    "WebP with two images": (DECODES, "WebP", webp(extended(), VP8L, VP8L)),
    "WebP without an image": (FORMED, "WebP", webp(extended())),
    "WebP with an animation that is not announced": (DECODES, "WebP", webp(extended(), ANIM, frame())),
    "SVG in another encoding than UTF-8": (FORMED, "SVG", SVG % "<text>é</text>".encode("latin-1")),
    "SVG with an entity of HTML": (FORMED, "SVG", SVG % b"<text>&nbsp;1</text>"),
    "SVG with an undeclared prefix": (FORMED, "SVG", SVG % b'<use xlink:href="#a"/>'),
    "SVG in another namespace": (TYPED, "SVG", (SVG % b"<path/>").replace(b"2000", b"1999")),
    "SVG with text after its end": (FORMED, "SVG", SVG % b'<path d="M0 0h9"/>' + b"x"),
    "SVG with a script in a link": (
        "svg-has-no-script",
        "SVG",
        SVG % b'<a xmlns:x="http://www.w3.org/1999/xlink" x:href="javascript:a()"><path d="M0 0h9"/></a>',
    ),
}


def failing(kind: str, data: bytes) -> list[str]:
    pixels = picture(kind, data).pixels
    blank = [name for name in ("one_colour", "transparent") if getattr(pixels, name, False)]
    return violated(kind, data) + blank


@pytest.mark.parametrize("name", CORRECT)
def test_an_unusual_picture_violates_nothing(name: str) -> None:
    """It is well-formed, can be decoded and shows something."""
    assert failing(*CORRECT[name]) == []


@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_picture_violates_its_clause_alone(name: str) -> None:
    """The defect is reported once."""
    clause, kind, data = FAULTY[name]
    assert failing(kind, data) == [clause]


def test_a_covered_picture_is_of_one_colour() -> None:
    """A rectangle hides what was drawn before it, not what follows or what changes."""
    path = b'<path d="M0 0h9v9" fill="red"/>'
    assert failing("SVG", SVG % (path + BACKGROUND)) == ["one_colour"]
    assert failing("SVG", SVG % (path + BACKGROUND + path)) == []
    assert failing("SVG", SVG % (b"<style>rect{opacity:0}</style>" + path + BACKGROUND)) == []


def test_a_rectangle_covers_the_view_box() -> None:
    """Its corner counts; mocks of crisp pixels move the view box by half of one."""
    svg = SVG.replace(b"<svg", b'<svg viewBox="0 -.5 300 100"') % b'<rect y="-.5" width="100%%" height="%s"/>'
    assert failing("SVG", svg % b"100") == ["one_colour"]
    assert failing("SVG", svg % b"99") == []
