"""A connection fault reaches the client, also a browser, which repeats a request when a reused connection ends."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import pytest
import requests

import mock_server
from code_contract import Contract
from mock_server import MockServer
from mock_server.server import protocol
from tests.mock_server.parsers import connect, exchange, received

if TYPE_CHECKING:
    from playwright.sync_api import Browser

POST = b"POST /code HTTP/1.1\r\nHost: localhost\r\nSource: PC\r\nContent-Length: 0\r\n\r\n"
CALLS = {
    "an operation": POST,
    "a preflight": b"OPTIONS /code HTTP/1.1\r\nHost: localhost\r\nOrigin: http://a.test\r\n"
    b"Access-Control-Request-Method: POST\r\n\r\n",
    "the admin API": b"GET /__mock/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "no operation": b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n",
}
OTHER = {"fault": "reset", "client": "other"}
"""A behaviour for another client, so that the calls of a test have responses."""


def set_behaviour(mock: MockServer, way: str, **fields: object) -> None:
    """By the plugin, or by the admin API."""
    client = str(fields.pop("client", ""))
    if way == "python":
        mock.set_behaviour(client=client, **fields)
        return
    headers = {"X-Mock-Client": client} if client else {}
    reply = requests.put(f"{mock.root_url}/__mock/behaviour", json=fields, headers=headers, timeout=5)
    assert (reply.status_code, reply.headers["Connection"]) == (200, "close")


def first_response(connection: socket.socket, sent: bytes) -> bytes:
    """The beginning of the response to a request."""
    connection.sendall(sent)
    return connection.recv(65536)


@pytest.mark.parametrize("way", ["python", "admin API"])
def test_connections_without_a_request_are_closed_when_a_fault_is_set(mock: MockServer, way: str) -> None:
    """Used ones, and those that a browser opens ahead; before the behaviour is confirmed."""
    with connect(mock) as used, connect(mock) as unused, connect(mock) as waiting:
        assert b"\r\nconnection: close" not in first_response(used, POST).lower()
        waiting.sendall(POST.replace(b"\r\n\r\n", b"\r\nPrefer: delay=0.5\r\n\r\n"))
        time.sleep(0.1)
        set_behaviour(mock, way, **OTHER)
        for each in (used, unused):
            each.settimeout(0.2)
            assert each.recv(1) == b""
        assert b"\r\nconnection: close" in received(waiting).lower(), "a response in progress arrives"


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_every_response_closes_its_connection_while_a_fault_is_active(
    mock: MockServer, call: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And those that were opened ahead."""
    monkeypatch.setattr(protocol, "FIRST_REQUEST_TIMEOUT", 0.0)
    set_behaviour(mock, "python", **OTHER)
    with connect(mock) as unused:
        reply = exchange(mock, call)
        assert reply.lower().count(b"\r\nconnection: close") == 1
        unused.settimeout(0.5)
        assert unused.recv(1) == b""
    mock.reset()
    with connect(mock) as connection:
        assert b"\r\nconnection: close" not in first_response(connection, call).lower()


def test_a_new_connection_is_kept_for_its_first_request(mock: MockServer) -> None:
    """The response to another client does not close it."""
    set_behaviour(mock, "python", **OTHER)
    with connect(mock) as new:
        assert b"\r\nconnection: close" in exchange(mock, POST).lower()
        assert first_response(new, POST).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "fields", [{"fault": "reset", "times": 1}, {"sequence": [{"fault": "empty-reply"}]}], ids=["times", "sequence"]
)
def test_connections_are_kept_once_the_fault_is_used_up(mock: MockServer, fields: dict[str, object]) -> None:
    """By the one request that it is for."""
    mock.set_behaviour(**fields)  # type: ignore[arg-type]
    with connect(mock) as connection:
        connection.sendall(POST)
        with pytest.raises(ConnectionResetError) if "fault" in fields else connection:
            assert connection.recv(1) == b""
    with connect(mock) as connection:
        for _ in range(2):
            assert b"\r\nconnection: close" not in first_response(connection, POST).lower()


def test_other_faults_keep_connections(mock: MockServer) -> None:
    """So does one that needs a reused connection."""
    for name in ("uuid-empty", "reused-connection-cut"):
        mock.set_behaviour(fault=name)
        with connect(mock) as connection:
            assert b"\r\nconnection: close" not in first_response(connection, POST).lower()


def test_a_fault_of_every_response_closes_connections(contract: Contract) -> None:
    """As by `--fault`: preflights and the admin API too."""
    with mock_server.running(contract=contract, faults=[mock_server.fault("reset")]) as mock:
        for name, call in CALLS.items():
            if name != "an operation":
                assert b"\r\nconnection: close" in exchange(mock, call).lower()


FETCH = """async url => {
  const send = () => fetch(url, {method: "POST", headers: {Source: "PC"}}).then(r => r.status, e => e.name)
  return [await send(), await send(), await send()]
}"""


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["reset", "empty-reply"])
def test_chromium_reports_the_fault_once(mock: MockServer, browser: Browser, fault: str) -> None:
    """A page of another origin: of three requests, the second one fails, and the browser repeats none."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{mock.root_url}/__mock/health".replace("127.0.0.1", "localhost"))
        warm = page.evaluate(FETCH, f"{mock.base_url}/code")
        assert warm == [200, 200, 200]
        mock.state.journal.clear()
        mock.set_behaviour(fault=fault, times=1)
        assert page.evaluate(FETCH, f"{mock.base_url}/code") == ["TypeError", 200, 200]
        mock.set_behaviour(sequence=["ok", {"fault": fault}])
        assert page.evaluate(FETCH, f"{mock.base_url}/code") == [200, "TypeError", 200]
        posts = [each for each in mock.requests if each.method == "POST"]
        assert [each.status for each in posts] == [None, 200, 200, 200, None, 200]
