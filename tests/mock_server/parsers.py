"""The two parsers of uvicorn, and raw connections to a server."""

from __future__ import annotations

import re
import socket
from importlib.util import find_spec

import pytest
from uvicorn.protocols.http.h11_impl import H11Protocol

from mock_server import MockServer

PROTOCOLS = [pytest.param(H11Protocol, id="h11")]
# The extra `fast` brings httptools; one environment of tox runs without it.
if find_spec("httptools"):
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

    PROTOCOLS.append(pytest.param(HttpToolsProtocol, id="httptools"))


def connect(mock: MockServer) -> socket.socket:
    host, port = mock.root_url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=5)


def received(connection: socket.socket) -> bytes:
    """The bytes until the server closes its half."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def exchange(mock: MockServer, sent: bytes, *, half_close: bool = False) -> bytes:
    """Send bytes, and return those received until the server closes the connection."""
    with connect(mock) as connection:
        connection.sendall(sent)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        return received(connection)


def statuses(response: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", response)]
