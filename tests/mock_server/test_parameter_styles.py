"""Parameters by style and explode: the table "Style Examples" of OpenAPI 3.1 §4.8.12.5, and what it leaves out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mock_server.core.mock import Mock
from tests.mock_server.documents import ask, mock_of

STRING, ARRAY, OBJECT = "blue", ["blue", "black", "brown"], {"R": 100, "G": 200, "B": 150}
TYPES: list[tuple[Any, dict[str, Any]]] = [
    (STRING, {"type": "string"}),
    (ARRAY, {"type": "array", "items": {"type": "string"}}),
    (OBJECT, {"type": "object", "properties": {name: {"type": "integer"} for name in "RGB"}}),
]


def mock(tmp_path: Path, parameters: list[dict[str, Any]], path: str = "/a") -> Mock:
    """A mock of one operation with these parameters."""
    return mock_of(tmp_path, {path: {"get": {"parameters": parameters, "responses": {"200": {"description": "ok"}}}}})


def parameter(location: str, style: str, explode: bool | None, schema: dict[str, Any]) -> dict[str, Any]:
    found = {"name": "color", "in": location, "required": True, "schema": schema}
    if style:
        found["style"] = style
    return found if explode is None else {**found, "explode": explode}


# location, style, explode: the texts of a string, an array and an object; None where OpenAPI defines none.
STYLES: dict[tuple[str, str, bool | None], tuple[str | None, str | None, str | None]] = {
    ("path", "", None): ("blue", "blue,black,brown", "R,100,G,200,B,150"),
    ("path", "simple", False): ("blue", "blue,black,brown", "R,100,G,200,B,150"),
    ("path", "simple", True): ("blue", "blue,black,brown", "R=100,G=200,B=150"),
    ("path", "label", False): (".blue", ".blue,black,brown", ".R,100,G,200,B,150"),
    ("path", "label", True): (".blue", ".blue.black.brown", ".R=100.G=200.B=150"),
    ("path", "matrix", False): (";color=blue", ";color=blue,black,brown", ";color=R,100,G,200,B,150"),
    ("path", "matrix", True): (";color=blue", ";color=blue;color=black;color=brown", ";R=100;G=200;B=150"),
    ("query", "", None): ("color=blue", "color=blue&color=black&color=brown", "R=100&G=200&B=150"),
    ("query", "form", False): ("color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"),
    ("query", "form", True): ("color=blue", "color=blue&color=black&color=brown", "R=100&G=200&B=150"),
    ("query", "spaceDelimited", False): (None, "color=blue%20black%20brown", "color=R%20100%20G%20200%20B%20150"),
    ("query", "pipeDelimited", False): (None, "color=blue%7Cblack%7Cbrown", "color=R%7C100%7CG%7C200%7CB%7C150"),
    ("query", "deepObject", True): (None, None, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"),
    ("header", "", None): ("blue", "blue,black,brown", "R,100,G,200,B,150"),
    ("header", "simple", True): ("blue", "blue, black, brown", "R=100,G=200,B=150"),
    ("cookie", "", None): ("color=blue", "color=blue&color=black&color=brown", "R=100&G=200&B=150"),
    ("cookie", "form", False): ("color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"),
    ("cookie", "cookie", True): ("color=blue", "color=blue; color=black; color=brown", "R=100; G=200; B=150"),
}
CASES = {
    f"{location} {style or 'default'} {explode} {schema['type']}": (location, style, explode, value, schema, text)
    for (location, style, explode), texts in STYLES.items()
    for (value, schema), text in zip(TYPES, texts, strict=True)
    if text is not None
}


def send(tmp_path: Path, described: dict[str, Any], text: str) -> int:
    if described["in"] == "path":
        return ask(mock(tmp_path, [described], "/a/{color}"), "GET", f"/a/{text}").status
    target = mock(tmp_path, [described])
    if described["in"] == "query":
        return ask(target, "GET", f"/a?{text}").status
    return ask(target, "GET", "/a", {"Cookie" if described["in"] == "cookie" else "color": text}).status


@pytest.mark.parametrize(("location", "style", "explode", "value", "schema", "text"), CASES.values(), ids=CASES)
def test_a_style_is_read(
    tmp_path: Path, location: str, style: str, explode: bool | None, value: Any, schema: dict[str, Any], text: str
) -> None:
    """The text of the table is the value of the table, with its types, and no other value."""
    assert send(tmp_path, parameter(location, style, explode, {**schema, "const": value}), text) == 200
    other = {"G": 1} if isinstance(value, dict) else value[:1]
    assert send(tmp_path, parameter(location, style, explode, {**schema, "const": other}), text) == 422


TYPED: dict[str, tuple[dict[str, Any], str, int]] = {
    "an integer": ({"type": "integer"}, "color=5", 200),
    "an integer as a float": ({"type": "integer"}, "color=5.0", 200),
    "no integer": ({"type": "integer"}, "color=5.5", 422),
    "a word": ({"type": "integer"}, "color=five", 422),
    "leading zeros": ({"type": "integer"}, "color=007", 422),
    "a number": ({"type": "number"}, "color=-1.5e3", 200),
    "beyond double precision": ({"type": "number"}, "color=1e999", 422),
    "int32": ({"type": "integer", "format": "int32"}, "color=2147483648", 422),
    "a boolean": ({"type": "boolean"}, "color=true", 200),
    "no boolean": ({"type": "boolean"}, "color=yes", 422),
    "null": ({"type": ["integer", "null"]}, "color=null", 200),
    "empty null": ({"type": ["integer", "null"]}, "color=", 200),
    "an empty integer": ({"type": "integer"}, "color=", 422),
    "an empty string": ({"type": "string"}, "color=", 200),
    "a digit as a string": ({"type": "string", "minLength": 1}, "color=5", 200),
    "an enum of numbers": ({"enum": [1, 2]}, "color=2", 200),
    "not in the enum": ({"enum": [1, 2]}, "color=3", 422),
    "a union": (
        {"oneOf": [{"type": "integer", "minimum": 10}, {"type": "string", "maxLength": 1}]},
        "color=5",
        200,
    ),
    "a union of shapes": ({"anyOf": [{"type": "string", "maxLength": 1}, TYPES[1][1]]}, "color=a&color=b", 200),
    "one item": ({**TYPES[1][1], "minItems": 1}, "color=a", 200),
    "items": ({"type": "array", "items": {"type": "integer"}}, "color=1&color=2", 200),
    "items of another type": ({"type": "array", "items": {"type": "integer"}}, "color=1&color=b", 422),
    "a value twice": ({"type": "integer"}, "color=1&color=2", 422),
    "a date": ({"type": "string", "format": "date"}, "color=2024-02-30", 422),
    "plus as a space": ({"const": "a b"}, "color=a+b", 200),
    "an encoded plus": ({"const": "a+b"}, "color=a%2Bb", 200),
    "UTF-8": ({"const": "é"}, "color=%C3%A9", 200),
    "reserved characters": ({"const": "a/b:c?d"}, "color=a/b:c?d", 200),
    "no schema": ({}, "color=a&color=b", 200),
    "an unknown parameter": ({}, "color=a&unknown=1", 200),
    "missing": ({}, "colour=a", 422),
}


@pytest.mark.parametrize(("schema", "query", "status"), TYPED.values(), ids=TYPED)
def test_a_value_is_typed(tmp_path: Path, schema: dict[str, Any], query: str, status: int) -> None:
    """The schema tells what a text means; a text that it does not fit is rejected."""
    assert send(tmp_path, parameter("query", "", None, schema), query) == status


COMMAS = {"type": "array", "items": {"type": "string"}}
ENCODED: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "an encoded comma is data": ("query", "form", {**COMMAS, "const": ["a,b", "c"]}, "color=a%2Cb,c"),
    "clients encode commas that separate": ("query", "form", {**COMMAS, "const": ["a", "b"]}, "color=a%2Cb"),
    "an encoded comma in a path": ("path", "simple", {**COMMAS, "const": ["a,b", "c"]}, "a%2Cb,c"),
    "an encoded slash in a path": ("path", "simple", {"const": "a/b"}, "a%2Fb"),
    "an encoded semicolon": ("path", "matrix", {**COMMAS, "const": ["a;b", "c"]}, ";color=a%3Bb,c"),
    "labels of OpenAPI 3.0": ("path", "label", {**COMMAS, "const": ["a", "b"]}, ".a.b"),
    "no items": ("query", "form", {**COMMAS, "maxItems": 0}, "color="),
    "an object with empty values": (
        "query",
        "form",
        {
            "type": "object",
            "const": {"a": "", "b": ""},
            "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
        },
        "color=a%2C%2Cb%2C",
    ),
    "an empty object": ("header", "simple", {"type": "object", "maxProperties": 0}, ""),
    "spaces as plus": ("query", "spaceDelimited", {**COMMAS, "const": ["a", "b"]}, "color=a+b"),
    "pipes as they are": ("query", "pipeDelimited", {**COMMAS, "const": ["a", "b"]}, "color=a|b"),
    "JSON items": (
        "query",
        "form",
        {"type": "array", "items": {"type": "object"}, "const": [{"a": 1}]},
        "color=%7B%22a%22:1%7D",
    ),
}


@pytest.mark.parametrize(("location", "style", "schema", "text"), ENCODED.values(), ids=ENCODED)
def test_an_encoded_delimiter_is_data(
    tmp_path: Path, location: str, style: str, schema: dict[str, Any], text: str
) -> None:
    """RFC 3986 §2.2 tells it apart; where that gives no valid value, it separates."""
    assert send(tmp_path, parameter(location, style, False, schema), text) == 200


@pytest.mark.parametrize(("style", "text"), [("label", "blue"), ("matrix", "blue"), ("matrix", ";colour=blue")])
def test_another_style_is_rejected(tmp_path: Path, style: str, text: str) -> None:
    """A value in the path has the prefix of its style."""
    assert send(tmp_path, parameter("path", style, False, {"type": "string"}), text) == 422


DEEP = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "a": {"type": "integer"},
        "list": {"type": "array", "items": {"type": "integer"}},
        "below": {"type": "object", "properties": {"b": {"type": "boolean"}}},
    },
}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("color[a]=1", 200),
        ("color[a]=x", 422),
        ("color[c]=1", 422),
        ("color[list]=1&color[list]=2", 200),
        ("color[list][]=1", 200),
        ("color[list][]=x", 422),
        ("color[list][0]=1", 200),
        ("color[list][0]=1&color[list][1]=2", 200),
        ("color[list][0]=1&color[list][1]=x", 422),
        ("color[list][1]=1", 422),
        ("color[below][b]=true", 200),
        ("color[below][b]=1", 422),
        ("color[a=1", 422),
        ("color[a]=1&color[a][b]=1", 422),
        ("color" + "[a]" * 50 + "=1", 422),
        ("color=1", 422),
        ("", 422),
    ],
)
def test_deep_objects(tmp_path: Path, query: str, status: int) -> None:
    """Properties are in brackets, at any documented depth; items of a list have none, or their indices from 0."""
    assert send(tmp_path, parameter("query", "deepObject", True, DEEP), query) == status


def test_an_exploded_object_takes_only_its_own_parameters(tmp_path: Path) -> None:
    """Documented properties; and, where the schema allows any, those that are no other parameter."""
    closed = {"type": "object", "properties": {"R": {"type": "integer"}}, "additionalProperties": False}
    free = {"type": "object", "additionalProperties": {"type": "integer"}}
    limit = {"name": "limit", "in": "query", "schema": {"type": "string"}}
    target = mock(tmp_path, [{"name": "color", "in": "query", "schema": closed}, limit])
    assert ask(target, "GET", "/a?R=1&other=x&limit=x").status == 200
    assert ask(target, "GET", "/a?R=x").status == 422
    target = mock(tmp_path, [{"name": "color", "in": "query", "schema": free}, limit])
    assert ask(target, "GET", "/a?R=1&limit=x").status == 200
    assert ask(target, "GET", "/a?R=1&__delay=0").status == 200
    assert ask(target, "GET", "/a?R=x").status == 422


def test_an_exploded_object_may_be_empty(tmp_path: Path) -> None:
    """It leaves no trace, so a required one is missing only if its schema requires a property."""
    schema = {"type": "object", "properties": {"R": {"type": "integer"}}}
    assert send(tmp_path, parameter("query", "form", True, schema), "") == 200
    assert send(tmp_path, parameter("query", "form", True, {**schema, "required": ["R"]}), "") == 422


def test_an_empty_value_may_be_allowed(tmp_path: Path) -> None:
    """`allowEmptyValue` allows it whatever the schema says."""
    described = parameter("query", "", None, {"type": "integer"})
    for query in ("color=", "color"):
        assert send(tmp_path, described, query) == 422
        assert send(tmp_path, {**described, "allowEmptyValue": True}, query) == 200
