"""Checks a server against the contract, clause by clause.

    from code_contract import load
    from contract_tests import Settings, check

    result = check(load(), Settings("https://staging.example.com/api/v1"))
    assert result.exit_status == 0

Requests are sent once and recorded; checks are pure functions from recorded exchanges to violations. The package
never imports mock_server, so that one bug cannot hide in both. `pytest --pyargs contract_tests` runs one test for each
clause.

The names are imported when they are used: whoever reads the table of the checks, such as `code-contract clauses`, needs
no HTTP client.
"""

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

_MODULES = {
    "Result": "result",
    "Settings": "settings",
    "SettingsError": "settings",
    "Waiver": "settings",
    "check": "run",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES.get(name, 'verdict')}"), name)
