"""GIF, JPEG, WebP and SVG: what is valid has no violation, each defect is found once, and no bytes raise."""

from __future__ import annotations

import base64
import random
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from code_contract import Carrier, PictureMark
from contract_tests.checks.parsed_picture import ParsedPicture
from contract_tests.pictures.pixels import Pixels
from tests.contract_tests.png_samples import noise
from tests.servers.pictures import drawn

TYPES = {"GIF": "image/gif", "JPEG": "image/jpeg", "WebP": "image/webp", "SVG": "image/svg+xml"}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="150" height="50">%s</svg>'
PATH = b'<path d="M1 1h9" stroke="#123456"/>'


def saved(kind: str, image: Image.Image | None = None, **options: Any) -> bytes:
    out = BytesIO()
    (image or drawn("RGB")).save(out, kind, **options)
    return out.getvalue()


def frames() -> dict[str, Any]:
    return {"save_all": True, "append_images": [drawn("RGB"), drawn("RGB")], "duration": 50}


VALID = {
    "jpeg": ("JPEG", saved("JPEG")),
    "jpeg-progressive": ("JPEG", saved("JPEG", progressive=True)),
    "jpeg-grey": ("JPEG", saved("JPEG", drawn("L"))),
    "jpeg-cmyk": ("JPEG", saved("JPEG", drawn("RGB").convert("CMYK"))),
    "jpeg-restarts": ("JPEG", saved("JPEG", restart_marker_rows=1)),
    "jpeg-comment": ("JPEG", saved("JPEG", comment=b"captcha\xff\xd9")),
    "jpeg-thumbnail": ("JPEG", saved("JPEG", exif=b"Exif\0\0" + saved("JPEG", noise("RGB", 16, 16)))),
    "gif": ("GIF", saved("GIF")),
    "gif-animated": ("GIF", saved("GIF", **frames())),
    "gif-transparent": ("GIF", saved("GIF", noise("P"), transparency=3)),
    "gif-flat-interlaced": ("GIF", saved("GIF", drawn("L"), interlace=True, comment=b"text;,")),
    "webp-lossless": ("WebP", saved("WEBP", lossless=True)),
    "webp-lossy": ("WebP", saved("WEBP", quality=40)),
    "webp-alpha": ("WebP", saved("WEBP", noise("RGBA"))),
    "webp-animated": ("WebP", saved("WEBP", **frames())),
    "svg": ("SVG", SVG % PATH),
    "svg-xml-declaration": ("SVG", b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?>\n<!-- a -->' + SVG % PATH),
    "svg-doctype": (
        "SVG",
        b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
        + SVG % PATH,
    ),
    "svg-prefix": ("SVG", b'<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:text>12</s:text></s:svg>'),
    "svg-view-box": ("SVG", b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0,0,150,50"><text>1</text></svg>'),
    "svg-percent": ("SVG", b'<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="3em"><text>1</text></svg>'),
    "svg-internal-links": (
        "SVG",
        SVG % b'<defs><path id="a" d="M0 0h9"/></defs><use href="#a"/><rect fill="url(#g)" width="9" height="9"/>'
        b'<image href="data:image/png;base64,AAAA"/><style>.a{fill:url("#g")}</style><a href="https://a.cn"/>',
    ),
    "svg-in-utf-16": ("SVG", ("﻿" + (SVG % PATH).decode()).encode("utf-16-le")),
}


def picture(kind: str, data: bytes) -> ParsedPicture:
    mark = PictureMark(Carrier.BASE64, TYPES[kind], None, "", "")
    return ParsedPicture("$", base64.b64encode(data).decode(), mark)


def violated(kind: str, data: bytes) -> list[str]:
    found = picture(kind, data)
    clauses = [clause for clause, problems in found.results.items() if problems]
    return [*clauses, "img-is-decodable"] if isinstance(found.pixels, str) else clauses


@pytest.mark.parametrize("name", VALID)
def test_a_valid_picture_has_no_violation(name: str) -> None:
    """It is visible, too, and has the size that it states."""
    kind, data = VALID[name]
    assert violated(kind, data) == []
    pixels = picture(kind, data).pixels
    assert isinstance(pixels, Pixels)
    assert (pixels.one_colour, pixels.transparent) == (False, False)
    if kind != "SVG":
        assert (pixels.width, pixels.height) == (160, 60)


@pytest.mark.parametrize("name", [name for name in VALID if name not in ("svg-in-utf-16",)])
def test_a_truncated_picture_is_not_well_formed(name: str) -> None:
    """At any byte after its signature, exactly one clause is violated."""
    kind, data = VALID[name]
    signature = {"GIF": 6, "JPEG": 3, "WebP": 12, "SVG": data.find(b"svg") + 4 if b"svg" in data else 0}[kind]
    if name == "svg-doctype":
        signature = data.find(b"<svg") + 5
    for end in {*range(signature, len(data), max(1, len(data) // 60)), len(data) - 1}:
        assert violated(kind, data[:end]) == ["img-is-well-formed"], end


@pytest.mark.parametrize("name", VALID)
def test_no_bytes_raise(name: str) -> None:
    """Flipped, deleted and repeated bytes give violations or pixels."""
    kind, data = VALID[name]
    chance = random.Random(name)
    for _ in range(150):
        changed = bytearray(data)
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(changed))
            changed[at : at + chance.randrange(3)] = chance.randbytes(chance.randrange(4))
        assert isinstance(violated(kind, bytes(changed)), list)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize(
    "data", [b"", b"\0", b"<", b"\xff\xd8\xff", b"GIF89a", b"RIFF\0\0\0\0WEBP", b"<svg", b"<svg/>"]
)
def test_fragments_violate_one_clause(kind: str, data: bytes) -> None:
    """A fragment of a head violates the clause about the type or the one about the structure."""
    assert violated(kind, data) in (["img-is-of-the-documented-type"], ["img-is-well-formed"])


@pytest.mark.parametrize(
    ("content", "clause"),
    [
        (b"<script>alert(1)</script>", "svg-has-no-script"),
        (b'<g onclick="a()"/>', "svg-has-no-script"),
        (b'<a href=" java&#115;cript:a()"/>', "svg-has-no-script"),
        (b'<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml"/></foreignObject>', "svg-has-no-script"),
        (b'<set attributeName="onload" to="a()"/>', "svg-has-no-script"),
        (b'<image href="//a.cn/b.png"/>', "svg-is-self-contained"),
        (b'<use xmlns:x="http://www.w3.org/1999/xlink" x:href="b.svg#c"/>', "svg-is-self-contained"),
        (b"<rect style=\"fill:url( 'http://a.cn/b#c')\"/>", "svg-is-self-contained"),
        (b"<style>@import url(b.css)</style>", "svg-is-self-contained"),
        (b'<?xml-stylesheet href="b.css"?>', "svg-is-self-contained"),
        (b"&undefined;", "img-is-well-formed"),
        (b"<g>", "img-is-well-formed"),
    ],
)
def test_active_and_external_content_of_an_svg_is_found(content: bytes, clause: str) -> None:
    """Each violates its clause alone."""
    assert violated("SVG", SVG % (PATH + content)) == [clause]


@pytest.mark.parametrize("size", ['width="0" height="50"', 'width="-5" height="50"', 'width="wide" height="50"'])
def test_a_size_that_cannot_be_drawn_is_found(size: str) -> None:
    """The clause about the size is violated alone."""
    svg = (SVG % PATH).replace(b'width="150" height="50"', size.encode())
    assert violated("SVG", svg) == ["img-size-is-valid"]


@pytest.mark.parametrize(
    ("content", "one_colour", "transparent"),
    [
        (b"", True, False),
        (b'<rect width="100%" height="100%" fill="#eee"/>', True, False),
        (b'<rect width="150" height="50" fill="red"/><path d="M0 0h9" fill="red"/>', True, False),
        (b'<rect width="150" height="50" fill="red"/><path d="M0 0h9" fill="blue"/>', False, False),
        (b'<g opacity="0"><path d="M0 0h9"/></g>', False, True),
        (
            b'<g fill="none"><path d="M0 0h9"/><path d="M0 0h9" style="stroke: red; stroke-opacity: 0.0"/></g>',
            False,
            True,
        ),
        (b'<g display="none"><text>1</text></g>', False, True),
        (b'<defs><path d="M0 0h9"/></defs>', True, False),
    ],
)
def test_an_svg_that_shows_nothing_is_found(content: bytes, one_colour: bool, transparent: bool) -> None:
    """A blank one has one colour; one with invisible shapes only is transparent; never both."""
    pixels = picture("SVG", SVG % content).pixels
    assert isinstance(pixels, Pixels)
    assert (pixels.one_colour, pixels.transparent) == (one_colour, transparent)


def test_svgs_are_compared_by_what_they_draw() -> None:
    """Ids, comments and white space make no other picture; a coordinate or a colour does."""

    def digest(content: bytes) -> str:
        pixels = picture("SVG", SVG % content).pixels
        assert isinstance(pixels, Pixels)
        return pixels.digest

    same = (
        PATH,
        b"<!-- 7 -->" + PATH,
        b"\n  " + PATH,
        b"<title>7</title>"[:0] + PATH.replace(b"<path", b'<path id="x7"'),
    )
    assert len({digest(each) for each in same}) == 1
    others = (PATH, PATH.replace(b"M1", b"M2"), PATH.replace(b"123456", b"123457"), PATH + PATH)
    assert len({digest(each) for each in others}) == len(others)


@pytest.mark.parametrize("claimed", ["PNG", "JPEG"])
def test_an_honest_claim_of_another_type_is_one_violation(claimed: str) -> None:
    """A JPEG that says so, where a GIF is documented, is not checked as a GIF."""
    data, media_type = saved(claimed), f"image/{claimed.lower()}"
    mark = PictureMark(Carrier.DATA_URI, "image/gif", None, "", "")
    found = ParsedPicture("$", f"data:{media_type};base64,{base64.b64encode(data).decode()}", mark)
    assert found.carrier_problem is not None
    assert (found.results, found.pixels) == ({}, None)
