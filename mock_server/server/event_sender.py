"""Sends a stream of events over one connection of the server."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from werkzeug.sansio.request import Request

from mock_server.admin.event_stream import HEADERS, HEARTBEAT, HEARTBEAT_SECONDS, PACE_SECONDS, EventStream
from mock_server.core.cors import cors_headers

if TYPE_CHECKING:
    from mock_server.server.asgi import AsgiApp

SEND_TIMEOUT = 30.0
"""Seconds that a client has to read a part of the stream."""


async def send_events(app: AsgiApp, request: Request, connection: Any, receive: Any, send: Any) -> None:
    """Send events until the client disconnects or the server stops.

    Raises:
        InvalidQueryError: A query parameter is invalid; nothing was sent.
        TooManyStreamsError: There are too many streams; nothing was sent.
    """
    loop, woken = asyncio.get_running_loop(), asyncio.Event()

    def wake() -> None:
        # The loop is closed when the server has stopped.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(woken.set)

    stream = EventStream(app.mock, request, wake)
    connection.abandoned_from = 0.0
    gone = asyncio.ensure_future(_disconnect(receive, woken))
    try:
        headers = (*HEADERS, *_SECURITY, *cors_headers("GET", {name.lower(): value for name, value in request.headers}))
        raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        while not app.stopping and not gone.done():
            woken.clear()
            part = stream.next_part()
            if not stream.has_more and not part:
                part = await _wait(woken, HEARTBEAT_SECONDS)
            if part:
                message = {"type": "http.response.body", "body": part, "more_body": True}
                await asyncio.wait_for(send(message), SEND_TIMEOUT)
                await asyncio.sleep(PACE_SECONDS)
        await send({"type": "http.response.body", "body": b""})
    except asyncio.TimeoutError:
        connection.abort()
    finally:
        gone.cancel()
        stream.close()


_SECURITY = (("X-Content-Type-Options", "nosniff"), ("Cross-Origin-Resource-Policy", "same-origin"))


async def _wait(woken: asyncio.Event, seconds: float) -> bytes:
    """A heartbeat if nothing has happened for these seconds, else nothing."""
    try:
        await asyncio.wait_for(woken.wait(), seconds)
    except asyncio.TimeoutError:
        return HEARTBEAT
    return b""


async def _disconnect(receive: Any, woken: asyncio.Event) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    woken.set()
