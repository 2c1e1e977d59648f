"""The pytest plugin: the fixture `code_mock`, and the options of `pytest --pyargs contract_tests`.

Every pytest session of an environment loads this module. It therefore imports a package of this project only when a
test requests the fixture or the command line names the suite: another project may have a module of the same name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mock_server import MockServer

SUITE = "contract_tests"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option of the fixtures."""
    parser.getgroup("code-contract").addoption(
        "--code-mock-captcha-ttl",
        metavar="DURATION",
        default="5m",
        help="time for which a captcha of the fixture code_mock can be answered, such as 90s or 10m  [default: 5m]",
    )


@pytest.fixture(scope="session")
def code_mock_server(pytestconfig: pytest.Config) -> Iterator[MockServer]:
    """The mock server that all tests of a session share, on a free port of 127.0.0.1."""
    try:
        mock_server = _import("mock_server")
    except ImportError as error:
        pytest.fail(str(error), pytrace=False)
    text = pytestconfig.getoption("--code-mock-captcha-ttl")
    ttl = _import("code_contract.durations").parse_duration(text)
    if not ttl:
        raise pytest.UsageError(
            f"--code-mock-captcha-ttl {text!r} is not a valid duration; use one such as 90s, 10m or 2h"
        )
    with mock_server.running(captcha_ttl=ttl) as mock:
        yield mock


@pytest.fixture
def code_mock(code_mock_server: MockServer) -> MockServer:
    """A running mock with default behaviour and an empty journal, reset before each test.

    Returns:
        The `mock_server.MockServer` of the session. `base_url` is the URL of the API, `requests` the journal,
        `verify(method=..., path=..., times=...)` and `wait_for_request(...)` assert the requests of the app,
        `captcha_answer(uuid)` the answer to a captcha, `answer(uuid, answer)` the result of an answer, `advance(seconds)`
        moves the clock by which captchas expire, `set_behaviour(...)` makes responses differ, and `reset()` restores
        the default behaviour.
    """
    code_mock_server.reset()
    return code_mock_server


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: Sequence[str]
) -> Iterator[None]:
    """Add the options of the suite if the command line names it, after the options of the project's own conftest."""
    yield
    known, unknown = parser.parse_known_and_unknown_args(args)
    if not (known.pyargs and any(each.partition("::")[0].partition(".")[0] == SUITE for each in known.file_or_dir)):
        return
    try:
        early_config.pluginmanager.register(_import(f"{SUITE}.plugin"), "code_contract_suite")
    except ImportError as error:
        # A project may run a package of this name itself; only options that nobody else has are ours.
        if any(each.startswith(("--base-url", "--contract-")) for each in unknown):
            raise pytest.UsageError(str(error)) from None


def _import(name: str) -> ModuleType:
    """Import a module of this project. Raises ImportError if another package shadows its own."""
    for package in ("code_contract", name.partition(".")[0]):
        spec = find_spec(package)
        if spec is not None and not _is_own(spec.origin):
            raise ImportError(
                f"{package} is imported from {spec.origin}, which shadows the package of code-contract; "
                "rename it or run pytest from elsewhere"
            )
    return import_module(name)


def _is_own(origin: str | None) -> bool:
    """True if a package has this one beside it, in this installation or in another."""
    path, this = Path(origin or ""), Path(__file__)
    return path.name == "__init__.py" and (path.parent.parent / this.parent.name / this.name).is_file()
