"""One connection of a client: uvicorn's protocol with the contract's error responses, limits and connection faults.

uvicorn documents none of what this subclass uses; tests/mock_server/test_protocol.py notices a change of it.
"""

from __future__ import annotations

import asyncio
import math
import socket
import struct
import sys
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

from mock_server.reasons import Reason
from mock_server.server.asgi import CONNECTION_KEY, AsgiApp
from mock_server.server.head import MAX_HEADER_BYTES, Head, RequestError
from mock_server.server.request_reader import RequestReader
from mock_server.server.sockets import RESERVED_CONNECTIONS

CLIENT_TIMEOUT = 30.0
"""Seconds that a client has to send a head or a body, and that an unused connection is kept open."""
CLOSE_TIMEOUT = 0.2
"""Seconds that a client has to close its half when the server stops."""
FIRST_REQUEST_TIMEOUT = 0.5
"""Seconds that the first request of a new connection may be on its way. A connection that is unused for longer has been
opened ahead."""
LINGER_TIMEOUT = 2.0
"""Seconds that the client has to read the response to a request that was not read to its end (RFC 9112 §9.6)."""
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

    def write_eof(self) -> None:
        self._flush()
        # TLS has no half-closed connection that clients understand.
        if self._transport.can_write_eof():
            self._transport.write_eof()

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
    """A connection, to be mixed into a protocol of uvicorn, to whose methods every `super()` leads.

    It is available to the application as `scope["state"][CONNECTION_KEY]`.
    """

    transport: Any
    flow: Any
    loop: asyncio.AbstractEventLoop
    config: Any
    connections: set[Any]
    app_state: dict[str, Any]
    scope: dict[str, Any]
    """uvicorn's last request."""
    cycle: Any
    """uvicorn's last request and its response; None before the first."""
    requests: int
    """Requests received over the connection."""
    abandoned_from: float
    """The time of the loop from which a client that closes its half has given up: while a response is delayed, and in a
    stream. TCP does not tell it from one that has sent all it wants to send."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(_CoalescingTransport(transport, self.loop))  # type: ignore[misc]
        # The only way from a request to its connection, which a fault is to break.
        self.app_state = {**self.app_state, CONNECTION_KEY: self}
        self._reader = RequestReader()
        self._has_eof = self._is_rejected = self._closes = False
        self.abandoned_from = math.inf
        self.requests = 0
        self._turn: object = None
        self._opened = self._turn_began = self.loop.time()
        app: AsgiApp = self.config.app
        excess = len(self.connections) - app.max_connections
        self._is_excess = excess > 0
        if excess > RESERVED_CONNECTIONS:
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        if not self._is_rejected:
            self._reader.feed(data)
            self._advance()

    def connection_lost(self, exc: Exception | None) -> None:
        # The connection is part of reference cycles, so it stays in memory until the garbage collector runs.
        self._reader.close()
        # The class of uvicorn to which it leads is a variable; see MockProtocol.
        super().connection_lost(exc)  # type: ignore[misc]

    def eof_received(self) -> bool:
        """Called when the client has sent its last byte. True keeps the connection open for the response."""
        self._has_eof = True
        if not self._is_rejected and self._is_client_turn and (self._reader.in_body or self._reader.buffered):
            self._reject(RequestError(Reason("incomplete")))
        elif self._is_rejected or self._is_idle or self.loop.time() > self.abandoned_from:
            self.transport.close()
        # A transport of TLS closes itself in any case.
        return not self.transport.get_extra_info("sslcontext")

    def on_response_complete(self) -> None:
        super().on_response_complete()  # type: ignore[misc]
        if self._closes:
            # Before version 0.53, uvicorn keeps the connection after a chunked body.
            self.transport.close()
        if self._reader.buffered:
            self._advance()
        if self._has_eof and self._is_client_turn:
            self.transport.close()

    def _advance(self) -> None:
        """Give the parser what has arrived, one request at a time: a pipelined one waits for the response before it."""
        feed = super().data_received  # type: ignore[misc]
        try:
            while not self.transport.is_closing() and (self._reader.in_body or self._is_idle):
                event = next(self._reader.events)
                if event is None:
                    return
                if isinstance(event, Head):
                    if self._is_excess:
                        raise RequestError(Reason("too-many-connections"), HTTPStatus.SERVICE_UNAVAILABLE)
                    feed(event.parser_input)
                    self._turn_into(event)
                else:
                    feed(event)
        except RequestError as error:
            self._reject(error)
        if self._reader.buffered > MAX_HEADER_BYTES:
            self.flow.pause_reading()

    def _turn_into(self, head: Head) -> None:
        """Replace what the parser has read by the request itself, before the application sees it."""
        self.requests += 1
        self.scope["method"], self.scope["path"], self.scope["raw_path"] = head.method, head.path, head.raw_path
        self.scope["query_string"], self.scope["headers"] = head.query_string, head.headers
        self._closes = head.closes

    def send_400_response(self, msg: str) -> None:
        """Called by uvicorn for what its parser rejects."""
        self._reject(RequestError(Reason("rejected-by-parser")))

    def _reject(self, error: RequestError) -> None:
        """Send the documented error response, and close the connection once the client can have read it."""
        self._is_rejected = True
        self._reader.close()
        app: AsgiApp = self.config.app
        response = app.mock.protocol_error(error.status, error.reason)
        headers = (*response.headers, ("Content-Length", str(len(response.body))), ("Connection", "close"))
        if error.status is HTTPStatus.SERVICE_UNAVAILABLE:
            headers += (("Retry-After", "1"),)
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        head = f"HTTP/1.1 {error.status.value} {error.status.phrase}\r\n{lines}\r\n"
        self.transport.write(head.encode() + response.body)
        if self._has_eof:
            self.transport.close()
        else:
            # A close while the client is still sending would reset the connection, and the response with it.
            self.transport.write_eof()
            self.loop.call_later(LINGER_TIMEOUT, self.transport.abort)

    @property
    def _is_idle(self) -> bool:
        """True if no request is in progress."""
        return self.cycle is None or bool(self.cycle.response_complete)

    @property
    def _is_client_turn(self) -> bool:
        return self._is_idle or (self.cycle.more_body and not self.cycle.response_started)

    def shutdown(self) -> None:
        """Called when the server stops: closes the connection after the response in progress, or at once.

        A client that has closed its half is most likely gone, so the server does not wait for its response.
        """
        if self._is_client_turn or self._has_eof:
            self.transport.close()
            # Over TLS, a close waits for that of the client.
            self.loop.call_later(CLOSE_TIMEOUT, self.transport.abort)
        else:
            super().shutdown()  # type: ignore[misc]

    def close_unused(self) -> None:
        """Close the connection if it has no request in progress."""
        if self._is_idle and not self._reader.buffered and not self._is_rejected:
            self.transport.close()

    def close_others(self) -> None:
        """Close the other connections that have no request in progress, except those of a moment ago."""
        for each in tuple(self.connections):
            if each is not self and not each.is_new:
                each.close_unused()

    @property
    def is_new(self) -> bool:
        """True if the first request may be on its way."""
        return not self.requests and self.loop.time() - self._opened < FIRST_REQUEST_TIMEOUT

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
