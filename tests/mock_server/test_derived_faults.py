"""Faults that are derived from a document: each breaks the clause that it declares, and no other."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from code_contract import Contract, DerivedClause, Operation, UnknownNameError, load
from code_contract_cli.clauses import rows
from code_contract_cli.main import run as command
from contract_tests.checks.derived import NO_CREDENTIALS
from contract_tests.engine.selection import probes
from contract_tests.engine.session import evaluate
from contract_tests.http.exchange import Exchange, Request
from contract_tests.inputs.baseline import baseline_request
from contract_tests.inputs.values import Values
from contract_tests.settings import Settings
from mock_server import Mock, create_app, fault
from mock_server.faults import applicable, derived
from tests.mock_server.documents import ask, mock_of
from tests.paths import ROOT

URL = "http://localhost"
PETS, KEYWORDS = (load(ROOT / "tests" / "data" / name) for name in ("pets.yaml", "keywords.yaml"))
SETTINGS = Settings.from_options(PETS, URL, {"auth": ["api_key=secret"], "values": ["petId=7"]})
OPERATIONS = [(contract, each) for contract in (PETS, KEYWORDS) for each in contract.operations]


def requests(contract: Contract, operation: Operation) -> list[tuple[str, Request]]:
    """The baseline request to an operation, and the one without credentials, each with its label."""
    request = baseline_request(operation, SETTINGS, Values.of(contract, SETTINGS))
    assert request is not None
    every = [each for each in probes(contract, SETTINGS) if each.label == NO_CREDENTIALS]
    return [("plain", request), *((each.label, made) for each in every for made in each.requests(request, operation))]


def failed(mock: Mock, operation_id: str, made: list[tuple[str, Request]], fault_name: str = "") -> list[str]:
    """The ids of the clauses that fail on the responses to these requests under a fault."""
    exchanges = []
    for index, (label, each) in enumerate(made):
        headers = dict(each.headers) | ({"Prefer": f"fault={fault_name}"} if fault_name else {})
        reply = ask(mock, each.method, each.url.removeprefix(URL), headers, each.body or b"")
        sent = tuple(reply.headers.items())
        exchanges.append(Exchange(each, label, operation_id, index, 0.0, reply.status, headers=sent, body=reply.body))
    return [each.clause.id for each in evaluate(mock.contract, SETTINGS, {operation_id: exchanges}) if each.failed]


@pytest.mark.parametrize(("contract", "operation"), OPERATIONS, ids=[name for _, name in OPERATIONS])
def test_a_fault_fails_exactly_its_clause(contract: Contract, operation: str) -> None:
    """The kill matrix: without a fault nothing fails; a fault that the document admits fails nothing either."""
    mock = Mock(contract, seed="matrix", base_path="")
    made = requests(contract, contract.operations[operation])
    assert failed(mock, operation, made) == []
    faults = derived.faults_of(contract, operation)
    assert len(faults) >= 4
    expected = {name: [each.breaks] if each.breaks else [] for name, each in faults.items()}
    assert {name: failed(mock, operation, made, name) for name in faults} == expected


def test_every_derived_clause_of_a_success_has_a_fault() -> None:
    """Served, status, server error, media type, body, headers, credentials; nothing breaks `{}`, `*/*` and errors."""
    for contract in (PETS, KEYWORDS):
        clauses = {name for name, each in contract.clauses.items() if isinstance(each, DerivedClause)}
        unbreakable = {name for name in clauses if re.match("get-(free|errors)-(default|404|501)-", name)}
        broken = {each.breaks for each in derived.listed(contract)}
        assert broken == clauses - unbreakable | {"body-is-json"}
        assert all(each.applies_to_contract(contract) for each in derived.listed(contract))


def test_the_status_that_is_not_served_is_undocumented() -> None:
    """A documented 404 is a response of the operation; the fault sends the first of 501, 405 and 404 that is none."""
    assert fault("get-thing.status.not-served", KEYWORDS).text == "responds 501"
    assert fault("get-errors.status.not-served", KEYWORDS).text == "responds 405"
    assert fault("get-errors.status.undocumented", KEYWORDS).breaks == ""


def test_the_examples_of_the_documentation() -> None:
    """The names of the issue and of the guide exist."""
    assert fault("get-pet.body.name.missing", PETS).breaks == "get-pet-200-body-is-as-documented"
    assert fault("list-pets.headers.x-total.missing", PETS).breaks == "list-pets-200-headers-are-as-documented"
    assert fault("get-pet.body.tags[].wrong-type", PETS).text == "sends body.tags[] with another type"


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("get-pet.body.nam.missing", "get-pet.body.name.missing"),
        ("get-pett.body.name.missing", "get-pet.body.name.missing"),
        ("truncatd", "truncated"),
    ],
)
def test_an_unknown_name_gets_the_nearest(name: str, nearest: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The message suggests a derived fault, or one of the catalogue; the command exits with status 2."""
    with pytest.raises(UnknownNameError, match=re.escape(f"unknown fault {name!r}; did you mean {nearest!r}?")):
        fault(name, PETS)
    assert command(["mock", "--spec", str(PETS.path), "--port", "0", "--fault", name]) == 2
    assert f"did you mean {nearest!r}?" in capsys.readouterr().err


