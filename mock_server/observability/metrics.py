"""Metrics of the mock for Prometheus, in a registry of their own."""

from __future__ import annotations

from functools import lru_cache

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest

from mock_server.observability.journal import JournalEntry

NO_OPERATION = "none"
"""Label of requests that match no operation."""
_MAX_CACHED_LABELS = 1024


class Metrics:
    """Counts requests by operation and status, their duration, and violations of the contract. Thread-safe."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        requests = Counter("mock_requests", "Requests answered.", ["operation", "status"], registry=self._registry)
        seconds = Histogram("mock_response_seconds", "Response time.", ["operation"], registry=self._registry)
        violations = Counter(
            "mock_request_violations", "Requests that violate the contract.", ["operation"], registry=self._registry
        )
        # labels() validates its arguments and takes a lock; its result for a request is always the same.
        self._requests = lru_cache(_MAX_CACHED_LABELS)(requests.labels)
        self._seconds = lru_cache(_MAX_CACHED_LABELS)(seconds.labels)
        self._violations = lru_cache(_MAX_CACHED_LABELS)(violations.labels)

    def observe(self, entry: JournalEntry) -> None:
        """Count one request."""
        operation = entry.operation or NO_OPERATION
        self._requests(operation, entry.status).inc()
        self._seconds(operation).observe(entry.milliseconds / 1000)
        if entry.violations:
            self._violations(operation).inc()

    def render(self) -> bytes:
        """Return all metrics in the Prometheus text format."""
        return generate_latest(self._registry)
