"""One test per clause of the contract: `pytest --pyargs contract_tests --base-url https://staging.example.com`."""

from __future__ import annotations

import warnings

import pytest

from contract_tests.findings import Status
from contract_tests.reports import text
from contract_tests.result import Result


class ContractWarning(UserWarning):
    """A should-clause does not hold."""


def test_clause(clause_id: str, contract_result: Result) -> None:
    """What the clause says holds of every answer of the target."""
    verdict = next(each for each in contract_result.verdicts if each.clause.id == clause_id)
    if verdict in contract_result.failed:
        pytest.fail("\n".join(text.evidence(verdict, contract_result)), pytrace=False)
    if verdict.status is Status.WARNED:
        said = "\n".join(text.evidence(verdict, contract_result))
        warnings.warn(ContractWarning(said), stacklevel=1)
    if verdict.status in (Status.UNJUDGED, Status.WAIVED):
        pytest.skip(verdict.waived or verdict.reason)
