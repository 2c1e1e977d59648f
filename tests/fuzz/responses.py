"""Any bytes to the checks as a response. They end in a verdict and in every report, within the limits."""

from __future__ import annotations

import gzip
import json
import socket
import time

import hypothesis.strategies as st
from hypothesis import given, settings

from contract_tests.http.client import Client
from contract_tests.http.exchange import Exchange, Request, TransportErrorKind
from contract_tests.reports import writers
from tests.contract_tests.reports.results import CONTRACT, SAMPLE, result_of
from tests.fuzz.http_reader import read_response
from tests.fuzz.log import no_errors
from tests.fuzz.mutation import mutated
from tests.servers.hostile import raw_server

TIMEOUT, MAX_CPU_SECONDS = 30.0, 5.0
"""Seconds for one exchange, which only a loaded machine needs, since the server closes the connection after its
response; and for the work on a few of them, their verdicts and reports."""

UNEXPLAINED = ("the response is not HTTP", "the body ended early: the connection failed")
"""Details of errors that the client does not expect."""

BODY = json.dumps(SAMPLE).encode()
REFUSED = json.dumps(CONTRACT.example("refused").value, ensure_ascii=False).encode()
TYPE = b"Content-Type: application/json;charset=UTF-8\r\n"
ZIPPED = gzip.compress(BODY)
SEEDS = [
    b"HTTP/1.1 200 OK\r\n" + TYPE + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY,
    b"HTTP/1.1 200 \r\nServer: nginx\r\n" + TYPE + b"Content-Length: %d\r\n\r\n" % len(REFUSED) + REFUSED,
    b"HTTP/1.1 200\r\n" + TYPE + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY),
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n" + TYPE + b"Content-Length: %d\r\n\r\n" % len(ZIPPED) + ZIPPED,
    b"HTTP/1.0 200 OK\r\n" + TYPE + b"\r\n" + BODY,
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n"
    + TYPE
    + b"\r\n"
    + BODY,
    b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nSet-Cookie: a=b; Path=/\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html><h1>502</h1></html>\n",
    b"HTTP/1.1 302 Found\r\nLocation: //x/\r\nContent-Length: 0\r\n\r\n",
]
# fmt: off
TOKENS = [
    b"\r\n", b"\n", b"\r", b" ", b"\t", b"\0", b"\x0b", b"\x7f", b"\x80", b"\xff", b":", b",", b";", b"=", b'"',
    b"\\", b"{", b"}", b"[", b"]", b"null", b"true", b"1e999", b"-0", b"NaN", b"\\ud800", b"\\u0000", b"\xef\xbb\xbf",
    b"\xc3\x28", b"0", b"-1", b"9" * 20, b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/2 200\r\n",
    b"HTTP/1.1 999 x\r\n", b"HTTP/1.1 204 x\r\n", b"Content-Length: 0\r\n", b"Content-Length: 5\r\n",
    b"Content-Length: -1\r\n", b"Content-Length: 5, 5\r\n", b"Content-Length: \r\n",
    b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip\r\n", b"Content-Encoding: gzip\r\n",
    b"Content-Encoding: br, deflate\r\n", b"Content-Type: application/json;charset=\"UTF-8\r\n",
    b"Content-Type: ;\r\n", b"Content-Type: text/html;charset=gbk\r\n", b" folded\r\n", b"A\r\n", b": a\r\n",
    b"A: b\r\n" * 200, b"a" * 70_000, b"5;a=b\r\n12345\r\n", b"0\r\n\r\n", b"\r\n\r\n", b"data:image/png;base64,",
    b"[" * 3000, b'"uuid":1,', b'"img":"",', b'"succFlag":false,', b"\x1b[31m", b"<script>", b"\xe2\x80\xae",
]
# fmt: on


def check_reading(received: bytes, exchange: Exchange) -> None:
    """The client reads every response that h11 accepts, whole and alike, and gives a reason for each of its errors."""
    found = read_response(received)
    if found is not None:
        is_excess = exchange.error is not None and exchange.error.kind is TransportErrorKind.EXCESS
        assert exchange.error is None or (is_excess and found.rest), exchange.error
        assert (exchange.status, exchange.body) == (found.statuses[-1], found.body)
    elif exchange.error is not None:
        assert exchange.error.detail not in UNEXPLAINED, exchange.error


def fuzz(limits: settings) -> None:
    """Check responses within these limits."""
    waiting: list[bytes] = []

    def respond(connection: socket.socket) -> None:
        connection.sendall(waiting.pop())

    with raw_server(respond) as port, no_errors() as logged:
        request = Request("POST", f"http://127.0.0.1:{port}/code", (("Source", "PC"),))
        client = Client(timeout=TIMEOUT)

        @limits
        @given(st.lists(mutated(SEEDS, TOKENS) | st.binary(max_size=200), min_size=1, max_size=5))
        def responses_are_checked(responses: list[bytes]) -> None:
            waiting[:] = responses
            begun = time.process_time()
            exchanges = [client.send(request, operation="getCode") for _ in responses]
            for received, exchange in zip(reversed(responses), exchanges, strict=True):
                check_reading(received, exchange)
            result = result_of(*exchanges)
            assert len(result.verdicts) == len(CONTRACT.clauses)
            for write in writers.FORMATS.values():
                write(result).decode()
            assert time.process_time() - begun < MAX_CPU_SECONDS
            assert logged == []

        responses_are_checked()
