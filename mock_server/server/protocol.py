"""One connection of a client: uvicorn's protocol with the contract's error responses, limits and connection faults.

uvicorn documents none of what this subclass uses; tests/mock_server/test_protocol.py notices a change of it.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

from mock_server.core.errors import REQUEST_ERROR
from mock_server.server.asgi import CONNECTION_KEY, AsgiApp

MAX_HEADER_BYTES = 64 * 1024
"""Bytes of a request line and its headers."""
CLIENT_TIMEOUT = 30.0
"""Seconds that a client has to send a head or a body, and that an unused connection is kept open."""

# Two ints, except on Windows, where they are two shorts.
_NO_LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class _CoalescingTransport:
    """A transport that sends everything written in one turn of the event loop at once.

    uvicorn writes the head and the body of a response separately. Sent together, a response takes a quarter less time.
    """

    def __init__(self, transport: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._pending: list[bytes] = []
        self.is_closing = transport.is_closing

    def write(self, data: bytes) -> None:
        if not self._pending:
            self._loop.call_soon(self._flush)
        self._pending.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._pending:
            joined = b"".join(self._pending)
            self._pending.clear()
            self._transport.write(joined)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class Connection:
    """A connection, to be mixed into a protocol of uvicorn.

    It is available to the application as `scope["state"][CONNECTION_KEY]`.
    """

    transport: Any
    loop: asyncio.AbstractEventLoop
    config: Any
    app_state: dict[str, Any]
    cycle: Any
    """uvicorn's last request and its response; None before the first."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(_CoalescingTransport(transport, self.loop))  # type: ignore[misc]
        # The only way from a request to its connection, which a fault is to break.
        self.app_state = {**self.app_state, CONNECTION_KEY: self}
        self._head_size = 0
        self._turn: object = None
        self._turn_began = self.loop.time()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)  # type: ignore[misc]
        # h11 limits the head itself; httptools does not.
        self._head_size = self._head_size + len(data) if self._is_idle else 0
        if self._head_size > MAX_HEADER_BYTES and not self.transport.is_closing():
            self.send_400_response("")

    def send_400_response(self, msg: str) -> None:
        """Called by uvicorn for what is not HTTP: responds with the documented error in place of plain text."""
        app: AsgiApp = self.config.app
        response = app.mock.error_response(REQUEST_ERROR)
        headers = (*response.headers, ("Content-Length", str(len(response.body))), ("Connection", "close"))
        head = "".join(f"{name}: {value}\r\n" for name, value in headers)
        self.transport.write(f"HTTP/1.1 400 Bad Request\r\n{head}\r\n".encode() + response.body)
        self.transport.close()

    @property
    def _is_idle(self) -> bool:
        """True if no request is in progress."""
        return self.cycle is None or bool(self.cycle.response_complete)

    @property
    def _is_client_turn(self) -> bool:
        return self._is_idle or (self.cycle.more_body and not self.cycle.response_started)

    def shutdown(self) -> None:
        """Called when the server stops: closes the connection after the response in progress, or at once."""
        if self._is_client_turn:
            self.transport.close()
        else:
            super().shutdown()  # type: ignore[misc]

    def close_if_idle(self) -> None:
        """Close the connection if the client takes longer than CLIENT_TIMEOUT. To be called about once a second."""
        turn = (self.cycle, self._is_idle)
        if turn != self._turn:
            self._turn, self._turn_began = turn, self.loop.time()
        elif self._is_client_turn and self.loop.time() - self._turn_began > CLIENT_TIMEOUT:
            self.transport.abort()

    def abort(self, reset: bool = False) -> None:
        """Close the connection at once and drop what is still to be sent; with a reset (RST) if `reset`."""
        if reset:
            # With no time to linger, closing a socket sends RST (RFC 9293 §3.10.4).
            sock = self.transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.transport.abort()


# The base is a variable, so a type checker cannot know it.
class MockProtocol(Connection, AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """A connection read by httptools if it is installed, else by h11."""
