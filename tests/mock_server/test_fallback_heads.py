"""`--fallback`: heads that HTTP does not have, bodies without bounds, and callers that have no business there."""

from __future__ import annotations

import itertools
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
import requests

import mock_server
from code_contract import Contract
from mock_server import MockServer
from tests.mock_server.parsers import PROTOCOLS, exchange, serving
from tests.servers.hostile import raw_server

OK = b"HTTP/1.1 200 OK\r\n"
TWO = b"Content-Length: 2\r\n\r\nok"
CHUNKED = b"Transfer-Encoding: chunked\r\n"

INVALID = {
    "status 600": b"HTTP/1.1 600 x\r\n" + TWO,
    "status 999": b"HTTP/1.1 999 x\r\n" + TWO,
    "101": b"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x00",
    "interim responses without end": b"HTTP/1.1 103 x\r\n\r\n" * 200 + OK + TWO,
    "a length that is a word": OK + b"Content-Length: abc\r\n\r\nok",
    "a length that is superscript": OK + b"Content-Length: \xb2\r\n\r\nok",
    "a negative length": OK + b"Content-Length: -5\r\n\r\nok",
    "a length with an underscore": OK + b"Content-Length: 1_0\r\n\r\n0123456789",
    "a length of 5000 digits": OK + b"Content-Length: " + b"1" * 5000 + b"\r\n\r\nok",
    "an empty length": OK + b"Content-Length: \r\n\r\nok",
    "two lengths": OK + b"Content-Length: 9\r\n" + TWO,
    "gzip as transfer coding": OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "chunked twice": OK + CHUNKED * 2 + b"\r\n2\r\nok\r\n0\r\n\r\n",
    "NUL in a value": OK + b"X-A: a\x00b\r\n" + TWO,
    "a control character in a value": OK + b"X-A: a\x1bb\r\n" + TWO,
    "a space in a name": OK + b"X A: b\r\n" + TWO,
    "a parenthesis in a name": OK + b"X(A): b\r\n" + TWO,
    "a name that is not ASCII": OK + "X-é: b\r\n".encode() + TWO,
    "a line without a colon": OK + b"nocolon\r\n" + TWO,
    "a first line that is folded": OK + b" x: y\r\n" + TWO,
}
VALID = {
    "early hints": (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK + TWO, b"ok"),
    "equal lengths in a list": (OK + b"Content-Length: 2, 2\r\n\r\nok", b"ok"),
    "more than the length": (OK + TWO + b"HTTP/1.1 200 OK\r\n\r\nsmuggled", b"ok"),
    "a length beside chunks": (
        OK + b"Content-Length: 1\r\n" + CHUNKED + b"\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n",
        b"hello",
    ),
    "a folded value": (OK + b"X-A: a\r\n b\r\n" + TWO, b"ok"),
    "204 with a body": (b"HTTP/1.1 204 x\r\n" + TWO, b""),
}


class Upstream:
    """A server that answers every request with `reply`, or by `behave`."""

    reply = b""
    behave: Callable[[socket.socket], None] | None = None

    def __call__(self, connection: socket.socket) -> None:
        (self.behave or (lambda each: each.sendall(self.reply)))(connection)


@pytest.fixture(scope="module")
def upstream() -> Upstream:
    return Upstream()


@pytest.fixture(scope="module", params=PROTOCOLS)
def mock(request: pytest.FixtureRequest, contract: Contract, upstream: Upstream) -> Iterator[MockServer]:
    with (
        raw_server(upstream) as port,
        serving(request.param, contract=contract, fallback=f"http://127.0.0.1:{port}") as mock,
    ):
        yield mock


