"""The two parsers of uvicorn, and raw connections to a server."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any
from unittest.mock import patch

import pytest
from uvicorn.protocols.http.h11_impl import H11Protocol

import mock_server
from mock_server import MockServer
from mock_server.server import server as server_module
from mock_server.server.protocol import Connection

_NEW_EVENT_LOOP = server_module.new_event_loop
PROTOCOLS = [pytest.param(H11Protocol, id="h11")]
# The extra `fast` brings httptools; one environment of tox runs without it.
if find_spec("httptools"):
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

    PROTOCOLS.append(pytest.param(HttpToolsProtocol, id="httptools"))


@contextmanager
def serving(base: type, **settings: Any) -> Iterator[MockServer]:
    """Run a mock with one of the parsers, on Python's own event loop for h11."""
    loop = asyncio.new_event_loop if base is H11Protocol else _NEW_EVENT_LOOP
    with (
        patch.object(server_module, "MockProtocol", type("Protocol", (Connection, base), {})),
        patch.object(server_module, "new_event_loop", loop),
        mock_server.running(admin=False, **settings) as mock,
    ):
        yield mock


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
