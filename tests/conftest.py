"""Shared fixtures: the contract, the contract with its assumption confirmed, and the mock."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

import mock_server
from code_contract import Contract, default_path, load
from contract_tests.result import Result
from contract_tests.run import check
from contract_tests.settings import Settings
from mock_server import MockServer

GRANTED = {"Source": "PC"}
"""The headers of a call that is granted."""


MAX_ID = 60
"""Characters or bytes of a value that is part of the name of a test."""


@pytest.fixture(scope="session")
def contract() -> Contract:
    return load()


@pytest.fixture(scope="session")
def confirmed(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """The contract with the reading of the source confirmed: its x-assumption is deleted."""
    text = default_path().read_text(encoding="utf-8")
    shorter = re.sub(r"(x-quote: '需要来源：是'\n(?: {6}\S.*\n)*?) {6}x-assumption: >-\n(?: {8}\S.*\n)+", r"\1", text)
    assert len(shorter) < len(text)
    path = tmp_path_factory.mktemp("confirmed") / "openapi.yaml"
    path.write_text(shorter, encoding="utf-8")
    return load(path)


@pytest.fixture
def mock(code_mock: MockServer) -> MockServer:
    """The mock of the fixture `code_mock`: default behaviour, empty journal."""
    return code_mock


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[str, str], Path]:
    """Return a function that writes a copy of the contract with one text replaced."""

    def edit(old: str, new: str) -> Path:
        text = default_path().read_text(encoding="utf-8")
        assert text.count(old) >= 1, old
        path = tmp_path / "openapi.yaml"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return edit


def checked(contract: Contract, *faults: str, keep_bodies: bool = False, **settings: object) -> Result:
    """Return the result of a check of a mock with these faults, by default with 16 samples."""
    chosen = [mock_server.fault(name) for name in faults]
    with mock_server.running(contract=contract, faults=chosen) as mock:
        options = {"samples": 16, "timeout": 5.0, **settings}
        return check(contract, Settings(mock.base_url, **options), keep_bodies=keep_bodies)


def post(mock: MockServer, prefer: str = "", **query: str) -> requests.Response:
    """The plain call, with a preference or with query keys."""
    headers = GRANTED | ({"Prefer": prefer} if prefer else {})
    params = {f"__{name}": value for name, value in query.items()}
    return requests.post(f"{mock.base_url}/code", headers=headers, params=params, timeout=10)


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name long values by their argument: pictures are random, and names must be the same in every process."""
    return argname if isinstance(val, (bytes, str)) and len(val) > MAX_ID else None


def pytest_configure(config: pytest.Config) -> None:
    """Remove what changes the output of the command: a CI system, colours, and options in the environment."""
    for name in ("COLUMNS", "FORCE_COLOR", "NO_COLOR", "GITHUB_ACTIONS", "GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        os.environ.pop(name, None)
    for name in [each for each in os.environ if each.startswith("CODE_CONTRACT_")]:
        del os.environ[name]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--max-parameters", type=int, metavar="N", help="run each test with at most N of its parameters")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep evenly spaced parameters of each test, the first and the last among them."""
    most = config.getoption("--max-parameters")
    if most is None:
        return
    of_function = defaultdict[str, list[pytest.Item]](list)
    for item in items:
        of_function[item.nodeid.partition("[")[0]].append(item)
    kept = set[pytest.Item]()
    for found in of_function.values():
        step = max(1.0, (len(found) - 1) / max(1, most - 1))
        kept.update(found[round(index * step)] for index in range(min(most, len(found))))
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = [item for item in items if item in kept]
