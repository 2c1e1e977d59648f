"""The work on one response is limited, and content beyond a limit is skipped: the limit is not the target's defect."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from code_contract import Contract
from contract_tests.checks.bounded import MAX_STEPS, BoundedValidator, LimitExceeded
from contract_tests.checks.json_text import MAX_VALUES, json_limit, parse_json
from contract_tests.checks.response import ParsedResponse
from contract_tests.engine.retention import MAX_KEPT_BYTES, RetentionPolicy
from contract_tests.engine.session import EvaluationSession
from contract_tests.http.exchange import Exchange, Request
from contract_tests.run import check
from contract_tests.settings import Settings
from contract_tests.verdict import Outcome
from tests.conftest import checked
from tests.servers.hostile import HEAD, raw_server, send

SETTINGS = Settings("http://x")


def response(body: bytes) -> Exchange:
    headers = (("Content-Type", "application/json;charset=UTF-8"),)
    return Exchange(Request("POST", "http://x/code"), "plain", "getCode", 0, 0.0, 200, headers=headers, body=body)


def sample(contract: Contract, **extra: Any) -> bytes:
    return json.dumps({**contract.example("captcha").value, **extra}).encode()


def test_a_repeated_name_among_many_is_found_in_time() -> None:
    """Names are counted in linear time."""
    text = "{" + "".join(f'"k{n}":0,' for n in range(100_000)) + '"k7":1}'
    begun = time.monotonic()
    assert parse_json(text).repeated_names == (("k7", True, ()),)
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("values", [f"{'[],' * MAX_VALUES}0", f"{'{},' * MAX_VALUES}0", f"{'0,' * MAX_VALUES}0"])
def test_a_body_of_too_many_values_is_not_checked(contract: Contract, values: str) -> None:
    """Its content is skipped with a note, no clause fails, and the target could not be checked."""
    body = sample(contract)[:-1] + f',"x":[{values}]}}'.encode()
    head = HEAD.replace(b"json", b"json;charset=UTF-8") + b"Content-Length: %d\r\n\r\n" % len(body)
    with raw_server(send(head + body)) as port:
        result = check(contract, Settings(f"http://127.0.0.1:{port}", samples=2))
    statuses = {verdict.clause.id: verdict.status for verdict in result.verdicts}
    assert Outcome.FAILED not in statuses.values()
    for clause in ("body-is-json", "valid-request-succeeds", "img-is-a-png", "answers-conform-to-the-contract"):
        assert statuses[clause] is Outcome.SKIPPED
    assert any(
        f"was not checked: the JSON text has more than {MAX_VALUES} values" in n for n in result.collection.notes
    )
    assert result.exit_status == 3
    assert "exceeds a limit" in result.failure_reason()


def test_a_large_body_within_the_limits_is_checked(contract: Contract) -> None:
    """A list of 200,000 numbers beside the documented fields is checked."""
    session = EvaluationSession(contract, SETTINGS)
    assert session.add(response(sample(contract, x=[0] * 200_000))).limit == ""
    assert list(session.limits.notes()) == []
    assert not session.limits.all_exceeded


def test_a_text_that_takes_much_memory_is_not_checked() -> None:
    """A character outside the BMP makes a text four times as large."""
    assert json_limit("x" * 4_000_000) == ""
    assert "memory" in json_limit("x" * 4_000_000 + "😀")


def test_an_exchange_after_the_deadline_is_not_evaluated(contract: Contract) -> None:
    """Evaluation ends with the run; a note has the number of responses."""
    session = EvaluationSession(contract, SETTINGS, until=time.monotonic() - 1)
    found = session.add(response(b"not JSON"))
    assert found.limit
    assert list(session.limits.notes()) == [
        "the content of 1 response was not checked: the deadline of the run had passed"
    ]
    assert {verdict.status for verdict in session.verdicts()} == {Outcome.SKIPPED}


def test_the_deadline_covers_evaluation(contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run whose evaluation is slow ends soon after its deadline."""
    evaluate = EvaluationSession.add

    def slow(self: EvaluationSession, exchange: Exchange) -> ParsedResponse:
        found = evaluate(self, exchange)
        time.sleep(0 if found.limit else 0.4)
        return found

    monkeypatch.setattr(EvaluationSession, "add", slow)
    monkeypatch.setattr("contract_tests.run.EVALUATION_GRACE", 0.5)
    begun = time.monotonic()
    checked(contract, samples=32, deadline=1.0)
    assert time.monotonic() - begun < 4


def test_a_schema_that_takes_too_many_steps_ends() -> None:
    """Work on one value is counted, whatever the schema."""
    validator = BoundedValidator({"items": {"anyOf": [{"type": "string"}] * 50}})
    with pytest.raises(LimitExceeded, match=str(MAX_STEPS)):
        list(validator.iter_errors([0] * MAX_STEPS))
    assert not validator.is_valid([0])
    assert validator.is_valid(["a"])


@pytest.mark.parametrize(
    "value",
    [[], [1, 1.0], [1, True], [0, False], [{"a": 1}, {"a": 1}], [{"a": 1}, {"a": 2}], [[1], [True]], [None, None]],
    ids=repr,
)
def test_equal_items_are_those_of_jsonschema(value: list[Any]) -> None:
    """The linear check of `uniqueItems` agrees with jsonschema."""
    schema = {"uniqueItems": True}
    assert BoundedValidator(schema).is_valid(value) == Draft202012Validator(schema).is_valid(value)


def test_unique_objects_are_compared_in_time() -> None:
    """A list of 50,000 objects is checked in linear time."""
    begun = time.monotonic()
    assert BoundedValidator({"uniqueItems": True}).is_valid([{"a": n} for n in range(50_000)])
    assert time.monotonic() - begun < 2


def test_retained_bodies_have_a_limit_in_bytes(contract: Contract) -> None:
    """Reports show fewer responses if these are large."""
    policy, exchange = RetentionPolicy(), response(sample(contract, x="y" * 3_000_000))
    parsed = ParsedResponse(exchange, contract.operations["getCode"])
    kept = [policy.keep(ParsedResponse(replace(exchange, index=n), parsed.operation)) for n in range(20)]
    assert 0 < sum(len(each.body) for each in kept) <= MAX_KEPT_BYTES
