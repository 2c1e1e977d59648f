"""Pace of a run: pauses that a target asks for, and the share of the time that each part of the run has."""

from __future__ import annotations

import email.utils
import re
import time

from contract_tests.http.exchange import Exchange

MIN_RETRY_AFTER = 0.1
"""Minimum wait before a request is repeated for the first time, in seconds; it doubles with every further time."""
MAX_RETRY_AFTER = 30.0
"""Maximum wait before a request is repeated, in seconds, whatever the Retry-After."""
MAX_UNAVAILABLE = 2
"""Repetitions of a request after 503 with Retry-After; a further 503 is the response."""
SEQUENTIAL_SHARE, CONCURRENT_SHARE = 0.4, 0.75
"""Parts of the deadline at which the sequential and the concurrent requests end; the rest is for probes."""


def repetition_pause(exchange: Exchange, attempt: int) -> float | None:
    """Return the seconds after which a request is repeated (RFC 6585 §4, RFC 9110 §15.6.4), None if it is not.

    Args:
        exchange: The exchange of the request.
        attempt: The number of its earlier repetitions.
    """
    unavailable = exchange.status == 503 and bool(exchange.header("retry-after")) and attempt < MAX_UNAVAILABLE
    if exchange.status != 429 and not unavailable:
        return None
    return min(max(_retry_after(exchange), MIN_RETRY_AFTER * 2.0**attempt), MAX_RETRY_AFTER)


def _retry_after(exchange: Exchange) -> float:
    """Return the seconds of Retry-After (RFC 9110 §10.2.3), 1 if it is absent or invalid."""
    value = (exchange.header("retry-after") or "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:300])
    try:
        return float(email.utils.parsedate_to_datetime(value[:100]).timestamp()) - time.time()
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return 1.0


def leaves_room(exchange: Exchange, requests: int) -> bool:
    """Return False if a response states a rate limit (RateLimit, X-RateLimit-Remaining) that allows fewer requests."""
    stated = exchange.header("x-ratelimit-remaining") or exchange.header("ratelimit-remaining") or ""
    structured = re.search(r";\s*r=(\d{1,18})", exchange.header("ratelimit") or "")
    remaining = structured[1] if structured else stated.strip()
    return not remaining.isdecimal() or int(remaining[:18]) >= requests
