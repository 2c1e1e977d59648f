"""One line for every call, to a stream: as text, or as one JSON object."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

from contract.printing import printable
from mock_server.journal import Entry

FORMATS = ("text", "json")


def writer(stream: TextIO, form: str) -> Callable[[Entry], None]:
    """An observer that writes each call in that format, one of FORMATS."""
    lock = threading.Lock()

    def write(entry: Entry) -> None:
        line = as_json(entry) if form == "json" else as_text(entry)
        # Whoever read the log may be gone; the answer is not to suffer for it.
        with lock, suppress(OSError):
            stream.write(f"{line}\n")
            stream.flush()

    return write


def as_json(entry: Entry) -> str:
    """All of an entry, ASCII."""
    return json.dumps(entry.as_json())


def as_text(entry: Entry) -> str:
    """When, what, and what was decided; what is not printable is escaped."""
    query = "&".join(f"{name}={value}" for name, value in entry.query)
    call = f"{entry.method} {entry.path}{'?' if query else ''}{query}"
    who = f" [{entry.client}]" if entry.client else ""
    against = f"; against the contract: {'; '.join(entry.violations)}" if entry.violations else ""
    line = (
        f"{entry.time[11:23]} {call} -> {entry.status} in {entry.milliseconds:.1f} ms{who}: {entry.decision}{against}"
    )
    return printable(line)[:2000]
