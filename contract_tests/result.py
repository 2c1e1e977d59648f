"""The result of a run, the input of every report."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from code_contract import Contract
from contract_tests.engine.collection import CollectedExchanges
from contract_tests.engine.comparison import Baseline, Comparison, compare
from contract_tests.engine.parity import Difference
from contract_tests.generated.result import GeneratedResult
from contract_tests.message import Message, joined, mapped
from contract_tests.settings import Settings
from contract_tests.verdict import INTERRUPTED, Outcome, Verdict


@dataclass(frozen=True)
class Result:
    """The result of a run.

    Attributes:
        contract: The contract.
        settings: The settings of the run.
        verdicts: One verdict for each selected clause, in the order of the contract.
        collection: The exchanges of the run, except the generated ones.
        generated: The generated requests and the failures that schemathesis found.
        elapsed: Seconds from the first request to the last verdict.
        interrupted: True if the run ended early, as by Ctrl-C.
        diagnosis: One sentence if every request ended in the same way before anything could be checked, else "".
        hint: The probable cause of that end, with the cure; "" for none.
        baseline: The earlier run with which this one is compared, None for none.
        parity: The differences from the built-in mock, None if they were not looked for.
        signal_status: The exit status of a process that a signal ended, which replaces that of the run; 0 without one.
        lang: The language of reports for people, "en" or "zh".
    """

    contract: Contract
    settings: Settings = field(repr=False)
    verdicts: tuple[Verdict, ...]
    collection: CollectedExchanges = field(repr=False)
    generated: GeneratedResult = field(default_factory=GeneratedResult, repr=False)
    elapsed: float = 0.0
    interrupted: bool = False
    diagnosis: str = ""
    hint: str = ""
    baseline: Baseline | None = None
    parity: tuple[Difference, ...] | None = None
    signal_status: int = 0
    lang: str = "en"

    @property
    def was_reachable(self) -> bool:
        """True if the target responded at all. Otherwise the verdicts have no meaning."""
        return self.collection.answered

    @property
    def calls(self) -> int:
        """The number of requests sent."""
        collected = sum(map(self.collection.count, self.collection.exchanges))
        return collected + len(self.generated.exchanges) + self.collection.throttled + self.collection.unlisted

    @property
    def counts(self) -> Counter[Outcome]:
        """The number of clauses with each outcome."""
        return Counter(verdict.status for verdict in self.verdicts)

    @property
    def failing(self) -> tuple[Verdict, ...]:
        """The verdicts that fail a run: failed MUST clauses, and with `strict` warnings too."""
        failing = {Outcome.FAILED, Outcome.WARNING} if self.settings.strict else {Outcome.FAILED}
        return tuple(verdict for verdict in self.verdicts if verdict.status in failing)

    @property
    def failed(self) -> tuple[Verdict, ...]:
        """The verdicts that fail this run: those that are `failing`, and did not fail in the baseline."""
        known = self.baseline.failed if self.baseline else frozenset()
        return tuple(verdict for verdict in self.failing if verdict.clause.id not in known)

    @property
    def comparison(self) -> Comparison | None:
        """The comparison with the baseline, None without one or if nothing could be checked."""
        if self.baseline is None or not self.was_reachable:
            return None
        return compare(self.baseline, self.verdicts, self.failing)

    @property
    def exit_status(self) -> int:
        """0 if every clause passed, 1 if one failed, 3 if nothing could be checked, 130 or 143 if interrupted."""
        if self.interrupted or self.signal_status:
            return self.signal_status or 130
        if not self.was_reachable:
            return 3
        if self.failed:
            return 1
        return 0 if any(verdict.checked for verdict in self.verdicts) else 3

    def failure_reason(self) -> str:
        """Return the reason why the target could not be checked: a limit, or the first transport error, redacted."""
        if self.collection.exceeds_limits:
            return "the content of every response exceeds a limit of the checks"
        for exchange in self.collection.all():
            if exchange.error is not None:
                return mapped(exchange.error.detail, self.settings.redact)
            if exchange.status == 429:
                return "the target responded 429 (Too Many Requests) until the deadline of the run"
            if exchange.status is not None:
                return Message(
                    "every response had status {}, as of a gateway that does not reach its server", exchange.status
                )
        if self.interrupted:
            return INTERRUPTED
        return joined("{}; {}", self.collection.notes) or "no request was sent"
