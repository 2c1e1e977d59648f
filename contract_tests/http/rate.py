"""The rate of requests, which several threads share."""

from __future__ import annotations

import threading
import time


class RateLimit:
    """Lets at most `rate` requests begin a second, at even intervals."""

    def __init__(self, rate: float) -> None:
        self._interval = 1 / rate
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self, until: float | None = None) -> None:
        """Wait for the turn of this thread, but not beyond `until` (time.monotonic)."""
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            if until is not None and turn >= until:
                turn = until  # this request is not sent, so that it uses up no turn
            else:
                self._next = turn + self._interval
        time.sleep(max(0.0, turn - now))
