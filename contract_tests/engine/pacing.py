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
MAX_LIMIT_PAUSE = 3600.0
"""Maximum wait for the reset of a stated rate limit, in seconds."""
_MIN_UNIX_TIME = 1_000_000_000
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


def limit_pause(exchange: Exchange, requests: int) -> float:
    """Return the seconds after which a target grants further requests, 0 if it states no limit or grants them now.

    The limit is that of RateLimit (draft-ietf-httpapi-ratelimit-headers), RateLimit-Remaining or X-RateLimit-Remaining.

    Args:
        exchange: The exchange with the response.
        requests: The number of further requests.
    """
    remaining = _stated(exchange, "r", "remaining")
    if remaining is None or remaining >= requests:
        return 0.0
    reset = _stated(exchange, "t", "reset")
    if reset is None:
        return MAX_RETRY_AFTER
    # Some targets state the seconds until the reset, others its Unix time.
    return min(max(reset - time.time() if reset > _MIN_UNIX_TIME else float(reset), 1.0), MAX_LIMIT_PAUSE)


def stated_limit(exchange: Exchange) -> int | None:
    """Return the number of requests in the time window of a stated rate limit, None if it is not stated."""
    return _stated(exchange, "q", "limit")


def _stated(exchange: Exchange, parameter: str, name: str) -> int | None:
    structured = re.search(rf";\s*{parameter}=(\d{{1,12}})", exchange.header("ratelimit") or "")
    text = (
        structured[1] if structured else exchange.header(f"x-ratelimit-{name}") or exchange.header(f"ratelimit-{name}")
    )
    found = re.fullmatch(r"\s*([0-9]{1,12})\s*", text or "")
    return int(found[1]) if found else None
