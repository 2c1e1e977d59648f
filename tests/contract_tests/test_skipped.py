"""A clause passes only if something was checked, and one defect is reported once."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import schemathesis

from code_contract import Contract
from contract_tests.checks.schema import SCHEMA_CLAUSE
from contract_tests.engine.session import evaluate
from contract_tests.generated.result import GeneratedResult
from contract_tests.har import reader, writer
from contract_tests.http.exchange import Exchange
from contract_tests.reports import terminal, writers
from contract_tests.result import Result
from contract_tests.run import check, check_recording
from contract_tests.settings import Settings
from contract_tests.verdict import Outcome, Verdict
from tests.conftest import checked
from tests.contract_tests.test_checks import captcha, exchange, sample
from tests.servers.hostile import raw_server, send


def verdicts(result: Result) -> dict[str, Verdict]:
    return {verdict.clause.id: verdict for verdict in result.verdicts}


def by_clause(contract: Contract, *made: Exchange, only: frozenset[str] = frozenset()) -> dict[str, Verdict]:
    indexed = [replace(each, index=index) for index, each in enumerate(made)]
    return {v.clause.id: v for v in evaluate(contract, Settings("http://x", only=only), {"getCode": indexed})}


@pytest.fixture
def broken_schemathesis(monkeypatch: pytest.MonkeyPatch) -> None:
    """One check of schemathesis raises an unexpected error on every response."""

    def unexpected(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("division by zero")

    unexpected.__name__ = "response_schema_conformance"
    monkeypatch.setattr(schemathesis.checks, "response_schema_conformance", unexpected)


@pytest.mark.usefixtures("broken_schemathesis")
def test_an_error_in_a_schemathesis_check_skips_the_clause(contract: Contract, tmp_path: Path) -> None:
    """The clause is skipped; every report and the recording state the error."""
    result = checked(contract, samples=2, keep_bodies=True)
    verdict = verdicts(result)[SCHEMA_CLAUSE]
    assert verdict.status is Outcome.SKIPPED
    assert "response_schema_conformance: ZeroDivisionError" in verdict.reason
    assert verdict.reason in " ".join("\n".join(terminal.render(result)).split())
    for suffix, write in writers.FORMATS.items():
        assert "ZeroDivisionError" in write(result).decode(), suffix
    recording = tmp_path / "run.har"
    recording.write_bytes(writer.write(result))
    replayed = check_recording(contract, result.settings, reader.read(recording, contract))
    assert verdicts(replayed)[SCHEMA_CLAUSE] == verdict


@pytest.mark.usefixtures("broken_schemathesis")
def test_an_error_in_a_schemathesis_check_hides_no_failure(contract: Contract) -> None:
    """If another check of schemathesis fails, the clause fails."""
    result = checked(contract, "unknown-header-rejected", samples=2)
    assert verdicts(result)[SCHEMA_CLAUSE].status is Outcome.FAILED


def test_a_wrong_type_is_reported_once(contract: Contract) -> None:
    """Other clauses about the value are skipped, with the cause as the reason."""
    found = verdicts(checked(contract, "code-string", samples=4))
    assert [name for name, each in found.items() if each.failed] == ["code-is-an-integer"]
    for name in ("code-is-200-on-success", SCHEMA_CLAUSE):
        assert (found[name].status, found[name].reason) == (Outcome.SKIPPED, "follows from code-is-an-integer")


def test_a_consequence_is_not_counted_on_any_response(contract: Contract) -> None:
    """A clause that only one response violates, as a consequence, does not pass on the others."""
    found = by_clause(contract, exchange(), exchange(sample(code="200")))
    assert found["code-is-200-on-success"].reason == "follows from code-is-an-integer"
    assert found["code-is-200-on-success"].count == ""


def test_a_consequence_does_not_hide_another_defect(contract: Contract) -> None:
    """A clause that one response violates by itself fails, whatever others violate."""
    found = by_clause(contract, exchange(sample(code="200")), exchange(sample(code=0)))
    assert found["code-is-200-on-success"].failed == 1


def test_a_cause_that_is_not_selected_explains_nothing(contract: Contract) -> None:
    """With --only, the selected clause fails, because no other reports the defect."""
    only = frozenset({"code-is-200-on-success"})
    assert by_clause(contract, exchange(sample(code="200")), only=only)["code-is-200-on-success"].failed == 1


def test_advice_on_a_value_of_the_wrong_type_follows(contract: Contract) -> None:
    """A message that is a number violates its type; that an error response has no message follows."""
    found = by_clause(contract, exchange({"succFlag": False, "code": 500, "msg": 0}))
    assert found["msg-is-a-string-or-null"].failed == 1
    assert found["error-has-a-message"].reason == "follows from msg-is-a-string-or-null"


def test_a_violated_recommendation_is_located(contract: Contract) -> None:
    """The place of a recommendation's violation is its JSON path in the body."""
    finding = by_clause(contract, exchange(captcha(ttl=60)))["data-adds-nothing"].findings[0]
    assert finding.violation.where == "$.data"


