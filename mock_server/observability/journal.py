"""The journal: the last requests with their responses and outcomes."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import InitVar, dataclass, field, fields, replace
from datetime import datetime, timezone
from itertools import chain
from sys import getsizeof
from typing import Any

from mock_server.observability.events import Change, Publish
from mock_server.observability.recorded_response import NO_RESPONSE, RecordedResponse
from mock_server.observability.redaction import Redactor
from mock_server.reasons import Reason

APP, PAGE = "app", "page"
"""The sources of requests: everything that is not the page of the mock is an app."""
MAX_ENTRIES = 500
MAX_BYTES = 16 * 2**20
"""Approximate bytes of memory that all entries take."""
MAX_ENTRY_BYTES = 64 * 1024
"""Approximate bytes of memory that one entry takes without its response; a larger one is cut."""
_MAX_PAIRS, _MAX_CHARS, _MAX_VALUE = 50, 1000, 100
"""Pairs, and characters of each text and of each value of a reason, that are left of an entry that is cut."""
_REASON_COPIES = 3
"""A reason has its sentence, and its values besides, which may be reasons."""
_PAIR_BYTES, _ENTRY_BYTES = 200, 1000
"""Bytes that a pair and an entry take besides their characters."""


@dataclass(slots=True)
class JournalEntry:
    """One request and its outcome. Read-only.

    Attributes:
        number: The number of the entry, counted from 1 in the order of the responses; the journal sets it.
        answered: The Unix time of the response, or of the failure to send one.
        client: The client that the request names, or "".
        method: The HTTP method.
        path: The path without the query.
        query: The query parameters, redacted.
        headers: The request headers, redacted.
        body: The request body as text, redacted and truncated.
        operation: The operation id, or None if the request matches no operation.
        status: The HTTP status that reached the client, or None if none did.
        outcome: The kind of response and the reason for it, or the reason why none was sent.
        uuid: The id of the captcha in the response, or "".
        violations: The violations of the contract by the request.
        milliseconds: The time until the response, including the delay.
        source: APP or PAGE.
        response: The response that reached the client.
        head_bytes: The `count_head_bytes` of path, query and headers if it is known, or 0; not kept.
        size: The approximate bytes of memory that it takes.
    """

    number: int
    answered: float
    client: str
    method: str
    path: str
    query: list[tuple[str, str]]
    headers: list[tuple[str, str]]
    body: str
    operation: str | None
    status: int | None
    outcome: Reason
    uuid: str
    violations: list[Reason]
    milliseconds: float
    source: str = APP
    response: RecordedResponse = NO_RESPONSE
    head_bytes: InitVar[int] = 0
    size: int = field(init=False, compare=False, repr=False)

    def __post_init__(self, head_bytes: int) -> None:
        reasons = getsizeof(self.outcome) + sum(map(getsizeof, self.violations))
        head = head_bytes or count_head_bytes(self.path, self.query, self.headers)
        self.size = _ENTRY_BYTES + getsizeof(self.body) + _REASON_COPIES * reasons + head + self.response.memory

    @property
    def time(self) -> str:
        """The time of the response (RFC 3339), UTC."""
        return datetime.fromtimestamp(self.answered, timezone.utc).isoformat(timespec="milliseconds")

    def as_json(self) -> dict[str, Any]:
        """Return the entry as JSON values: the schema `Entry` of the admin API, without the response."""
        reasons = {"outcome": self.outcome.as_json(), "violations": [each.as_json() for each in self.violations]}
        return {name: getattr(self, name) for name in _JSON_NAMES} | {"reasons": reasons}


_JSON_NAMES = (
    *("number", "time"),
    *(each.name for each in fields(JournalEntry) if each.name not in ("number", "answered", "response", "size")),
)


def describe_entry(entry: JournalEntry, redactor: Redactor) -> dict[str, Any]:
    """Return an entry as JSON values with its response, redacted: the schema `Entry` of the admin API."""
    return entry.as_json() | {"response": entry.response.as_json(redactor)}


def count_head_bytes(path: str, query: list[tuple[str, str]], headers: list[tuple[str, str]]) -> int:
    """Return the approximate bytes of memory that the head of a request takes in an entry."""
    pairs = (*query, *headers)
    return getsizeof(path) + _PAIR_BYTES * len(pairs) + sum(map(len, chain.from_iterable(pairs)))


def cut(entry: JournalEntry) -> JournalEntry:
    """Return an entry within MAX_ENTRY_BYTES. Whatever is missing from it is marked with "…" and a number."""
    if entry.size <= MAX_ENTRY_BYTES or entry.size - entry.response.memory <= MAX_ENTRY_BYTES:
        return entry
    return replace(
        entry,
        method=_cut_text(entry.method),
        path=_cut_text(entry.path),
        query=_cut_pairs(entry.query),
        headers=_cut_pairs(entry.headers),
        body=_cut_text(entry.body),
        outcome=entry.outcome.mapped(_cut_value),
        violations=[each.mapped(_cut_value) for each in entry.violations[:_MAX_PAIRS]],
    )


def _cut_text(text: str, limit: int = _MAX_CHARS) -> str:
    return text if len(text) <= limit else f"{text[:limit]}… (truncated from {len(text)})"


def _cut_value(text: str) -> str:
    return _cut_text(text, _MAX_VALUE)


def _cut_pairs(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    kept = [(_cut_text(name, 100), _cut_text(value, 400)) for name, value in pairs[:_MAX_PAIRS]]
    more = len(pairs) - len(kept)
    return [*kept, ("…", f"{more} more")] if more else kept


class Journal:
    """The last entries, at most MAX_ENTRIES and MAX_BYTES. Safe to use from several threads.

    Attributes:
        last_number: The number of the last entry, 0 before the first.
        publish: Called after a change.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[JournalEntry] = deque()
        self._bytes = 0
        self.last_number = 0
        self.publish: Publish = lambda change, client, number: None

    def add(self, entry: JournalEntry) -> None:
        """Number an entry and add it; above the limits, the oldest are dropped."""
        with self._lock:
            # Under the lock, so that an entry that is added later has a higher number: readers continue after one.
            self.last_number = entry.number = self.last_number + 1
            self._entries.append(entry)
            self._bytes += entry.size
            while len(self._entries) > MAX_ENTRIES or self._bytes > MAX_BYTES:
                self._bytes -= self._entries.popleft().size
        self.publish(Change.REQUEST, entry.client, entry.number)

    def entries(self, client: str = "", after: int = 0, source: str = "") -> list[JournalEntry]:
        """Return entries, oldest first.

        Args:
            client: Only the entries of this client; "" for all.
            after: Only the entries with a higher number.
            source: Only the entries of this source; "" for all.
        """
        with self._lock:
            found = list(self._entries)
        return [
            each
            for each in found
            if each.number > after and client in ("", each.client) and source in ("", each.source)
        ]

    def last_uuid(self, client: str = "") -> str:
        """Return the id of the last captcha sent to an app, as this client ("" for all); "" if there is none."""
        return next((each.uuid for each in reversed(self.entries(client, source=APP)) if each.uuid), "")

    def clear(self, client: str = "") -> None:
        """Remove the entries of a client ("" for all)."""
        with self._lock:
            kept = [each for each in self._entries if client and each.client != client]
            self._entries.clear()
            self._entries.extend(kept)
            self._bytes = sum(each.size for each in kept)
            last = self.last_number
        self.publish(Change.CLEARED, client, last)
