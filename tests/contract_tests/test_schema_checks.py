"""Validation by the schemas of a contract: each error belongs to a clause, at its place, with its cause."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from code_contract import Contract, load
from contract_tests.checks.schema import MAX_ERRORS, SCHEMA_CLAUSE, SchemaChecker
from contract_tests.inputs.baseline import baseline_request
from contract_tests.settings import Settings
from tests.contract_tests.test_check_details import PARAMETERS

HEAD = "section: data, level: must, origin: implied, text: A requirement."
DOCUMENT = f"""
openapi: 3.1.0
info: {{title: Shop, version: '1'}}
x-sections: [{{id: data, title: Data, zh: 数据}}]
paths:
  /items:
    get:
      operationId: items
      responses:
        '200':
          description: Items.
          content: {{application/json: {{schema: {{$ref: '#/components/schemas/Items'}}}}}}
components:
  schemas:
    Items:
      type: object
      required: [name, list]
      properties:
        name:
          type: string
          minLength: 2
          pattern: '^[a-z]'
          x-clauses:
            - {{id: name-is-present, keywords: [required], {HEAD}}}
            - {{id: name-is-text, keywords: [type], {HEAD}}}
            - {{id: name-is-long, keywords: [minLength, pattern], {HEAD}}}
        list:
          items:
            type: object
            properties:
              id: {{type: integer, x-clauses: [{{id: id-is-a-number, keywords: [type], {HEAD}}}]}}
        note:
          type: object
          properties: {{text: {{type: string}}}}
          x-clauses:
            - {{id: note-adds-nothing, schema: {{additionalProperties: false}}, {HEAD}}}
            - id: note-has-text
              schema: {{if: {{minProperties: 1}}, then: {{required: [text], properties: {{text: {{minLength: 3}}}}}}}}
              {HEAD.replace(", ", chr(10) + " " * 14)}
      allOf:
        - required: [name]
          properties: {{name: {{pattern: '^x'}}}}
