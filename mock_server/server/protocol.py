"""One connection of a client: uvicorn's, with the refusals of the contract, bounds, and what faults do below HTTP."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

from mock_server.response import CONNECTION_KEY

if TYPE_CHECKING:
    from mock_server.server.asgi import Front

MAX_HEADER_BYTES = 64 * 1024
"""Bytes of a request line and its headers that are read."""
CLIENT_TIMEOUT = 30.0
"""Seconds that a client has to send a head, or a body, and that an unused connection is kept."""

# Two ints everywhere but on Windows, where they are two shorts.
_NO_LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class _CoalescingTransport:
    """A transport that sends together what is written in one turn of the loop: an answer's head and its body.

    uvicorn sends them apart, and at once. Sent together, once all is answered that has come, an answer takes a quarter
    of its time less.
    """

    def __init__(self, transport: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._written: list[bytes] = []
        self.is_closing = transport.is_closing

    def write(self, data: bytes) -> None:
        if not self._written:
            self._loop.call_soon(self._send)
        self._written.append(data)

    def close(self) -> None:
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._written:
            joined = b"".join(self._written)
            self._written.clear()
            self._transport.write(joined)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


# By httptools where it is installed, else by h11, which uvicorn brings along: no checker of types can say which.
class MockProtocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """What uvicorn makes of a connection, reachable from the application as `scope["state"][CONNECTION]`."""

    def connection_made(self, transport: Any) -> None:
        self._front: Front = self.config.app
        if self._front.away(transport):
            # There is another descriptor of it now; this one closes without a word to the client.
            self.transport = transport
            transport.abort()
            return
        super().connection_made(_CoalescingTransport(transport, self.loop))
        self.app_state: dict[str, Any] = {**self.app_state, CONNECTION_KEY: self}
        self._head = 0
        self.idle_since = self.loop.time()

    def data_received(self, data: bytes) -> None:
        # h11 counts for itself; httptools reads on for ever.
        self._head += len(data)
        super().data_received(data)
        if self._head > MAX_HEADER_BYTES and not self.transport.is_closing():
            self.send_400_response("")

    def on_headers_complete(self) -> None:
        self._head = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._head = 0
        super().on_body(body)

    def handle_events(self) -> None:
        self._head = 0
        super().handle_events()

    def on_response_complete(self) -> None:
        self.idle_since = self.loop.time()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, or too long a head, in the documented envelope."""
        content_type, body = self._front.refusal(400)
        head = f"HTTP/1.1 400 Bad Request\r\ncontent-type: {content_type}\r\ncontent-length: {len(body)}\r\n"
        self.transport.write(head.encode() + b"connection: close\r\n\r\n" + body)
        self.transport.close()

    @property
    def is_waiting(self) -> bool:
        """Whether it is the client's turn: no request is under way, or its body is yet to come."""
        cycle = self.cycle
        return cycle is None or cycle.response_complete or (cycle.more_body and not cycle.response_started)

    def shutdown(self) -> None:
        """Close it once the answer under way is delivered; at once where there is none."""
        if self.is_waiting:
            self.transport.close()
        else:
            super().shutdown()

    def close_if_idle(self) -> None:
        """Close it where the client takes longer than PATIENCE."""
        if self.is_waiting and self.loop.time() - self.idle_since > CLIENT_TIMEOUT:
            self.transport.abort()

    def abort(self, reset: bool = False) -> None:
        """Close it at once, whatever is still to be sent; by a reset if asked."""
        if reset:
            # With no time to linger, closing a socket sends RST (RFC 9293 §3.10.4).
            sock = self.transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.transport.abort()