@pytest.mark.parametrize("name", INVALID)
def test_a_head_that_http_does_not_have_gets_502(mock: MockServer, upstream: Upstream, name: str) -> None:
    """The client gets a whole response with the reason, and the journal has it."""
    upstream.reply, upstream.behave = INVALID[name], None
    response = exchange(mock, b"GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert response.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
    assert b"sent no valid response\r\n" in response
    assert mock.requests[-1].outcome.endswith("sent no valid response")


@pytest.mark.parametrize("name", VALID)
def test_an_unusual_response_is_passed_back(mock: MockServer, upstream: Upstream, name: str) -> None:
    """With one framing: a client cannot take a part of the body for another response."""
    upstream.reply, expected = VALID[name]
    upstream.behave = None
    with requests.Session() as session:
        for _ in range(2):
            response = session.get(f"{mock.root_url}/x", timeout=5)
            assert response.content == expected
    assert mock.requests[-1].response.size == len(expected)


def test_a_request_target_is_passed_on_byte_by_byte(contract: Contract) -> None:
    """Neither the case of an escape nor an invalid one is changed: a signature may cover them."""
    target = b'/a%2fB%zz//[c]/../"{|}?x=%c3&y=%'
    received = list[bytes]()

    def answer() -> None:
        connection, _ = server.accept()
        with connection:
            received.append(connection.recv(65536))
            connection.sendall(OK + TWO)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer)
        thread.start()
        with mock_server.running(contract=contract, fallback=f"http://127.0.0.1:{server.getsockname()[1]}/p") as one:
            exchange(one, b"GET %b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % target)
        thread.join(5)
    assert received[0].startswith(b"GET /p%b HTTP/1.1\r\n" % target)


def repeat(head: bytes, piece: bytes) -> Callable[[socket.socket], None]:
    """A behaviour that sends a piece until the connection is closed."""

    def behave(connection: socket.socket) -> None:
        with suppress(OSError):
            connection.sendall(head)
            for _ in itertools.count():
                connection.sendall(piece)

    return behave


ENDLESS = {
    "a chunk of 2 GB": repeat(OK + CHUNKED + b"\r\n7fffffff\r\n", bytes(65536)),
    "a line before a chunk": repeat(OK + CHUNKED + b"\r\n", b"1" * 65536),
    "interim responses": repeat(b"", b"HTTP/1.1 100 x\r\n\r\n" * 1000),
    "trailers": repeat(OK + CHUNKED + b"\r\n2\r\nok\r\n0\r\n", b"X: y\r\n" * 1000),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_response_without_end_takes_little_memory(
    mock: MockServer, upstream: Upstream, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And ends with the client that waits for it."""
    monkeypatch.setattr("mock_server.server.passing.MAX_RESPONSE_BYTES", 8 * 2**20)
    upstream.behave = ENDLESS[name]
    mock.reset()
    tracemalloc.start()
    try:
        with suppress(requests.RequestException), requests.get(f"{mock.root_url}/x", stream=True, timeout=0.3) as found:
            for _ in found.iter_content(65536):
                pass
        deadline = time.monotonic() + 5
        while not mock.requests:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Host": "evil.test"}, "Host 'evil.test' is neither a loopback name"),
        ({"Origin": "http://evil.test"}, "Origin 'http://evil.test' is neither a loopback name"),
        ({"Origin": "null"}, "Origin 'null' is neither a loopback name"),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, "a page of another site embeds this"),
    ],
)
def test_a_foreign_page_does_not_reach_the_fallback(
    mock: MockServer, upstream: Upstream, headers: dict[str, str], reason: str
) -> None:
    """Else any web page could read through the mock what the server shows to this machine alone."""
    upstream.reply, upstream.behave = OK + TWO, None
    response = requests.get(f"{mock.root_url}/x", headers=headers, timeout=5)
    assert response.status_code == 403
    assert response.headers["X-Mock-Reason"].startswith(reason)
    assert requests.post(f"{mock.base_url}/code", headers={"Source": "PC", **headers}, timeout=5).status_code == 200


def test_a_refusal_is_redacted_in_the_journal(mock: MockServer) -> None:
    """It names the origin, which may have credentials."""
    headers = {"Origin": "http://me:s3cret@evil.example"}
    assert requests.get(f"{mock.root_url}/x", headers=headers, timeout=5).status_code == 403
    assert mock.requests[-1].outcome.startswith("not passed on: Origin 'http://***@evil.example'")
    assert "s3cret" not in str(mock.requests[-1].as_json())


def test_a_server_that_does_not_speak_tls_has_no_untrusted_certificate(contract: Contract) -> None:
    """The reason does not ask for an authority."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def refuse() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 x\r\n\r\n")

        thread = threading.Thread(target=refuse)
        thread.start()
        url = f"https://127.0.0.1:{server.getsockname()[1]}"
        with mock_server.running(contract=contract, fallback=url) as one:
            reason = requests.get(f"{one.root_url}/x", timeout=5).headers["X-Mock-Reason"]
        thread.join(5)
    assert "certificate" not in reason


def test_a_mock_stops_while_its_fallback_is_silent(contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread waits for the server any longer."""
    monkeypatch.setattr("mock_server.server.loop.SHUTDOWN_TIMEOUT", 0.2)
    before = set(threading.enumerate())
    with raw_server(lambda connection: time.sleep(3)) as port:
        with mock_server.running(contract=contract, fallback=f"http://127.0.0.1:{port}") as one:
            client = threading.Thread(target=lambda: exchange(one, b"GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n"))
            client.start()
            time.sleep(0.3)
        client.join(5)
        deadline = time.monotonic() + 2
        while any(each.name.startswith("mock_server fallback") for each in set(threading.enumerate()) - before):
            assert time.monotonic() < deadline
            time.sleep(0.01)
