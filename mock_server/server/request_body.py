"""The body of a request, read within a limit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from werkzeug.sansio.request import Request

from mock_server.core.unrouted import MAX_BODY_SIZE

MAX_DISCARDED_BODY = 16 * MAX_BODY_SIZE
"""Bytes of a too large body that are read nevertheless, so that the client reads the response instead of failing."""


async def read_body(receive: Callable[[], Awaitable[Any]], request: Request, limit: int) -> bytes | None:
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
