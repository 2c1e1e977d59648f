"""The mock under test, by each of its adapters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from code_contract import Contract
from mock_server import MockServer
from tests.mock_server.adapters import ADAPTERS, Adapter
from tests.mock_server.parsers import PROTOCOLS, serving


@pytest.fixture(params=ADAPTERS)
def serve(request: pytest.FixtureRequest) -> Iterator[Callable[..., Adapter]]:
    """Serves a mock with these settings by one of the adapters, until the end of the test."""
    with ExitStack() as stack:

        def start(contract: Contract | None = None, **settings: Any) -> Adapter:
            return stack.enter_context(ADAPTERS[request.param](contract=contract, **settings))

        yield start


@pytest.fixture(scope="session", params=ADAPTERS)
def shared_target(request: pytest.FixtureRequest, contract: Contract) -> Iterator[Adapter]:
    with ADAPTERS[request.param](contract=contract) as adapter:
        yield adapter


@pytest.fixture
def target(shared_target: Adapter) -> Adapter:
    """A mock with the default behaviour and an empty journal, by one of the adapters."""
    shared_target.state.reset()
    return shared_target


@pytest.fixture(params=PROTOCOLS)
def served(request: pytest.FixtureRequest, contract: Contract) -> Iterator[MockServer]:
    """A server with each of the two parsers."""
    with serving(request.param, contract=contract) as mock:
        yield mock
