"""From the exchanges of a run to a verdict on every clause."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from code_contract import Clause, ClauseLocation, Contract
from contract_tests import sanitize
from contract_tests.checks import operation
from contract_tests.checks.clients import CLIENTS_CLAUSE
from contract_tests.checks.derived import may_reject
from contract_tests.checks.registry import RunCheck
from contract_tests.checks.response import ParsedResponse
from contract_tests.checks.schema import SCHEMA_CLAUSE
from contract_tests.engine.clients import ClientComparison
from contract_tests.engine.diagnosis import Diagnosis
from contract_tests.engine.digests import DigestMemory
from contract_tests.engine.evaluator import CheckOutcome, Evaluator, Violated, explaining_clause
from contract_tests.engine.hints import Hints
from contract_tests.engine.limits import LimitCounts
from contract_tests.engine.selection import CHECKS, find_check, selected_clauses
from contract_tests.engine.tally import Tally
from contract_tests.generated.result import GeneratedResult
from contract_tests.http.exchange import Exchange
from contract_tests.message import Message, joined, listed
from contract_tests.settings import Settings
from contract_tests.verdict import INTERRUPTED, MAX_EVIDENCE, Verdict

_LATE = "the deadline of the run had passed"


class EvaluationSession:
    """Evaluates the exchanges of a run as they arrive; those of one operation in the order of their requests.

    Exchanges that are evidence are kept. Of the others, only the counts are.

    Args:
        contract: The contract.
        settings: The options of the run.
        until: Time (time.monotonic) after which no exchange is evaluated.
    """

    def __init__(self, contract: Contract, settings: Settings, until: float = math.inf) -> None:
        self._contract = contract
        self._settings = settings
        self.until = until
        self.limits, self.diagnosis, self.hints = LimitCounts(), Diagnosis(), Hints(contract, settings)
        self._clauses = selected_clauses(contract, settings)
        self._evaluator = Evaluator(contract, self._clauses, find_check, self._first_seen)
        self.clients = ClientComparison(self._clauses, self._evaluator, settings)
        self._seen: dict[tuple[str, ClauseLocation], DigestMemory] = defaultdict(DigestMemory)
        self._tallies: dict[tuple[str, ClauseLocation | None], Tally] = defaultdict(Tally)
        self._live = True
        self._not_called: Mapping[str, str] = {}
        self._interrupted = False

    def add(self, exchange: Exchange) -> ParsedResponse:
        """Evaluate one exchange.

        Returns:
            The parsed response.
        """
        if time.monotonic() > self.until:
            response = ParsedResponse(exchange, self._contract.operations[exchange.operation], limit=_LATE)
            self.limits.add(response)
            return response
        self._live = self._live and exchange.is_live
        with sanitize.redacting(self._settings.redact):
            response, outcomes = self._evaluator.evaluate(exchange)
            self.diagnosis.add(response)
            self.hints.add(response)
        for each in outcomes:
            tally = self._count(exchange, each)
            if each.cause is not None:
                tally.add_cause(each.cause)
            tally.limit = tally.limit or each.limit
        self.limits.add(response, (each.limit for each in outcomes))
        self.clients.add(response, outcomes)
        return response

    def _count(self, exchange: Exchange, outcome: CheckOutcome) -> Tally:
        """Count an outcome; return the tally of its clause at its location."""
        tally = self._tallies[outcome.clause, outcome.location]
        tally.checked += outcome.checked
        tally.add(((exchange, violation) for violation in outcome.violations), self._settings)
        return tally

    def verdicts(
        self,
        generated: GeneratedResult | None = None,
        interrupted: bool = False,
        not_called: Mapping[str, str] = MappingProxyType({}),
    ) -> list[Verdict]:
        """Return the verdict on every selected clause, in the order of the contract. Call once, after all exchanges.

        Args:
            generated: The result of the generated requests, None if there were none.
            interrupted: True if the run was interrupted, which is why clauses were skipped.
            not_called: The reason why an operation was not called, by id.
        """
        self._interrupted, self._not_called = interrupted, not_called
        with sanitize.redacting(self._settings.redact):
            finished = list(self._evaluator.finish())
        for name, location, checked, violations in finished:
            tally = self._tallies[name, location]
            tally.checked += checked
            tally.add(violations, self._settings)
            self._explain(name, len(violations))
        self.clients.attribute(self._tallies)
        if generated is not None:
            self._add_generated(generated)
        errors = generated.check_errors if generated is not None else ()
        return [self._verdict(clause, errors if clause.id == SCHEMA_CLAUSE else ()) for clause in self._clauses]

    def _explain(self, cause: str, failed: int) -> None:
        """Turn the failures of a clause into consequences of a failed RunCheck that explains them."""
        check = CHECKS.get(cause)
        if not failed or not isinstance(check, RunCheck) or not check.explains:
            return
        for (name, _), tally in self._tallies.items():
            if name == check.explains and 0 < tally.failed <= failed:
                tally.failed = 0
                tally.findings.clear()
                tally.add_cause(cause)

    def _add_generated(self, generated: GeneratedResult) -> None:
        violated = {id(exchange): self._violated(exchange) for exchange in generated.exchanges}
        derived = {id(each): self._add_derived(each) for each in generated.exchanges}
        failed = {name for (name, _), tally in self._tallies.items() if tally.failed}
        causes = [clause.id for clause in self._clauses if clause.level == "must" and clause.id in failed]
        tally = self._tallies[SCHEMA_CLAUSE, None]
        tally.checked += generated.checked
        unexplained = []
        successes = [each for (name, _), each in self._tallies.items() if name == operation.SUCCESS_CLAUSE]
        rejected = [name for each in successes for name in ([operation.SUCCESS_CLAUSE] if each.failed else each.causes)]
        for failure in generated.failures:
            if (explanation := derived.get(id(failure.exchange))) is not None:
                if explanation:
                    tally.add_cause(explanation)
            elif self.clients.explains(failure.exchange):
                tally.add_cause(CLIENTS_CLAUSE)
            elif cause := explaining_clause(failure, causes, violated.get(id(failure.exchange), ())):
                tally.add_cause(cause)
            else:
                unexplained.append((failure.exchange, failure.violation))
        for exchange in generated.exchanges:
            # A request that the contract allows is granted, generated or not.
            refused = [v for name, _, v in violated[id(exchange)] if name == operation.SUCCESS_CLAUSE]
            if refused and self.clients.explains(exchange):
                tally.add_cause(CLIENTS_CLAUSE)
            elif refused and rejected:
                tally.add_cause(rejected[0])
            elif refused and exchange.status != 429:
                unexplained.append((exchange, refused[0]))
        tally.add(unexplained, self._settings)

    def _add_derived(self, exchange: Exchange) -> str | None:
        """Count what derived clauses find in a generated exchange.

        Returns:
            What explains the findings of schemathesis: the id of a violated clause, "" for a rejection that the
            contract need not document, None for nothing.
        """
        if time.monotonic() > self.until or exchange.status == 429:
            return None
        with sanitize.redacting(self._settings.redact):
            outcomes = list(self._evaluator.derived(exchange))
            rejected = bool(outcomes) and may_reject(self._evaluator.parse(exchange))
        for each in outcomes:
            self._count(exchange, each)
        return next((each.clause for each in outcomes if each.violations), "" if rejected else None)

    def _violated(self, exchange: Exchange) -> Sequence[Violated]:
        """Return the violations of a generated exchange, none after the time for evaluation."""
        if time.monotonic() > self.until:
            return ()
        with sanitize.redacting(self._settings.redact):
            return tuple(self._evaluator.violated(exchange))

    def _first_seen(self, clause: str, location: ClauseLocation, key: bytes, index: int) -> int | None:
        return self._seen[clause, location].first_seen(key, index)

    def _verdict(self, clause: Clause, check_errors: Sequence[str]) -> Verdict:
        tallies = [self._tallies[clause.id, location] for location in (None, *clause.sites)]
        checked, failed = sum(each.checked for each in tallies), sum(each.failed for each in tallies)
        findings = [finding for each in tallies for finding in each.findings]
        waiver = self._settings.waiver(clause.id)
        waived = Message("{} (until {})", waiver.reason, waiver.expires) if waiver and failed else ""
        if failed:
            clients = joined("{}; {}", (each for tally in tallies for each in tally.clients))
            return Verdict(clause, checked, failed, tuple(findings[:MAX_EVIDENCE]), waived=waived, clients=clients)
        causes = dict.fromkeys(cause for each in tallies for cause in each.causes)
        if causes:
            return Verdict(clause, 0, reason=Message("follows from {}", listed(causes, MAX_EVIDENCE)))
        if check_errors:
            return Verdict(
                clause, 0, reason=Message("schemathesis could not check every response: {}", check_errors[0])
            )
        limit = next((Message("not checked: {}", each.limit) for each in tallies if each.limit), "")
        not_called = {self._not_called.get(site.operation_id) for site in clause.sites}
        if len(not_called) == 1 and (why := not_called.pop()):
            return Verdict(clause, checked, reason="" if checked else Message("the operation was not called: {}", why))
        reason = limit or (INTERRUPTED if self._interrupted else _skip_reason(clause, self._live))
        return Verdict(clause, checked, reason="" if checked else reason)


def evaluate(
    contract: Contract,
    settings: Settings,
    exchanges: Mapping[str, Sequence[Exchange]],
    generated: GeneratedResult | None = None,
) -> list[Verdict]:
    """Return the verdicts on exchanges by operation id (see EvaluationSession)."""
    session = EvaluationSession(contract, settings)
    for made in exchanges.values():
        for exchange in made:
            session.add(exchange)
    return session.verdicts(generated)


def _skip_reason(clause: Clause, live: bool) -> str:
    check = find_check(clause)
    if not live and (clause.id == SCHEMA_CLAUSE or (check is not None and check.live_only)):
        return "needs extra requests, which a third-party recording does not contain"
    if not live:
        return "the recording contains no response that it applies to"
    return (check.skip_reason if check else "") or "no response that it applies to was received"
