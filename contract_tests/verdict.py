"""The results of evaluation: violations, findings and verdicts."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from code_contract import Clause
from contract_tests.http.exchange import Exchange
from contract_tests.message import Message

MAX_EVIDENCE = 5
"""Findings kept for a clause; further ones are only counted."""
INTERRUPTED = "the run was interrupted"
"""The reason why clauses of an interrupted run were skipped."""


class LimitExceeded(Exception):
    """Something exceeds a limit of the checks, which is not a violation. `reason` is for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Violation:
    """One violation of a clause: where it occurs, what the clause expects, what was received.

    All three are texts for people. Data from the target in them is sanitized (see contract_tests.sanitize).
    """

    where: str
    expected: str
    received: str


@dataclass(frozen=True)
class Finding:
    """A violation, and the exchange that shows it."""

    violation: Violation
    exchange: Exchange


class Outcome(Enum):
    """The outcome of a clause. The value is the mark that reports print."""

    PASSED = "✓"
    FAILED = "✗"
    WARNING = "!"
    WAIVED = "~"
    INFO = "i"
    SKIPPED = "?"


@dataclass(frozen=True)
class Verdict:
    """The result of one clause.

    Attributes:
        clause: The clause.
        checked: Subjects checked, which are responses for most clauses.
        failed: Subjects that violate the clause.
        findings: The first MAX_EVIDENCE violations, as evidence.
        reason: Why the clause was skipped; "" otherwise.
        clients: The clients with which alone the clause fails, and the header that makes the difference; "" otherwise.
        waived: Reason and expiry date of the waiver, if the clause failed and is waived; "" otherwise.
    """

    clause: Clause
    checked: int
    failed: int = 0
    findings: tuple[Finding, ...] = field(default=(), repr=False)
    reason: str = ""
    clients: str = ""
    waived: str = ""

    @property
    def status(self) -> Outcome:
        """The outcome, which depends on the level of the clause."""
        if self.failed and self.waived:
            return Outcome.WAIVED
        if self.failed:
            return {"must": Outcome.FAILED, "should": Outcome.WARNING}.get(self.clause.level, Outcome.INFO)
        return Outcome.PASSED if self.checked else Outcome.SKIPPED

    @property
    def count(self) -> str:
        """The count in words: "6 of 32 failed", "32 checked", or "" for a skipped clause."""
        if self.failed:
            return Message("{} of {} failed", self.failed, self.checked)
        return Message("{} checked", self.checked) if self.checked else ""
