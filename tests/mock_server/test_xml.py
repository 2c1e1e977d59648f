"""XML bodies of the mock."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from code_contract import load
from mock_server.core.mock import Mock
from mock_server.core.xml import xml_bytes
from tests.code_contract.documents import HEAD
from tests.mock_server.documents import ask

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
