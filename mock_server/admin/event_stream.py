"""The stream of server-sent events (WHATWG HTML §9.2) of GET /__mock/events, without the waiting."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from werkzeug.sansio.request import Request

from mock_server.admin import ADMIN_PREFIX
from mock_server.core.behaviours import ALL_CLIENTS, CLIENT_HEADER, MAX_CLIENT_ID_LENGTH, client_id
from mock_server.core.mock import Mock
from mock_server.core.parsed_request import query_of
from mock_server.observability.events import Change
from mock_server.observability.journal import APP, PAGE, describe_entry

EVENTS_PATH = f"{ADMIN_PREFIX}/events"
MAX_STREAMS = 16
"""Streams and other waiters at a time; a further stream is refused with status 503."""
HEARTBEAT_SECONDS = 15.0
"""Seconds after which a silent stream sends a comment, so that proxies keep it open and a lost client is noticed."""
PACE_SECONDS = 0.05
"""Seconds between two parts of a stream."""
MAX_PART = 25
"""Entries of one part. Above 500 requests a second a stream falls behind, and misses what the journal drops."""
MAX_ENTRY_ID = 1_000_000_000
"""The highest number of a journal entry in a query."""
HEARTBEAT = b": heartbeat\n\n"
HEADERS = (
    ("Content-Type", "text/event-stream; charset=utf-8"),
    # Proxies that compress (webpack-dev-server, Next.js) or buffer (nginx) would hold the events back.
    ("Cache-Control", "no-store, no-transform"),
    ("X-Accel-Buffering", "no"),
)


class InvalidQueryError(ValueError):
    """A query parameter is invalid. The message gives a valid one."""


class JournalQuery(NamedTuple):
    """The entries that a request asks for.

    Attributes:
        client: Those of this client; "" for all.
        source: Those of this source; "" for all.
        after: Those with a higher number; None if it is not given.
    """

    client: str
    source: str
    after: int | None


def journal_query(request: Request) -> JournalQuery:
    """Read the query of a request about the journal.

    Raises:
        InvalidQueryError: A value is invalid.
    """
    query = query_of(request)
    for name, value in ((CLIENT_HEADER, request.headers.get(CLIENT_HEADER, "")), ("client", query.get("client", ""))):
        if len(value) > MAX_CLIENT_ID_LENGTH:
            raise InvalidQueryError(f"{name} has {len(value)} characters; use at most {MAX_CLIENT_ID_LENGTH}")
    source = query.get("source")
    if source not in (None, APP, PAGE):
        raise InvalidQueryError(f"source={source[:40]!r} is not a valid source; use {APP} or {PAGE}")
    after = query.get("after")
    if after is not None and not _is_number(after):
        raise InvalidQueryError(f"after={after[:40]!r} is not a valid entry number; use an integer such as 12")
    client = client_id(request.headers, query) or query.get("client", "")
    return JournalQuery(client, source or "", None if after is None else int(after))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= MAX_ENTRY_ID


class EventStream:
    """The text of a stream, part by part: entries of the journal as they are added, and changes.

    Args:
        mock: The mock.
        request: The request. Its Last-Event-ID, which a client sends when it reconnects, takes precedence over `after`.
        wake: Called, from any thread, when `next_part` has something to return.

    Attributes:
        has_more: True if the next part is ready.

    Raises:
        InvalidQueryError: A query parameter is invalid.
        TooManyStreamsError: There are MAX_STREAMS.
    """

    def __init__(self, mock: Mock, request: Request, wake: Callable[[], object]) -> None:
        self._redactor, self._state = mock.redactor, mock.state
        self._client, self._source, after = journal_query(request)
        last_id = request.headers.get("Last-Event-ID", "")
        if _is_number(last_id):
            after = int(last_id)
        subscription = self._state.events.subscribe(wake, MAX_STREAMS)
        if subscription is None:
            raise TooManyStreamsError
        self._subscription = subscription
        newest = self._state.journal.last_number
        # A number that is higher than all others is one of an earlier mock, whose journal is gone.
        self._last = newest if after is None else after if after <= newest else 0
        self._parts = [b"retry: 1000\n\n"]
        self.has_more = True

    def next_part(self) -> bytes:
        """Return what is new, b"" if nothing is."""
        parts, self._parts = self._parts, []
        for (change, client), number in self._subscription.take().items():
            if change is Change.CLEARED and client in ("", self._client or client):
                parts.append(_event("cleared", {"client": client, "through": number}))
            elif change is Change.BEHAVIOUR and client in (ALL_CLIENTS, self._client or client):
                source, left = self._state.behaviours.get(client)
                parts.append(_event("behaviour", {"client": client, "behaviour": source, "left": left}))
            elif change is Change.CAPTCHA:
                parts.append(_event("captcha", {}))
        entries = self._state.journal.entries(self._client, self._last, self._source)
        for entry in entries[:MAX_PART]:
            parts.append(b"id: %d\n" % entry.number + _event("request", describe_entry(entry, self._redactor)))
            self._last = entry.number
        self.has_more = len(entries) > MAX_PART
        return b"".join(parts)

    def close(self) -> None:
        """End the stream. It may be called twice."""
        self._state.events.unsubscribe(self._subscription)


class TooManyStreamsError(Exception):
    """There are MAX_STREAMS."""

    def __str__(self) -> str:
        """The reason, with the remedy."""
        return f"{MAX_STREAMS} streams of events are open; close one, or use GET /__mock/requests?after=N"


def _event(name: str, value: Any) -> bytes:
    # JSON escapes line breaks, which would end the data.
    return f"event: {name}\ndata: {json.dumps(value, ensure_ascii=False)}\n\n".encode("utf-8", "replace")