def test_a_required_body_explains_rejected_requests(contract: Contract) -> None:
    """If requests succeed only with a body, that valid requests fail follows."""
    found = verdicts(checked(contract, "body-required", samples=4))
    assert found["takes-no-parameters"].count == "4 of 5 failed"
    assert found["valid-request-succeeds"].reason == "follows from takes-no-parameters"


def test_a_required_body_does_not_explain_other_failures(contract: Contract) -> None:
    """Failures on more responses than the cause explains are reported."""
    rejected = exchange({"succFlag": False, "code": 500, "msg": "x"}, status=400)
    probe = exchange(label="empty-object")
    unrecorded = replace(rejected, body=b"", error=None)
    found = by_clause(contract, rejected, unrecorded, probe)
    assert found["takes-no-parameters"].failed == 2
    assert found["valid-request-succeeds"].reason == "follows from takes-no-parameters"
    found = by_clause(contract, exchange(), rejected, probe)
    assert (found["takes-no-parameters"].failed, found["valid-request-succeeds"].failed) == (0, 1)


NOT_SERVED = {
    "an HTML page": b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<h1>Not Found</h1>",
    "the envelope": b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
    + json.dumps({"succFlag": False, "code": 404, "msg": "x", "data": None}).encode(),
}


@pytest.mark.parametrize("name", NOT_SERVED)
def test_on_an_address_that_is_not_served_only_http_is_checked(confirmed: Contract, name: str) -> None:
    """With 404 for every request, the clauses of the operation are skipped, except that it is served."""
    with raw_server(send(NOT_SERVED[name])) as port:
        result = check(confirmed, Settings(f"http://127.0.0.1:{port}", samples=2))
    status = {name: verdict.status for name, verdict in verdicts(result).items()}
    about_http = {clause.id for clause in confirmed.clauses.values() if clause.section == "transport"}
    about_http = {"answer-arrives", "answer-is-complete", *about_http} - {"connection-is-reusable"}
    assert {name for name, each in status.items() if each is Outcome.PASSED} == about_http
    assert {name for name, each in status.items() if each is Outcome.FAILED} == {"post-code-is-served"}
    assert all(each.reason for each in result.verdicts if each.status is Outcome.SKIPPED)


@pytest.mark.parametrize(
    ("checked_", "failed", "words"),
    [(32, 6, "6 of 32 failed"), (6, 6, "6 of 6 failed"), (6, 0, "6 checked"), (0, 0, "")],
)
def test_the_count_says_what_it_counts(contract: Contract, checked_: int, failed: int, words: str) -> None:
    """The words for failed and checked responses differ."""
    assert Verdict(contract.clause("body-is-json"), checked_, failed).count == words


def test_clauses_about_a_success_are_skipped_without_one(contract: Contract) -> None:
    """A page of HTML with status 200 is no success response: only the clauses about its body fail."""
    found = by_clause(contract, exchange(b"<h1>hello</h1>", ("Content-Type", "text/html")))
    assert found["valid-request-succeeds"].status is Outcome.SKIPPED
    assert found["success-is-http-200"].reason == "no request succeeded"
    assert {name for name, each in found.items() if each.failed} == {"content-type-is-json", "body-is-json"}


def test_a_rejected_generated_request_fails(contract: Contract) -> None:
    """A server that grants baseline requests and rejects generated ones, in the envelope, does not conform."""
    error = {"succFlag": False, "code": 500, "data": None, "msg": "unknown header"}
    rejected = exchange(error, label="generated")

    def found(*baseline: Exchange) -> Verdict:
        generated = GeneratedResult(1, [rejected])
        made = evaluate(contract, Settings("http://x"), {"getCode": baseline}, generated)
        return next(each for each in made if each.clause.id == SCHEMA_CLAUSE)

    verdict = found(exchange())
    assert verdict.status is Outcome.FAILED
    assert "unknown header" in verdict.findings[0].violation.received
    assert found(exchange(error)).reason == "follows from valid-request-succeeds"
    rejected = replace(rejected, status=429)
    assert found(exchange()).status is Outcome.PASSED


def test_a_secret_in_a_rejected_generated_request_is_redacted_before_it_is_cut(contract: Contract) -> None:
    """The excerpt of the body ends inside the secret that the target echoes; no piece of it is shown."""
    secret = "s3cr3t-" + "0123456789abcdef" * 4
    settings = Settings("http://x", headers=(("X-Token", secret),))
    for padding in range(50, 75):
        error = {"succFlag": False, "code": 500, "data": None, "msg": "x" * padding + secret}
        generated = GeneratedResult(1, [exchange(error, label="generated")])
        made = evaluate(contract, settings, {"getCode": [exchange()]}, generated)
        verdict = next(each for each in made if each.clause.id == SCHEMA_CLAUSE)
        assert verdict.status is Outcome.FAILED
        assert "xs3" not in verdict.findings[0].violation.received
