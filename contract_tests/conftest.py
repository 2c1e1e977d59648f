"""The fixtures of the suite: the contract, and one run against the target."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contract import Contract, ContractError, load
from contract_tests.plugin import OPTIONS
from contract_tests.reports import text
from contract_tests.result import Result
from contract_tests.run import check
from contract_tests.settings import Settings, SettingsError, parse_base_url, parse_header

_CONTRACT = pytest.StashKey[Contract]()
_RESULT = pytest.StashKey[Result]()


def loaded(config: pytest.Config) -> Contract:
    """The contract of this session, loaded once."""
    if _CONTRACT not in config.stash:
        spec = config.getoption("--contract-spec")
        try:
            config.stash[_CONTRACT] = load(Path(spec) if spec else None)
        except ContractError as error:
            raise pytest.UsageError(str(error)) from None
    return config.stash[_CONTRACT]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "clause_id" in metafunc.fixturenames:
        metafunc.parametrize("clause_id", list(loaded(metafunc.config).clauses))


@pytest.fixture(scope="session")
def contract_result(pytestconfig: pytest.Config) -> Result:
    """The verdicts on the target named by --base-url: it is called once, before the first test."""
    contract = loaded(pytestconfig)
    try:
        result = check(contract, _settings(pytestconfig, contract))
    except (SettingsError, ContractError) as error:
        pytest.exit(f"code-contract: {error}", returncode=pytest.ExitCode.USAGE_ERROR)
    pytestconfig.stash[_RESULT] = result
    if not result.answered:
        target = result.settings.base_url
        pytest.exit(f"code-contract: {target} could not be judged: {result.trouble()}", returncode=3)
    return result


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    result = terminalreporter.config.stash.get(_RESULT, None)
    if result is not None and result.answered:
        terminalreporter.section("code-contract")
        terminalreporter.write_line(text.totals(result))


def _settings(config: pytest.Config, contract: Contract) -> Settings:
    base_url = config.getoption("base_url", None)
    if not base_url:
        raise SettingsError("no target is named: give --base-url https://host/path")
    url, credentials = parse_base_url(base_url, contract)
    given: dict[str, Any] = {name.replace("-", "_"): config.getoption(f"--contract-{name}") for name, _ in OPTIONS}
    given.pop("spec")
    headers = tuple(map(parse_header, given.pop("header"))) + credentials
    return Settings(url, headers=headers, **{k: v for k, v in given.items() if v is not None})
