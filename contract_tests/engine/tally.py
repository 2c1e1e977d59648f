"""The counts and the evidence of one clause."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from contract_tests.http.exchange import Exchange, Request
from contract_tests.settings import Settings
from contract_tests.verdict import MAX_EVIDENCE, Finding, Violation


@dataclass
class _Failures:
    """The number of failures with a kind of request, and the first such request."""

    request: Request
    count: int = 0


@dataclass
class Tally:
    """The counts of one clause at one of its locations."""

    checked: int = 0
    failed: int = 0
    findings: list[Finding] = field(default_factory=list)
    causes: list[str] = field(default_factory=list)
    limit: str = ""
    clients: list[str] = field(default_factory=list)
    _by_request: dict[tuple[str, str, str], _Failures] = field(default_factory=dict)

    def add(self, violations: Iterable[tuple[Exchange | None, Violation]], settings: Settings) -> None:
        """Count the exchanges with a violation, None included, and keep the first findings."""
        counted = set()
        for exchange, violation in violations:
            # An exchange that violates a clause in two places counts once.
            if exchange is None or id(exchange) not in counted:
                counted.add(id(exchange))
                self.failed += 1
                if exchange is not None:
                    key = (exchange.operation, exchange.label, exchange.request.client)
                    self._by_request.setdefault(key, _Failures(exchange.request)).count += 1
            if exchange is not None and len(self.findings) < MAX_EVIDENCE:
                redact = settings.redact
                kept = Violation(redact(violation.where), violation.expected, redact(violation.received))
                self.findings.append(Finding(kept, exchange))

    def remove(self, operation: str, explained: Callable[[Request], bool]) -> int:
        """Remove the failures of an operation whose requests explain them, and return their number."""
        found = [key for key, each in self._by_request.items() if key[0] == operation and explained(each.request)]
        removed = sum(self._by_request.pop(key).count for key in found)
        self.failed -= removed
        self.findings = [
            each
            for each in self.findings
            if each.exchange.operation != operation or not explained(each.exchange.request)
        ]
        return removed

    def add_cause(self, cause: str) -> None:
        """Record that an exchange violates the clause only as a consequence of another clause."""
        if cause not in self.causes:
            self.causes.append(cause)
