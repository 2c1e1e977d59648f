"""The metrics of a mock, in a Prometheus registry of its own."""

from __future__ import annotations

from functools import lru_cache

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest

from mock_server.observability.journal import JournalEntry

NO_OPERATION = "none"
"""The label of requests that match no operation."""
NO_STATUS = "none"
"""The label of requests without a response."""
_MAX_CACHED_LABELS = 1024


class Metrics:
    """Counts requests, their duration, and those that violate the contract. Safe to use from several threads."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        requests = Counter(
            "mock_requests", "Requests by operation and status.", ["operation", "status"], registry=registry
        )
        seconds = Histogram("mock_request_duration_seconds", "Response time.", ["operation"], registry=registry)
        violations = Counter(
            "mock_request_violations", "Requests that violate the contract.", ["operation"], registry=registry
        )
        # Cached, since labels() costs more than the counting: 2.7 µs against 0.6 (Counter) and 1.3 (Histogram).
        self._requests = lru_cache(_MAX_CACHED_LABELS)(requests.labels)
        self._seconds = lru_cache(_MAX_CACHED_LABELS)(seconds.labels)
        self._violations = lru_cache(_MAX_CACHED_LABELS)(violations.labels)

    def observe(self, entry: JournalEntry) -> None:
        """Count one request of an app."""
        operation = entry.operation or NO_OPERATION
        self._requests(operation, entry.status or NO_STATUS).inc()
        self._seconds(operation).observe(entry.milliseconds / 1000)
        if entry.violations:
            self._violations(operation).inc()

    def render(self) -> bytes:
        """Return the metrics in the Prometheus text format, of media type `content_type`."""
        return generate_latest(self._registry)
