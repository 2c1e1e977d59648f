"""Checks a server against the contract, clause by clause.

    from code_contract import load
    from contract_tests import Settings, check

    result = check(load(), Settings("https://staging.example.com/api/v1"))
    assert result.exit_status == 0

Requests are sent once and recorded; checks are pure functions from recorded exchanges to violations. The package
never imports mock_server, so that one bug cannot hide in both. `pytest --pyargs contract_tests` runs one test for each
clause.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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


def __getattr__(name: str) -> Any:
    """Import a name on first use (PEP 562): Locust must be imported before ssl, and its file is in this package."""
    if name in __all__:
        for module in ("settings", "verdict", "result", "run"):
            found = getattr(import_module(f"{__name__}.{module}"), name, None)
            if found is not None:
                return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
