"""Errors that the mock logs instead of raising them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def no_errors() -> Iterator[list[str]]:
    """Yield the list of what the mock logs, which must be empty at the end."""
    handler = _Lines()
    loggers = [logging.getLogger(name) for name in ("mock_server", "asyncio")]
    for each in loggers:
        each.addHandler(handler)
    try:
        yield handler.lines
        assert handler.lines == []
    finally:
        for each in loggers:
            each.removeHandler(handler)
