"""HTTP/1.1 to the letter (RFC 9110, RFC 9112), in the same way on both parsers."""

from __future__ import annotations

import json
import socket
import time

import pytest

import mock_server
from code_contract import Contract
from mock_server import MockServer
from mock_server.server import sockets
from tests.mock_server.parsers import connect, exchange, received, statuses

HOST, CLOSE = b"Host: x\r\n", b"Connection: close\r\n"
LAST = b"POST /code HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
UPGRADE = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n"


def post(*headers: bytes, body: bytes = b"", target: bytes = b"/code", version: bytes = b"1.1") -> bytes:
    """A request with these lines; its connection is closed after the response."""
    return b"POST %b HTTP/%b\r\n%b%b\r\n%b" % (target, version, b"".join(headers), CLOSE, body)


def chunked(body: bytes) -> bytes:
    return b"POST /code HTTP/1.1\r\n" + HOST + CLOSE + CHUNKED + body


# fmt: off
REQUESTS = {
    "no Host": (post(), [400]),
    "two Hosts": (post(HOST, HOST), [400]),
    "two different Hosts": (post(HOST, b"Host: y\r\n"), [400]),
    "two Hosts in one": (post(b"Host: a, b\r\n"), [400]),
    "Host with user information": (post(b"Host: user@a\r\n"), [400]),
    "Host with a path": (post(b"Host: a/b\r\n"), [400]),
    "Host with a space": (post(b"Host: a b\r\n"), [400]),
    "Host with an invalid port": (post(b"Host: a:x\r\n"), [400]),
    "Host is IPv6": (post(b"Host: [::1]:80\r\n"), [200]),
    "Host is empty": (post(b"Host:\r\n"), [200]),
    "HTTP/1.0 without Host": (post(version=b"1.0"), [200]),
    "HTTP/1.0 with two Hosts": (post(HOST, HOST, version=b"1.0"), [400]),
    "HTTP/1.2": (post(HOST, version=b"1.2"), [200]),
    "HTTP/2.0": (post(HOST, version=b"2.0"), [505]),
    "HTTP/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [505]),
    "HTTP/0.9": (b"GET /code\r\n\r\n", [400]),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", [400]),
    "absolute target": (post(HOST, target=b"http://example.org/code"), [200]),
    "absolute target, https, port, query": (post(HOST, target=b"HTTPS://example.org:8443/code?a=b"), [200]),
    "absolute target without path": (post(HOST, target=b"http://example.org?a=b"), [404]),
    "absolute target with user": (post(HOST, target=b"http://user:pw@example.org/code"), [400]),
    "absolute target without authority": (post(HOST, target=b"http:///code"), [400]),
    "absolute target of another scheme": (post(HOST, target=b"ftp://example.org/code"), [400]),
    "asterisk": (b"OPTIONS * HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", [204]),
    "asterisk, absolute": (b"OPTIONS http://a HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", [204]),
    "asterisk for POST": (post(HOST, target=b"*"), [400]),
    "CONNECT": (b"CONNECT a:80 HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", [400]),
    "target without slash": (post(HOST, target=b"code"), [400]),
    "target with fragment": (post(HOST, target=b"/code#a"), [400]),
    "target with control character": (post(HOST, target=b"/code\x01"), [400]),
    "two spaces": (b"POST  /code HTTP/1.1\r\n" + HOST + b"\r\n", [400]),
    "unknown method": (b"BREW /code HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", [405]),
    "method in lower case": (b"post /code HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", [501]),
    "bare LF": (b"POST /code HTTP/1.1\nHost: x\n\n", [400]),
    "bare LF after one header": (b"POST /code HTTP/1.1\r\nHost: x\nConnection: close\r\n\r\n", [400]),
    "bare CR": (post(HOST, b"A: b\rc\r\n"), [400]),
    "CRLF before the request": (b"\r\n\r\n" + post(HOST), [200]),
    "folded line": (post(HOST, b"A: b\r\n c\r\n"), [400]),
    "space before the first header": (post(b" ", HOST), [400]),
    "space before the colon": (post(HOST, b"A : b\r\n"), [400]),
    "NUL": (post(HOST, b"A: b\0c\r\n"), [400]),
    "control character": (post(HOST, b"A: \x1b\r\n"), [400]),
    "DEL": (post(HOST, b"A: \x7f\r\n"), [400]),
    "Latin-1": (post(HOST, b"A: \xe9\r\n"), [200]),
    "no colon": (post(HOST, b"A\r\n"), [400]),
    "empty name": (post(HOST, b": a\r\n"), [400]),
    "name beyond ASCII": (post(HOST, b"\xc3\xa9: a\r\n"), [400]),
    "many headers": (post(HOST, b"a:\r\n" * 1000), [431]),
    "large head": (post(HOST, b"A: " + b"a" * 70_000 + b"\r\n"), [431]),
    "large, and no head": (b"{" + b"a" * 70_000, [400]),
    "large, with bare LF": (b"GET / HTTP/1.1\nA: " + b"a" * 70_000 + b"\r\n\r\n", [400]),
    "long target": (post(HOST, target=b"/code?" + b"a" * 70_000), [431]),
    "Transfer-Encoding and Content-Length": (b"POST /code HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n" + CHUNKED + b"0\r\n\r\n", [200]),
    "last coding is not chunked": (post(HOST, b"Transfer-Encoding: chunked, gzip\r\n"), [400]),
    "coding is gzip": (post(HOST, b"Transfer-Encoding: gzip\r\n"), [400]),
    "chunked twice": (post(HOST, b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", body=b"0\r\n\r\n"), [400]),
    "unsupported coding": (post(HOST, b"Transfer-Encoding: gzip, chunked\r\n", body=b"0\r\n\r\n"), [501]),
    "Content-Length twice": (post(HOST, b"Content-Length: 2\r\nContent-Length: 2\r\n", body=b"{}"), [415]),
    "Content-Length differs": (post(HOST, b"Content-Length: 2\r\nContent-Length: 3\r\n", body=b"{}"), [400]),
    "Content-Length is negative": (post(HOST, b"Content-Length: -2\r\n"), [400]),
    "Content-Length has a sign": (post(HOST, b"Content-Length: +2\r\n", body=b"{}"), [400]),
    "Content-Length is empty": (post(HOST, b"Content-Length:\r\n"), [400]),
    "Content-Length has zeros": (post(HOST, b"Content-Length: 0000000000000000000000002\r\n", body=b"{}"), [415]),
    "Content-Length is huge": (post(HOST, b"Content-Length: 99999999999999999999999999\r\n"), [413]),
    "chunk extensions": (chunked(b'2;a=b;c="\\"d" ; e\r\n{}\r\n0;x\r\n\r\n'), [415]),
    "chunk extensions too long": (chunked(b"2;" + b"a" * 200_000 + b"\r\n{}\r\n0\r\n\r\n"), [400]),
    "trailers": (chunked(b"2\r\n{}\r\n0\r\nA: b\r\nHost: y\r\nContent-Length: 9\r\n\r\n"), [415]),
    "trailers too large": (chunked(b"0\r\n" + b"A: b\r\n" * 50_000 + b"\r\n"), [431]),
    "trailer is not a header": (chunked(b"0\r\nA\r\n\r\n"), [400]),
    "chunk size is not hexadecimal": (chunked(b"zz\r\n"), [400]),
    "chunk size is negative": (chunked(b"-2\r\n{}\r\n0\r\n\r\n"), [400]),
    "chunk size has a prefix": (chunked(b"0x2\r\n{}\r\n0\r\n\r\n"), [400]),
    "chunk size is huge": (chunked(b"f" * 20 + b"\r\n"), [400]),
    "chunk is longer than its size": (chunked(b"2\r\n{}XX0\r\n\r\n"), [400]),
    "chunks with bare LF": (chunked(b"2\n{}\n0\n\n"), [400]),
    "many chunks": (chunked(b"1\r\n \r\n" * 100_000 + b"0\r\n\r\n"), [415]),
    "Expect": (post(HOST, b"Expect: 100-continue\r\nContent-Length: 2\r\n", body=b"{}"), [100, 415]),
    "Expect something else": (post(HOST, b"Expect: a\r\nContent-Length: 2\r\n", body=b"{}"), [415]),
    "pipeline": (3 * (b"POST /code HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\n\r\n{}") + LAST, [415, 415, 415, 200]),
    "invalid request in a pipeline": (b"POST /code?__delay=0.2 HTTP/1.1\r\n" + HOST + b"\r\nbad\n" + LAST, [200, 400]),
    "after the last request": (LAST + LAST, [200]),
    "h2c": (b"POST /code HTTP/1.1\r\n" + HOST + UPGRADE + b"Content-Length: 2\r\n\r\n{}" + LAST, [415, 200]),
    "h2c, chunked": (b"POST /code HTTP/1.1\r\n" + HOST + UPGRADE + CHUNKED + b"2\r\n{}\r\n0\r\n\r\n" + LAST, [415, 200]),
    "h2c without body": (b"POST /code HTTP/1.1\r\n" + HOST + UPGRADE + b"\r\n" + LAST, [200, 200]),
}
# fmt: on


@pytest.mark.parametrize(("request_", "expected"), REQUESTS.values(), ids=REQUESTS)
def test_a_request_gets_the_same_response_on_both_parsers(
    served: MockServer, contract: Contract, request_: bytes, expected: list[int]
) -> None:
    """The status is that of the RFC, errors are in the envelope, and the server closes the connection."""
    response = exchange(served, request_)
    assert statuses(response) == expected
    if expected[-1] >= 400:
        assert set(json.loads(response.rpartition(b"\r\n\r\n")[2])) == {"succFlag", "code", "msg", "data"}


@pytest.mark.parametrize("size", [1, 7])
@pytest.mark.parametrize("name", ["h2c, chunked", "chunk extensions", "trailers", "pipeline", "bare LF"])
def test_a_request_may_arrive_in_small_parts(served: MockServer, name: str, size: int) -> None:
    """Head, chunks and trailers are read in the same way wherever the parts end."""
    sent, expected = REQUESTS[name]
    with connect(served) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for begin in range(0, len(sent), size):
            connection.sendall(sent[begin : begin + size])
        assert statuses(received(connection)) == expected


def test_the_body_of_an_upgrade_request_is_read(served: MockServer) -> None:
    """The body of a request that offers HTTP/2, as the client of the JDK does, is in the journal."""
    exchange(served, REQUESTS["h2c"][0])
    exchange(served, REQUESTS["h2c, chunked"][0])
    assert [entry.body for entry in served.requests] == ["{}", "", "{}", ""]


def test_the_authority_of_an_absolute_target_replaces_host(served: MockServer) -> None:
    """RFC 9112 §3.2.2; the path is that of the target."""
    exchange(served, REQUESTS["absolute target, https, port, query"][0])
    entry = served.requests[-1]
    assert (entry.path, entry.query) == ("/code", [("a", "b")])
    assert [value for name, value in entry.headers if name == "Host"] == ["example.org:8443"]


@pytest.mark.parametrize("preference", [b"", b"?__delay=0.3"], ids=["at once", "delayed"])
@pytest.mark.parametrize("body", [b"", b"{}"], ids=["without body", "with body"])
def test_a_client_that_has_closed_its_half_gets_its_response(
    served: MockServer, preference: bytes, body: bytes
) -> None:
    """Every request sent before is answered, pipelined ones too; then the connection is closed."""
    one = b"POST /code%b HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b" % (preference, len(body), body)
    expected = 415 if body else 200
    assert statuses(exchange(served, one, half_close=True)) == [expected]
    assert statuses(exchange(served, one * 3, half_close=True)) == [expected] * 3


@pytest.mark.parametrize("part", [b"POST /code HT", REQUESTS["Expect something else"][0][:-1], chunked(b"2\r\n{")])
def test_an_incomplete_request_is_rejected_when_the_client_closes_its_half(served: MockServer, part: bytes) -> None:
    """The response is 400; it is not recorded."""
    assert statuses(exchange(served, part, half_close=True)) == [400]
    assert served.requests == []


def test_connections_above_the_limit_are_rejected_in_the_envelope(
    contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Status 503 with Retry-After; far above it, connections are closed; with fewer the server serves again."""
    monkeypatch.setattr(sockets, "MAX_CONNECTIONS", 5)
    with mock_server.running(contract=contract) as mock:
        idle = [connect(mock) for _ in range(5)]
        time.sleep(0.1)
        response = exchange(mock, LAST)
        assert statuses(response) == [503]
        assert b"Retry-After: 1\r\n" in response
        assert json.loads(response.rpartition(b"\r\n\r\n")[2])["succFlag"] is False
        idle += [connect(mock) for _ in range(sockets.RESERVED_CONNECTIONS + 5)]
        time.sleep(0.1)
        assert idle[-1].recv(1) == b""
        for connection in idle:
            connection.close()
        time.sleep(0.1)
        assert statuses(exchange(mock, LAST)) == [200]


def test_the_response_to_an_unread_request_arrives(served: MockServer) -> None:
    """A request that is rejected while the client is still sending does not reset the connection."""
    with connect(served) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n")
        time.sleep(0.05)
        for _ in range(10):
            connection.sendall(b"x" * 10_000)
        assert statuses(received(connection)) == [400]
