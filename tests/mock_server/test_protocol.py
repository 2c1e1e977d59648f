"""The parts of uvicorn that are not documented and that the server uses: a change of them is noticed here."""

from __future__ import annotations

import inspect
import time
from contextlib import suppress

import pytest
import requests
import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from mock_server import MockServer
from mock_server.server import protocol
from tests.mock_server.parsers import PROTOCOLS, connect

OVERRIDDEN = (
    "connection_lost", "connection_made", "data_received", "eof_received", "on_response_complete",
    "send_400_response", "shutdown",
)  # fmt: skip
READ = ("app_state", "config", "connections", "cycle", "flow", "loop", "scope", "transport")


@pytest.mark.parametrize("base", PROTOCOLS)
def test_a_connection_has_what_the_subclass_uses(base: type) -> None:
    """Methods that it overrides, attributes that it reads, and a cycle with its three flags."""
    assert all(inspect.isfunction(getattr(base, name)) for name in OVERRIDDEN)
    assert list(inspect.signature(base.send_400_response).parameters) == ["self", "msg"]
    source = inspect.getsource(inspect.getmodule(base))
    assert all(f"self.{name}" in source for name in READ)
    assert all(f"self.{name} = " in source for name in ("response_complete", "response_started", "more_body"))
    assert '"state": self.app_state.copy()' in source
    assert "scope=self.scope" in source
    assert "on_response=self.on_response_complete" in source


def test_the_server_has_what_the_subclass_uses() -> None:
    """Methods that it overrides are called by uvicorn, and the state holds connections and tasks."""
    source = inspect.getsource(uvicorn.Server)
    for name in ("self.main_loop()", "self.shutdown(sockets=sockets)", "self.capture_signals()"):
        assert name in source
    assert list(inspect.signature(uvicorn.Server.on_tick).parameters) == ["self", "counter"]
    state = uvicorn.Server(uvicorn.Config("x")).server_state
    assert (state.connections, state.tasks) == (set(), set())


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
        assert connection.recv(100).startswith(b"HTTP/1.1 431 Request Header Fields Too Large")


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
