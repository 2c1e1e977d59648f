"""The clock of a mock, which tests can move."""

from __future__ import annotations

import re
import threading
import time
from datetime import datetime, timezone

MIN_YEAR, MAX_YEAR = 1970, 9000
"""The years that a clock can show: values in responses lie before and after its time."""

_RFC_3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


class ClockError(ValueError):
    """The clock cannot be moved to a time. The message names it and the remedy."""


class ClockRangeError(ClockError):
    """The time is not one that the clock can show."""


class Clock:
    """A clock that shows the real time until it is moved; then it runs on from there. Safe to use from several threads.

    Args:
        day: The day to which times in responses are relative until it is moved; by default that of the clock.
    """

    def __init__(self, day: datetime | None = None) -> None:
        self._day = day
        self._lock = threading.Lock()
        self.offset = 0.0
        """Seconds by which it is ahead of the real time."""

    def time(self) -> float:
        """Return the Unix time."""
        return time.time() + self.offset

    def now(self) -> datetime:
        """Return the time in UTC."""
        return datetime.fromtimestamp(self.time(), timezone.utc)

    def today(self) -> datetime:
        """Return the time to which times in responses are relative: the start of a day, so that mocks agree."""
        if self._day is not None and not self.offset:
            return self._day
        return self.now().replace(hour=0, minute=0, second=0, microsecond=0)

    def set(self, moment: str) -> None:
        """Move the clock to a time.

        Args:
            moment: The time (RFC 3339 §5.6), such as "2026-01-31T09:30:00Z".

        Raises:
            ClockError: It is not a valid time, or out of range.
        """
        found = _RFC_3339.fullmatch(moment)
        try:
            if found is None:
                raise ValueError(moment)
            zone = "+00:00" if found[4] in ("Z", "z") else found[4]
            fraction = (found[3] or "0").ljust(6, "0")[:6]
            read = datetime.fromisoformat(f"{found[1]}T{found[2]}.{fraction}{zone}")
            self._move(read.timestamp() - time.time())
        except (ValueError, OverflowError) as error:
            if isinstance(error, ClockError):
                raise
            raise ClockError(
                f"now={moment[:40]!r} is not a valid time (RFC 3339); use one such as 2026-01-31T09:30:00Z"
            ) from None

    def advance(self, seconds: float) -> None:
        """Move the clock ahead, or back by a negative number. Raises ClockError if the time is out of range."""
        with self._lock:
            self._move(self.offset + seconds)

    def reset(self) -> None:
        """Show the real time again."""
        self.offset = 0.0

    def _move(self, offset: float) -> None:
        try:
            year = datetime.fromtimestamp(time.time() + offset, timezone.utc).year
        except (ValueError, OverflowError, OSError):
            year = 0
        if not MIN_YEAR <= year <= MAX_YEAR:
            raise ClockRangeError(f"the time is out of range; use one from {MIN_YEAR} to {MAX_YEAR}")
        self.offset = offset
