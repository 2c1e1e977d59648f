"""A picture in its carrier: what is claimed, what is carried, which checks follow, and their words."""

from __future__ import annotations

import base64
import tracemalloc
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from code_contract import Carrier, PictureMark, load
from contract_tests.checks import picture as checks
from contract_tests.checks.parsed_picture import LADDERS, ParsedPicture
from contract_tests.engine.session import evaluate
from contract_tests.http.exchange import Exchange
from contract_tests.pictures.pixels import Pixels, decode
from contract_tests.pictures.png import SIGNATURE
from contract_tests.settings import Settings
from tests.contract_tests.png_samples import GOOD, GREY, HEAD, IDAT, IEND, RGBA, chunk, drawn, png
from tests.contract_tests.test_checks import captcha, exchange
from tests.contract_tests.test_operation_checks import CUT, UNRECORDED, Found, found
from tests.contract_tests.test_picture_formats import PATH, SVG, saved
from tests.paths import ROOT

SIGNATURE_TEXT = f"the signature {SIGNATURE.hex(' ')}"
PNG = base64.b64encode(GOOD).decode()
JPEG = saved("JPEG")


def mark(carrier: Carrier, media_type: str = "image/png") -> PictureMark:
    return PictureMark(carrier, media_type, None, "", "")


DATA_URI, BASE64, BODY = mark(Carrier.DATA_URI), mark(Carrier.BASE64), mark(Carrier.BODY)


@pytest.mark.parametrize(
    ("picture", "problem", "is_read"),
    [
        (ParsedPicture("$.a", f"data:image/png;base64,{PNG}", DATA_URI), None, True),
        (ParsedPicture("$.a", f"DATA:Image/PNG;charset=x;Base64,{PNG}", DATA_URI), None, True),
        (ParsedPicture("$.a", PNG[:9], DATA_URI), ("$.a", "data:image/png;base64,…", f'"{PNG[:9]}"'), False),
        (
            ParsedPicture("$.a", f"data:image/gif;base64,{PNG}", DATA_URI),
            ("$.a", "data:image/png;base64,…", '"data:image/gif;base64,iVBO… (178 characters)"'),
            True,
        ),
        (ParsedPicture("$.a", "data:;base64,", DATA_URI), ("$.a", "data:image/png;base64,…", '"data:;base64,"'), True),
        (ParsedPicture("$.a", PNG, BASE64), None, True),
        (
            ParsedPicture("$.a", "Data:image/png;base64,AAAA", BASE64),
            ("$.a", "base64 without a data URI", '"Data:image/png;base64,AAAA"'),
            False,
        ),
        (ParsedPicture("$.a", "data", BASE64), None, True),
        (ParsedPicture("body", GOOD, BODY, "image/png"), None, True),
        (ParsedPicture("body", GOOD, BODY, "text/css"), ("header Content-Type", "image/png", '"text/css"'), True),
        (ParsedPicture("body", GOOD, BODY), ("header Content-Type", "image/png", '""'), True),
    ],
)
def test_the_carrier(picture: ParsedPicture, problem: tuple[str, str, str] | None, is_read: bool) -> None:
    """A data URI of the documented type, base64 alone, or a body with the documented Content-Type."""
    found = picture.carrier_problem
    assert (found and (found.where, found.expected, found.received)) == problem
    assert (picture.content is not None) is is_read


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("", b""),
        ("AAAA", b"\0\0\0"),
        ("+/8=", b"\xfb\xff"),
        ("/w==", b"\xff"),
        ("AAAA\n", '"\\n" at character 4 of 5'),
        ("AA-_", '"-" at character 2 of 4'),
        ("A===", "padding that is not at the end"),
        ("AA==AAAA", "padding that is not at the end"),
        ("AAA", "3 characters, not a multiple of 4"),
        ("AAAAA", "5 characters, not a multiple of 4"),
        ("AA=", "3 characters, not a multiple of 4"),
    ],
)
def test_strict_base64(text: str, content: bytes | str) -> None:
    """RFC 4648 §4: the standard alphabet, padded, without line breaks."""
    assert ParsedPicture("$", text, BASE64).content == content
    assert ParsedPicture("$", f"data:image/png;base64,{text}", DATA_URI).content == content


