"""Assertions of tests about the requests that a mock has received, or is going to receive."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from mock_server.core.state import State
from mock_server.observability.journal import JournalEntry
from mock_server.observability.matcher import FIELDS, Matcher, Verification, limits, verify

MAX_WAIT = 600.0
"""The longest time to wait for a request, in seconds."""


def require_requests(state: State, matcher: Matcher, times: int | Mapping[str, int] | None) -> list[JournalEntry]:
    """Return the entries that match.

    Raises:
        AssertionError: Their number is not `times`; the message names the nearest entries and their differences.
    """
    low, high = limits(times)
    entries = state.journal.entries()
    result = verify(entries, matcher, low, high)
    if not result.matched:
        raise AssertionError(_explained(result, matcher, _count(low, high)))
    return [each for each in entries if each.number in set(result.requests)]


def wait_for_request(state: State, matcher: Matcher, after: int, timeout: float) -> JournalEntry:
    """Return the first entry after a number that matches, as soon as there is one.

    Raises:
        AssertionError: There is none within the timeout; the message names the nearest entries and their differences.
        ValueError: The timeout is longer than MAX_WAIT.
    """
    if not 0 <= timeout <= MAX_WAIT:
        raise ValueError(f"timeout={timeout!r} is not valid; use at most {MAX_WAIT:g} seconds")
    woken = threading.Event()
    subscription = state.events.subscribe(woken.set)
    assert subscription is not None  # noqa: S101 - there is no limit
    deadline = time.monotonic() + timeout
    try:
        while True:
            woken.clear()
            subscription.take()
            entries = state.journal.entries(after=after)
            found = next(filter(matcher.matches, entries), None)
            if found is not None:
                return found
            if not woken.wait(max(0.0, deadline - time.monotonic())):
                result = verify(entries, matcher, 1, None)
                raise AssertionError(_explained(result, matcher, "a request") + f"\nwaited for {timeout:g} seconds")
    finally:
        state.events.unsubscribe(subscription)


def _count(low: float, high: float | None) -> str:
    number = f"{low:g}" if low == high else f"at least {low:g}" if high is None else f"{low:g} to {high:g}"
    return f"{number} request{'' if (low, high) in ((1, 1), (1, None)) else 's'}"


def _explained(result: Verification, matcher: Matcher, wanted: str) -> str:
    conditions = ", ".join(f"{name} {value}" for name in FIELDS if (value := getattr(matcher, name)) is not None)
    lines = [f"expected {wanted} with {conditions}; got {len(result.requests)}"]
    for entry, differences in result.nearest:
        lines.append(f"nearest: request {entry.number}, {entry.method} {entry.path}")
        lines += [f"    {each}" for each in differences]
    return "\n".join(lines)
