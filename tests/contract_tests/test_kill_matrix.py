"""The kill matrix: the honest mock breaks nothing, and every fault is reported under its clause and no other.

Where a fault cannot but break a second clause too, it says so (`also_breaks`).
"""

from __future__ import annotations

import pytest

from code_contract import Contract, UnknownNameError
from contract_tests.verdict import Outcome
from mock_server import FAULTS, fault
from mock_server.response import ConnectionFault
from tests.conftest import checked


def test_the_honest_mock_breaks_nothing(confirmed: Contract) -> None:
    """Every clause is judged on the honest mock, and holds, once the open question is confirmed."""
    result = checked(confirmed)
    assert {verdict.clause.id: verdict.status for verdict in result.verdicts} == dict.fromkeys(
        confirmed.clauses, Outcome.PASSED
    )
    assert result.exit_status == 0


def test_the_source_is_an_open_question(contract: Contract) -> None:
    """While the source is assumed, its two clauses are not judged, and all others hold."""
    result = checked(contract)
    unjudged = {v.clause.id for v in result.verdicts if v.status is not Outcome.PASSED}
    assert unjudged == {"source-is-required", "error-uses-the-envelope"}
    assert result.exit_status == 0


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_reported_under_its_clause_and_no_other(confirmed: Contract, name: str) -> None:
    """What a fault breaks is found, and what it does not break is not accused."""
    # One that never ends takes its whole time for every call.
    patience = {"timeout": 0.4, "samples": 4} if name == ConnectionFault.DRIBBLE.value else {}
    broken = {v.clause.id for v in checked(confirmed, name, **patience).verdicts if v.failed}
    wanted = FAULTS[name]
    assert wanted.breaks in broken
    assert broken - {wanted.breaks} == set(wanted.also_breaks)


def test_every_must_clause_can_be_broken(contract: Contract) -> None:
    """Each must-clause, and each should-clause, has a fault; there are at least 40 of them."""
    able = {each.breaks for each in FAULTS.values()}
    assert {c.id for c in contract.clauses.values() if c.level in ("must", "should")} - able == set()
    assert len(FAULTS) >= 40


def test_faults_speak_of_clauses_that_there_are(contract: Contract) -> None:
    """No fault names a clause that the contract does not have."""
    for each in FAULTS.values():
        for name in (each.breaks, *each.also_breaks):
            contract.clause(name)


def test_faults_compose(contract: Contract) -> None:
    """Two faults at once break both their clauses."""
    broken = {v.clause.id for v in checked(contract, "img-crc", "charset-gbk").verdicts if v.failed}
    assert broken == {"png-crcs-are-correct", "charset-is-utf-8"}


def test_a_flaky_target_is_caught_and_counted(contract: Contract) -> None:
    """One refusal in twelve is found in the default number of calls, and counted."""
    result = checked(contract, "flaky-errors-in-envelope", samples=32)
    verdict = next(v for v in result.verdicts if v.clause.id == "valid-request-succeeds")
    assert (verdict.failed, verdict.checked) == (2, 32)
    assert result.exit_status == 1


@pytest.mark.parametrize(("strict", "status"), [(False, 0), (True, 1)])
def test_a_should_clause_fails_only_a_strict_run(contract: Contract, strict: bool, status: int) -> None:
    """A missing charset warns, and fails under --strict."""
    result = checked(contract, "charset-missing", strict=strict)
    assert [v.clause.id for v in result.verdicts if v.status is Outcome.WARNING] == ["charset-is-stated"]
    assert result.exit_status == status


def test_an_info_clause_is_only_noted(contract: Contract) -> None:
    """An extra field is reported, and fails nothing, strict or not."""
    result = checked(contract, "data-extra", strict=True)
    assert [v.clause.id for v in result.verdicts if v.status is Outcome.INFO] == ["data-adds-nothing"]
    assert result.exit_status == 0


def test_an_unknown_fault_is_answered_with_the_nearest() -> None:
    """A misspelt fault names the one that was meant."""
    with pytest.raises(UnknownNameError, match="did you mean 'img-crc'"):
        fault("img-crs")
