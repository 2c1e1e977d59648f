"""TypeScript types of a document; a slow test compiles them (tests/project/test_consumers.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from code_contract import Contract, load
from code_contract.docs import render
from tests.code_contract.schemas import INTEGER, OBJECT, STRING


def document(schemas: dict[str, Any], **operation: Any) -> dict[str, Any]:
    """An OpenAPI document with these schemas and one operation."""
    node = {"responses": {"204": {"description": "Done."}}, **operation}
    info = {"title": "Types", "version": "1"}
    return {"openapi": "3.1.0", "info": info, "paths": {"/a": {"put": node}}, "components": {"schemas": schemas}}


def types(folder: Path, schemas: dict[str, Any], **operation: Any) -> str:
    path = folder / "openapi.json"
    path.write_text(json.dumps(document(schemas, **operation)), encoding="utf-8")
    return render(load(path), "typescript")


A = {"$ref": "#/components/schemas/A"}
TYPES = {
    "scalar": (STRING, "string"),
    "integer": (INTEGER, "number"),
    "several": ({"type": ["string", "number", "null"]}, "string | number | null"),
    "null": ({"type": "null"}, "null"),
    "anything": ({}, "unknown"),
    "nothing": (False, "never"),
    "constant": ({"const": "a\"b"}, '"a\\"b"'),
    "enumeration": ({"enum": ["a", 1, True, None, {"b": [-1.5]}]}, '"a" | 1 | true | null | { b: [-1.5]; }'),
    "array": ({"type": "array", "items": {"type": ["string", "null"]}}, "(string | null)[]"),
    "array of anything": ({"type": "array"}, "unknown[]"),
    "tuple": ({"prefixItems": [STRING, INTEGER], "minItems": 1, "items": False}, "[string, number?]"),
    "open tuple": ({"prefixItems": [STRING], "items": INTEGER}, "[string?, ...number[]]"),
    "object": (OBJECT, "{ [key: string]: unknown }"),
    "closed object": ({**OBJECT, "additionalProperties": False}, "{}"),
    "map": ({**OBJECT, "additionalProperties": INTEGER}, "{ [key: string]: number }"),
    "patterns": ({"patternProperties": {"x": INTEGER}, "additionalProperties": STRING},
                 "{ [key: string]: number | string }"),
    "properties": ({"properties": {"a": STRING, "b": INTEGER}, "required": ["b"]}, "{\n  a?: string;\n  b: number;\n}"),
    "union": ({"oneOf": [STRING, A]}, "string | A"),
    "nullable union": ({"anyOf": [A, {"type": "null"}]}, "A | null"),
    "intersection": ({"allOf": [A, {"required": ["a"]}]}, "A & {\n  a: {} | null;\n}"),
    "beside a union": ({"properties": {"a": STRING}, "oneOf": [A, INTEGER]}, "{\n  a?: string;\n} & (A | number)"),
    "nullable, with allOf": ({"type": ["object", "null"], "allOf": [A]}, "A | null"),
    "odd names": ({"properties": {"a-b": STRING, "1": STRING, "中": STRING, 'a"': STRING}},
                  '{\n  "a-b"?: string;\n  1?: string;\n  "中"?: string;\n  "a\\""?: string;\n}'),
}  # fmt: skip


@pytest.mark.parametrize("name", TYPES)
def test_a_schema_is_a_type(name: str, tmp_path: Path) -> None:
    """Each keyword that a type can express is in the type of the schema."""
    schema, wanted = TYPES[name]
    found = types(tmp_path, {"A": OBJECT, "Tried": schema})
    assert f"export type Tried = {wanted};\n" in found, found


def test_nullable_of_openapi_3_0_is_null(tmp_path: Path) -> None:
    """`nullable` adds null."""
    path = tmp_path / "openapi.json"
    written = document({"A": {"type": "string", "nullable": True}})
    path.write_text(json.dumps(written | {"openapi": "3.0.3"}), encoding="utf-8")
    assert "export type A = string | null;\n" in render(load(path), "typescript")


def test_a_recursive_schema_names_itself(tmp_path: Path) -> None:
    """A schema without a name that contains itself ends."""
    node = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}}
    assert "export type Node = {\n  next?: Node;\n};" in types(tmp_path, {"Node": node})
    inner = {"properties": {"more": {"$ref": "#/components/schemas/Outer/properties/inner"}}}
    assert "more?: unknown;" in types(tmp_path, {"Outer": {"properties": {"inner": inner}}})


def test_names_of_schemas_are_identifiers(tmp_path: Path) -> None:
    """A name that is none, a word of the language or taken gets another one; `components` has all as written."""
    names = ["a-b", "a.b", "1st", "string", "class", "paths", "x"]
    found = types(tmp_path, dict.fromkeys(names, STRING) | {"Same": {"$ref": "#/components/schemas/x"}})
    aliases = ["a_b", "a_b_", "_1st", "string_", "class_", "paths_", "x"]
    assert all(f"export type {alias} = string;\n" in found for alias in aliases)
    assert "export type Same = x;\n" in found
    assert '    "a-b": a_b;\n    "a.b": a_b_;\n    "1st": _1st;\n    string: string_;' in found


def test_descriptions_are_comments_that_they_cannot_leave(tmp_path: Path) -> None:
    """No description ends its comment, and none has a control character."""
    text = "One */ export const evil = 1; /*\n\nTwo\x1b[31m\u2028Three\r\nFour"
    found = types(tmp_path, {"A": {**STRING, "description": text, "deprecated": True}}, summary="*/ x")
    comment = found.partition("/**\n")[2].partition(" */")[0]
    assert comment == " * One *\\/ export const evil = 1; /*\n * Two\\x1b[31m\\u2028Three\\r\n * Four\n * @deprecated\n"
    assert "/** *\\/ x */" in found


def test_an_operation_has_parameters_body_and_responses(tmp_path: Path) -> None:
    """They have the shape of openapi-typescript, on which openapi-fetch builds."""
    operation = {
        "operationId": "put a",
        "parameters": [
            {"name": "q", "in": "query", "schema": INTEGER},
            {"name": "X-Id", "in": "header", "required": True, "content": {"application/json": {"schema": A}}},
        ],
        "requestBody": {"content": {"application/json": {"schema": A}}},
        "responses": {"2XX": {"description": "Fine.", "content": {"text/plain": {"schema": STRING}}}},
    }
    found = types(tmp_path, {"A": OBJECT}, **operation)
    flat = " ".join(found.split())
    assert 'query?: { q?: number; }; header: { "X-Id": A; }; path?: never; cookie?: never; };' in flat
    assert 'requestBody?: { content: { "application/json": A; }; };' in flat
    assert '/** Fine. */ "2XX": { headers: { [name: string]: unknown }; content: { "text/plain": string; }; };' in flat
    assert '"/a": { put: operations["put a"]; };' in flat


def test_the_types_of_our_contract_are_a_discriminated_union(contract: Contract) -> None:
    """The envelope is a success with a captcha, or an error."""
    found = " ".join(render(contract, "typescript").split())
    assert "CaptchaEnvelope = Envelope & { data?: Captcha | null; } & (CaptchaSuccess | Error);" in found
