"""The body of a request: read within a limit, and given to Flask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import quote

from werkzeug.sansio.request import Request

from mock_server.core.unrouted import MAX_BODY_SIZE

MAX_DISCARDED_BODY = 16 * MAX_BODY_SIZE
"""Bytes of a too large body that are read nevertheless, so that the client reads the response instead of failing."""

Receive = Callable[[], Awaitable[Any]]


async def read_body(receive: Receive, request: Request, limit: int) -> bytes | None:
    """Return the body, or None if it is larger than `limit`. Raises ConnectionError if the client disconnects."""
    length = request.content_length or 0
    if length > limit and (length > MAX_DISCARDED_BODY or "Expect" in request.headers):
        return None
    parts, read, more = list[bytes](), 0, True
    while more and read <= MAX_DISCARDED_BODY:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError
        part, more = message.get("body", b""), message.get("more_body", False)
        read += len(part)
        if read <= limit:
            parts.append(part)
    return b"".join(parts) if read <= limit else None


def for_flask(scope: Any, body: bytes | None, receive: Receive) -> tuple[Any, Receive]:
    """Return the scope and the channel for Flask, with the body that was read; Flask itself rejects a too large one."""
    framing = (b"content-length", b"transfer-encoding")
    headers: Iterable[tuple[bytes, bytes]] = (pair for pair in scope["headers"] if pair[0] not in framing)
    length = MAX_BODY_SIZE + 1 if body is None else len(body)
    messages = [{"type": "http.request", "body": body or b"", "more_body": False}]

    async def replay() -> Any:
        return messages.pop() if messages else await receive()

    return {
        **scope,
        "headers": [*headers, (b"content-length", b"%d" % length)],
        "query_string": quote(scope["query_string"], safe="%&=+;/?:@!$'()*,").encode(),
    }, replay