@pytest.mark.parametrize(
    ("data", "media_type", "received"),
    [
        (b"", "image/gif", "nothing"),
        (b"GIF88a;;;;", "image/gif", "47 49 46 38 38 61 3b 3b"),
        (JPEG, "image/gif", "a JPEG"),
        (b"<svg:svg xmlns:svg='http://a'/>", "image/svg+xml", '"http://a svg"'),
        (b"<svg/>", "image/svg+xml", '"svg"'),
    ],
)
def test_another_format_is_named(data: bytes, media_type: str, received: str) -> None:
    """The format if it is known, else the first bytes; for an SVG the root element in its namespace."""
    found = ParsedPicture("$", data, mark(Carrier.BODY, media_type), media_type).results
    assert list(found) == ["img-is-of-the-documented-type"]
    assert [each.received for each in found["img-is-of-the-documented-type"]] == [received]


def test_a_picture_of_another_type_is_not_checked_if_the_response_says_so() -> None:
    """The carrier's clause fails; a claim that is wrong does not hide the bytes."""
    assert ParsedPicture("body", JPEG, BODY, "image/jpeg").results == {}
    assert ParsedPicture("body", JPEG, BODY, "image/jpeg").pixels is None
    assert list(ParsedPicture("body", JPEG, BODY, "image/gif").results) == ["img-is-a-png"]
    assert list(ParsedPicture("body", JPEG, BODY, "text/css").results) == ["img-is-a-png"]
    assert ParsedPicture("body", GOOD, BODY, "text/css").results.keys() == LADDERS["PNG"].keys()
    assert isinstance(ParsedPicture("body", GOOD, BODY, "image/jpeg").pixels, Pixels)


def test_the_steps_of_each_format_are_all_run_on_a_valid_picture() -> None:
    """Every step has no violation, and the pixels follow."""
    for media_type, data in (("image/png", GOOD), ("image/jpeg", JPEG), ("image/svg+xml", SVG % PATH)):
        picture = ParsedPicture("body", data, mark(Carrier.BODY, media_type), media_type)
        assert picture.results == {clause: [] for clause in LADDERS[picture.mark.format]}
        assert picture.is_valid
        assert isinstance(picture.pixels, Pixels)
    script = ParsedPicture("body", SVG % (PATH + b"<script/>"), mark(Carrier.BODY, "image/svg+xml"), "image/svg+xml")
    assert [clause for clause, problems in script.results.items() if problems] == ["svg-has-no-script"]
    assert isinstance(script.pixels, Pixels)


BODY_CONTRACT = load(ROOT / "examples" / "contracts" / "picture-body.yaml")


def found_in_body(clause: str, response: Exchange) -> Found:
    """Return what is found by a clause of an operation whose response is a picture."""
    (name,) = BODY_CONTRACT.operations
    verdicts = evaluate(BODY_CONTRACT, Settings("http://x"), {name: [replace(response, operation=name)]})
    verdict = next(each for each in verdicts if each.clause.id == clause)
    return verdict.checked, [
        (each.violation.where, each.violation.expected, each.violation.received) for each in verdict.findings
    ]


def body(data: bytes, media_type: str = "image/jpeg", **changes: Any) -> Exchange:
    return exchange(data, ("Content-Type", media_type), **changes)


def test_a_picture_that_is_the_body_is_checked() -> None:
    """The bytes of a complete response 2xx; the place of a violation begins with "body"."""
    clause = "img-is-carried-as-documented"
    assert found_in_body(clause, body(JPEG)) == (1, [])
    assert found_in_body(clause, body(JPEG, "image/PNG")) == (
        1,
        [("header Content-Type", "image/jpeg", '"image/png"')],
    )
    for unread in (body(JPEG, status=500), body(JPEG, error=CUT), replace(body(JPEG), **UNRECORDED)):
        assert found_in_body(clause, unread) == (0, [])
    trailing = (f"body, byte {len(JPEG)}", "nothing after the end of the image", "1 byte(s)")
    assert found_in_body("img-is-well-formed", body(JPEG + b"x")) == (1, [trailing])
    assert found_in_body("img-is-well-formed", body(JPEG)) == (1, [])


