"""The request journal: the last requests with their outcomes."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from typing import Any

MAX_ENTRIES = 500


@dataclass
class JournalEntry:
    """One request and its outcome. Read-only.

    Attributes:
        number: The number of the request, counted from 1.
        answered: The Unix time of the response.
        client: The client that the request names, or "".
        method: The HTTP method.
        path: The path without the query.
        query: The query parameters, redacted.
        headers: The request headers, redacted.
        body: The request body as text, redacted and truncated.
        operation: The operation id, or None if the request matches no operation.
        status: The HTTP status of the response.
        outcome: The kind of response, and the reason for it.
        uuid: The id of the captcha in the response, or "".
        violations: The violations of the contract by the request, a sentence each.
        milliseconds: The response time, including the delay.
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
    status: int
    outcome: str
    uuid: str
    violations: list[str]
    milliseconds: float

    @property
    def time(self) -> str:
        """The time of the response (RFC 3339), UTC."""
        return datetime.fromtimestamp(self.answered, timezone.utc).isoformat(timespec="milliseconds")

    def as_json(self) -> dict[str, Any]:
        """Return the entry as JSON values: the schema `Entry` of the admin API."""
        values = {"number": self.number, "time": self.time} | asdict(self)
        del values["answered"]
        return values


class Journal:
    """The last MAX_ENTRIES entries. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[JournalEntry] = deque(maxlen=MAX_ENTRIES)

    def add(self, entry: JournalEntry) -> None:
        """Add an entry; above MAX_ENTRIES the oldest is dropped."""
        with self._lock:
            self._entries.append(entry)

    def entries(self, client: str = "", after: int = 0) -> list[JournalEntry]:
        """Return entries, oldest first.

        Args:
            client: Only the entries of this client; "" for all.
            after: Only the entries with a higher number.
        """
        with self._lock:
            found = sorted(self._entries, key=lambda entry: entry.answered)
        return [each for each in found if each.number > after and (not client or each.client == client)]

    def last_uuid(self, client: str = "") -> str:
        """Return the id of the last captcha sent to a client ("" for all), or "" if there is none."""
        return next((each.uuid for each in reversed(self.entries(client)) if each.uuid), "")

    def clear(self, client: str = "") -> None:
        """Remove the entries of a client ("" for all)."""
        with self._lock:
            kept = [each for each in self._entries if client and each.client != client]
            self._entries.clear()
            self._entries.extend(kept)
