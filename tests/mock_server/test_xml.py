"""XML bodies of the mock."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from code_contract import load
from code_contract.xml_values import read_xml
from mock_server.core.mock import Mock
from mock_server.core.xml import xml_bytes
from tests.code_contract.documents import HEAD
from tests.mock_server.documents import ask, mock_of

XML = {
    "attribute": (
        {"properties": {"id": {"xml": {"attribute": True}}, "n": {}}},
        {"id": 1, "n": 2},
        '<A id="1"><n>2</n></A>',
    ),
    "name": ({"xml": {"name": "b"}, "properties": {"n": {"xml": {"name": "m"}}}}, {"n": True}, "<b><m>true</m></b>"),
    "namespace": (
        {"xml": {"namespace": "urn:x", "prefix": "x"}, "properties": {"n": {"xml": {"prefix": "x"}}}},
        {"n": "<&>"},
        '<x:A xmlns:x="urn:x"><x:n>&lt;&amp;&gt;</x:n></x:A>',
    ),
    "list": ({"properties": {"n": {"items": {}, "xml": {"name": "unused"}}}}, {"n": [1, 2]}, "<A><n>1</n><n>2</n></A>"),
    "wrapped": ({"properties": {"n": {"items": {}, "xml": {"wrapped": True}}}}, {"n": [1]}, "<A><n><n>1</n></n></A>"),
    "named items": (
        {"properties": {"n": {"items": {"xml": {"name": "i"}}, "xml": {"name": "l", "wrapped": True}}}},
        {"n": [1]},
        "<A><l><i>1</i></l></A>",
    ),
    "null, control characters": (
        {"properties": {"n": {}, "t": {}}},
        {"n": None, "t": "a\0"},
        "<A><n /><t>a\ufffd</t></A>",
    ),
    "root list": ({"items": {}}, [1], "<A><item>1</item></A>"),
}


@pytest.mark.parametrize(("schema", "value", "expected"), XML.values(), ids=XML)
def test_xml_follows_the_schema(schema: Any, value: Any, expected: str) -> None:
    """Names, attributes, namespaces and wrapping are those of `xml` (OpenAPI 3.1 §4.8.26)."""
    found = xml_bytes(value, schema, {id(schema): "A"}).decode()
    assert found == f'<?xml version="1.0" encoding="UTF-8"?>{expected}'
    ElementTree.fromstring(found)


def test_an_example_in_xml_is_the_body(tmp_path: Path) -> None:
    """A text in a media type other than JSON is the body itself, although the schema describes an object."""
    schema, example = "{type: object, properties: {a: {type: integer}}}", "<A><a>1</a></A>"
    content = f"{{application/xml: {{schema: {schema}, example: '{example}'}}}}"
    responses = f"{{'200': {{description: ok, content: {content}}}}}"
    file = tmp_path / "a.yaml"
    file.write_text(f"{HEAD}paths: {{/a: {{get: {{responses: {responses}}}}}}}\n")
    mock = Mock(load(file))
    assert mock.contract.problems == ()
    assert ask(mock, "GET", "/a").body.decode() == example


TYPED: dict[str, tuple[Any, Any]] = {
    "types": (
        {
            "type": "object",
            "properties": {
                "id": {"type": "integer", "xml": {"attribute": True}},
                "rate": {"type": "number"},
                "is_new": {"type": "boolean", "xml": {"name": "isNew"}},
                "level": {"enum": [1, 2]},
                "text": {"type": "string"},
            },
        },
        {"id": 1, "rate": 1.5, "is_new": True, "level": 2, "text": "07"},
    ),
    "lists": (
        {
            "type": "object",
            "required": ["none"],
            "properties": {
                "plain": {"type": "array", "items": {"type": "integer", "xml": {"name": "p"}}},
                "wrapped": {"type": "array", "items": {"type": "string"}, "xml": {"wrapped": True}},
                "none": {"type": "array", "items": {"type": "string"}},
            },
        },
        {"plain": [1, 2], "wrapped": ["a"], "none": []},
    ),
    "namespaces": (
        {"type": "object", "properties": {"n": {"type": "integer", "xml": {"prefix": "x", "namespace": "urn:x"}}}},
        {"n": 1},
    ),
    "a root list": ({"type": "array", "items": {"type": "integer"}}, [1, 2]),
    "a map": ({"type": "object", "additionalProperties": {"type": "integer"}}, {"a": 1, "b": 2}),
    "allOf": (
        {"allOf": [{"type": "object", "properties": {"a": {"type": "integer"}}}, {"required": ["a"]}]},
        {"a": 1},
    ),
    "a scalar": ({"type": "integer"}, 7),
}


@pytest.mark.parametrize(("schema", "value"), TYPED.values(), ids=TYPED)
def test_xml_is_read_as_it_is_written(schema: Any, value: Any) -> None:
    """A value that the mock writes by a schema is read as the same value."""
    assert read_xml(xml_bytes(value, schema, {}), schema) == value


def test_text_among_elements_is_joined_once() -> None:
    """Eight times the text between as many elements does not take eight times as long."""

    def seconds(characters: int) -> float:
        data = b"<A>" + (b"x" * characters + b"<n/>") * 10_000 + b"</A>"
        began = time.process_time()
        read_xml(data, {"type": "object"})
        return time.process_time() - began

    assert min(seconds(400) for _ in range(3)) < 4 * min(seconds(50) for _ in range(3))


def test_what_is_sent_in_xml_comes_back(tmp_path: Path) -> None:
    """A created entity has what was sent, in XML too."""
    schema = {"type": "object", "required": ["id", "name"], "properties": {"id": {"type": "integer"}, "name": {}}}
    content = {each: {"schema": {"$ref": "#/components/schemas/Pet"}} for each in ("application/json", "text/xml")}
    operation = {"requestBody": {"content": content}, "responses": {"201": {"description": "ok", "content": content}}}
    mock = mock_of(tmp_path, {"/pets": {"post": operation}}, components={"schemas": {"Pet": schema}})
    reply = ask(mock, "POST", "/pets", {"Content-Type": "text/xml"}, b"<Pet><id>7</id><name>Rex</name></Pet>")
    assert (reply.status, json.loads(reply.body)) == (201, {"id": 7, "name": "Rex"})


@pytest.mark.parametrize(
    ("media_type", "schema", "pattern"),
    [
        ("application/xml", {"type": "string"}, r"<\?xml [^>]*\?><root>\w+</root>"),
        ("application/soap+xml", {}, r"<\?xml [^>]*\?><root>\w+</root>"),
        ("application/xml", {"type": "string", "example": "<a/>"}, "<a/>"),
        ("text/event-stream", {"type": "string"}, r"data: \w+\n\n"),
        ("text/plain", {"type": "string"}, r"\w+"),
    ],
)
def test_a_generated_text_is_of_its_media_type(tmp_path: Path, media_type: str, schema: Any, pattern: str) -> None:
    """A text without markup is the text of a root element, or the data of an event; an example is the body itself."""
    responses = {"200": {"description": "ok", "content": {media_type: {"schema": schema}}}}
    reply = ask(mock_of(tmp_path, {"/a": {"get": {"responses": responses}}}), "GET", "/a")
    assert re.fullmatch(pattern, reply.body.decode())
