"""Details of the checks that no fault of the mock reaches; mutation testing found them untested."""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from code_contract import Contract, load
from contract_tests.checks import advice, operation
from contract_tests.checks.decoding import MAX_DECODED, MAX_MEMBERS, inflate, undo_content_coding
from contract_tests.checks.json_text import json_limit, parse_json
from contract_tests.checks.response import ParsedResponse
from contract_tests.checks.schema import SCHEMA_CLAUSE, SchemaChecker
from contract_tests.engine.selection import CHECKS
from contract_tests.http.exchange import Exchange, Request
from contract_tests.inputs.baseline import baseline_request
from contract_tests.inputs.values import Values
from contract_tests.settings import Settings
from contract_tests.verdict import LimitExceeded, Violation
from tests.contract_tests.test_checks import JSON_TYPE, SAMPLE, exchange, verdicts_on
from tests.paths import ROOT

PARAMETERS = """
openapi: 3.1.0
info: {title: Shop, version: '1'}
x-sections: []
paths:
  /items/{id}:
    put:
      operationId: putItem
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}, example: a/b}
        - {name: page, in: query, schema: {type: integer}, example: 2}
        - {name: X-Trace, in: header, schema: {type: string}, example: t1}
        - {name: X-Key, in: header, required: true, schema: {type: string}}
        - {name: a, in: cookie, schema: {type: string}, example: one}
        - {name: b, in: cookie, schema: {type: string}, example: two}
      requestBody:
        content:
          application/json: BODY
      responses: {'200': {description: done}}
"""


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        ("{schema: {type: object, examples: [{x: 1}]}}", b'{"x": 1}'),
        ("{schema: {type: object}, examples: {one: {externalValue: 'http://x'}, two: {value: {x: 2}}}}", b'{"x": 2}'),
        ("{schema: {type: object, examples: [{x: 1}]}, example: {x: 3}}", b'{"x": 3}'),
        ("{schema: {type: object}}", None),
    ],
)
def test_the_baseline_request_has_every_example(tmp_path: Path, body: str, sent: bytes | None) -> None:
    """Path, query, headers, cookies and the first example of the body; a configured header replaces one."""
    path = tmp_path / "shop.yaml"
    path.write_text(PARAMETERS.replace("BODY", body), encoding="utf-8")
    contract = load(path)
    settings = Settings("http://x", headers=(("x-trace", "mine"), ("X-More", "1")))
    request = baseline_request(contract.operations["putItem"], settings)
    assert request is not None
    assert (request.method, request.url, request.body) == ("PUT", "http://x/items/a%2Fb?page=2", sent)
    types = [] if sent is None else [("Content-Type", "application/json")]
    assert list(request.headers) == [*types, ("Cookie", "a=one; b=two"), ("x-trace", "mine"), ("X-More", "1")]


def test_a_required_value_without_an_example_prevents_the_request(tmp_path: Path) -> None:
    """Without an example of a required path parameter there is no baseline request."""
    path = tmp_path / "shop.yaml"
    path.write_text(PARAMETERS.replace("BODY", "{}").replace(", example: a/b", ""), encoding="utf-8")
    assert baseline_request(load(path).operations["putItem"], Settings("http://x")) is None


@pytest.mark.parametrize("status", sorted(operation.AUTH_STATUSES))
def test_each_status_that_demands_credentials_is_reported(status: int) -> None:
    """401, 407 and 511 demand credentials (RFC 9110 §15.5.2, §15.5.8; RFC 6585 §6)."""
    assert sorted(operation.AUTH_STATUSES) == [401, 407, 511]
    failed = {name for name, verdict in verdicts_on(exchange(b"", status=status)).items() if verdict.failed}
    assert failed == {"no-authentication-needed"}


@pytest.mark.parametrize("status", [404, 405, 501])
def test_each_status_of_an_operation_that_is_not_served_is_reported(status: int) -> None:
    """404, 405 and 501 of an operation that documents none of them."""
    failed = {name for name, verdict in verdicts_on(exchange(b"", status=status)).items() if verdict.failed}
    assert failed == {"post-code-is-served"}


def test_the_coding_x_gzip_is_gzip() -> None:
    """A recipient treats x-gzip as gzip (RFC 9110 §8.4.1.3); the name of a coding has no case."""
    body = gzip.compress(json.dumps(SAMPLE).encode())
    for name in ("x-gzip", "GZIP", " gzip "):
        failed = verdicts_on(exchange(body, JSON_TYPE, ("Content-Encoding", name)))
        assert [each for each, verdict in failed.items() if verdict.failed] == []
    assert undo_content_coding(exchange(b"x", ("Content-Encoding", ""))) == (b"x", ())


def test_a_coding_that_the_request_does_not_accept_is_a_violation() -> None:
    """The header of the request decides, not the default of the client."""
    made = exchange(gzip.compress(b"x"), ("Content-Encoding", "gzip"))
    asked = replace(made, request=replace(made.request, headers=(("Accept-Encoding", "br"),)))
    assert undo_content_coding(made) == (b"x", ())
    found = undo_content_coding(asked)
    assert isinstance(found, Violation)
    assert found.expected == "a coding that the request accepts: br"


