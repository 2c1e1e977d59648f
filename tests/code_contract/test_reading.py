"""Documents of OpenAPI 3.0 to 3.2, in one file or several, valid or slightly invalid: what is read of them."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

import mock_server
from code_contract import ContractError, load, pointers
from tests.code_contract.documents import HEAD, A, component, document

LENIENT = {
    "an unquoted status": (document().replace("'200'", "200"), "is not a string"),
    "a date": (document("{type: string, example: 2020-01-01}"), "it is read as a string"),
    "required: true": (document("{required: true}"), "required is True"),
    "an unknown type": (document("{type: any}"), "type is 'any'"),
    "an empty enum": (document("{enum: []}"), "enum is []"),
    "a pattern that is not valid": (document("{pattern: '('}"), "pattern is '('"),
    "a limit that is text": (document("{maxLength: '3'}"), "maxLength is '3'"),
    "items that are a list": (document("{type: string, items: []}"), "[] is not the object"),
    "a schema that is null": (document("{properties: {a: null}}"), "None is not the object"),
    "a parameter without a name": (
        document().replace("operationId", "parameters: [{in: query}]\n      operationId"),
        "{'in': 'query'} is not the object",
    ),
    "a path without a slash": (document().replace("/code:", "code: {}\n  /code:"), "'code' is not a valid path"),
    "no info": (document().replace("info: {title: T, version: '1'}\n", ""), None),
    "a recursive schema": (document(A, component(f"{{properties: {{a: {A}}}}}")), None),
    "a reference to true": (document(A, component("true")), None),
    "keywords beside $ref": (
        document("{$ref: '#/components/schemas/A', maxLength: 5}", component("{type: string}")),
        None,
    ),
    "an alias": (document("&s {type: string}", "x-again: *s\n"), None),
    "a dynamic reference": (document("{$dynamicRef: '#a'}"), "$dynamicRef is '#a'"),
    "OpenAPI 3.0": (document("{type: string, nullable: true}").replace("3.1.0", "3.0.3"), None),
    "nullable in 3.1": (document("{type: string, nullable: true}"), "nullable: true is of OpenAPI 3.0"),
    "an exclusive limit of 3.0 in 3.1": (
        document("{type: string, minimum: 1, exclusiveMinimum: true}"),
        "exclusiveMinimum: true is of OpenAPI 3.0",
    ),
    "a version without its third part": (document().replace("3.1.0", "3.1"), "the version 3.1 is read as '3.1.0'"),
    "a range in lower case": (document().replace("'200'", "2xx"), None),
    "a status with its phrase": (
        document().replace("{'200'", "{200 OK: {description: OK}, '200'"),
        "'200 OK' is not a valid HTTP status",
    ),
    "OpenAPI 3.2": (document().replace("3.1.0", "3.2.0"), None),
}


@pytest.mark.parametrize("name", LENIENT)
def test_a_slightly_invalid_document_is_served(tmp_path: Path, name: str) -> None:
    """Whatever cannot be read is named with its pointer, and the operation is served; strict, it is rejected."""
    text, problem = LENIENT[name]
    path = tmp_path / "openapi.yaml"
    path.write_text(text, encoding="utf-8")
    contract = load(path)
    assert mock_server.create_app(contract).test_client().post("/code").get_json() == "aab"
    assert [each for each in contract.problems if problem and problem in each.text and each.pointer] or not problem
    if problem:
        with pytest.raises(ContractError):
            load(path, strict=True)


def test_a_schema_of_3_0_is_read_as_one_of_3_1(tmp_path: Path) -> None:
    """`nullable`, exclusive limits as booleans and `example` have equivalents; keywords beside `$ref` are ignored."""
    schema = (
        "{properties: {a: {type: integer, nullable: true, minimum: 1, exclusiveMinimum: true, example: 2}, b: REF}}"
    )
    text = document(schema.replace("REF", "{$ref: '#/components/schemas/B', maxLength: 1}"), component("{}"))
    path = tmp_path / "openapi.yaml"
    path.write_text(text.replace("3.1.0", "3.0.3"), encoding="utf-8")
    (operation,) = load(path).operations.values()
    properties = (operation.success_response.schema or {})["properties"]
    assert properties == {"a": {"type": ["integer", "null"], "exclusiveMinimum": 1, "examples": [2]}, "b": {}}


FILES = {
    "openapi.yaml": HEAD
    + "paths: {/code: {$ref: 'paths.yaml#/~1code'}}\ncomponents: {schemas: {Name: {type: string}}}\n",
    "paths.yaml": """/code:
  post:
    parameters: [{$ref: '#/limit'}]
    responses:
      '200': {description: ok, content: {application/json: {schema: {$ref: 'schemas/a%20pet.yaml'}}}}
      default: {$ref: 'error.yaml'}
