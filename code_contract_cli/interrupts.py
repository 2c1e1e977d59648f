"""Signals that end a command: the first raises KeyboardInterrupt, the second ends the process at once."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_received = 0
_deferred = False


def install() -> None:
    """Handle the signals as this module says; a command may replace the handler."""
    handle(_interrupt)


def handle(handler: Callable[[int, FrameType | None], None]) -> None:
    """Set the handler of SIGINT, SIGTERM, SIGHUP and SIGBREAK."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        # nohup ignores SIGHUP.
        if number is not None and not (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
            signal.signal(number, handler)


def exit_status() -> int:
    """Return the status by which shells report the signal received, 0 if there was none."""
    return 128 + _received if _received else 0


@contextmanager
def deferred() -> Iterator[None]:
    """Complete the block, such as the writing of reports, although a first signal arrives."""
    global _deferred
    _deferred = True
    try:
        yield
    finally:
        _deferred = False


def _interrupt(number: int, frame: FrameType | None) -> None:
    global _received
    if _received:
        os._exit(exit_status())
    _received = number
    # An object whose constructor the interrupt ends may lack an attribute that its finalizer reads.
    sys.unraisablehook = lambda unraisable: None
    if not _deferred:
        raise KeyboardInterrupt
