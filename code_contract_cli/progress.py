"""The progress of a check: one line of a terminal that changes; in a log, a line a minute, for a soak only."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from contract_tests.engine.collector import Progress
from contract_tests.message import Message, translate

_LOG_INTERVAL = 60.0
"""Seconds between two lines of progress in a log."""


@contextmanager
def progress(soak: float, quiet: bool, lang: str) -> Iterator[Progress | None]:
    """Yield a function that shows the progress on stderr, None if nothing is shown.

    Args:
        soak: Seconds of the soak, 0 without one.
        quiet: True to show nothing.
        lang: The language, "en" or "zh".
    """
    is_terminal = sys.stderr.isatty()
    if quiet or (not is_terminal and not soak):
        yield None
        return
    begun = last = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if soak:
            line = Message("{} requests, {:.0f} of {:g} s", done, now - begun, soak)
        else:
            line = Message("{} of {} requests", done, total)
        text = translate(line, lang)
        if is_terminal:
            sys.stderr.write(f"\r{text}\x1b[K")
        elif now - last >= _LOG_INTERVAL:
            last = now
            sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    try:
        yield show
    finally:
        if is_terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
