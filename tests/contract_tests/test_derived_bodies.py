"""The checks of derived clauses on bodies in XML and text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from code_contract import load
from tests.contract_tests.test_derived_checks import exchange, verdicts

BOXED = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}, "xml": {"name": "box"}}
TEXTS: dict[str, tuple[str, Any, bytes, str | None]] = {
    "a text": ("text/plain", {"type": "string", "pattern": "^a+$"}, b"aa\n", ""),
    "another text": ("text/plain", {"type": "string", "pattern": "^a+$"}, b"b", '$: "b"'),
    "a number": ("text/csv", {"type": "integer", "minimum": 3}, b"4", ""),
    "a number too small": ("text/csv", {"type": "integer", "minimum": 3}, b"2", "$: 2"),
    "xml": ("application/xml", BOXED, b"<box><a>1</a></box>", ""),
    "xml of another type": ("application/xml", BOXED, b"<box><a>x</a></box>", '$.a: "x"'),
    "xml without a field": ("application/hal+xml", BOXED, b"<box/>", "$.a: nothing: {}"),
    "xml with another root": ("text/xml", BOXED, b"<cup/>", "body: <cup/>"),
    "no xml": ("text/xml", BOXED, b"<box>", "body: <box>"),
    "xml with a document type": ("text/xml", BOXED, b"<!DOCTYPE box><box/>", None),
    "an object as text": ("text/plain", BOXED, b"a=1", None),
    "not UTF-8": ("text/plain", {"type": "string"}, b"\xff", None),
    "bytes": ("image/png", {"type": "string", "format": "binary"}, b"\x89PNG", None),
}


@pytest.mark.parametrize(("media_type", "schema", "body", "finding"), TEXTS.values(), ids=TEXTS)
def test_bodies_of_other_media_types(
    tmp_path: Path, media_type: str, schema: Any, body: bytes, finding: str | None
) -> None:
    """XML and texts are compared with their schemas; a body that cannot be is not checked, so it does not pass."""
    responses = {"200": {"description": "d", "content": {media_type: {"schema": schema}}}}
    operation = {"operationId": "getThing", "responses": responses}
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/things": {"get": operation}}}
    (tmp_path / "o.json").write_text(json.dumps(document))
    made = exchange(200, ("Content-Type", media_type), body=body)
    verdict = verdicts(load(tmp_path / "o.json"), made)["200-body-is-as-documented"]
    assert bool(verdict.checked) is (finding is not None)
    found = [f"{each.violation.where}: {each.violation.received}" for each in verdict.findings]
    assert found == ([finding] if finding else [])


@pytest.mark.parametrize("is_discriminated", [False, True])
def test_a_value_of_several_alternatives(tmp_path: Path, is_discriminated: bool) -> None:
    """`oneOf` admits one, and the finding does not print the schemas; those of a discriminator may overlap."""
    schema: dict[str, Any] = {"oneOf": [{"type": "object"}, {"required": ["a"]}]}
    if is_discriminated:
        schema["discriminator"] = {"propertyName": "a"}
    content = {"application/json": {"schema": schema}}
    operation = {"operationId": "getThing", "responses": {"200": {"description": "d", "content": content}}}
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/things": {"get": operation}}}
    (tmp_path / "o.json").write_text(json.dumps(document))
    verdict = verdicts(load(tmp_path / "o.json"), exchange())["200-body-is-as-documented"]
    found = [(each.violation.where, each.violation.expected, each.violation.received) for each in verdict.findings]
    one = ("$", "one alternative, not several (oneOf)", '{"a": 1}')
    assert (verdict.checked, found) == (1, [] if is_discriminated else [one])
