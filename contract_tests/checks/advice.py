"""Advice: requirements of HTTP that the document does not mention, and the response time."""

from __future__ import annotations

import re
import statistics
from array import array
from collections.abc import Iterator
from dataclasses import replace

from code_contract import Clause, FieldPath, Operation
from contract_tests import sanitize
from contract_tests.checks.registry import Aggregate, CheckRegistry, Probe
from contract_tests.checks.response import ParsedResponse
from contract_tests.checks.selectors import api_responses
from contract_tests.http.exchange import Exchange, Request
from contract_tests.message import Message
from contract_tests.verdict import Violation

CHECKS = CheckRegistry()

_FRESHNESS_LIFETIME = re.compile(r"(?:^|,)\s*(?:s-maxage|max-age)\s*=\s*\"?0*[1-9]", re.IGNORECASE)
_NOT_REUSABLE = re.compile(r"\bno-store\b|\bno-cache\b", re.IGNORECASE)


@CHECKS.per_response("answer-is-not-cacheable", select=api_responses)
def not_cacheable(response: ParsedResponse) -> Iterator[Violation]:
    control = response.exchange.header("cache-control") or ""
    if _FRESHNESS_LIFETIME.search(control) and not _NOT_REUSABLE.search(control):
        yield Violation("header Cache-Control", "no lifetime, or no-store", sanitize.quoted(control))


def _other_method(request: Request, operation: Operation) -> Request | None:
    # Both are safe (RFC 9110 §9.2.1, RFC 4918 §9.1): the path may have another operation, which must not run.
    return replace(request, method="GET" if operation.method != "GET" else "PROPFIND")


OTHER_METHOD = Probe("other-method", _other_method)


def _method_not_allowed(response: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    if response.status == 405:
        yield response


@CHECKS.per_response(
    "405-names-the-methods",
    select=_method_not_allowed,
    probe=OTHER_METHOD,
    skip_reason="the target does not respond with 405 to another method, which is also allowed",
)
def names_methods(response: ParsedResponse) -> Iterator[Violation]:
    expected = Message("at least {}", response.operation.method)
    allowed = response.exchange.header("allow")
    if allowed is None:
        yield Violation("header Allow", expected, "no such header")
    elif response.operation.method not in {name.strip().upper() for name in allowed.split(",")}:
        yield Violation("header Allow", expected, sanitize.quoted(allowed))


MAX_TIMES = 100_000
"""Response times of which the median is taken: the last ones."""


@CHECKS.whole_run("median-latency-is-low", select=api_responses)
class MedianLatency(Aggregate):
    """Violated if the median response time exceeds the limit of the clause."""

    def __init__(self, clause: Clause) -> None:
        super().__init__(clause)
        self._times = array("d")
        self._slowest: Exchange | None = None

    def add(self, response: ParsedResponse, subject: ParsedResponse) -> None:
        exchange = response.exchange
        if len(self._times) < MAX_TIMES:
            self._times.append(exchange.elapsed)
        else:
            self._times[self.checked % MAX_TIMES] = exchange.elapsed
        if self._slowest is None or exchange.elapsed > self._slowest.elapsed:
            self._slowest = exchange

    def finish(self) -> Iterator[tuple[Exchange | None, Violation]]:
        limit = float(self.clause.limits["seconds"])
        median = statistics.median(self._times or [0.0])
        if median > limit:
            yield (
                self._slowest,
                Violation("time", Message("a median of at most {:g} s", limit), Message("{:.2f} s", median)),
            )
