"""What a worker that is not the first does with a call that is not plain: it hands it to the first."""

from __future__ import annotations

import asyncio
from typing import Any

from mock_server.response import CONNECTION_KEY
from mock_server.server.asgi import Receive

# Of one connection, not of what is handed on (RFC 9110 §7.6.1).
_OF_THE_CONNECTION = frozenset([b"connection", b"keep-alive", b"expect"])


class Relay:
    """Hands a request on to the mock at an address, and its client what comes back, byte by byte."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address

    async def __call__(self, scope: Any, body: bytes, receive: Receive) -> None:
        """Hand on one request (an ASGI scope, and the body that was read). The connection is closed after it."""
        connection = scope["state"][CONNECTION_KEY]
        try:
            reader, writer = await asyncio.open_connection(*self._address)
        except OSError:
            # The first process is gone, and this one is about to follow it.
            connection.abort()
            return
        try:
            writer.write(_written(scope, body))
            while not connection.transport.is_closing() and (piece := await reader.read(65536)):
                connection.transport.write(piece)
            connection.transport.close()
        except ConnectionResetError:
            connection.abort(reset=True)
        finally:
            writer.close()
        # So it is known to be closed before uvicorn looks for an answer.
        await receive()


def _written(scope: Any, body: bytes) -> bytes:
    """The request as it is sent on."""
    target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
    lines = [b" ".join((scope["method"].encode(), target, b"HTTP/" + scope["http_version"].encode()))]
    lines += [name + b": " + value for name, value in scope["headers"] if name not in _OF_THE_CONNECTION]
    return b"\r\n".join((*lines, b"connection: close", b"", body))
