"""Clauses that are derived from a document: any OpenAPI document is checked, without an x-clause in it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from code_contract import Contract, ContractError, DerivedClause, load
from code_contract_cli.main import run as command
from contract_tests import credentials
from contract_tests.reports import terminal, writers
from contract_tests.result import Result
from contract_tests.run import check
from contract_tests.settings import Settings
from contract_tests.verdict import Outcome, Verdict
from tests.paths import ROOT
from tests.servers import pets

PETS = ROOT / "tests" / "data" / "pets.yaml"
LIST_CLAUSES = [
    "list-pets-is-served",
    "list-pets-has-no-server-error",
    "list-pets-status-is-documented",
    "list-pets-200-media-type-is-documented",
    "list-pets-200-body-is-as-documented",
    "list-pets-200-headers-are-as-documented",
    "list-pets-requires-credentials",
]


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load(PETS)


def run(contract: Contract, defect: str = "", **options: object) -> tuple[Result, list[tuple[str, str]]]:
    """Return the result of a check of the server, and the requests that it received."""
    chosen = {"auth": [f"api_key={pets.KEY}"], "values": ["petId=7"], "budget": 0.0, **options}
    with pets.serving(defect) as (url, calls):
        return check(contract, Settings.from_options(contract, url, chosen)), calls


def verdicts(result: Result) -> Mapping[str, Verdict]:
    return {each.clause.id: each for each in result.verdicts}


def test_every_operation_has_derived_clauses(contract: Contract) -> None:
    """Ids are propositions; the source is the JSON pointer of what the clause follows from."""
    found = [each for each in contract.clauses.values() if isinstance(each, DerivedClause)]
    assert {each.operation.id for each in found} == set(contract.operations)
    assert [each.id for each in found if each.operation.id == "listPets"] == LIST_CLAUSES
    body = contract.clauses["list-pets-200-body-is-as-documented"]
    assert (body.level, body.basis, body.source) == ("must", "document", "#/paths/~1pets/get/responses/200")


def test_a_conforming_server_passes(contract: Contract) -> None:
    """Every clause of the operations that were called passes; those of the others are skipped with the reason."""
    result, calls = run(contract)
    assert [each.clause.id for each in result.failed] == []
    assert result.exit_status == 0
    found = verdicts(result)
    assert all(found[name].status is Outcome.PASSED for name in LIST_CLAUSES)
    assert found["create-pet-is-served"].status is Outcome.SKIPPED
    assert "--allow-writes" in found["create-pet-is-served"].reason
    assert {method for method, _ in calls} == {"GET"}
    assert result.collection.not_called.keys() == {"createPet", "deletePet"}


@pytest.mark.parametrize("clause", LIST_CLAUSES)
def test_a_defect_fails_its_clause_alone(contract: Contract, clause: str) -> None:
    """Of the clauses of the operation, exactly the violated one fails."""
    result, _ = run(contract, clause, only=frozenset(LIST_CLAUSES))
    assert {each.clause.id for each in result.verdicts if each.failed} == {clause}
    assert result.exit_status == 1


def test_a_violation_of_a_body_names_path_and_keyword(contract: Contract) -> None:
    """The finding has the JSON path of the value and what the keyword demands."""
    result, _ = run(contract, "list-pets-200-body-is-as-documented")
    violation = verdicts(result)["list-pets-200-body-is-as-documented"].findings[0].violation
    assert violation.where == "$[0].name"
    assert violation.expected == "string (type)"


def test_a_server_that_only_fails_passes_nothing_about_responses(contract: Contract) -> None:
    """Each operation that is called fails, and no clause about the content of a response passes."""
    result, _ = run(contract, "500", allow_writes=True)
    found = verdicts(result)
    names = ("get-pet", "delete-pet", "list-pets", "create-pet")
    assert {f"{name}-has-no-server-error" for name in names} <= {n for n, v in found.items() if v.failed}
    assert not any(v.status is Outcome.PASSED and "documented" in name for name, v in found.items())
    assert not found["answers-conform-to-the-contract"].checked


def test_nothing_checked_exits_with_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A document whose operations cannot be called passes nothing."""
    document = tmp_path / "openapi.yaml"
    document.write_text(
        "openapi: 3.1.0\ninfo: {title: X, version: '1'}\npaths: {/a: {post: {responses: {'200': {description: OK}}}}}\n"
    )
    with pets.serving("500") as (url, calls):
        status = command(["check", "--spec", str(document), url])
    assert (status, calls) == (3, [])
    assert "1 of 1 operations not called" in capsys.readouterr().out


def test_links_and_writes(contract: Contract) -> None:
    """With --allow-writes, the id of a created pet is used by the operation to which its link leads."""
    result, calls = run(contract, allow_writes=True, values=[])
    assert [each.clause.id for each in result.failed] == []
    plain = list(dict.fromkeys(calls))
    assert plain.index(("POST", "/v1/pets")) < plain.index(("GET", "/v1/pets/7"))
    assert verdicts(result)["get-pet-200-body-is-as-documented"].status is Outcome.PASSED


