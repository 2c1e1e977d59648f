"""Schemas of requests: read-only fields, discriminators."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mock_server.core import request_validation
from tests.mock_server.documents import ask, mock_of
from tests.mock_server.test_request_bodies import PET, post


def test_a_read_only_field_is_not_required_wherever_it_stands(tmp_path: Path) -> None:
    """`allOf` may require it in another schema than the one that describes it, and recursive schemas contain it."""
    node: dict[str, Any] = {"allOf": [{"$ref": "#/components/schemas/Base"}, {"required": ["id", "next"]}]}
    base = {"properties": {"id": {"type": "integer", "readOnly": True}, "next": {"$ref": "#/components/schemas/Next"}}}
    schemas = {"Node": node, "Base": base, "Next": {"type": ["object", "null"], "anyOf": [{"type": "null"}, node]}}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Node"}}}
    operation = {"requestBody": {"content": content}, "responses": {"200": {"description": "ok"}}}
    mock = mock_of(tmp_path, {"/a": {"post": operation}}, components={"schemas": schemas})
    send = {"Content-Type": "application/json"}
    assert ask(mock, "POST", "/a", send, b'{"next": {"next": null}}').status == 200
    assert ask(mock, "POST", "/a", send, b'{"next": {"id": 1}}').status == 422


def test_a_read_only_field_that_is_sent_is_only_warned_about(tmp_path: Path) -> None:
    """It "should not" be sent (OpenAPI 3.0 §4.7.24.2)."""
    reply = post(tmp_path, {"application/json": {"schema": PET}}, "application/json", b'{"id": 1, "name": "x"}')
    assert (reply.status, "$.id: is read-only" in reply.headers["X-Mock-Warning"]) == (200, True)


DISCRIMINATED: dict[str, tuple[str, int, str]] = {
    "by name": ('{"kind": "Dog", "bark": true}', 200, ""),
    "by mapping": ('{"kind": "feline"}', 200, ""),
    "by reference": ('{"kind": "canine"}', 200, ""),
    "an error of the named schema": ('{"kind": "Dog", "bark": 1}', 422, "#/bark"),
    "valid under another one": ('{"kind": "Cat", "bark": 1}', 200, ""),
    "unknown": ('{"kind": "Cow"}', 422, "#"),
    "no name": ("{}", 422, "#"),
}


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
@pytest.mark.parametrize(("body", "status", "pointer"), DISCRIMINATED.values(), ids=DISCRIMINATED)
def test_a_discriminator_names_the_schema(tmp_path: Path, keyword: str, body: str, status: int, pointer: str) -> None:
    """Only the named one applies, also where several would be valid (OpenAPI 3.1 §4.8.25)."""
    kind = {"kind": {"type": "string", "enum": ["Dog", "Cat", "feline", "canine"]}}
    schemas = {
        "Dog": {"type": "object", "properties": {**kind, "bark": {"type": "boolean"}}, "required": ["kind"]},
        "Cat": {"type": "object", "properties": {**kind, "purr": {"type": "boolean"}}, "required": ["kind"]},
    }
    mapping = {"feline": "Cat", "canine": "#/components/schemas/Dog"}
    schema = {
        keyword: [{"$ref": f"#/components/schemas/{name}"} for name in schemas],
        "discriminator": {"propertyName": "kind", "mapping": mapping},
    }
    operation = {
        "requestBody": {"content": {"application/json": {"schema": schema}}},
        "responses": {"200": {"description": "ok"}},
    }
    mock = mock_of(tmp_path, {"/a": {"post": operation}}, components={"schemas": schemas})
    reply = ask(mock, "POST", "/a", {"Content-Type": "application/json"}, body.encode())
    assert reply.status == status
    assert [each["pointer"] for each in json.loads(reply.body or b"{}").get("errors", ())] == [pointer] * bool(pointer)


def test_a_body_without_a_schema_has_one_validator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new one for each request would be kept for ever."""
    made = []
    original = request_validation.BoundedValidator

    def counted(*arguments: Any) -> Any:
        made.append(arguments)
        return original(*arguments)

    monkeypatch.setattr(request_validation, "BoundedValidator", counted)
    responses = {"200": {"description": "OK"}}
    paths = {"/a": {"post": {"requestBody": {"content": {"application/json": {}}}, "responses": responses}}}
    mock = mock_of(tmp_path, paths)
    for number in range(20):
        assert ask(mock, "POST", "/a", {"Content-Type": "application/json"}, str(number).encode()).status == 200
    assert len(made) == 1
