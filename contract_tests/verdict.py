"""What judging leaves: problems, findings, verdicts."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from code_contract import Clause
from contract_tests.http.exchange import Exchange

MAX_EVIDENCE = 5
"""Findings kept of a clause as evidence; the rest are counted."""


@dataclass(frozen=True)
class Violation:
    """One thing that is not as a clause says: where, what the clause expects, what was received.

    All three are sentences for people; what comes from the target in them is already escaped and cut (see showing).
    """

    where: str
    expected: str
    received: str


@dataclass(frozen=True)
class Finding:
    """A problem, and the exchange that shows it."""

    problem: Violation
    exchange: Exchange


class Outcome(Enum):
    """How a clause came out. The value is the mark that reports print."""

    PASSED = "✓"
    FAILED = "✗"
    WARNING = "!"
    WAIVED = "~"
    INFO = "i"
    SKIPPED = "?"


@dataclass(frozen=True)
class Verdict:
    """What became of one clause: over `judged` subjects (mostly calls), of which `broken` showed a problem.

    `findings` keeps the first of them as evidence; `reason` says why nothing was judged, where nothing was; `waived`
    why it may be broken, and until when.
    """

    clause: Clause
    checked: int
    failed: int = 0
    findings: tuple[Finding, ...] = field(default=(), repr=False)
    reason: str = ""
    waived: str = ""

    @property
    def status(self) -> Outcome:
        """How it came out, which its level decides."""
        if self.failed and self.waived:
            return Outcome.WAIVED
        if self.failed:
            return {"must": Outcome.FAILED, "should": Outcome.WARNING}.get(self.clause.level, Outcome.INFO)
        return Outcome.PASSED if self.checked else Outcome.SKIPPED
