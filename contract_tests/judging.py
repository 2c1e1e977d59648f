"""From the exchanges of a run to a verdict on every clause."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from contract import Clause, Contract, ContractError, Site
from contract_tests import access, advice, body, freshness, operation, picture
from contract_tests.bench import Bench
from contract_tests.exchange import Exchange
from contract_tests.findings import KEPT, Finding, Problem, Verdict
from contract_tests.generated import Generated
from contract_tests.reading import Reading
from contract_tests.registry import Judges, Probe
from contract_tests.schema_judge import CONFORMS
from contract_tests.settings import Settings

JUDGES = Judges()
for _module in (operation, body, picture, freshness, access, advice):
    JUDGES.update(_module.JUDGES)


@dataclass
class _Tally:
    """What is counted for one clause at one of its sites."""

    judged: int = 0
    broken: int = 0
    findings: list[Finding] = field(default_factory=list)

    def add(self, problems: Iterable[tuple[Exchange | None, Problem]], settings: Settings) -> None:
        """Count the exchanges that show a problem, those by None too, and keep the first findings."""
        shown = set()
        for exchange, problem in problems:
            # A call that breaks a clause in two places is one call.
            if exchange is None or id(exchange) not in shown:
                shown.add(id(exchange))
                self.broken += 1
            if exchange is not None and len(self.findings) < KEPT:
                hide = settings.redacted
                kept = Problem(hide(problem.where), problem.expected, hide(problem.received))
                self.findings.append(Finding(kept, exchange))


def check_complete(contract: Contract) -> None:
    """Raise ContractError where a clause of the contract has nothing that judges it."""
    for clause in contract.clauses.values():
        if not clause.judged_by_schema and clause.id not in JUDGES and clause.id != CONFORMS:
            raise ContractError(
                f"nothing judges the clause {clause.id!r}",
                "add keywords or a schema to it, or write a judge in contract_tests",
                clause.pointer,
            )


def chosen(contract: Contract, settings: Settings) -> list[Clause]:
    """The clauses to judge, in the contract's order. Raises UnknownNameError for one in `only` that is not there."""
    for name in sorted(settings.only):
        contract.clause(name)
    every = contract.clauses.values()
    return [clause for clause in every if not settings.only or clause.id in settings.only]


def probes(contract: Contract, settings: Settings) -> list[Probe]:
    """The probes that the chosen clauses need, each once."""
    found: dict[str, Probe] = {}
    for clause in chosen(contract, settings):
        judge = JUDGES.get(clause.id)
        if judge is None or judge.probe is None:
            continue
        if judge.probe.only_when_confirmed and clause.id not in settings.only:
            # One open question keeps the whole probe back.
            rest = [contract.clauses.get(n) for n, j in JUDGES.items() if j.probe is judge.probe]
            if any(each is not None and each.assumption is not None for each in rest):
                continue
        found.setdefault(judge.probe.label, judge.probe)
    return list(found.values())


class Judging:
    """Judges the exchanges of a run one by one, as they come; those of an operation in the order of their calls.

    It holds on to the exchanges that are evidence, and of the others to what is counted.
    """

    def __init__(self, contract: Contract, settings: Settings) -> None:
        self._contract = contract
        self._settings = settings
        self._wanted = chosen(contract, settings)
        self._bench = Bench(contract, self._wanted, JUDGES, self._came)
        self._first: dict[tuple[str, Site], dict[bytes, int]] = defaultdict(dict)
        self._tallies: dict[tuple[str, Site | None], _Tally] = defaultdict(_Tally)
        self._own = True

    def take(self, exchange: Exchange) -> Reading:
        """Judge an exchange; gives it read, for who wants to know what it holds."""
        self._own = self._own and exchange.own
        reading, shown = self._bench.judge(exchange)
        for each in shown:
            tally = self._tallies[each.clause, each.site]
            tally.judged += each.judged
            tally.add(((exchange, problem) for problem in each.problems), self._settings)
        return reading

    def verdicts(self, generated: Generated | None = None) -> list[Verdict]:
        """A verdict on every chosen clause, in the contract's order; to be asked for once, after all exchanges.

        `generated` is what schemathesis judged and found, None where it was not asked.
        """
        over = defaultdict(list)
        for clause, site, exchange, problem in self._bench.end():
            over[clause, site].append((exchange, problem))
        for key, problems in over.items():
            self._tallies[key].add(problems, self._settings)
        if generated is not None:
            tally = self._tallies[CONFORMS, None]
            tally.judged += generated.judged
            tally.add(generated.problems, self._settings)
        return [self._verdict(clause) for clause in self._wanted]

    def _came(self, clause: str, site: Site, key: bytes, call: int) -> int | None:
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
        reason = "" if judged else _unasked(clause, self._own)
        return Verdict(clause, judged, broken, tuple(findings[:KEPT]), reason, waived)


def judge(
    contract: Contract,
    settings: Settings,
    exchanges: Mapping[str, Sequence[Exchange]],
    generated: Generated | None = None,
) -> list[Verdict]:
    """The verdicts on exchanges that are all there, by operation id (see Judging)."""
    judging = Judging(contract, settings)
    for made in exchanges.values():
        for exchange in made:
            judging.take(exchange)
    return judging.verdicts(generated)


def _unasked(clause: Clause, own: bool) -> str:
    """Why nothing could be asked about a clause; `own` is False where another program's calls were judged."""
    judge = JUDGES.get(clause.id)
    if not own and (clause.id == CONFORMS or (judge is not None and judge.own_calls)):
        return "it takes calls of its own, and a recording by another program has none"
    if not own:
        return "the recording holds nothing that it speaks of"
    return (judge.unasked if judge else "") or "no answer carried what it speaks of"


def waiver_notes(settings: Settings, verdicts: Sequence[Verdict]) -> Iterator[str]:
    """What is to be said of the waivers: those that have expired, and those that are no longer needed."""
    by_clause = {verdict.clause.id: verdict for verdict in verdicts}
    for waiver in settings.waivers:
        verdict = by_clause.get(waiver.clause)
        if verdict is not None and verdict.broken and waiver.expires < settings.today:
            yield f"the waiver of {waiver.clause} expired on {waiver.expires}: {waiver.reason}"
        elif verdict is not None and verdict.judged and not verdict.broken:
            yield f"the waiver of {waiver.clause} is no longer needed: the clause holds"
