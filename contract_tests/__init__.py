"""Checks a server against the contract, clause by clause.

    from code_contract import load
    from contract_tests import Settings, check

    result = check(load(), Settings("https://staging.example.com/api/v1"))
    assert result.exit_status == 0

Requests are sent once and recorded; checks are pure functions from recorded exchanges to violations. The package
never imports mock_server, so that one bug cannot hide in both. `pytest --pyargs contract_tests` runs one test for each
clause.
"""

from contract_tests.result import Result
from contract_tests.run import check
from contract_tests.settings import Settings, SettingsError, Waiver
from contract_tests.verdict import Finding, Outcome, Verdict, Violation

__all__ = [
    "Finding",
    "Outcome",
    "Result",
    "Settings",
    "SettingsError",
    "Verdict",
    "Violation",
    "Waiver",
    "check",
]
