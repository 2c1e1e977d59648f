"""From the exchanges of a run to a verdict on every clause."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from jsonschema import Draft202012Validator

from contract import Clause, Contract, ContractError, Operation
from contract_tests import access, advice, body, freshness, operation, picture
from contract_tests.exchange import Exchange
from contract_tests.findings import Finding, Problem, Verdict
from contract_tests.generated import Generated
from contract_tests.reading import Reading
from contract_tests.registry import PLAIN, Judge, Judges, Probe
from contract_tests.schema_judge import SchemaJudge
from contract_tests.settings import Settings, Waiver

CONFORMS = "answers-conform-to-the-contract"
"""The clause under which schemathesis speaks, and the schema where no clause of its own stands beside it."""

KEPT = 5
"""Findings kept of a clause as evidence; the rest are counted."""

JUDGES = Judges()
for _module in (operation, body, picture, freshness, access, advice):
    JUDGES.update(_module.JUDGES)


@dataclass
class _Tally:
    """What is counted for one clause."""

    settings: Settings
    judged: int = 0
    broken: int = 0
    findings: list[Finding] = field(default_factory=list)

    def add(self, problems: Iterable[tuple[Exchange, Problem]], judged: int) -> None:
        self.judged += judged
        shown = set()
        for exchange, problem in problems:
            # A call that breaks a clause in two places is one call.
            if id(exchange) not in shown:
                shown.add(id(exchange))
                self.broken += 1
            if len(self.findings) < KEPT:
                hide = self.settings.redacted
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


def judge(
    contract: Contract,
    settings: Settings,
    exchanges: Mapping[str, Sequence[Exchange]],
    generated: Generated | None = None,
) -> list[Verdict]:
    """A verdict on every chosen clause, in the contract's order.

    `exchanges` by operation id; `generated` is what schemathesis judged and found, None where it was not asked.
    """
    tallies: dict[str, _Tally] = defaultdict(lambda: _Tally(settings))
    readings: dict[str, list[Reading]] = {}
    for operation_id, made in exchanges.items():
        reader = _Reader(contract, contract.operations[operation_id])
        # 429 is a limit on callers, not an answer of the API: the collector has waited for it in vain.
        readings[operation_id] = [reader.read(each) for each in made if each.status != 429]
    wanted = chosen(contract, settings)
    _by_schema(contract, readings, tallies)
    for clause in wanted:
        if clause.id in JUDGES:
            _by_judge(JUDGES[clause.id], clause, readings, tallies[clause.id])
    if generated is not None:
        tallies[CONFORMS].add(generated.problems, generated.judged)
    own = all(each.own for made in exchanges.values() for each in made)
    return [_verdict(clause, tallies[clause.id], settings.waiver(clause.id), own) for clause in wanted]


def _by_judge(judge: Judge, clause: Clause, readings: Mapping[str, Sequence[Reading]], tally: _Tally) -> None:
    for site in clause.sites:
        found = [
            (reading, subject)
            for reading in readings.get(site.operation_id, ())
            if reading.exchange.label in judge.labels and (reading.exchange.own or not judge.own_calls)
            for subject in judge.subject(reading, site.place)
        ]
        if judge.all is not None:
            broken = [(r.exchange, problem) for r, problem in judge.all(found, clause)] if found else []
        elif judge.each is not None:
            broken = [(r.exchange, problem) for r, s in found for problem in judge.each(s)]
        tally.add(broken, len(found))


def _by_schema(contract: Contract, readings: Mapping[str, Sequence[Reading]], tallies: dict[str, _Tally]) -> None:
    advice = {clause.id for clause in contract.clauses.values() if clause.schema is not None}
    for each in readings.values():
        for reading in each:
            if reading.exchange.label == PLAIN:
                outcome, asked = reading.outcome, None
            else:
                # What a probe brings is mostly a refusal: where it comes in the envelope, advice on refusals is asked.
                outcome, asked = (reading.said if reading.in_envelope else None), advice
            if outcome is None:
                continue
            problems = defaultdict(list)
            for name, problem in outcome.problems:
                problems[name or CONFORMS].append((reading.exchange, problem))
            for name in outcome.asked | set(problems):
                if asked is None or name in asked:
                    tallies[name].add(problems[name], 1)


class _Reader:
    """Reads the exchanges of one operation; its schemas are compiled once."""

    def __init__(self, contract: Contract, operation: Operation) -> None:
        self._contract = contract
        self._operation = operation
        success = operation.success
        self._grants = None if success is None else Draft202012Validator(success).is_valid
        self._judges: dict[str, SchemaJudge] = {}

    def read(self, exchange: Exchange) -> Reading:
        status = exchange.status or 0
        response = self._operation.response(status) or self._operation.granted
        if response.status not in self._judges:
            schema = SchemaJudge(self._contract, self._operation, response.schema or {})
            self._judges[response.status] = schema
        return Reading(exchange, self._operation, self._grants, self._judges[response.status].judge)


def _verdict(clause: Clause, tally: _Tally, waiver: Waiver | None, own: bool) -> Verdict:
    reason = "" if tally.judged else _unasked(clause, own)
    waived = f"{waiver.reason} (until {waiver.expires})" if waiver and tally.broken else ""
    return Verdict(clause, tally.judged, tally.broken, tuple(tally.findings), reason, waived)


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
