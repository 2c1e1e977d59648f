"""The kill matrix: without a fault every clause passes; each fault is reported under its clauses alone."""

from __future__ import annotations

import pytest

from code_contract import Contract, UnknownNameError, load
from contract_tests.verdict import Outcome
from mock_server import FAULTS, fault
from mock_server.faults import applicable
from mock_server.response import ConnectionFault
from tests.chinese import english_in_chinese
from tests.conftest import checked

COMES_WITH_USE = ("error-after-50", "img-missing-after-40", "img-repeats-after-40", "uuid-cycles")
"""Faults that fewer than 60 samples do not show."""


def test_every_clause_passes_on_the_mock(confirmed: Contract) -> None:
    """Every clause is checked on the mock and passes, once the assumption about the source is confirmed."""
    result = checked(confirmed)
    assert {verdict.clause.id: verdict.status for verdict in result.verdicts} == dict.fromkeys(
        confirmed.clauses, Outcome.PASSED
    )
    assert result.exit_status == 0


def test_the_source_is_an_open_question(contract: Contract) -> None:
    """While the source is assumed, its two clauses are skipped, and all others pass."""
    result = checked(contract)
    skipped = {v.clause.id for v in result.verdicts if v.status is not Outcome.PASSED}
    assert skipped == {"source-is-required", "error-uses-the-envelope"}
    assert result.exit_status == 0


@pytest.mark.parametrize("name", [each.name for each in applicable(load())])
def test_a_fault_is_reported_under_its_clause_alone(confirmed: Contract, name: str) -> None:
    """The violated clauses fail, and no other: what follows is skipped. Chinese reports have no English sentence."""
    # A body that never ends takes the whole timeout of every request.
    settings = {ConnectionFault.DRIBBLE.value: {"timeout": 0.4, "samples": 4}, "slow-responses": {"samples": 2}}
    settings |= {each: {"samples": 60} for each in COMES_WITH_USE}
    result = checked(confirmed, name, **settings.get(name, {}))
    failed = [verdict.clause.id for verdict in result.verdicts if verdict.failed]
    assert sorted(failed) == sorted((FAULTS[name].breaks, *FAULTS[name].besides))
    assert english_in_chinese(result) == []


def test_every_clause_has_a_fault(contract: Contract) -> None:
    """At least one fault violates each clause, info clauses included, and every fault that applies names a clause."""
    assert {each.breaks for each in applicable(contract)} == set(contract.clauses)


def test_faults_compose(contract: Contract) -> None:
    """Two faults at once are reported under both clauses."""
    failed = {v.clause.id for v in checked(contract, "img-crc", "charset-gbk").verdicts if v.failed}
    assert failed == {"png-crcs-are-correct", "charset-is-utf-8"}


def test_an_intermittent_failure_is_counted(contract: Contract) -> None:
    """One error response in twelve is found in the default number of samples, and counted."""
    result = checked(contract, "flaky-errors-in-envelope", samples=32)
    verdict = next(v for v in result.verdicts if v.clause.id == "valid-request-succeeds")
    assert (verdict.failed, verdict.checked) == (2, 32)
    assert result.exit_status == 1


@pytest.mark.parametrize(("strict", "status"), [(False, 0), (True, 1)])
def test_a_should_clause_fails_only_a_strict_run(contract: Contract, strict: bool, status: int) -> None:
    """A missing charset is a warning, and fails the run with `strict`."""
    result = checked(contract, "charset-missing", strict=strict)
    assert [v.clause.id for v in result.verdicts if v.status is Outcome.WARNING] == ["charset-is-stated"]
    assert result.exit_status == status


def test_an_info_clause_fails_no_run(contract: Contract) -> None:
    """An undocumented field is reported as information, and fails not even a strict run."""
    result = checked(contract, "data-extra", strict=True)
    assert [v.clause.id for v in result.verdicts if v.status is Outcome.INFO] == ["data-adds-nothing"]
    assert result.exit_status == 0


def test_an_unknown_fault_gets_a_suggestion() -> None:
    """A misspelt fault name raises an error that names the nearest fault."""
    with pytest.raises(UnknownNameError, match="did you mean 'img-crc'"):
        fault("img-crs")
