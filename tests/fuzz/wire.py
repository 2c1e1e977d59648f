"""Any bytes to the server of the mock, with each of the two parsers. Every response is well-formed, both are alike."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import pairwise
from typing import Any

import hypothesis.strategies as st
from hypothesis import given, settings

from mock_server import MockServer
from tests.fuzz.http_reader import read_response
from tests.fuzz.log import no_errors
from tests.fuzz.mutation import mutated
from tests.mock_server.parsers import PROTOCOLS, connect, exchange, serving, statuses
from tests.paths import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PATIENCE = 20.0
"""Seconds within which the server closes the connection of a client that has sent its last byte."""
LAST = b"POST /code HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
SEEDS: dict[str, dict[str, bytes]] = {
    group: {name: text.encode("latin-1") for name, text in requests.items()}
    for group, requests in tomllib.loads((ROOT / "tests/data/requests.toml").read_text("utf-8")).items()
}
"""Requests by name: "real" and "hostile" ones."""

# fmt: off
TOKENS = [
    b"\r\n", b"\n", b"\r", b" ", b"\t", b"\0", b"\x0b", b"\x0c", b"\x7f", b"\x80", b"\xa0", b"\xff",
    b":", b",", b";", b"=", b'"', b"\\", b"%", b"%0", b"%00", b"%0d%0a", b"%ff", b"%c3%28",
    b"/", b"//", b"/..", b"?", b"#", b"*", b"@", b"[::1]", b"http://y/code", b"https://[::1]:1/code?a",
    b"0", b"1", b"-1", b"+1", b"0x1", b"1_0", b"01", b"9" * 20,
    b"HTTP/1.1", b"HTTP/1.0", b"HTTP/1.9", b"HTTP/2.0", b"HEAD", b"GET", b"POST", b"OPTIONS", b"CONNECT", b"get",
    b"Host: y\r\n", b"Host:\r\n", b"Content-Length: 0\r\n", b"Content-Length: 2\r\n", b"Content-Length: 2, 2\r\n",
    b"Content-Length:\r\n", b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip, chunked\r\n",
    b"Transfer-Encoding: , chunked\r\n", b"Connection: close\r\n", b"Connection: Upgrade\r\n", b"Upgrade: h2c\r\n",
    b"Connection: keep-alive\r\n", b"Expect: 100-continue\r\n", b"Content-Type: application/json\r\n",
    b"Prefer: code=503\r\n", b"Prefer: example=refused\r\n", b"Source: PC\r\n", b"Origin: http://a\r\n",
    b" folded\r\n", b"A\r\n", b": a\r\n", b"\r\n\r\n", b"{}", b"0\r\n\r\n", b"2\r\n{}\r\n", b"2;a=b\r\n{}\r\n",
    b"A: b\r\n" * 300, b"a" * 5000, b"A: " + b"a" * 66_000, LAST,
]
# fmt: on


@st.composite
def built(draw: st.DrawFn) -> bytes:
    """A request line and headers of tokens, some of them valid."""
    method = draw(st.sampled_from([b"POST", b"GET", b"HEAD", b"OPTIONS", b"post", b"M-SEARCH", b"", b"P@ST"]))
    path = draw(st.sampled_from([b"/code", b"/", b"*", b"/openapi.json", b"http://y/code", b"code", b"/code?a=%ff"]))
    version = draw(st.sampled_from([b"HTTP/1.1", b"HTTP/1.0", b"HTTP/1.1 ", b"http/1.1", b"HTTP/1"]))
    lines = [token for token in TOKENS if token.endswith(b"\r\n") and len(token) < 100]
    headers = [b"Host: x\r\n", *draw(st.lists(st.sampled_from(lines), max_size=5))]
    body = draw(st.sampled_from([b"", b"{}", b"0\r\n\r\n", b"2\r\n{}\r\n0\r\n\r\n", b"2\r\n{}\r\n0\r\nA: b\r\n\r\n"]))
    return (
        b" ".join((method, path, version))
        + b"\r\n"
        + b"".join(headers)
        + b"\r\n"
        + body
        + draw(st.sampled_from([b"", LAST]))
    )


def requests(seeds: Sequence[bytes]) -> st.SearchStrategy[list[bytes]]:
    """Bytes in the parts in which they are sent."""

    def split(data: bytes, places: list[int]) -> list[bytes]:
        marks = sorted({0, *(each % (len(data) + 1) for each in places), len(data)})
        return [data[begin:end] for begin, end in pairwise(marks)]

    return st.builds(
        split, mutated(seeds, TOKENS) | built() | st.binary(max_size=60), st.lists(st.integers(0, 3000), max_size=3)
    )


@contextmanager
def servers() -> Iterator[list[MockServer]]:
    """A mock with each parser, both with the same captchas."""
    with ExitStack() as stack:
        found = []
        for each in PROTOCOLS:
            found.append(stack.enter_context(serving(each.values[0], seed="fuzz")))
            assert statuses(exchange(found[-1], LAST)) == [200]
        yield found


def send(mock: MockServer, parts: Sequence[bytes]) -> bytes:
    """Send the parts, close the half of the client, and return what is received until the server closes its own."""
    received = b""
    with connect(mock) as connection, suppress(ConnectionError):
        connection.settimeout(PATIENCE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(OSError):  # the server has closed the connection
            for part in parts:
                connection.sendall(part)
            connection.shutdown(socket.SHUT_WR)
        while part := connection.recv(65536):
            received += part
    return received


def read_responses(received: bytes, *methods: str) -> list[int] | None:
    """The statuses of responses, or None if the bytes are not well-formed responses to these methods."""
    if not received:
        return []
    for method in methods:
        found = read_response(received, method)
        further = None if found is None else read_responses(found.rest, *methods)
        if found is not None and further is not None:
            return found.statuses + further
    return None


def check(mocks: Sequence[MockServer], parts: Sequence[bytes]) -> list[int]:
    """Send the bytes to each mock, and compare the responses and the journals; return the statuses."""
    results: list[Any] = []
    for mock in mocks:
        mock.reset()
        received = send(mock, parts)
        found = read_responses(received, "POST", *(["HEAD"] if b"HEAD" in b"".join(parts) else []))
        assert found is not None, f"not well-formed: {received!r}"
        assert b"\r\n\r\nInternal Server Error" not in received, "uvicorn has caught an exception"
        entries = [
            (e.method, e.path, e.query, e.headers, e.body, e.status, e.outcome, e.violations) for e in mock.requests
        ]
        # A server may omit 100 once a part of the body has arrived (RFC 9110 §10.1.1), so it depends on time.
        results.append(([status for status in found if status != 100], entries))
        assert statuses(exchange(mock, LAST)) == [200], "the mock serves no more"
    assert all(result == results[0] for result in results), f"the parsers differ: {results}"
    return list(results[0][0])


def fuzz(limits: settings) -> None:
    """Send requests within these limits."""
    seeds = [each for group in SEEDS.values() for each in group.values()]
    with servers() as mocks, no_errors() as logged:

        @limits
        @given(requests(seeds))
        def responses_are_alike(parts: list[bytes]) -> None:
            check(mocks, parts)
            assert logged == []

        responses_are_alike()
