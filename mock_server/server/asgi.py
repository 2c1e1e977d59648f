"""The mock as an ASGI application: requests are read whole, then answered at once or by Flask in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any
from urllib.parse import quote

from a2wsgi.wsgi import build_environ
from flask import Flask
from werkzeug.wrappers import Response

from mock_server.app import ERROR_RESPONSES, MAX_REQUEST, PLAN_CACHE, STATE
from mock_server.core.plan_cache import Headers, PlainCalls
from mock_server.response import CONNECTION_FAULT_KEY, CONNECTION_KEY, ConnectionFault

THREADS = 64
"""More than the answers that may be held back at a time (state.MOST_WAITING): the others still get theirs."""
LONGEST_DRIP = 600
"""Seconds after which even an endless answer is broken off."""
MOST_THROWN_AWAY = 16 * MAX_REQUEST
"""Bytes of a body too large that are read all the same, so that the client gets to read why it is refused."""

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Handler = Callable[[Any, bytes, Receive], Awaitable[None]]


class Front:
    """Stands before an application of create_app, which `take` replaces.

    With a `relay`, that is where the calls go that are not plain, with their body, in place of Flask.
    """

    def __init__(self, app: Flask, relay: Handler | None = None) -> None:
        self.take(app)
        self._relay = relay
        self.away: Callable[[Any], bool] = lambda transport: False
        """Whether a connection that has just been made was given to another process."""
        self.stopping: threading.Event = app.extensions[STATE].stopping
        self._threads = ThreadPoolExecutor(THREADS, "flask")

    def take(self, app: Flask) -> None:
        """Answer by another application from the next call on."""
        self.app = app
        self._refusals: dict[int, tuple[str, bytes]] = app.config[ERROR_RESPONSES]
        self._plain: PlainCalls = app.extensions[PLAN_CACHE]

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def refusal(self, status: int) -> tuple[str, bytes]:
        """The content type and the body that refuse with a status, before there is a call."""
        return self._refusals.get(status) or self._refusals.get(400) or ("text/plain", b"refused")

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3)."""
        if not scope["query_string"]:
            answered = self._plain.answer(scope["method"], scope["path"], tuple(scope["headers"]))
            if answered is not None:
                await _send(send, *answered)
                return
        scope["state"][CONNECTION_KEY].idle_since = asyncio.get_running_loop().time()
        try:
            body = await _read(receive, dict(scope["headers"]))
        except ConnectionError:
            return
        if body is None:
            content_type, refusal = self.refusal(413)
            said = ((b"content-type", content_type.encode()), (b"connection", b"close"))
            await _send(send, 413, said, refusal)
            return
        if body:
            # However it came, it is whole now (RFC 9112 §6.3).
            kept = [pair for pair in scope["headers"] if pair[0] not in (b"content-length", b"transfer-encoding")]
            scope["headers"] = [*kept, (b"content-length", b"%d" % len(body))]
        if self._relay is not None:
            await self._relay(scope, body, receive)
            return
        below: list[ConnectionFault] = []
        loop = asyncio.get_running_loop()
        response = await loop.run_in_executor(self._threads, _by_flask, self.app, scope, body, below)
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
        if below:
            await self._instead(below[0], headers, scope["state"][CONNECTION_KEY], send)
            # So it is known to be closed before uvicorn looks for the end of the answer.
            await receive()
            return
        await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": b"".join(response.iter_encoded())})

    async def _instead(
        self, below: ConnectionFault, headers: list[tuple[bytes, bytes]], connection: Any, send: Send
    ) -> None:
        """What comes in place of an answer. The drip: blanks, one a second, until the client or the mock has enough."""
        if below is ConnectionFault.DRIBBLE:
            kept = [pair for pair in headers if pair[0].lower() != b"content-length"]
            await send({"type": "http.response.start", "status": 200, "headers": kept})
            for _ in range(LONGEST_DRIP):
                await send({"type": "http.response.body", "body": b" ", "more_body": True})
                await asyncio.sleep(1)
                if self.stopping.is_set() or connection.transport.is_closing():
                    break
        connection.abort(reset=below is not ConnectionFault.EMPTY)


def _by_flask(app: Flask, scope: Any, body: bytes, below: list[ConnectionFault]) -> Response:
    """The application's answer to a request; what is to come in its place is added to `below`."""
    if not scope["query_string"].isascii():
        scope["query_string"] = quote(scope["query_string"], safe="%&=+;/?:@!$'()*,").encode()
    # It asks for a Body of its own, and hands on whatever it is given.
    given: Any = BytesIO(body)
    environ: dict[str, Any] = {**build_environ(scope, given), CONNECTION_FAULT_KEY: below}
    return Response.from_app(app, environ, buffered=True)


async def _read(receive: Receive, headers: dict[bytes, bytes]) -> bytes | None:
    """The body of a request; None where it is larger than MAX_REQUEST. Raises ConnectionError where it breaks off."""
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > MAX_REQUEST and (int(length) > MOST_THROWN_AWAY or b"expect" in headers):
        return None
    parts, read, more = list[bytes](), 0, True
    while more and read <= MOST_THROWN_AWAY:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError
        part, more = message.get("body", b""), message.get("more_body", False)
        read += len(part)
        if read <= MAX_REQUEST:
            parts.append(part)
    return b"".join(parts) if read <= MAX_REQUEST else None


async def _send(send: Send, status: int, headers: Headers, body: bytes) -> None:
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})