def test_a_generated_id_that_does_not_exist_fails_nothing(contract: Contract) -> None:
    """The undocumented 404 to a generated id does not decide; a note names the parameter and the option."""
    result, _ = run(contract, values=[])
    assert not result.failed
    found = verdicts(result)
    assert found["get-pet-is-served"].status is Outcome.SKIPPED
    assert any("--set gives" in note and "petId" in note for note in result.collection.notes)


def test_missing_credentials_are_noted(contract: Contract) -> None:
    """Without --auth, a documented 401 is no defect, and a note names the option."""
    result, _ = run(contract, auth=[])
    assert not result.failed
    assert any("called without credentials; --auth gives them" in note for note in result.collection.notes)


@pytest.mark.parametrize(("given", "sent"), [("anna:pass", "anna:pass"), ("key", "key:"), ("a:b:c", "a:b:c")])
def test_a_basic_credential_without_a_colon_is_a_user(given: str, sent: str) -> None:
    """A key that an API takes as the user has no password."""
    assert base64.b64decode(credentials.basic(given).removeprefix("Basic ")).decode() == sent


def test_credentials_are_redacted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A report shows a placeholder in the curl command."""
    report = tmp_path / "report.json"
    with pets.serving("list-pets-has-no-server-error") as (url, _):
        arguments = ["check", "--spec", str(PETS), url, "--auth", pets.KEY, "--report", str(report), "--budget", "0"]
        assert command(arguments) == 1
    shown = capsys.readouterr().out
    assert "CODE_AUTH" in shown
    assert pets.KEY not in shown + report.read_text("utf-8")


def test_values_of_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """[tool.code-contract] gives values and credentials, the latter from the environment."""
    config = tmp_path / "settings.toml"
    config.write_text('values = {petId = 7}\nauth = {api_key = "${PET_KEY}"}\n')
    monkeypatch.setenv("PET_KEY", pets.KEY)
    with pets.serving() as (url, calls):
        arguments = ["check", "--spec", str(PETS), url, "--config", str(config), "--budget", "0"]
        assert command(arguments) == 0
    assert ("GET", "/v1/pets/7") in calls


def edited(tmp_path: Path, entry: object) -> Path:
    """Return the pet store with an x-clause at the operation listPets."""
    document = load(PETS).document
    copy = json.loads(json.dumps(document))
    copy["paths"]["/pets"]["get"]["x-clauses"] = [entry]
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(copy))
    return path


def test_a_written_clause_changes_the_level_of_a_derived_one(tmp_path: Path) -> None:
    """The clause fails only a strict run then; the others stay as they are."""
    name = "list-pets-200-headers-are-as-documented"
    changed = load(edited(tmp_path, {"id": name, "level": "should"}))
    assert changed.clauses[name].level == "should"
    assert changed.clauses["list-pets-is-served"].level == "must"
    assert [run(changed, name, strict=strict)[0].exit_status for strict in (False, True)] == [0, 1]


def test_a_response_needs_no_write_only_field(tmp_path: Path) -> None:
    """`required` of a writeOnly property is about requests (OpenAPI 3.0 §4.7.24.2)."""
    document = json.loads(json.dumps(load(PETS).document))
    pet = document["components"]["schemas"]["Pet"]
    pet["required"].append("secret")
    path = tmp_path / "openapi.json"
    for is_write_only in (True, False):
        pet["properties"]["secret"] = {"type": "string", "writeOnly": is_write_only}
        path.write_text(json.dumps(document))
        result, _ = run(load(path), only=frozenset({"list-pets-200-body-is-as-documented"}))
        assert bool(result.failed) is not is_write_only


def test_an_unknown_derived_clause_is_named(tmp_path: Path) -> None:
    """The message suggests the nearest id."""
    path = edited(tmp_path, {"id": "list-pets-is-servd", "level": "should"})
    with pytest.raises(ContractError, match=r"unknown derived clause 'list-pets-is-servd'.*'list-pets-is-served'"):
        load(path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "petId"], "--set 'petId' names no value; write NAME=VALUE, such as petId=42"),
        (["--auth", ""], "--auth has no credentials"),
        (["--auth", "a\nb"], "the credentials of --auth contains a control character"),
    ],
)
def test_invalid_values_are_usage_errors(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence on stderr, exit status 2, and no credentials in it."""
    assert command(["check", "--spec", str(PETS), "http://127.0.0.1:9", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_every_report_has_derived_clauses(contract: Contract) -> None:
    """The id, and for a failed one its source, are in each format."""
    name = "list-pets-200-body-is-as-documented"
    result, _ = run(contract, name)
    for suffix, write in writers.FORMATS.items():
        text = write(result).decode()
        assert name in text, suffix
    assert "source       document: #/paths/~1pets/get/responses/200" in "\n".join(terminal.render(result))
    assert "<h2>GET /pets <small>" in writers.FORMATS[".html"](result).decode()  # the title once
    assert "\nGET /pets\n" in "\n".join(terminal.render(result))
