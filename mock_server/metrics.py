"""Metrics of the mock in the Prometheus text format, by prometheus-client, in a registry of their own."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest

from mock_server.journal import Entry

NO_OPERATION = "none"


class Metrics:
    """Counts calls by operation and status, and how long their answers took."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._calls = Counter("mock_calls", "Calls answered.", ["operation", "status"], registry=self._registry)
        self._seconds = Histogram("mock_answer_seconds", "Time to answer.", ["operation"], registry=self._registry)
        # A child is looked up by its labels in a microsecond; prometheus-client takes four.
        self._children: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        self._violations = Counter(
            "mock_request_violations", "Requests against the contract.", ["operation"], registry=self._registry
        )

    def observe(self, entry: Entry) -> None:
        """Count one call."""
        operation = entry.operation or NO_OPERATION
        key = operation, entry.status
        if key not in self._children:
            self._children[key] = self._calls.labels(operation, str(entry.status)), self._seconds.labels(operation)
        calls, seconds = self._children[key]
        calls.inc()
        seconds.observe(entry.milliseconds / 1000)
        if entry.violations:
            self._violations.labels(operation).inc()

    def written(self) -> bytes:
        """All of them as text."""
        return generate_latest(self._registry)
