"""GET /__mock/operation: an example request of an operation, and the faults derived from its response."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from code_contract import Contract, default_path, load
from mock_server import create_app
from mock_server.faults import fault
from tests.paths import ROOT

EXAMPLES = sorted((ROOT / "examples" / "contracts").glob("*.yaml"))
DOCUMENTS = [default_path(), ROOT / "tests" / "data" / "pets.yaml", *EXAMPLES]


def details(client: FlaskClient, operation: str) -> Any:
    reply = client.get("/__mock/operation", query_string={"id": operation})
    assert reply.status_code == 200, reply.text
    return reply.get_json()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_the_example_requests_are_valid(path: Path) -> None:
    """The mock grants each, without a violation."""
    contract = load(path)
    client = create_app(contract).test_client()
    for name in contract.operations:
        request = details(client, name)["request"]
        sent = {"headers": [*map(tuple, request["headers"])], "data": request["body"].encode()}
        reply = client.open(request["path"], method=request["method"], **sent)
        assert reply.status_code < 400, (name, request, reply.text)
        entry = client.get("/__mock/requests").get_json()["requests"][-1]
        assert (entry["operation"], entry["violations"]) == (name, [])


SECURED = """
openapi: 3.1.0
info: {title: Secured, version: '1'}
servers: [{url: /api}]
components:
  securitySchemes:
    basic: {type: http, scheme: basic}
    bearer: {type: http, scheme: bearer}
    key: {type: apiKey, in: query, name: key}
    header: {type: apiKey, in: header, name: X-Key}
paths:
  /a: {get: {operationId: a, security: [{basic: []}], responses: {'204': {description: Done.}}}}
  /b: {get: {operationId: b, security: [{bearer: []}], responses: {'204': {description: Done.}}}}
  /c: {get: {operationId: c, security: [{key: [], header: []}], responses: {'204': {description: Done.}}}}
  /d:
    post:
      operationId: d
      requestBody: {content: {application/x-www-form-urlencoded: {example: {a: '1&2'}, schema: {type: object}}}}
      responses: {'204': {description: Done.}}
"""


def test_an_example_request_has_credentials_and_forms(tmp_path: Path) -> None:
    """Each credential that it needs has an example; the fields of a form are encoded."""
    path = tmp_path / "secured.yaml"
    path.write_text(SECURED, encoding="utf-8")
    client = create_app(load(path)).test_client()
    found = {name: details(client, name)["request"] for name in "abcd"}
    assert found["a"]["headers"] == [["Authorization", "Basic ZXhhbXBsZTpleGFtcGxl"]]
    assert found["b"]["headers"] == [["Authorization", "Bearer example"]]
    assert (found["c"]["path"], found["c"]["headers"]) == ("/api/c?key=example", [["X-Key", "example"]])
    assert (found["d"]["path"], found["d"]["body"]) == ("/api/d", "a=1%262")


def test_the_faults_of_an_operation_exist() -> None:
    """Each breaks a clause of the contract, also those beyond the ones that `options` lists."""
    contract: Contract = load(ROOT / "tests" / "data" / "pets.yaml")
    client = create_app(contract).test_client()
    for name in contract.operations:
        faults = details(client, name)["faults"]
        assert faults
        for each in faults:
            assert fault(each["name"], contract).text == each["text"]
            assert each["breaks"] in contract.clauses


def test_an_unknown_operation_is_named() -> None:
    """The status is 404."""
    reply = create_app().test_client().get("/__mock/operation?id=nothing")
    assert (reply.status_code, reply.get_json()) == (
        404,
        {"error": "unknown operation 'nothing'; /__mock/options lists all"},
    )
