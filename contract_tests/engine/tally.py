"""The counts and the evidence of one clause."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from contract_tests.http.exchange import Exchange
from contract_tests.settings import Settings
from contract_tests.verdict import MAX_EVIDENCE, Finding, Violation


@dataclass
class Tally:
    """The counts of one clause at one of its locations."""

    checked: int = 0
    failed: int = 0
    findings: list[Finding] = field(default_factory=list)
    causes: list[str] = field(default_factory=list)
    limit: str = ""

    def add(self, violations: Iterable[tuple[Exchange | None, Violation]], settings: Settings) -> None:
        """Count the exchanges with a violation, None included, and keep the first findings."""
        counted = set()
        for exchange, violation in violations:
            # An exchange that violates a clause in two places counts once.
            if exchange is None or id(exchange) not in counted:
                counted.add(id(exchange))
                self.failed += 1
            if exchange is not None and len(self.findings) < MAX_EVIDENCE:
                redact = settings.redact
                kept = Violation(redact(violation.where), violation.expected, redact(violation.received))
                self.findings.append(Finding(kept, exchange))

    def add_cause(self, cause: str) -> None:
        """Record that an exchange violates the clause only as a consequence of another clause."""
        if cause not in self.causes:
            self.causes.append(cause)
