"""`--fallback`: what the contract does not know is passed on to another server, and comes back as that sent it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from typing import Any

import pytest
import requests

import mock_server
from code_contract import Contract
from mock_server import MockServer
from mock_server.server import fallback, passing
from mock_server.server.fallback_url import FallbackUrl
from tests.conftest import GRANTED
from tests.servers.upstream import PACKED, Handler


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def shared(upstream: str, contract: Contract) -> Iterator[MockServer]:
    with mock_server.running(contract=contract, fallback=f"{upstream}/api/") as mock:
        yield mock


@pytest.fixture
def mock(shared: MockServer) -> MockServer:
    shared.reset()
    Handler.received.clear()
    Handler.go_on.clear()
    return shared


def send(mock: MockServer, method: str, path: str, **more: Any) -> requests.Response:
    return requests.request(method, mock.root_url + path, timeout=10, allow_redirects=False, **more)


def test_a_request_is_passed_on_as_it_was_sent(mock: MockServer, upstream: str) -> None:
    """Method, encoded path, query, headers and body; the host is that of the fallback, the connection its own."""
    headers = {
        "Connection": "close, X-Hop",
        "X-Hop": "1",
        "TE": "gzip",
        "Accept-Encoding": "br",
        "Authorization": "s3cret",
        "X-Mock-Source": "page",
    }
    reply = send(mock, "PUT", "/users%2F7/a?q=%E5%AE%A0&__client=x", data=b"\x00body", headers=headers)
    assert (reply.status_code, reply.content) == (200, b"ok")
    [(method, path, received, body)] = Handler.received
    assert (method, path, body) == ("PUT", "/api/users%2F7/a?q=%E5%AE%A0&__client=x", b"\x00body")
    found = {name.lower(): value for name, value in received}
    assert found["host"] == upstream.removeprefix("http://")
    assert (found["authorization"], found["accept-encoding"], found["content-length"]) == ("s3cret", "br", "5")
    assert found["via"].startswith("1.1 code-contract-")
    assert not {"x-hop", "te", "x-mock-source"} & found.keys()
    assert "X-Hop" not in found.get("connection", "")


def test_the_operations_and_the_admin_api_stay_with_the_mock(mock: MockServer) -> None:
    """So does a preflight."""
    assert send(mock, "POST", "/code", headers=GRANTED).json()["succFlag"] is True
    assert send(mock, "GET", "/__mock/health").status_code == 200
    preflight = {"Origin": "http://localhost:5173", "Access-Control-Request-Method": "PUT"}
    assert send(mock, "OPTIONS", "/users", headers=preflight).headers["Access-Control-Allow-Methods"]
    assert Handler.received == []
    assert send(mock, "GET", "/code").status_code == 200, "another method of a known path is unknown too"
    assert send(mock, "GET", "/").content == b"ok", "the home page is that of the other server"


def test_a_response_comes_back_as_it_was_sent(mock: MockServer) -> None:
    """With repeated headers, but without those of its connection. A page of another origin can read it."""
    with socket.create_connection(("127.0.0.1", int(mock.root_url.rpartition(":")[2])), 5) as client:
        client.sendall(
            b"GET /x HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:5173\r\nConnection: close\r\n\r\n"
        )
        head = b"".join(iter(lambda: client.recv(65536), b"")).decode().partition("\r\n\r\n")[0].lower()
    assert head.count("set-cookie: ") == 2
    assert head.count("\r\ndate: ") == 1
    assert "x-private" not in head.replace("access-control-expose-headers", "")
    assert "keep-alive" not in head
    assert head.count("access-control-allow-origin: ") == 1
    assert "access-control-allow-origin: http://localhost:5173" in head
    exposed = next(line for line in head.split("\r\n") if line.startswith("access-control-expose-headers"))
    assert "x-total" in exposed
    received = {name.lower() for name, _ in Handler.received[0][2]}
    assert not received & {"accept-encoding", "user-agent"}, "headers that the client did not send"


def test_redirects_and_content_codings_are_passed_back(mock: MockServer) -> None:
    """Neither followed nor decoded; HEAD keeps the length."""
    moved = send(mock, "GET", "/moved")
    assert (moved.status_code, moved.headers["Location"]) == (302, "http://elsewhere.test/")
    packed = requests.get(f"{mock.root_url}/packed", stream=True, timeout=5)
    assert packed.raw.read(decode_content=False) == PACKED
    head = send(mock, "HEAD", "/users")
    assert (head.status_code, head.headers["Content-Length"], head.content) == (200, "2", b"")


def test_a_body_is_passed_back_as_it_arrives(mock: MockServer) -> None:
    """The first chunk before the last one exists."""
    with requests.get(f"{mock.root_url}/stream", stream=True, timeout=5) as reply:
        chunks = reply.iter_content(None)
        assert next(chunks) == b"first"
        Handler.go_on.set()
        assert b"".join(chunks) == b"last"
    assert mock.requests[-1].response.size == 9


def test_the_journal_names_the_fallback(mock: MockServer, upstream: str) -> None:
    """With the status and the response; secrets are masked."""
    send(mock, "GET", "/users?token=s3cret", headers={"Authorization": "Bearer s3cret"})
    entry = mock.requests[-1]
    assert entry.outcome == f"passed on to {upstream}/api (200)"
    assert (entry.method, entry.path, entry.status, entry.operation) == ("GET", "/users", 200, None)
    assert entry.response.body == b"ok"
    assert "s3cret" not in repr(entry)


def test_a_body_that_breaks_off_breaks_off(mock: MockServer) -> None:
    """The client does not take it for a whole one, and the journal says so."""
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        send(mock, "GET", "/broken")
    assert mock.requests[-1].outcome.endswith("(200); the body broke off after 4 bytes")


def test_a_body_above_the_limit_is_cut(mock: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection is closed."""
    monkeypatch.setattr(passing, "MAX_RESPONSE_BYTES", 3)
    Handler.go_on.set()
    with pytest.raises(requests.RequestException):
        send(mock, "GET", "/stream")
    assert "the body is cut at 3 bytes" in mock.requests[-1].outcome


