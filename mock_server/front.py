"""The mock as an ASGI application: requests are read whole, then answered at once or by Flask in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import quote

from a2wsgi import WSGIMiddleware
from flask import Flask

from mock_server.answers import CONNECTION
from mock_server.app import MAX_REQUEST, PLAIN, REFUSALS, STATE
from mock_server.plain import Headers, PlainCalls

THREADS = 64
"""More than the answers that may be held back at a time (state.MOST_WAITING): the others still get theirs."""
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
        self._flask = WSGIMiddleware(self._with_connection, workers=THREADS)

    def take(self, app: Flask) -> None:
        """Answer by another application from the next call on."""
        self.app = app
        self._refusals: dict[int, tuple[str, bytes]] = app.config[REFUSALS]
        self._plain: PlainCalls = app.extensions[PLAIN]

    def close(self) -> None:
        """Let the threads go."""
        self._flask.executor.shutdown(wait=False, cancel_futures=True)

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
        scope["state"][CONNECTION].since = asyncio.get_running_loop().time()
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
        if not scope["query_string"].isascii():
            scope["query_string"] = quote(scope["query_string"], safe="%&=+;/?:@!$'()*,").encode()

        async def again() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        await self._flask(scope, again, send)

    def _with_connection(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """The Flask application, for which the connection is in reach."""
        environ[CONNECTION] = environ["asgi.scope"]["state"][CONNECTION].below()
        return self.app(environ, start_response)


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
