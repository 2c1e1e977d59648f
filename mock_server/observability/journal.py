"""The journal: what was sent to the mock and what it made of it, the last calls only, secrets masked."""

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
MAX_BODY_CHARS, LONGEST_HEADER = 4096, 512
"""Characters kept of a body and of a header's value."""
MASK = "***"

_SECRET = re.compile(r"auth|cookie|token|secret|passw|pwd|session|credential|api[-_]?key|signature", re.IGNORECASE)


@dataclass
class JournalEntry:
    """One call: as it came (secrets masked), what was answered, and why. Not to be changed.

    `number` counts from 1; `answered` is Unix time; `milliseconds` are those that the answer took; `operation` is None
    for what reached none, `uuid` empty where no captcha was given; `violations` are what the request does against the
    contract.
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
        """When it was answered (RFC 3339), UTC."""
        return datetime.fromtimestamp(self.answered, timezone.utc).isoformat(timespec="milliseconds")

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        values = {"number": self.number, "time": self.time} | asdict(self)
        del values["answered"]
        return values


class Journal:
    """The last entries. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[JournalEntry] = deque(maxlen=MAX_ENTRIES)

    def add(self, entry: JournalEntry) -> None:
        """Keep an entry; the oldest is forgotten where there are too many."""
        with self._lock:
            self._entries.append(entry)

    def entries(self, client: str = "", after: int = 0) -> list[JournalEntry]:
        """The entries of a client ("" for all) with a number above `after`, oldest first."""
        with self._lock:
            found = sorted(self._entries, key=lambda entry: entry.answered)
        return [each for each in found if each.number > after and (not client or each.client_id == client)]

    def last_uuid(self, client: str = "") -> str:
        """The id of the last captcha given (to a client); "" where none is remembered."""
        return next((each.uuid for each in reversed(self.entries(client)) if each.uuid), "")

    def drain(self) -> list[JournalEntry]:
        """All entries, which are forgotten here."""
        with self._lock:
            found = list(self._entries)
            self._entries.clear()
        return found

    def clear(self, client: str = "") -> None:
        """Forget the entries of a client ("" for all)."""
        with self._lock:
            kept = [each for each in self._entries if client and each.client_id != client]
            self._entries.clear()
            self._entries.extend(kept)


def redacted_pairs(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Headers or query pairs, the values of those whose name sounds secret masked, long ones cut."""
    return [(name, MASK if _SECRET.search(name) else _cut(value, LONGEST_HEADER)) for name, value in pairs]


def redacted_body(body: bytes) -> str:
    """A body as text, cut; in a JSON document the values of names that sound secret are masked."""
    if not body:
        return ""
    text = body[: 4 * MAX_BODY_CHARS].decode("utf-8", "backslashreplace")
    if _SECRET.search(text):
        try:
            text = json.dumps(_mask(json.loads(body)), ensure_ascii=False)
        except (ValueError, RecursionError):
            # What cannot be told apart is not shown at all.
            return MASK
    return _cut(text, MAX_BODY_CHARS)


def _mask(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: MASK if _SECRET.search(name) else _mask(each) for name, each in value.items()}
    return [_mask(each) for each in value] if isinstance(value, list) else value


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}… ({len(text)} characters)"
