"""Marks of pictures: carrier, type and size are read from the contract, and what cannot be read or drawn is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from code_contract import Carrier, ContractError, PictureMark, load, marks
from code_contract_cli.main import run
from mock_server import Mock
from mock_server.captcha.size import sample_size
from tests.code_contract.documents import document
from tests.paths import ROOT

POINTER = "/paths/~1code/get/responses/200/content/application~1json/schema/properties/img"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def write(folder: Path, img: dict[str, Any], example: object = "") -> Path:
    schema = {"type": "object", "properties": {"img": {"type": "string", "x-mock": "challenge-picture"} | img}}
    content = {"application/json": {"schema": schema, "example": {"img": example}}}
    operation = {"responses": {"200": {"description": "Success.", "content": content}}}
    document = {"openapi": "3.1.0", "info": {"title": "a", "version": "1"}, "paths": {"/code": {"get": operation}}}
    path = folder / "contract.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def mark(path: Path) -> PictureMark:
    return load(path).operations["get /code"].pictures[("img",)]


@pytest.mark.parametrize(
    ("img", "example", "carrier", "media_type"),
    [
        ({}, "", Carrier.DATA_URI, "image/png"),
        ({}, "data:image/jpg;base64,/9j/", Carrier.DATA_URI, "image/jpg"),
        ({}, "data:image/bmp;base64,Qk0=", Carrier.DATA_URI, "image/png"),
        ({"contentEncoding": "base64"}, "", Carrier.BASE64, "image/png"),
        ({"contentEncoding": "base64", "contentMediaType": "image/gif"}, "", Carrier.BASE64, "image/gif"),
        ({"contentMediaType": "image/WebP"}, "", Carrier.DATA_URI, "image/webp"),
        ({"x-picture": {"type": "image/svg+xml"}}, "data:image/png;base64,", Carrier.DATA_URI, "image/svg+xml"),
    ],
)
def test_the_mark_names_carrier_and_type(
    tmp_path: Path, img: dict[str, Any], example: str, carrier: Carrier, media_type: str
) -> None:
    """OpenAPI's own words come first, then x-picture, then the example."""
    found = mark(write(tmp_path, img, example))
    assert (found.carrier, found.media_type, found.pointer) == (carrier, media_type, POINTER)


@pytest.mark.parametrize(
    ("img", "problem"),
    [
        (
            {"x-picture": {"width": width, "height": 60}},
            f"/x-picture/width: width of x-picture is {width!r}; use an integer from 1 to 1000",
        )
        for width in (0, -5, 1001, 10**30, 160.5, True, "160", None)
    ]
    + [
        ({"x-picture": {"width": 160}}, "/x-picture: x-picture has no height; add height"),
        ({"x-picture": {"size": 160}}, "/x-picture: unknown x-picture key 'size'"),
        ({"x-picture": [160, 60]}, "/x-picture: x-picture is [160, 60]; use a mapping"),
        (
            {"x-picture": {"type": "image/bmp"}},
            "/x-picture/type: unknown type 'image/bmp' of x-picture; use one of image/png",
        ),
        ({"contentMediaType": "text/html"}, ": the picture type 'text/html' is not supported"),
        ({"contentEncoding": "base32"}, ": contentEncoding 'base32' is not supported"),
        (
            {"x-mock": "challenge-pictures"},
            "/x-mock: unknown x-mock 'challenge-pictures'; use one of challenge-uuid, challenge-picture",
        ),
        ({"x-mock": ["challenge-picture"]}, "/x-mock: unknown x-mock ['challenge-picture']"),
    ],
)
def test_a_mark_that_cannot_be_read_is_refused(tmp_path: Path, img: dict[str, Any], problem: str) -> None:
    """The error names the pointer and the defect."""
    with pytest.raises(ContractError) as caught:
        load(write(tmp_path, img))
    assert str(caught.value).startswith(f"{POINTER}{problem}")


@pytest.mark.parametrize(
    ("img", "example", "problem"),
    [
        ({"x-picture": {"width": 79, "height": 28}}, "", "5 symbols are not readable in 79 × 28 pixels"),
        ({}, f"data:image/png;base64,{PIXEL}", "5 symbols are not readable in 1 × 1 pixels"),
        ({}, "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA6mAAAOpg", "60000 × 60000 pixels are too many"),
        ({}, "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAAAAAAA", "5 symbols are not readable in 0 × 0 pixels"),
    ],
    ids=["stated", "placeholder", "huge", "zero"],
)
def test_a_picture_that_cannot_be_drawn_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], img: dict[str, Any], example: str, problem: str
) -> None:
    """`code-contract mock` exits with 2 and one sentence that names the pointer."""
    path = write(tmp_path, img, example)
    assert run(["mock", "--spec", str(path), "--port", "0"]) == 2
    error = capsys.readouterr().err
    assert f"{POINTER}: the mock cannot draw the picture: {problem}" in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    "example",
    [
        "",
        "x",
        "data:image/png;base64,iVBORw0KGgo=",
        "data:,",
        None,
        5,
        "/9j/4AAQ",
        "data:image/svg+xml;base64,PHN2Zy8+",
    ],
)
def test_an_unreadable_example_gets_the_default_size(tmp_path: Path, example: object) -> None:
    """The mock draws the default size instead of failing."""
    Mock(load(write(tmp_path, {"type": ["string", "integer", "null"]}, example)))


def test_the_size_of_an_example_is_read() -> None:
    """Of a PNG, a GIF and an SVG, with and without a data URI, whole or cut after its head."""
    assert sample_size(PIXEL) == (1, 1)
    assert sample_size(f"data:image/png;base64,{PIXEL[:40]}…") == (1, 1)
    assert sample_size("R0lGODlhZAAyAIAAAAAAAP///ywAAAAAZAAyAAACAkQBADs=") == (100, 50)
    assert sample_size("PHN2ZyB4bWxucz0iIiB3aWR0aD0iMTUwIiBoZWlnaHQ9JzUwcHgnLz4=") == (150, 50)


@pytest.mark.parametrize("path", sorted((ROOT / "examples" / "contracts").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_clauses_of_a_mark_name_its_line(path: Path) -> None:
    """Derived clauses point at the marked node of the file."""
    contract = load(path)
    clause = contract.clauses["img-is-fresh"]
    line = path.read_text("utf-8").splitlines()[clause.line - 1 :]
    assert any("challenge-picture" in each for each in line[:6])


def test_own_clauses_replace_the_derived_ones() -> None:
    """The packaged contract has the clauses that it writes, and no more."""
    assert "img-is-carried-as-documented" not in load().clauses


def test_a_document_without_marks_is_not_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search visits every schema of a response, once for each operation: only marked documents pay for it."""
    found: list[Any] = []
    monkeypatch.setattr(marks, "find_marks", lambda *arguments: found.append(arguments) or [])
    (tmp_path / "a.yaml").write_text(document("{type: string}"))
    (tmp_path / "b.yaml").write_text(document("{type: string, x-mock: challenge-uuid}"))
    for name in ("a", "b"):
        assert load(tmp_path / f"{name}.yaml").operations["a"].mock_fields == {}
        assert bool(found) == (name == "b")
