"""Fixtures of the tests of reports: the results of four runs."""

from __future__ import annotations

import pytest

from code_contract import Contract
from contract_tests.result import Result
from contract_tests.run import check
from contract_tests.settings import Settings
from tests.conftest import checked
from tests.contract_tests.reports.results import CONTRACT, hostile


@pytest.fixture(scope="session")
def correct(contract: Contract) -> Result:
    return checked(contract)


@pytest.fixture(scope="session")
def faulty(contract: Contract) -> Result:
    return checked(
        contract, "flaky-errors-in-envelope", "uuid-repeats", "succ-flag-missing", "envelope-extra", "charset-missing"
    )


@pytest.fixture(scope="session")
def unreachable() -> Result:
    return check(CONTRACT, Settings("http://127.0.0.1:9", timeout=1))


@pytest.fixture(params=["correct", "faulty", "unreachable", "hostile"])
def result(request: pytest.FixtureRequest) -> Result:
    return hostile() if request.param == "hostile" else request.getfixturevalue(request.param)