"""


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> SchemaChecker:
    path = tmp_path_factory.mktemp("shop") / "openapi.yaml"
    path.write_text(DOCUMENT, encoding="utf-8")
    contract = load(path)
    made = contract.operations["items"]
    schema = made.success_response.schema
    assert schema is not None
    return SchemaChecker(contract, made, schema)


GOOD: dict[str, Any] = {"name": "xy", "list": [{"id": 1}, {}]}
NAME = {"name-is-present", "name-is-text", "name-is-long"}


@pytest.mark.parametrize(
    ("value", "evaluated", "found"),
    [
        (GOOD, {*NAME, "id-is-a-number"}, []),
        (GOOD | {"list": []}, NAME, []),
        (GOOD | {"name": "x"}, {*NAME, "id-is-a-number"}, [("name-is-long", ("name",), "$.name", None)]),
        (GOOD | {"name": "yz"}, {*NAME, "id-is-a-number"}, [("name-is-long", ("name",), "$.name", None)]),
        (
            GOOD | {"name": 7, "list": [{"id": "a"}, {"id": 1}, {"id": None}]},
            {*NAME, "id-is-a-number"},
            [
                ("name-is-text", ("name",), "$.name", None),
                ("id-is-a-number", ("list", "*", "id"), "$.list[0].id", None),
                ("id-is-a-number", ("list", "*", "id"), "$.list[2].id", None),
            ],
        ),
        ({"list": []}, {"name-is-present"}, [("name-is-present", (), "$.name", None)]),
        (
            {},
            {"name-is-present", SCHEMA_CLAUSE},
            [("name-is-present", (), "$.name", None), (SCHEMA_CLAUSE, (), "$.list", None)],
        ),
        ([], {SCHEMA_CLAUSE}, [(SCHEMA_CLAUSE, (), "$", None)]),
        (GOOD | {"note": {}}, {*NAME, "id-is-a-number", "note-adds-nothing"}, []),
        (GOOD | {"note": {"text": "abc"}}, {*NAME, "id-is-a-number", "note-adds-nothing", "note-has-text"}, []),
        (
            GOOD | {"note": {"more": 1}},
            {*NAME, "id-is-a-number", "note-adds-nothing", "note-has-text"},
            [
                ("note-adds-nothing", ("note",), "$.note", None),
                ("note-has-text", ("note",), "$.note.text", None),
            ],
        ),
        (
            GOOD | {"note": {"text": 5}},
            {*NAME, "id-is-a-number", "note-adds-nothing", "note-has-text", SCHEMA_CLAUSE},
            [(SCHEMA_CLAUSE, ("note", "text"), "$.note.text", None)],
        ),
        (
            GOOD | {"note": {"text": "a"}},
            {*NAME, "id-is-a-number", "note-adds-nothing", "note-has-text"},
            [("note-has-text", ("note", "text"), "$.note.text", None)],
        ),
        (
            GOOD | {"note": 5},
            {*NAME, "id-is-a-number", "note-adds-nothing", "note-has-text", SCHEMA_CLAUSE},
            [(SCHEMA_CLAUSE, ("note",), "$.note", None)],
        ),
    ],
)
def test_errors_belong_to_the_clauses_beside_them(
    checker: SchemaChecker, value: Any, evaluated: set[str], found: list[tuple[str, Any, str, str | None]]
) -> None:
    """Clauses that did not apply are not evaluated; a recommendation does not decide whether the body conforms."""
    result = checker.check(value)
    assert [(each.clause, each.place, each.violation.where, each.cause) for each in result.violations] == found
    assert result.evaluated == evaluated
    assert result.conforms is not any(not clause.startswith("note-") for clause, *_ in found)


def test_errors_of_one_body_are_limited(checker: SchemaChecker) -> None:
    """A body with very many errors is described by the first ones; the next body anew."""
    result = checker.check(GOOD | {"list": [{"id": ""}] * (MAX_ERRORS + 5)})
    assert len(result.violations) == MAX_ERRORS
    assert checker.check(GOOD).violations == ()
    assert checker.check({"list": []}).evaluated == {"name-is-present"}


@pytest.mark.parametrize(
    ("schema", "value", "violation"),
    [
        ({"const": {"a": 1}}, 2, ("$", '{"a": 1}', "2")),
        ({"required": ["it's"]}, {"a": 1}, ("$.it's", "the field", 'nothing: {"a": 1}')),
        ({"properties": {"a": {"required": ["b"]}}}, {"a": {}}, ("$.a.b", "the field", "nothing: {}")),
        ({"additionalProperties": False}, {"a": 1, "b": 2}, ("$", "the documented fields only", '["a", "b"]')),
        (
            {"additionalProperties": False, "properties": {"a": True}},
            {"a": 1, "b": 2},
            ("$", "the documented fields only", '["b"]'),
        ),
        ({"type": ["string", "null"]}, 1, ("$", "string or null", "1")),
        ({"type": "string"}, 1, ("$", "string", "1")),
        ({"items": {"items": {"type": "null"}}}, [[1]], ("$[0][0]", "null", "1")),
        ({"properties": {"a\x1b": {"type": "null"}}}, {"a\x1b": 1}, ("$.a\\x1b", "null", "1")),
        (False, 1, ("$", "no value: the schema is false", "1")),
        ({"maximum": 3}, 4, ("$", "maximum: 3", "4")),
    ],
)
def test_the_words_for_an_error(contract: Contract, schema: Any, value: Any, violation: tuple[str, str, str]) -> None:
    """The JSON path, the constraint and the value."""
    found = SchemaChecker(contract, contract.operations["getCode"], schema).check(value).violations
    assert [(each.violation.where, each.violation.expected, each.violation.received) for each in found] == [violation]


@pytest.mark.parametrize(
    ("change", "options", "url", "headers"),
    [
        (("", ""), {}, "http://x/items/a%2Fb?page=2", [("X-Trace", "t1"), ("Cookie", "a=one; b=two")]),
        (
            ("in: query, schema", "in: query, x-source: true, schema"),
            {"source": "APP"},
            "http://x/items/a%2Fb?page=APP",
            [("X-Trace", "t1"), ("Cookie", "a=one; b=two")],
        ),
        (
            ("in: query, schema", "in: query, x-source: true, schema"),
            {"source": ""},
            "http://x/items/a%2Fb",
            [("X-Trace", "t1"), ("Cookie", "a=one; b=two")],
        ),
        ((", example: 2}", "}"), {}, "http://x/items/a%2Fb", [("X-Trace", "t1"), ("Cookie", "a=one; b=two")]),
        (
            ("operationId: putItem", "operationId: putItem\n      x-content-type: text/plain;charset=UTF-8"),
            {},
            "http://x/items/a%2Fb?page=2",
            [("X-Trace", "t1"), ("Content-Type", "text/plain;charset=UTF-8"), ("Cookie", "a=one; b=two")],
        ),
        (
            ("in: cookie, schema: {type: string}, example", "in: query, schema: {type: string}, example"),
            {"source": "APP"},
            "http://x/items/a%2Fb?page=2&a=one&b=two",
            [("X-Trace", "t1")],
        ),
    ],
)
def test_the_baseline_request(
    tmp_path: Path, change: tuple[str, str], options: dict[str, Any], url: str, headers: list[tuple[str, str]]
) -> None:
    """Parameters without an example are left out; the source may be given; the content type line is sent."""
    path = tmp_path / "openapi.yaml"
    path.write_text(PARAMETERS.replace("BODY", "{}").replace(*change), encoding="utf-8")
    request = baseline_request(load(path).operations["putItem"], Settings("http://x", **options))
    assert request is not None
    assert (request.method, request.url, list(request.headers), request.body) == ("PUT", url, headers, None)


def test_a_required_body_without_an_example_prevents_the_request(tmp_path: Path) -> None:
    """There is nothing to send; an example of it, even an empty one, is sent."""
    path = tmp_path / "openapi.yaml"
    for body, sent in (("{}", None), ("{example: {}}", b"{}"), ("{examples: {a: {value: [1]}}}", b"[1]")):
        text = PARAMETERS.replace("BODY", body).replace("requestBody:", "requestBody:\n        required: true")
        path.write_text(text, encoding="utf-8")
        request = baseline_request(load(path).operations["putItem"], Settings("http://x"))
        assert (request and request.body) == sent
        assert (request is None) is (sent is None)
