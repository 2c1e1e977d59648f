"""The heads of responses and requests: lengths, malformed headers, characters outside ASCII."""

from __future__ import annotations

import socket

import pytest

from contract_tests.http.client import Client
from contract_tests.http.exchange import Request
from tests.contract_tests.test_client import LIMIT, VALID, call
from tests.servers.hostile import BODY, HEAD, raw_server, send


def test_an_invalid_length_is_quoted() -> None:
    """The error of a Content-Length that is not a length shows the value, and no body is read."""
    with raw_server(send(HEAD + b"Content-Length: -5\r\n\r\n" + BODY, then="hold")) as port:
        found = call(port)
    assert found.error is not None
    assert found.error.detail == 'the end of the body is unknown: Content-Length is "-5"'
    assert (found.status, found.body) == (200, b"")


def test_malformed_headers_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The log, which pytest shows, has no header of the target, which may return secrets."""
    with raw_server(send(HEAD + b"secret without colon\r\nContent-Length: 7\r\n\r\n" + BODY)) as port:
        call(port)
    assert "secret" not in caplog.text


def test_a_header_value_is_sent_in_utf_8() -> None:
    """A value outside ASCII is sent as UTF-8 (RFC 9110 §5.5)."""
    seen: list[bytes] = []

    def watch(connection: socket.socket) -> socket.socket:
        seen.append(connection.recv(65536, socket.MSG_PEEK))
        return connection

    with raw_server(VALID["length"], watch) as port:
        request = Request("POST", f"http://127.0.0.1:{port}/code", (("Source", "平台é"),))
        assert Client(timeout=LIMIT).send(request).error is None
    assert "Source: 平台é\r\n".encode() in seen[0]