def test_a_client_that_leaves_ends_the_request(mock: MockServer) -> None:
    """The fallback is not read to its end."""
    with socket.create_connection(("127.0.0.1", int(mock.root_url.rpartition(":")[2])), 5) as client:
        client.sendall(b"GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        received = b""
        while b"first" not in received:
            received += client.recv(65536)
    deadline = time.monotonic() + 5
    while not mock.requests and time.monotonic() < deadline:
        time.sleep(0.01)
    assert mock.requests[-1].outcome.endswith("; client aborted after 5 bytes")
    Handler.go_on.set()


@contextmanager
def unreachable() -> Iterator[str]:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{closed.getsockname()[1]}"


def test_a_fallback_that_cannot_be_reached_gets_502(contract: Contract) -> None:
    """With the reason, in the error of the contract; a page can read it."""
    with unreachable() as url, mock_server.running(contract=contract, fallback=url) as mock:
        reply = send(mock, "GET", "/users", headers={"Origin": "http://localhost:5173"})
        assert reply.status_code == 502
        assert reply.headers["X-Mock-Reason"] == f"the fallback {url} cannot be reached; is it running?"
        assert reply.headers["Access-Control-Allow-Origin"] == "http://localhost:5173"
        assert mock.requests[-1].outcome.startswith(f"not passed on: the fallback {url} cannot be reached")


def test_a_fallback_that_sends_nothing_gets_504(
    contract: Contract, upstream: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within the limit."""
    monkeypatch.setattr(fallback, "READ_TIMEOUT", 0.2)
    with mock_server.running(contract=contract, fallback=f"{upstream}/api") as mock:
        reply = send(mock, "GET", "/silent")
        assert reply.status_code == 504
        assert reply.headers["X-Mock-Reason"].endswith("sent no response within 0.2 s")


def test_a_request_body_above_the_limit_gets_413(mock: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not passed on; one above the limit of the mock's own operations is."""
    assert send(mock, "POST", "/upload", data=b"x" * 2_000_000).status_code == 200
    monkeypatch.setattr(passing.Passing, "max_body", 1000)
    reply = send(mock, "POST", "/upload", data=b"x" * 1001)
    assert (reply.status_code, reply.headers["Connection"]) == (413, "close")
    assert len(Handler.received) == 1


def test_a_request_that_comes_back_gets_508(contract: Contract) -> None:
    """Two mocks, each the fallback of the other: the loop ends after one round."""
    with (
        unreachable() as placeholder,
        mock_server.running(contract=contract, fallback=placeholder) as first,
        mock_server.running(contract=contract, fallback=first.root_url) as second,
    ):
        back = fallback.Fallback(FallbackUrl.parse(second.root_url))
        first._app._passing._fallback = back  # type: ignore[union-attr]
        reply = send(first, "GET", "/users")
        assert reply.status_code == 508
        assert "passed the request back to this mock" in reply.headers["X-Mock-Reason"]
        assert (len(first.requests), len(second.requests)) == (2, 1)
