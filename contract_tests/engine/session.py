"""From the exchanges of a run to a verdict on every clause."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from code_contract import Clause, ClauseLocation, Contract, ContractError
from contract_tests.checks import access, advice, body, freshness, operation, picture
from contract_tests.checks.registry import CheckRegistry, Probe
from contract_tests.checks.response import ParsedResponse
from contract_tests.checks.schema import SCHEMA_CLAUSE
from contract_tests.engine.evaluator import Evaluator
from contract_tests.generated.run import GeneratedResult
from contract_tests.http.exchange import Exchange
from contract_tests.settings import Settings
from contract_tests.verdict import MAX_EVIDENCE, Finding, Verdict, Violation

CHECKS = CheckRegistry()
for _module in (operation, body, picture, freshness, access, advice):
    CHECKS.update(_module.JUDGES)


@dataclass
class _Tally:
    """What is counted for one clause at one of its sites."""

    judged: int = 0
    broken: int = 0
    findings: list[Finding] = field(default_factory=list)

    def add(self, problems: Iterable[tuple[Exchange | None, Violation]], settings: Settings) -> None:
        """Count the exchanges that show a problem, those by None too, and keep the first findings."""
        shown = set()
        for exchange, problem in problems:
            # A call that breaks a clause in two places is one call.
            if exchange is None or id(exchange) not in shown:
                shown.add(id(exchange))
                self.broken += 1
            if exchange is not None and len(self.findings) < MAX_EVIDENCE:
                hide = settings.redact
                kept = Violation(hide(problem.where), problem.expected, hide(problem.received))
                self.findings.append(Finding(kept, exchange))


def require_checks(contract: Contract) -> None:
    """Raise ContractError where a clause of the contract has nothing that judges it."""
    for clause in contract.clauses.values():
        if not clause.checked_by_schema and clause.id not in CHECKS and clause.id != SCHEMA_CLAUSE:
            raise ContractError(
                f"nothing judges the clause {clause.id!r}",
                "add keywords or a schema to it, or write a judge in contract_tests",
                clause.pointer,
            )


def selected_clauses(contract: Contract, settings: Settings) -> list[Clause]:
    """The clauses to judge, in the contract's order. Raises UnknownNameError for one in `only` that is not there."""
    for name in sorted(settings.only):
        contract.clause(name)
    every = contract.clauses.values()
    return [clause for clause in every if not settings.only or clause.id in settings.only]


def probes(contract: Contract, settings: Settings) -> list[Probe]:
    """The probes that the chosen clauses need, each once."""
    found: dict[str, Probe] = {}
    for clause in selected_clauses(contract, settings):
        evaluate_all = CHECKS.get(clause.id)
        if evaluate_all is None or evaluate_all.probe is None:
            continue
        if evaluate_all.probe.only_when_confirmed and clause.id not in settings.only:
            # One open question keeps the whole probe back.
            rest = [contract.clauses.get(n) for n, j in CHECKS.items() if j.probe is evaluate_all.probe]
            if any(each is not None and each.assumption is not None for each in rest):
                continue
        found.setdefault(evaluate_all.probe.label, evaluate_all.probe)
    return list(found.values())


class EvaluationSession:
    """Judges the exchanges of a run one by one, as they come; those of an operation in the order of their calls.

    It holds on to the exchanges that are evidence, and of the others to what is counted.
    """

    def __init__(self, contract: Contract, settings: Settings) -> None:
        self._contract = contract
        self._settings = settings
        self._wanted = selected_clauses(contract, settings)
        self._bench = Evaluator(contract, self._wanted, CHECKS, self._first_seen)
        self._first: dict[tuple[str, ClauseLocation], dict[bytes, int]] = defaultdict(dict)
        self._tallies: dict[tuple[str, ClauseLocation | None], _Tally] = defaultdict(_Tally)
        self._own = True

    def add(self, exchange: Exchange) -> ParsedResponse:
        """Judge an exchange; gives it read, for who wants to know what it holds."""
        self._own = self._own and exchange.is_live
        reading, shown = self._bench.judge(exchange)
        for each in shown:
            tally = self._tallies[each.clause, each.site]
            tally.judged += each.judged
            tally.add(((exchange, problem) for problem in each.problems), self._settings)
        return reading

    def verdicts(self, generated: GeneratedResult | None = None) -> list[Verdict]:
        """A verdict on every chosen clause, in the contract's order; to be asked for once, after all exchanges.

        `generated` is what schemathesis judged and found, None where it was not asked.
        """
        over = defaultdict(list)
        for clause, site, exchange, problem in self._bench.finish():
            over[clause, site].append((exchange, problem))
        for key, problems in over.items():
            self._tallies[key].add(problems, self._settings)
        if generated is not None:
            tally = self._tallies[SCHEMA_CLAUSE, None]
            tally.judged += generated.judged
            tally.add(generated.problems, self._settings)
        return [self._verdict(clause) for clause in self._wanted]

    def _first_seen(self, clause: str, site: ClauseLocation, key: bytes, call: int) -> int | None:
        first = self._first[clause, site]
        if key in first:
            return first[key]
        first[key] = call
        return None

    def _verdict(self, clause: Clause) -> Verdict:
        tallies = [self._tallies[clause.id, site] for site in (None, *clause.sites)]
        judged, broken = sum(each.judged for each in tallies), sum(each.broken for each in tallies)
        findings = [finding for each in tallies for finding in each.findings]
        waiver = self._settings.waiver(clause.id)
        waived = f"{waiver.reason} (until {waiver.expires})" if waiver and broken else ""
        reason = "" if judged else _skip_reason(clause, self._own)
        return Verdict(clause, judged, broken, tuple(findings[:MAX_EVIDENCE]), reason, waived)


def judge(
    contract: Contract,
    settings: Settings,
    exchanges: Mapping[str, Sequence[Exchange]],
    generated: GeneratedResult | None = None,
) -> list[Verdict]:
    """The verdicts on exchanges that are all there, by operation id (see Judging)."""
    judging = EvaluationSession(contract, settings)
    for made in exchanges.values():
        for exchange in made:
            judging.add(exchange)
    return judging.verdicts(generated)


def _skip_reason(clause: Clause, own: bool) -> str:
    """Why nothing could be asked about a clause; `own` is False where another program's calls were judged."""
    judge = CHECKS.get(clause.id)
    if not own and (clause.id == SCHEMA_CLAUSE or (judge is not None and judge.live_only)):
        return "it takes calls of its own, and a recording by another program has none"
    if not own:
        return "the recording holds nothing that it speaks of"
    return (judge.skip_reason if judge else "") or "no answer carried what it speaks of"


def waiver_notes(settings: Settings, verdicts: Sequence[Verdict]) -> Iterator[str]:
    """What is to be said of the waivers: those that have expired, and those that are no longer needed."""
    by_clause = {verdict.clause.id: verdict for verdict in verdicts}
    for waiver in settings.waivers:
        verdict = by_clause.get(waiver.clause)
        if verdict is not None and verdict.failed and waiver.expires < settings.today:
            yield f"the waiver of {waiver.clause} expired on {waiver.expires}: {waiver.reason}"
        elif verdict is not None and verdict.checked and not verdict.failed:
            yield f"the waiver of {waiver.clause} is no longer needed: the clause holds"
