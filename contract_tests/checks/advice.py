"""Advice: what a careful implementation also does."""

from __future__ import annotations

import re
import statistics
from array import array
from collections.abc import Iterator
from dataclasses import replace

from code_contract import Clause, FieldPath, Operation
from contract_tests import sanitize as showing
from contract_tests.checks.registry import CheckRegistry, Probe, RunCheck, api_responses
from contract_tests.checks.response import ParsedResponse
from contract_tests.http.exchange import Exchange, Request
from contract_tests.verdict import Violation

JUDGES = CheckRegistry()

_FRESHNESS_LIFETIME = re.compile(r"(?:^|,)\s*(?:s-maxage|max-age)\s*=\s*\"?0*[1-9]", re.IGNORECASE)
_FORBIDDEN = re.compile(r"\bno-store\b|\bno-cache\b", re.IGNORECASE)


@JUDGES.each("answer-is-not-cacheable", subject=api_responses)
def not_cacheable(reading: ParsedResponse) -> Iterator[Violation]:
    control = reading.exchange.header("cache-control") or ""
    if _FRESHNESS_LIFETIME.search(control) and not _FORBIDDEN.search(control):
        yield Violation("header Cache-Control", "no lifetime, or no-store", showing.quoted(control))


def _other_method(request: Request, operation: Operation) -> Request | None:
    return replace(request, method="GET" if operation.method != "GET" else "DELETE")


OTHER_METHOD = Probe("other-method", _other_method)


def _refused_method(reading: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    if reading.status == 405:
        yield reading


@JUDGES.each(
    "405-names-the-methods",
    subject=_refused_method,
    probe=OTHER_METHOD,
    unasked="another method was not answered 405, which is as right",
)
def names_methods(reading: ParsedResponse) -> Iterator[Violation]:
    allowed = reading.exchange.header("allow")
    if allowed is None:
        yield Violation("header Allow", f"at least {reading.operation.method}", "no such header")
    elif reading.operation.method not in {name.strip().upper() for name in allowed.split(",")}:
        yield Violation("header Allow", f"at least {reading.operation.method}", showing.quoted(allowed))


@JUDGES.all("median-latency-is-low", subject=api_responses)
class MedianLatency(RunCheck):
    """Half of the answers are there within the limit."""

    def __init__(self, clause: Clause) -> None:
        super().__init__(clause)
        self._times = array("d")
        self._slowest: Exchange | None = None

    def add(self, reading: ParsedResponse, subject: ParsedResponse) -> None:
        exchange = reading.exchange
        self._times.append(exchange.elapsed)
        if self._slowest is None or exchange.elapsed > self._slowest.elapsed:
            self._slowest = exchange

    def finish(self) -> Iterator[tuple[Exchange | None, Violation]]:
        limit = float(self.clause.limits["seconds"])
        middle = statistics.median(self._times or [0.0])
        if middle > limit:
            yield self._slowest, Violation("time", f"half of the answers within {limit:g} s", f"{middle:.2f} s")
