"""The admin API: challenges, journal, options, errors, and its own OpenAPI document."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

import mock_server
from code_contract import Contract
from code_contract_cli.journal_check import check_journal
from mock_server import MockServer
from mock_server.admin.document import read_document
from mock_server.faults import applicable
from mock_server.observability.journal import MAX_ENTRIES, describe_entry
from mock_server.observability.redaction import MAX_BODY_CHARS, Redactor
from tests.conftest import post

THOROUGH = settings(
    max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
)


def admin(mock: MockServer, method: str, path: str, client: str = "", **more: Any) -> requests.Response:
    headers = {"X-Mock-Client": client} if client else {}
    return requests.request(method, f"{mock.root_url}/__mock{path}", headers=headers, timeout=10, **more)


def test_a_challenge_has_the_answer_to_its_captcha(mock: MockServer) -> None:
    """By id, and as the last one: the question, its answer, and the picture that was sent, byte for byte."""
    data = post(mock).json()["data"]
    for path in (f"/challenges/{data['uuid']}", "/challenges/last"):
        challenge = admin(mock, "GET", path).json()
        assert challenge["uuid"] == data["uuid"]
        assert challenge["picture"] == data["img"]
        left, sign, right = re.fullmatch(r"(\d)([-+×])(\d)=\?", challenge["question"]).groups()
        assert (
            challenge["answer"] == eval(f"{left}{sign.replace('×', '*')}{right}") == mock.captcha_answer(data["uuid"])
        )
    assert base64.b64decode(challenge["picture"].partition(",")[2]).startswith(b"\x89PNG")


def test_there_is_no_last_captcha_before_the_first(mock: MockServer) -> None:
    """The status is 404, with the reason; each client has its own last captcha."""
    response = admin(mock, "GET", "/challenges/last")
    assert (response.status_code, response.json()) == (
        404,
        {"error": "no captcha has been sent yet; request one first"},
    )
    first, second = (post(mock, client=who).json()["data"]["uuid"] for who in "ab")
    assert admin(mock, "GET", "/challenges/last", "a").json()["uuid"] == first
    assert admin(mock, "GET", "/challenges/last").json()["uuid"] == second


def test_the_journal_has_requests_and_outcomes(mock: MockServer) -> None:
    """Method, path, query, headers, body, status, outcome and violations; secrets are masked, bodies truncated."""
    secret = {"Authorization": "Bearer s3cret", "Cookie": "a=s3cret", "X-Api-Key": "s3cret"}
    requests.post(
        f"{mock.base_url}/code?token=s3cret&a=1", headers=secret, json={"password": "s3cret", "name": "wty"}, timeout=5
    )
    [entry] = admin(mock, "GET", "/requests").json()["requests"]
    assert (entry["method"], entry["path"], entry["status"], entry["operation"]) == ("POST", "/code", 200, "getCode")
    assert entry["violations"] == ["header parameter Source is missing"]
    assert entry["query"] == [["token", "***"], ["a", "1"]]
    assert json.loads(entry["body"]) == {"password": "***", "name": "wty"}
    assert ["Authorization", "***"] in entry["headers"]
    assert "s3cret" not in json.dumps(entry)
    assert entry == json.loads(json.dumps(describe_entry(mock.requests[0], Redactor())))
    requests.post(f"{mock.base_url}/nowhere", data=b"x" * 50_000, timeout=5)
    later = admin(mock, "GET", f"/requests?after={entry['number']}").json()["requests"]
    assert [(each["status"], each["outcome"]) for each in later] == [(404, "not-found")]
    post(mock, "scenario=refused")
    assert mock.requests[-1].outcome == "example refused (scenario=refused)"
    assert all(len(each.body) < MAX_BODY_CHARS + 100 for each in mock.requests)
    assert admin(mock, "DELETE", "/requests").status_code == 204
    assert admin(mock, "GET", "/requests").json() == {"requests": []}


def test_the_journal_drops_the_oldest_entry(mock: MockServer) -> None:
    """It holds at most MAX_ENTRIES."""
    with requests.Session() as session:
        for _ in range(MAX_ENTRIES + 5):
            session.get(f"{mock.root_url}/nowhere", timeout=5)
    assert len(mock.requests) == MAX_ENTRIES


def test_unknown_paths_methods_and_parameters(mock: MockServer) -> None:
    """The status is 404, 405 with Allow, or 400, with a sentence of the admin API."""
    assert "/__mock/nothing does not exist" in admin(mock, "GET", "/nothing").json()["error"]
    response = admin(mock, "POST", "/health")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    for after, status in (("x", 400), ("-1", 400), ("1000000000", 200), ("1000000001", 400), ("9" * 5000, 400)):
        assert admin(mock, "GET", f"/requests?after={after}").status_code == status


def test_health_metrics_and_options(mock: MockServer, contract: Contract) -> None:
    """Health has the version of the contract, metrics count a request, and options list every name."""
    health = admin(mock, "GET", "/health").json()
    assert (health["status"], health["version"], health["problem"]) == ("ok", contract.version, "")
    before = metric(mock, 'mock_requests_total{operation="getCode",status="503"}')
    post(mock, "code=503")
    assert metric(mock, 'mock_requests_total{operation="getCode",status="503"}') == before + 1
    options = admin(mock, "GET", "/options").json()
    assert {each["name"] for each in options["scenarios"]} == {*contract.scenarios, "ok"}
    assert {each["name"] for each in options["faults"]} == {each.name for each in applicable(contract)}


def metric(mock: MockServer, name: str) -> float:
    text = admin(mock, "GET", "/metrics").text
    return next((float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name)), 0.0)


def test_without_the_admin_api_its_paths_are_not_found(contract: Contract) -> None:
    """The status is 404, in the envelope of the contract."""
    client = mock_server.create_app(contract, admin=False).test_client()
    for path in ("/__mock/", "/__mock/health", "/__mock/docs/"):
        response = client.get(path)
        assert (response.status_code, response.json) == (404, contract.example("not-found").value)
    assert client.post("/code").status_code == 200


def test_the_document_of_the_admin_api_is_valid(mock: MockServer) -> None:
    """It is OpenAPI 3.1 without references, with the names of the contract as enums."""
    document = admin(mock, "GET", "/openapi.json").json()
    OpenAPIV31SpecValidator(document).validate()
    assert "img-crc" in document["components"]["schemas"]["Fault"]["enum"]
    assert "$ref" not in json.dumps(document)


def test_the_examples_of_the_admin_api_are_valid(mock: MockServer) -> None:
    """Each response has an example that its schema accepts."""
    document = admin(mock, "GET", "/openapi.json").json()
    contents = [
        content
        for item in document["paths"].values()
        for operation in item.values()
        for response in operation["responses"].values()
        for content in response.get("content", {}).values()
    ]
    assert len(contents) > 10
    for content in contents:
        Draft202012Validator(content["schema"]).validate(content["example"])


@pytest.mark.parametrize("prefix", ["/__mock", ""], ids=["admin", "contract"])
def test_schemathesis_finds_nothing(contract: Contract, prefix: str) -> None:
    """Every check of schemathesis passes for valid and invalid requests, in strict mode."""
    checks = [CHECKS.get_one(name) for name in CHECKS.get_all_names()]

    def call(case: schemathesis.Case) -> None:
        # White space around the value of a header is no part of it (RFC 9110 §5.5): its length is another one.
        assume(all(str(value) == str(value).strip(" \t") for value in (case.headers or {}).values()))
        case.call_and_validate(timeout=10, checks=checks)

    with mock_server.running(contract=contract, validate=mock_server.ValidationMode.STRICT) as mock:
        mock.state.check_journal = check_journal
        post(mock)  # so that the journal has an entry to check
        schema = schemathesis.openapi.from_url(f"{mock.root_url}{prefix}/openapi.json")
        schema.config.update(base_url=mock.root_url + prefix)
        # A stream of events does not end; tests/mock_server/test_events.py reads it.
        found = schema.exclude(operation_id="events").get_all_operations()
        operations = [each.ok() for each in found]
        assert len(operations) == (sum(map(len, read_document()["paths"].values())) - 1 if prefix else 1)
        for operation in operations:
            # An operation without parameters and body has no invalid request.
            takes = list(operation.iter_parameters()) or operation.body
            for mode in GenerationMode if takes else [GenerationMode.POSITIVE]:
                THOROUGH(given(case=operation.as_strategy(generation_mode=mode))(call))()
        mock.reset()
        assert post(mock).json()["succFlag"] is True