def uri(data: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


ONE_COLOUR = ("$.data.img", "more than one colour", "9x5 pixels of one colour")
BLANK = drawn(9, 5, 8, GREY, samples=lambda x, y: (7,))
CLEAR = drawn(9, 5, 8, RGBA, samples=lambda x, y: (x, y, 0, 0))
BROKEN = png(HEAD, chunk(b"pHYs"), IDAT, IEND)


@pytest.mark.parametrize(
    ("clause", "img", "expected"),
    [
        ("img-is-strict-base64", None, (0, [])),
        ("img-is-strict-base64", 5, (0, [])),
        ("img-is-strict-base64", "data:image/gif,", (0, [])),
        (
            "img-is-strict-base64",
            "data:image/png;base64,A",
            (1, [("$.data.img", "the standard alphabet, padded, on one line", "1 characters, not a multiple of 4")]),
        ),
        ("img-is-a-png", uri(b"GIF89a"), (1, [("$.data.img, byte 0", SIGNATURE_TEXT, "47 49 46 38 39 61")])),
        ("img-is-decodable", uri(GOOD), (1, [])),
        ("img-is-decodable", uri(GOOD[:-1]), (0, [])),
        ("img-is-not-one-colour", uri(GOOD), (1, [])),
        ("img-is-not-one-colour", uri(BROKEN), (0, [])),
        (
            "img-is-not-one-colour",
            uri(BLANK),
            (1, [ONE_COLOUR]),
        ),
        ("img-is-not-transparent", uri(BLANK), (1, [])),
        (
            "img-is-not-transparent",
            uri(CLEAR),
            (1, [("$.data.img", "a visible pixel", "fully transparent pixels only")]),
        ),
        ("img-has-the-sample-size", uri(BLANK), (1, [("$.data.img", "160x60 pixels", "9x5 pixels")])),
    ],
)
def test_a_picture_in_a_field_is_checked(clause: str, img: Any, expected: Found) -> None:
    """Each check applies as far as the picture can be read."""
    assert found(clause, exchange(captcha(img=img))) == expected


def test_the_reason_of_the_decoder_is_shown() -> None:
    """A structure that is valid, and yet is not decoded."""
    (checked, [(where, expected, received)]) = found("img-is-decodable", exchange(captcha(img=uri(BROKEN))))
    assert (checked, where, expected) == (1, "$.data.img", "a picture that decoders accept")
    assert "pHYs" in received


@pytest.mark.parametrize(
    ("size", "sample", "expected"),
    [
        ((5, 3), "", []),
        ((5, 4), "", [("$", "5x4 pixels", "5x3 pixels")]),
        ((5, 4), PNG, [("$", "5x4 pixels", "5x3 pixels")]),
        (None, PNG, []),
        (None, base64.b64encode(BLANK).decode(), [("$", "9x5 pixels", "5x3 pixels")]),
        (None, "AAAA", []),
        (None, "", []),
    ],
)
def test_the_documented_size(size: tuple[int, int] | None, sample: str, expected: list[tuple[str, str, str]]) -> None:
    """The stated size, else that of the example, if it can be decoded."""
    picture = ParsedPicture("$", PNG, PictureMark(Carrier.BASE64, "image/png", size, sample, ""))
    assert isinstance(picture.pixels, Pixels)
    violations = checks.sample_size((picture, picture.pixels))
    assert [(each.where, each.expected, each.received) for each in violations] == expected


def test_a_large_picture_is_converted_in_strips() -> None:
    """No second copy of the pixels is held in Python."""
    data = saved("PNG", Image.new("L", (2000, 2000)))
    tracemalloc.start()
    try:
        assert isinstance(decode(data), Pixels)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
