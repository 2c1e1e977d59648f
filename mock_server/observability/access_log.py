"""One line for every call, to a stream: as text, or as one JSON object."""

from __future__ import annotations

import json
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from functools import lru_cache
from typing import TextIO

from code_contract.text import escape_unprintable
from mock_server.observability.journal import JournalEntry

FORMATS = ("text", "json")
QUEUE_SIZE = 10_000
"""Lines that wait to be written; those above are counted, and left out."""
DELAY = 0.02
"""Seconds for which lines are collected, to be written together."""


@contextmanager
def access_log(stream: TextIO, form: str) -> Iterator[Callable[[JournalEntry], None]]:
    """An observer that writes each call in that format, one of FORMATS, as long as it is open.

    It writes in a thread of its own: a reader that is slow or gone holds no answer up.
    """
    apart = _duplicate_stream(stream)
    lines = _Lines(apart, as_json if form == "json" else as_text)
    thread = threading.Thread(target=lines.write, name="log", daemon=True)
    thread.start()
    try:
        yield lines.add
    finally:
        lines._stopped.set()
        lines._pending.set()
        thread.join(1)
        if apart is not stream and not thread.is_alive():
            apart.close()


def _duplicate_stream(stream: TextIO) -> TextIO:
    """A stream to the same file with a lock of its own: one that is stuck would keep Python from ending."""
    try:
        return open(os.dup(stream.fileno()), "w", encoding=stream.encoding, errors="backslashreplace")
    except OSError:
        # It is not a file: a test has put something in its place.
        return stream


class _Lines:
    def __init__(self, stream: TextIO, form: Callable[[JournalEntry], str]) -> None:
        self._stream = stream
        self._form = form
        self._waiting: deque[JournalEntry] = deque()
        self._lost = 0
        self._pending = threading.Event()
        self._stopped = threading.Event()

    def add(self, entry: JournalEntry) -> None:
        if len(self._waiting) >= QUEUE_SIZE:
            self._lost += 1
            return
        self._waiting.append(entry)
        if not self._pending.is_set():
            self._pending.set()

    def write(self) -> None:
        while not (self._stopped.is_set() and not self._waiting):
            self._pending.wait()
            self._stopped.wait(DELAY)
            self._pending.clear()
            lines = [self._form(self._waiting.popleft()) for _ in range(len(self._waiting))]
            if self._lost:
                lines.append(f"{self._lost} calls more were answered than this log could be written")
                self._lost = 0
            # Whoever read the log may be gone.
            with suppress(OSError):
                self._stream.write("".join(f"{line}\n" for line in lines))
                self._stream.flush()


def as_json(entry: JournalEntry) -> str:
    """All of an entry, ASCII."""
    return json.dumps(entry.as_json())


def as_text(entry: JournalEntry) -> str:
    """When, what, and what was decided; what is not printable is escaped."""
    query = "&".join(f"{name}={value}" for name, value in entry.query)
    call = f"{entry.method} {entry.path}{'?' if query else ''}{query}"
    who = f" [{entry.client_id}]" if entry.client_id else ""
    against = f"; against the contract: {'; '.join(entry.violations)}" if entry.violations else ""
    when = f"{_clock(int(entry.answered))}.{int(entry.answered % 1 * 1000):03d}"
    line = f"{when} {call} -> {entry.status} in {entry.milliseconds:.1f} ms{who}: {entry.outcome}{against}"
    return escape_unprintable(line)[:2000]


@lru_cache(2)
def _clock(second: int) -> str:
    """A second of Unix time as the time of day, UTC; most lines are of the second of the one before."""
    return datetime.fromtimestamp(second, timezone.utc).strftime("%H:%M:%S")
