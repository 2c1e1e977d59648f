"""Heads, framing, codings and connections: each defect is reported under its clause alone, and no correct server."""

from __future__ import annotations

import re

import pytest

from code_contract import Contract
from contract_tests.result import Result
from contract_tests.run import check
from contract_tests.settings import Settings
from contract_tests.verdict import Outcome
from tests.servers.wire import Server, serving
from tests.servers.wire_cases import CORRECT, FAULTY

pytestmark = pytest.mark.slow


def result_on(contract: Contract, server: Server) -> Result:
    with serving(server) as base_url:
        return check(contract, Settings(base_url, samples=6, timeout=1.5))


def reported(result: Result) -> list[str]:
    """Return the MUST and SHOULD clauses that fail."""
    return [v.clause.id for v in result.verdicts if v.status in (Outcome.FAILED, Outcome.WARNING)]


@pytest.mark.parametrize("name", CORRECT)
def test_a_correct_server_passes(contract: Contract, name: str) -> None:
    """Nothing is reported, and the clauses about heads and framing are checked."""
    result = result_on(contract, CORRECT[name])
    assert [v.findings[0].violation for v in result.verdicts if v.status in (Outcome.FAILED, Outcome.WARNING)] == []
    assert {v.clause.id: v.checked for v in result.verdicts}["framing-is-valid"] >= 6


@pytest.mark.parametrize("name", FAULTY)
def test_a_defect_is_reported_under_its_clause_alone(contract: Contract, name: str) -> None:
    """The message does not contain the text of a Python exception."""
    result = result_on(contract, FAULTY[name])
    assert reported(result) == list(FAULTY[name].reported)
    texts = [str(f.violation) for v in result.verdicts for f in v.findings]
    assert not [text for text in texts if re.search(r"Error|Exception|Errno|IncompleteRead|b'", text)]
