"""Request journal: the last requests with their outcomes, secrets masked.

`redacted_pairs` and `redacted_body` are the redactor of this package: an entry never holds a secret.
"""

from __future__ import annotations

import json
import re
import threading
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from typing import Any

MAX_ENTRIES = 500
MAX_BODY_CHARS, MAX_HEADER_CHARS = 4096, 512
"""Characters kept of a body, and of a header value."""
MASK = "***"

_SECRET = re.compile(r"auth|cookie|token|secret|passw|pwd|session|credential|api[-_]?key|signature", re.IGNORECASE)


@dataclass
class JournalEntry:
    """One request and its outcome. Read-only.

    Attributes:
        number: Number of the request, from 1.
        answered: Unix time of the response.
        client_id: Name that the client gave itself, "" without one.
        method: HTTP method.
        path: Path without query.
        query: Query parameters, secrets masked.
        headers: Request headers, secrets masked.
        body: Request body as text, secrets masked, cut.
        operation: Operation id, None if no operation matches.
        status: HTTP status of the response.
        outcome: The kind of response and its reason.
        uuid: Id of the captcha in the response, "" without one.
        violations: Violations of the contract by the request.
        milliseconds: Response time, a delay included.
    """

    number: int
    answered: float
    client_id: str
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
        """Time of the response (RFC 3339), UTC."""
        return datetime.fromtimestamp(self.answered, timezone.utc).isoformat(timespec="milliseconds")

    def as_json(self) -> dict[str, Any]:
        """Return the entry as JSON values."""
        values = {"number": self.number, "time": self.time} | asdict(self)
        del values["answered"]
        return values


class Journal:
    """The last MAX_ENTRIES entries. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[JournalEntry] = deque(maxlen=MAX_ENTRIES)

    def add(self, entry: JournalEntry) -> None:
        """Add an entry; the oldest is dropped above MAX_ENTRIES."""
        with self._lock:
            self._entries.append(entry)

    def entries(self, client: str = "", after: int = 0) -> list[JournalEntry]:
        """Return the entries of a client ("" for all) with a number above `after`, oldest first."""
        with self._lock:
            found = sorted(self._entries, key=lambda entry: entry.answered)
        return [each for each in found if each.number > after and (not client or each.client_id == client)]

    def last_uuid(self, client: str = "") -> str:
        """Return the id of the last captcha sent to a client ("" for all), "" if there is none."""
        return next((each.uuid for each in reversed(self.entries(client)) if each.uuid), "")

    def clear(self, client: str = "") -> None:
        """Remove the entries of a client ("" for all)."""
        with self._lock:
            kept = [each for each in self._entries if client and each.client_id != client]
            self._entries.clear()
            self._entries.extend(kept)


def redacted_pairs(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return name-value pairs with the values of secret names masked, and long values cut."""
    return [(name, MASK if _SECRET.search(name) else _cut(value, MAX_HEADER_CHARS)) for name, value in pairs]


def redacted_body(body: bytes) -> str:
    """Return a body as text, cut, with the values of secret names in JSON masked."""
    if not body:
        return ""
    text = body[: 4 * MAX_BODY_CHARS].decode("utf-8", "backslashreplace")
    if _SECRET.search(text):
        try:
            text = json.dumps(_mask(json.loads(body)), ensure_ascii=False)
        except (ValueError, RecursionError):
            # A secret in a body that is not JSON cannot be located, so nothing is shown.
            return MASK
    return _cut(text, MAX_BODY_CHARS)


def _mask(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: MASK if _SECRET.search(name) else _mask(each) for name, each in value.items()}
    return [_mask(each) for each in value] if isinstance(value, list) else value


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}… ({len(text)} characters)"
