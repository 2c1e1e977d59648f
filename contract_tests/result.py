"""The outcome of a run: one object, from which every report is made."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from code_contract import Contract
from contract_tests.engine.collector import CollectedExchanges
from contract_tests.generated.result import GeneratedResult
from contract_tests.settings import Settings
from contract_tests.verdict import Outcome, Verdict


@dataclass(frozen=True)
class Result:
    """What a run found out: a verdict on every clause asked about, and the exchanges it rests on.

    `generated` are the calls that schemathesis made up, and what it said of them. `elapsed` is the seconds
    from the first call to the last verdict.
    """

    contract: Contract
    settings: Settings = field(repr=False)
    verdicts: tuple[Verdict, ...]
    collection: CollectedExchanges = field(repr=False)
    generated: GeneratedResult = field(default_factory=GeneratedResult, repr=False)
    elapsed: float = 0.0

    @property
    def was_reachable(self) -> bool:
        """Whether the target gave any answer that can be judged; where not, no verdict means anything."""
        return self.collection.answered

    @property
    def calls(self) -> int:
        """The calls made in all."""
        return sum(1 for _ in self.collection.all()) + len(self.generated.exchanges) + self.collection.throttled

    @property
    def counts(self) -> Counter[Outcome]:
        """How many clauses came out in which way."""
        return Counter(verdict.status for verdict in self.verdicts)

    @property
    def failed(self) -> tuple[Verdict, ...]:
        """The verdicts that fail the run: broken must-clauses, and should-clauses where the run is strict."""
        failing = {Outcome.FAILED, Outcome.WARNING} if self.settings.strict else {Outcome.FAILED}
        return tuple(verdict for verdict in self.verdicts if verdict.status in failing)

    @property
    def exit_status(self) -> int:
        """0 conforms, 1 a clause is broken, 3 the target could not be judged."""
        if not self.was_reachable:
            return 3
        return 1 if self.failed else 0

    def failure_reason(self) -> str:
        """Why nothing could be judged, in the words of the first call that failed, without a secret sent back."""
        for exchange in self.collection.all():
            if exchange.trouble is not None:
                return self.settings.redact(exchange.trouble.detail)
            if exchange.status == 429:
                return "it answered 429 (too many requests) for as long as this run may last"
        return "; ".join(self.collection.notes) or "no call was made"