def test_a_fault_for_every_response() -> None:
    """A fault of the whole mock changes its operation, and leaves the others as they are."""
    mock = Mock(PETS, seed="x", base_path="", faults=[fault("get-pet.body.name.missing", PETS)])
    key = {"X-Key": "k"}
    assert json.loads(ask(mock, "GET", "/pets/7", key).body).keys() == {"id", "tags"}
    assert json.loads(ask(mock, "GET", "/pets?limit=1", key).body)[0].keys() == {"id", "name", "tags"}


def test_a_fault_of_another_operation_is_refused() -> None:
    """Prefer names a fault that cannot apply: 400 with the reason."""
    mock = Mock(PETS, seed="x", base_path="")
    reply = ask(mock, "GET", "/pets/7", {"X-Key": "k", "Prefer": "fault=list-pets.body.null"})
    assert reply.status == 400
    assert reply.headers["X-Mock-Reason"] == "fault 'list-pets.body.null' does not apply to getPet"


def test_a_fault_breaks_every_generated_value(tmp_path: Path) -> None:
    """A body that lacks the field of the fault, or conforms although it is changed, is replaced by a broken one."""
    branches: Sequence[dict[str, Any]] = [
        {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}, "additionalProperties": False},
        {"type": "object", "required": ["b"], "properties": {"b": {"type": "string"}}, "additionalProperties": False},
    ]
    schema = {"oneOf": branches}
    content = {"application/json": {"schema": schema}}
    parameters = [{"name": "n", "in": "path", "required": True, "schema": {"type": "integer"}}]
    operation = {"operationId": "getOne", "responses": {"200": {"description": "One.", "content": content}}}
    mock = mock_of(tmp_path, {"/one/{n}": {"parameters": parameters, "get": operation}})
    names = [each.name for each in derived.listed(mock.contract) if each.place.startswith("body.")]
    assert len(names) >= 3
    validator = Draft202012Validator(schema)
    plain = [json.loads(ask(mock, "GET", f"/one/{n}").body) for n in range(20)]
    assert all(map(validator.is_valid, plain))
    for name in names:
        broken = [json.loads(ask(mock, "GET", f"/one/{n}", {"Prefer": f"fault={name}"}).body) for n in range(20)]
        assert not any(map(validator.is_valid, broken)), name


def test_names_of_fields_are_encoded(tmp_path: Path) -> None:
    """Dots, brackets and spaces in the name of a field do not read as separators; every name is unique."""
    fields = {name: {"type": "integer", "minimum": 0} for name in ("a.b", "c[]", "d e", "密码", "x-y")}
    schema = {"type": "object", "required": [*fields], "properties": fields}
    response = {"description": "OK", "content": {"application/json": {"schema": schema}}}
    mock = mock_of(tmp_path, {"/o": {"get": {"operationId": "getO", "responses": {"200": response}}}})
    missing = [each.name for each in derived.listed(mock.contract) if each.kind == "missing"]
    assert missing == [f"get-o.body.{each}.missing" for each in ("a%2Eb", "c%5B%5D", "d%20e", "密码", "x-y")]
    reply = ask(mock, "GET", "/o", {"Prefer": f'fault="{missing[0]}"'})
    assert "a.b" not in json.loads(reply.body)


def test_faults_are_derived_when_they_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mock starts and responds without them; a list of all stops at a number, and lookup derives one operation."""
    derived_for: list[str] = []
    original = derived.faults_of

    def counted(contract: Contract, operation_id: str) -> Any:
        derived_for.append(operation_id)
        return original(contract, operation_id)

    monkeypatch.setattr(derived, "faults_of", counted)
    client = create_app(PETS, seed="x").test_client()
    assert client.get("/v1/pets/7", headers={"X-Key": "k"}).status_code == 200
    assert derived_for == []
    fault("list-pets.body.null", PETS)
    assert derived_for == ["listPets"]
    monkeypatch.setattr(derived, "MAX_LISTED", 5)
    assert len(derived.listed(PETS)) == 5
    assert derived_for == ["listPets", "getPet"]


def test_the_page_and_the_admin_api_know_them() -> None:
    """They are listed with text and clause; a behaviour accepts each, also one that breaks nothing."""
    client = create_app(PETS, seed="x").test_client()
    listed = client.get("/__mock/options").get_json()["faults"]
    assert {"name": "get-pet.body.name.missing", "text": "omits body.name", "zh": "省略 body.name",
            "breaks": "get-pet-200-body-is-as-documented",
            "section": {"id": "get-pet", "en": "GET /pets/{petId}", "zh": ""}} in listed  # fmt: skip
    for name in ("get-pet.body.name.missing", "get-pet.body.tags.missing"):
        assert client.put("/__mock/behaviour", json={"fault": name}).status_code == 200
        body = client.get("/v1/pets/7", headers={"X-Key": "k"}).get_json()
        assert name.split(".")[2] not in body
    reply = client.put("/__mock/behaviour", json={"fault": "get-pet.body.nam.missing"})
    assert reply.status_code == 400
    assert "did you mean 'get-pet.body.name.missing'" in reply.get_json()["error"]


def test_clauses_list_their_derived_faults() -> None:
    """`code-contract clauses` names the faults beside the clause that they break."""
    row = next(each for each in rows(PETS) if each["id"] == "get-pet-requires-credentials")
    assert row["faults"] == ["get-pet.credentials.ignored"]
    names = [each.name for each in applicable(PETS)]
    assert len(names) == len(set(names))
