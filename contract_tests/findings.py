"""What judging leaves: problems, findings, verdicts."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from contract import Clause
from contract_tests.exchange import Exchange

KEPT = 5
"""Findings kept of a clause as evidence; the rest are counted."""


@dataclass(frozen=True)
class Problem:
    """One thing that is not as a clause says: where, what the clause expects, what was received.

    All three are sentences for people; what comes from the target in them is already escaped and cut (see showing).
    """

    where: str
    expected: str
    received: str


@dataclass(frozen=True)
class Finding:
    """A problem, and the exchange that shows it."""

    problem: Problem
    exchange: Exchange


class Status(Enum):
    """How a clause came out. The value is the mark that reports print."""

    HOLDS = "✓"
    BROKEN = "✗"
    WARNED = "!"
    WAIVED = "~"
    NOTED = "i"
    UNJUDGED = "?"


@dataclass(frozen=True)
class Verdict:
    """What became of one clause: over `judged` subjects (mostly calls), of which `broken` showed a problem.

    `findings` keeps the first of them as evidence; `reason` says why nothing was judged, where nothing was; `waived`
    why it may be broken, and until when.
    """

    clause: Clause
    judged: int
    broken: int = 0
    findings: tuple[Finding, ...] = field(default=(), repr=False)
    reason: str = ""
    waived: str = ""

    @property
    def status(self) -> Status:
        """How it came out, which its level decides."""
        if self.broken and self.waived:
            return Status.WAIVED
        if self.broken:
            return {"must": Status.BROKEN, "should": Status.WARNED}.get(self.clause.level, Status.NOTED)
        return Status.HOLDS if self.judged else Status.UNJUDGED
