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

from contract.printing import printable
from mock_server.journal import Entry

FORMATS = ("text", "json")
MOST_WAITING = 10_000
"""Lines that wait to be written; those above are counted, and left out."""
DELAY = 0.02
"""Seconds for which lines are collected, to be written together."""


@contextmanager
def writing(stream: TextIO, form: str) -> Iterator[Callable[[Entry], None]]:
    """An observer that writes each call in that format, one of FORMATS, as long as it is open.

    It writes in a thread of its own: a reader that is slow or gone holds no answer up.
    """
    apart = _apart(stream)
    lines = _Lines(apart, as_json if form == "json" else as_text)
    thread = threading.Thread(target=lines.write, name="log", daemon=True)
    thread.start()
    try:
        yield lines.add
    finally:
        lines.over.set()
        lines.some.set()
        thread.join(1)
        if apart is not stream and not thread.is_alive():
            apart.close()


def _apart(stream: TextIO) -> TextIO:
    """A stream to the same file with a lock of its own: one that is stuck would keep Python from ending."""
    try:
        return open(os.dup(stream.fileno()), "w", encoding=stream.encoding, errors="backslashreplace")
    except OSError:
        # It is not a file: a test has put something in its place.
        return stream


class _Lines:
    def __init__(self, stream: TextIO, form: Callable[[Entry], str]) -> None:
        self._stream = stream
        self._form = form
        self._waiting: deque[Entry] = deque()
        self._lost = 0
        self.some = threading.Event()
        self.over = threading.Event()

    def add(self, entry: Entry) -> None:
        if len(self._waiting) >= MOST_WAITING:
            self._lost += 1
            return
        self._waiting.append(entry)
        if not self.some.is_set():
            self.some.set()

    def write(self) -> None:
        while not (self.over.is_set() and not self._waiting):
            self.some.wait()
            self.over.wait(DELAY)
            self.some.clear()
            lines = [self._form(self._waiting.popleft()) for _ in range(len(self._waiting))]
            if self._lost:
                lines.append(f"{self._lost} calls more were answered than this log could be written")
                self._lost = 0
            # Whoever read the log may be gone.
            with suppress(OSError):
                self._stream.write("".join(f"{line}\n" for line in lines))
                self._stream.flush()


def as_json(entry: Entry) -> str:
    """All of an entry, ASCII."""
    return json.dumps(entry.as_json())


def as_text(entry: Entry) -> str:
    """When, what, and what was decided; what is not printable is escaped."""
    query = "&".join(f"{name}={value}" for name, value in entry.query)
    call = f"{entry.method} {entry.path}{'?' if query else ''}{query}"
    who = f" [{entry.client}]" if entry.client else ""
    against = f"; against the contract: {'; '.join(entry.violations)}" if entry.violations else ""
    when = f"{_clock(int(entry.answered))}.{int(entry.answered % 1 * 1000):03d}"
    line = f"{when} {call} -> {entry.status} in {entry.milliseconds:.1f} ms{who}: {entry.decision}{against}"
    return printable(line)[:2000]


@lru_cache(2)
def _clock(second: int) -> str:
    """A second of Unix time as the time of day, UTC; most lines are of the second of the one before."""
    return datetime.fromtimestamp(second, timezone.utc).strftime("%H:%M:%S")
