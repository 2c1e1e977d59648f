"""Metrics of the mock in the Prometheus text format, by prometheus-client, in a registry of their own.

They are counted in plain numbers, and become the library's metrics when they are asked for: its own counters would cost
a call more than the rest of what is written down of it.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from mock_server.observability.journal import JournalEntry

NO_OPERATION = "none"
BUCKETS = Histogram.DEFAULT_BUCKETS
"""Seconds up to which, each, the answers are counted."""


class Counters(NamedTuple):
    """How many calls there were by operation and HTTP status, and against the contract; how many took how long.

    `within` is by operation and the first of BOUNDS that they kept; `microseconds` are those of all answers together.
    """

    calls: Counter[tuple[str, int]]
    violations: Counter[str]
    bucket_counts: Counter[tuple[str, int]]
    microseconds: Counter[str]


class Metrics(Collector):
    """Counts calls by operation and status, and how long their answers took. Threads may share it."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = _none()

    def observe(self, entry: JournalEntry) -> None:
        """Count one call."""
        operation = entry.operation or NO_OPERATION
        with self._lock:
            calls, violations, within, microseconds = self._counts
            calls[operation, entry.status] += 1
            within[operation, bisect_left(BUCKETS, entry.milliseconds / 1000)] += 1
            microseconds[operation] += int(entry.milliseconds * 1000)
            if entry.violations:
                violations[operation] += 1

    def drain(self) -> Counters:
        """What was counted since this was last asked."""
        with self._lock:
            given, self._counts = self._counts, _none()
        return given

    def merge(self, given: Counters) -> None:
        """Add what was counted elsewhere."""
        with self._lock:
            self._counts.calls.update(given.calls)
            self._counts.violations.update(given.violations)
            self._counts.bucket_counts.update(given.bucket_counts)
            self._counts.microseconds.update(given.microseconds)

    def collect(self) -> Iterator[Metric]:
        """What has been counted, for the registry."""
        calls = CounterMetricFamily("mock_calls", "Calls answered.", labels=["operation", "status"])
        seconds = HistogramMetricFamily("mock_answer_seconds", "Time to answer.", labels=["operation"])
        violations = CounterMetricFamily(
            "mock_request_violations", "Requests against the contract.", labels=["operation"]
        )
        with self._lock:
            for (operation, status), number in self._counts.calls.items():
                calls.add_metric([operation, str(status)], number)
            for operation, total in self._counts.microseconds.items():
                up_to = accumulate(self._counts.bucket_counts[operation, bucket] for bucket in range(len(BUCKETS)))
                buckets = zip(map(floatToGoString, BUCKETS), up_to, strict=True)
                seconds.add_metric([operation], list(buckets), total / 1e6)
            for operation, number in self._counts.violations.items():
                violations.add_metric([operation], number)
        return iter((calls, seconds, violations))

    def render(self) -> bytes:
        """All of them as text."""
        registry = CollectorRegistry()
        registry.register(self)
        return generate_latest(registry)


def _none() -> Counters:
    return Counters(Counter(), Counter(), Counter(), Counter())