def test_the_limits_of_inflation_are_exact() -> None:
    """A body of exactly the maximum is inflated, and one that is larger by a byte or by a member is not."""
    assert inflate(zlib.compress(bytes(MAX_DECODED)), zlib.MAX_WBITS) == (bytes(MAX_DECODED), True, b"")
    assert inflate(gzip.compress(b"") * MAX_MEMBERS, 16 + zlib.MAX_WBITS) == (b"", True, b"")
    with pytest.raises(LimitExceeded, match=str(MAX_DECODED)):
        inflate(zlib.compress(bytes(MAX_DECODED + 1)), zlib.MAX_WBITS)
    with pytest.raises(LimitExceeded, match=str(MAX_MEMBERS)):
        inflate(gzip.compress(b"") * (MAX_MEMBERS + 1), 16 + zlib.MAX_WBITS)


def test_limits_of_json_are_exact() -> None:
    """100 levels are parsed and 101 are not; arrays and objects both count."""
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        assert parse_json(opening * 100 + "1" + closing * 100).limit == ""
        assert "100 levels" in parse_json(opening * 101 + "1" + closing * 101).limit
    assert json_limit("[1,2,3]") == ""


def test_the_success_status_is_2xx_without_an_envelope(contract: Contract) -> None:
    """200 to 299 are successes if the contract has no success schema."""
    made = contract.operations["getCode"]
    statuses = [199, 200, 299, 300]
    assert [ParsedResponse(exchange(status=s), made).is_success for s in statuses] == [False, True, True, False]


def test_a_missing_content_type_is_named() -> None:
    """The message says that the header is missing, and quotes one that is wrong."""
    found = verdicts_on(exchange(SAMPLE, ("X", "y")))["content-type-is-json"].findings[0].violation
    assert (found.expected, found.received) == ("application/json", "no such header")
    found = verdicts_on(exchange(SAMPLE, ("Content-Type", "text/css")))["content-type-is-json"].findings[0].violation
    assert found.received == '"text/css"'
    assert ParsedResponse(exchange(b"", ("X", "y")), load().operations["getCode"]).media_type == ("", None)


def test_probes_alter_one_thing(contract: Contract) -> None:
    """Another method is GET, or PROPFIND for an operation that is GET: both are safe. A probe is sent by default."""
    made, request = contract.operations["getCode"], Request("POST", "http://x/code")
    assert advice.OTHER_METHOD.mutate(request, made) == replace(request, method="GET")
    assert advice.OTHER_METHOD.mutate(request, replace(made, method="GET")) == replace(request, method="PROPFIND")
    assert operation.EMPTY_OBJECT.mutate(request, made) == replace(request, body=b"{}")
    assert not operation.EMPTY_OBJECT.only_when_confirmed
    assert CHECKS["405-names-the-methods"].live_only
    assert not CHECKS["content-type-is-json"].live_only


@pytest.mark.parametrize(
    ("schema", "value", "where", "expected"),
    [
        ({"not": {"const": 1}}, 1, "$", 'anything but {"const": 1}'),
        ({"minLength": 2}, "x", "$", "a string of at least 2 character(s)"),
        ({"items": {"type": ["string", "null"]}}, [1], "$[0]", "string or null"),
        ({"properties": {"a": {"pattern": "^b$"}}}, {"a": "c"}, "$.a", "a string that matches ^b$"),
        ({"maximum": 3}, 4, "$", "maximum: 3"),
        ({"required": ["a"]}, {}, "$.a", "the field"),
    ],
)
def test_a_violated_schema_is_described(
    contract: Contract, schema: dict[str, object], value: object, where: str, expected: str
) -> None:
    """A keyword without a clause of its own is reported under that of the schema, with its place and its value."""
    checker = SchemaChecker(contract, contract.operations["getCode"], schema)
    found = checker.check(value).violations
    assert [(each.violation.where, each.violation.expected) for each in found] == [(where, expected)]
    assert {each.clause for each in found} <= {SCHEMA_CLAUSE, *contract.clauses}


def test_a_405_names_the_method_in_any_spelling(contract: Contract) -> None:
    """Allow is a list, in which spaces and the case of the names do not matter here."""
    probe: Exchange = exchange(b"", ("Allow", "GET , post"), status=405, label="other-method")
    assert verdicts_on(exchange(), probe)["405-names-the-methods"].failed == 0
    probe = exchange(b"", ("Allow", "GET,HEAD"), status=405, label="other-method")
    assert verdicts_on(exchange(), probe)["405-names-the-methods"].failed == 1


@pytest.mark.parametrize(
    ("schema", "url"), [({"enum": ["", "done"]}, "http://x/things/done"), ({"const": ""}, None)], ids=["enum", "const"]
)
def test_a_value_in_the_path_is_not_empty(schema: dict[str, Any], url: str | None) -> None:
    """An empty one would ask for another address."""
    contract, settings = load(ROOT / "tests" / "data" / "things.json"), Settings("http://x")
    operation = contract.operations["getThing"]
    parameter = replace(operation.parameters[0], schema=schema)
    for seed in range(8):
        changed = replace(operation, id=f"thing {seed}", parameters=(parameter,))
        request = baseline_request(changed, settings, Values.of(contract, settings))
        assert (request and request.url) == url