limit: {name: limit, in: query, schema: {type: integer}, example: 1}
""",
    "schemas/a pet.yaml": """properties:
  name: {$ref: '../openapi.yaml#/components/schemas/Name'}
  friend: {$ref: 'a%20pet.yaml'}
  value: {$ref: '../openapi.yaml#/components/schemas/Name'}
examples: [{$ref: 'data'}]
default: {$ref: 'data'}
""",
    "error.yaml": "description: An error.\n",
}


def test_a_document_in_several_files_is_one(tmp_path: Path) -> None:
    """References lead from file to file, below the folder of the document; the bundle refers to itself only."""
    (tmp_path / "schemas").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    contract = load(tmp_path / "openapi.yaml")
    (operation,) = contract.operations.values()
    schema = operation.success_response.schema or {}
    assert schema["properties"]["name"] == {"type": "string"}
    assert schema["properties"]["friend"] is schema
    assert schema["properties"]["value"] == {"type": "string"}
    assert schema["examples"] == [schema["default"]] == [{"$ref": "data"}]
    assert operation.responses["default"].description == "An error."
    assert [each.name for each in operation.parameters] == ["limit"]
    (tmp_path / "bundle.json").write_text(json.dumps(contract.document), encoding="utf-8")
    assert list(load(tmp_path / "bundle.json").operations) == list(contract.operations)
    (tmp_path / "paths.yaml").write_text("/code: {$ref: '../paths.yaml'}\n", encoding="utf-8")
    with pytest.raises(ContractError, match="points outside the folder"):
        load(tmp_path / "openapi.yaml")


def test_keywords_beside_a_reference_apply_too(tmp_path: Path) -> None:
    """In OpenAPI 3.1, `$ref` is a keyword of a schema like others (JSON Schema core §8.2.3.1)."""
    path = tmp_path / "openapi.yaml"
    path.write_text(document("{$ref: '#/components/schemas/A', maxLength: 2}", component("{type: string}")), "utf-8")
    (problem,) = load(path).problems
    assert "the example 'example' violates its schema, and is not served" in problem.text


def test_a_constant_that_json_lacks_is_text(tmp_path: Path) -> None:
    """NaN and Infinity are not JSON (RFC 8259 §6): they are read as YAML reads them, and never served."""
    path = tmp_path / "openapi.json"
    value = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {}, "x-a": float("nan")}
    path.write_text(json.dumps(value), encoding="utf-8")
    assert load(path).document["x-a"] == "NaN"


def test_a_repeated_key_among_many_is_found_soon(tmp_path: Path) -> None:
    """In a time in proportion to the number of keys."""
    path = tmp_path / "openapi.json"
    names = [f"x-{number}" for number in range(100_000)]
    keys = ", ".join(f'"{name}": 1' for name in (*names, names[-1]))
    path.write_text(f'{{"openapi": "3.1.0", {keys}}}', encoding="utf-8")
    begun = time.monotonic()
    with pytest.raises(ContractError, match="'x-99999' is repeated"):
        load(path)
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(("levels", "is_deeper"), [(3, False), (4, True)])
def test_the_depth_of_a_value_is_counted_in_objects_and_arrays(levels: int, is_deeper: bool) -> None:
    """An empty one counts; a value without any has no depth."""
    value: object = []
    for _ in range(levels - 1):
        value = {"a": 1, "b": value}
    assert pointers.is_deeper_than(value, 3) is is_deeper
    assert not pointers.is_deeper_than("text", 0)
