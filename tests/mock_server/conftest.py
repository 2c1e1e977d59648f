"""The mock under test, by each of its adapters."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from uvicorn.protocols.http.h11_impl import H11Protocol

import mock_server
from code_contract import Contract
from mock_server import MockServer
from mock_server.server import server as server_module
from mock_server.server.protocol import Connection
from tests.mock_server.adapters import ADAPTERS, Adapter
from tests.mock_server.parsers import PROTOCOLS


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
def served(request: pytest.FixtureRequest, contract: Contract, monkeypatch: pytest.MonkeyPatch) -> Iterator[MockServer]:
    """A server with each of the two parsers, on Python's own event loop for h11."""
    monkeypatch.setattr(server_module, "MockProtocol", type("Protocol", (Connection, request.param), {}))
    if request.param is H11Protocol:
        monkeypatch.setattr(server_module, "_new_event_loop", asyncio.new_event_loop)
    with mock_server.running(contract=contract, admin=False) as mock:
        yield mock
