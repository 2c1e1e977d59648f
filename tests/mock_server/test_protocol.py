"""The parts of uvicorn that are not documented and that the server uses: a change of them is noticed here."""

from __future__ import annotations

import asyncio
import inspect
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec

import pytest
import requests
import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol
from uvicorn.protocols.http.h11_impl import H11Protocol

import mock_server
from code_contract import Contract
from mock_server import MockServer
from mock_server.server import protocol
from mock_server.server import server as server_module

PROTOCOLS = [pytest.param(H11Protocol, id="h11")]
# The extra `fast` brings httptools; one environment of tox runs without it.
if find_spec("httptools"):
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

    PROTOCOLS.append(pytest.param(HttpToolsProtocol, id="httptools"))

OVERRIDDEN = ("connection_made", "data_received", "send_400_response", "shutdown")
READ = ("app_state", "config", "cycle", "loop", "transport")


@pytest.mark.parametrize("base", PROTOCOLS)
def test_a_connection_has_what_the_subclass_uses(base: type) -> None:
    """Methods that it overrides, attributes that it reads, and a cycle with its three flags."""
    assert all(inspect.isfunction(getattr(base, name)) for name in OVERRIDDEN)
    assert list(inspect.signature(base.send_400_response).parameters) == ["self", "msg"]
    source = inspect.getsource(inspect.getmodule(base))
    assert all(f"self.{name}" in source for name in READ)
    assert all(f"self.{name} = " in source for name in ("response_complete", "response_started", "more_body"))
    assert '"state": self.app_state.copy()' in source


def test_the_server_has_what_the_subclass_uses() -> None:
    """Methods that it overrides are called by uvicorn, and the state holds connections and tasks."""
    source = inspect.getsource(uvicorn.Server)
    for name in ("self.main_loop()", "self.shutdown(sockets=sockets)", "self.capture_signals()"):
        assert name in source
    assert list(inspect.signature(uvicorn.Server.on_tick).parameters) == ["self", "counter"]
    state = uvicorn.Server(uvicorn.Config("x")).server_state
    assert (state.connections, state.tasks) == (set(), set())


@pytest.fixture(params=PROTOCOLS)
def served(request: pytest.FixtureRequest, contract: Contract, monkeypatch: pytest.MonkeyPatch) -> Iterator[MockServer]:
    """A server with each of the two parsers, on Python's own event loop for h11."""
    monkeypatch.setattr(server_module, "MockProtocol", type("Protocol", (protocol.Connection, request.param), {}))
    if request.param is H11Protocol:
        monkeypatch.setattr(server_module, "_new_event_loop", asyncio.new_event_loop)
    with mock_server.running(contract=contract) as mock:
        yield mock


def connect(mock: MockServer) -> socket.socket:
    host, port = mock.root_url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=5)


def test_both_parsers_serve(served: MockServer) -> None:
    """A body, a kept-alive connection, a pipeline, a fault, and a head that is too large."""
    with requests.Session() as session:
        for _ in range(3):
            assert session.post(f"{served.base_url}/code", json={}, timeout=5).status_code == 200
        with pytest.raises(requests.ConnectionError):
            session.post(f"{served.base_url}/code?__fault=reset", timeout=5)
    with connect(served) as connection:
        last = b"POST /code HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        connection.sendall(b"POST /code HTTP/1.1\r\nHost: x\r\n\r\n" + last)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
        assert received.count(b"HTTP/1.1 200 OK") == 2
    with connect(served) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"x" * 70_000)
        assert connection.recv(100).startswith(b"HTTP/1.1 400 Bad Request")


def test_a_client_that_sends_nothing_is_disconnected(served: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before a request, within a head and within a body; one with a response in progress is not."""
    monkeypatch.setattr(protocol, "CLIENT_TIMEOUT", 0.5)
    starts = (b"", b"POST /code HTTP/1.1\r\nHost", b"POST /code HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab")
    connections = [connect(served) for _ in starts]
    began = time.monotonic()
    for connection, start in zip(connections, starts, strict=True):
        connection.sendall(start)
    slow = requests.post(f"{served.base_url}/code?__delay=2.5", timeout=10)
    assert slow.status_code == 200
    for connection in connections:
        with connection, suppress(ConnectionResetError):
            assert connection.recv(1) == b""
    assert time.monotonic() - began < 5


def test_the_installed_parser_is_used() -> None:
    """httptools if it is installed, else h11."""
    assert AutoHTTPProtocol in protocol.MockProtocol.__mro__
