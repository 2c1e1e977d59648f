"""One test per clause of the contract: `pytest --pyargs contract_tests --base-url https://staging.example.com`.

There is no conftest.py: pytest would also look for one below the folder in which it is started, which may contain a
checkout of this package.
"""

from __future__ import annotations

import warnings

import pytest

from code_contract import Contract, ContractError, load
from contract_tests.plugin import given_options
from contract_tests.reports import terminal
from contract_tests.result import Result
from contract_tests.run import CheckInterruptedError, check
from contract_tests.settings import Settings, SettingsError
from contract_tests.verdict import Outcome

_CONTRACT = pytest.StashKey[Contract]()


class ContractWarning(UserWarning):
    """A SHOULD clause failed."""


def test_clause(clause_id: str, contract_result: Result) -> None:
    """Every response of the target satisfies the clause."""
    verdict = next(each for each in contract_result.verdicts if each.clause.id == clause_id)
    if verdict in contract_result.failed:
        pytest.fail("\n".join(terminal.evidence(verdict, contract_result)), pytrace=False)
    if verdict.status is Outcome.WARNING:
        evidence = "\n".join(terminal.evidence(verdict, contract_result))
        warnings.warn(ContractWarning(evidence), stacklevel=1)
    if verdict.status in (Outcome.SKIPPED, Outcome.WAIVED):
        pytest.skip(verdict.waived or verdict.reason)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "clause_id" in metafunc.fixturenames:
        metafunc.parametrize("clause_id", list(_contract(metafunc.config).clauses))


@pytest.fixture(scope="session")
def contract_result(pytestconfig: pytest.Config) -> Result:
    """The result of the one run against the target of --base-url, made before the first test."""
    contract = _contract(pytestconfig)
    try:
        result = check(contract, _settings(pytestconfig, contract))
    except (SettingsError, ContractError) as error:
        pytest.exit(f"code-contract: {error}", returncode=pytest.ExitCode.USAGE_ERROR)
    except CheckInterruptedError as interrupted:
        pytestconfig.pluginmanager.register(_Summary(interrupted.result))
        raise
    if not result.was_reachable:
        target = result.settings.base_url
        pytest.exit(f"code-contract: {target} could not be checked: {result.failure_reason()}", returncode=3)
    pytestconfig.pluginmanager.register(_Summary(result))
    return result


class _Summary:
    """Prints the verdict at the end of the session."""

    def __init__(self, result: Result) -> None:
        self._result = result

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("code-contract")
        terminalreporter.write_line(terminal.summary_line(self._result))


def _contract(config: pytest.Config) -> Contract:
    """The contract of this session, loaded once."""
    if _CONTRACT not in config.stash:
        spec = config.getoption("contract_spec", None)
        try:
            config.stash[_CONTRACT] = load(spec or None, overlays=config.getoption("contract_overlay", []))
        except ContractError as error:
            raise pytest.UsageError(error.with_document()) from None
    return config.stash[_CONTRACT]


def _settings(config: pytest.Config, contract: Contract) -> Settings:
    base_url = config.getoption("base_url", None)
    if not base_url:
        raise SettingsError("no target is given; use --base-url https://host/path")
    return Settings.from_options(contract, base_url, given_options(config))
