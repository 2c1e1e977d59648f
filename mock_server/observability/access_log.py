"""The access log: one line per request, as text or as JSON, and the messages of the mock."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from logging.handlers import QueueListener
from queue import SimpleQueue
from typing import Any, TextIO

from code_contract.text import escape_lines, escape_unprintable
from mock_server.observability.journal import PAGE, JournalEntry

FORMATS = ("text", "json")
MAX_QUEUE_SIZE, MAX_QUEUE_BYTES = 10_000, 32 * 2**20
"""Entries that wait to be written, and their approximate memory; further ones are dropped and counted."""
MAX_LINE_CHARS = 2000
"""Characters of a text line; a longer one is truncated."""
BATCH_SECONDS = 0.02
"""Entries are collected for this time, and written together: one wake-up of the thread for many requests."""
STOP_TIMEOUT = 1.0
"""Seconds that the end of the log waits for a blocked stream."""


@contextmanager
def access_log(stream: TextIO, form: str) -> Iterator[Callable[[JournalEntry | str], None]]:
    """Write entries and other lines to a stream, in a thread: a blocked, full or closed stream delays no response.

    Args:
        stream: The stream, such as sys.stderr.
        form: The format of a line: one of FORMATS.

    Yields:
        A function that queues an entry, or a text.
    """
    duplicate = _duplicate_stream(stream)
    writer = _EntryWriter(duplicate, as_json if form == "json" else as_text)
    writer.start()

    def end() -> None:
        writer.stop()
        if duplicate is not stream:
            with suppress(OSError):
                duplicate.close()

    try:
        yield writer.add
    finally:
        # In a thread, since stop() waits for a blocked write without a limit.
        ending = threading.Thread(target=end, daemon=True)
        ending.start()
        ending.join(STOP_TIMEOUT)


def write_line(text: str, stream: TextIO) -> None:
    """Write a line at once, within STOP_TIMEOUT even if the stream is blocked. If it is closed or full, do nothing."""

    def write() -> None:
        duplicate = _duplicate_stream(stream)
        with suppress(OSError):
            duplicate.write(f"{text}\n")
            duplicate.flush()
        if duplicate is not stream:
            with suppress(OSError):
                duplicate.close()

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    thread.join(STOP_TIMEOUT)


class LogHandler(logging.Handler):
    """Writes the messages of loggers by the access log, since a blocked stream would block the event loop.

    Args:
        add: The function that `access_log` yields.
    """

    def __init__(self, add: Callable[[str], None]) -> None:
        super().__init__()
        self._add = add

    def emit(self, record: logging.LogRecord) -> None:
        """Queue a message. Whatever a contract or a client put into it is escaped."""
        self._add(escape_lines(self.format(record)))


def _duplicate_stream(stream: TextIO) -> TextIO:
    """The same file with a lock of its own: a write that holds the lock of sys.stderr keeps Python from exiting."""
    try:
        return open(os.dup(stream.fileno()), "w", encoding=stream.encoding, errors="backslashreplace")
    except OSError:
        # Not a file: a test has replaced the stream.
        return stream


class _EntryWriter(QueueListener):
    """Writes queued entries. There is no QueueHandler: a LogRecord costs 4 µs, an entry in the queue 0.1 µs."""

    def __init__(self, stream: TextIO, form: Callable[[JournalEntry], str]) -> None:
        self._entries: SimpleQueue[Any] = SimpleQueue()
        super().__init__(self._entries)
        self._stream = stream
        self._form = form
        self._dropped = 0
        # Each is changed by one thread only.
        self._bytes_added = self._bytes_written = 0

    def add(self, entry: JournalEntry | str) -> None:
        if self._entries.qsize() >= MAX_QUEUE_SIZE or self._bytes_added - self._bytes_written > MAX_QUEUE_BYTES:
            self._dropped += 1
        else:
            self._bytes_added += len(entry) if isinstance(entry, str) else entry.size
            self._entries.put(entry)

    def dequeue(self, block: bool) -> Any:
        if not self._entries.empty():
            return self._entries.get()
        # The reader of the log may have exited.
        with suppress(OSError):
            self._stream.flush()
        entry = self._entries.get()
        time.sleep(BATCH_SECONDS)
        return entry

    def handle(self, record: Any) -> None:
        is_text = isinstance(record, str)
        lines = f"{record if is_text else self._form(record)}\n"
        self._bytes_written += len(record) if is_text else record.size
        if self._dropped:
            lines += f"{self._dropped} further requests were not logged\n"
            self._dropped = 0
        with suppress(OSError):
            self._stream.write(lines)


def as_json(entry: JournalEntry) -> str:
    """Return an entry as one line of JSON: the schema `Entry` of the admin API without `response`, in ASCII."""
    return json.dumps(entry.as_json())


def as_text(entry: JournalEntry) -> str:
    """Return the time, request, status and outcome of an entry as one printable line."""
    query = "&".join(f"{name}={value}" for name, value in entry.query)
    request = f"{entry.method} {entry.path}{'?' if query else ''}{query}"
    status = "no response" if entry.status is None else entry.status
    client = (f" [{entry.client}]" if entry.client else "") + (" (page)" if entry.source == PAGE else "")
    violations = f"; violates the contract: {'; '.join(entry.violations)}" if entry.violations else ""
    clock = f"{_time_of_day(int(entry.answered))}.{int(entry.answered % 1 * 1000):03d}"
    line = f"{clock} {request} -> {status} in {entry.milliseconds:.1f} ms{client}: {entry.outcome}{violations}"
    return escape_unprintable(line)[:MAX_LINE_CHARS]


@lru_cache(2)
def _time_of_day(second: int) -> str:
    """The time of day of a Unix time in the time zone of the reader. Most lines share the second of the line before."""
    return time.strftime("%H:%M:%S", time.localtime(second))
