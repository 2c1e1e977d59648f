"""One exchange, judged: what it shows of every clause, at every place that the clause stands at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from jsonschema import Draft202012Validator

from contract import Clause, Contract, Operation, Site
from contract_tests.exchange import Exchange
from contract_tests.findings import Problem
from contract_tests.reading import Reading
from contract_tests.registry import PLAIN, Judge, Over, path
from contract_tests.schema_judge import CONFORMS, SchemaJudge

Came = Callable[[str, Site, bytes, int], "int | None"]
"""Told of a clause by which nothing comes twice, its site, a key (see Judge) and the call it came in: gives the call
that it came in before, None where it is new."""


@dataclass(frozen=True)
class Shown:
    """What one exchange shows of one clause: so many subjects judged, and the problems of them.

    `site` is where the clause was judged, None where the schema speaks.
    """

    clause: str
    site: Site | None
    judged: int
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class _Seat:
    """One clause at one of its sites, and its judge."""

    clause: Clause
    site: Site
    judge: Judge
    over: Over | None

    def asked(self, exchange: Exchange) -> bool:
        return exchange.label in self.judge.labels and (exchange.own or not self.judge.own_calls)

    def look(self, reading: Reading, came: Came) -> Shown | None:
        """What it says of an exchange, None where it cannot be asked."""
        judge, judged, problems = self.judge, 0, list[Problem]()
        for subject in judge.subject(reading, self.site.place):
            judged += 1
            if judge.each is not None:
                problems += judge.each(subject)
            elif self.over is not None:
                self.over.see(reading, subject)
            elif judge.again is not None and judge.key is not None:
                first = came(self.clause.id, self.site, judge.key(subject), reading.exchange.index)
                if first is not None:
                    problems.append(judge.again(subject, path(self.clause), f"call {first + 1}"))
        return Shown(self.clause.id, self.site, judged, tuple(problems)) if judged else None


class Bench:
    """Judges exchanges, one at a time, by those clauses; not for use by several threads at once.

    `came` remembers what may not come twice.
    """

    def __init__(self, contract: Contract, clauses: Iterable[Clause], judges: Mapping[str, Judge], came: Came) -> None:
        self._came = came
        self._readers = {each.id: _Reader(contract, each) for each in contract.operations.values()}
        self._advice = {clause.id for clause in contract.clauses.values() if clause.schema is not None}
        self._seats: dict[str, list[_Seat]] = defaultdict(list)
        for clause in clauses:
            if judge := judges.get(clause.id):
                for site in clause.sites:
                    over = None if judge.all is None else judge.all(clause)
                    self._seats[site.operation_id].append(_Seat(clause, site, judge, over))

    def judge(self, exchange: Exchange) -> tuple[Reading, list[Shown]]:
        """The exchange read, and what it shows."""
        reading = self._readers[exchange.operation].read(exchange)
        if exchange.status == 429:
            # A limit on callers, not an answer of the API: the collector has waited for it in vain.
            return reading, []
        seats = (each for each in self._seats[exchange.operation] if each.asked(exchange))
        looks = (each.look(reading, self._came) for each in seats)
        return reading, [*self._by_schema(reading), *(each for each in looks if each is not None)]

    def end(self) -> Iterator[tuple[str, Site, Exchange | None, Problem]]:
        """What is wrong with all of them together, by clause and site; None stands for an exchange that only counts."""
        for seats in self._seats.values():
            for seat in seats:
                if seat.over is not None:
                    for exchange, problem in seat.over.end():
                        yield seat.clause.id, seat.site, exchange, problem

    def _by_schema(self, reading: Reading) -> Iterator[Shown]:
        if reading.exchange.label == PLAIN:
            outcome, asked = reading.outcome, None
        else:
            # What a probe brings is mostly a refusal: where it comes in the envelope, advice on refusals is asked.
            outcome, asked = (reading.said if reading.in_envelope else None), self._advice
        if outcome is None:
            return
        problems = defaultdict(list)
        for name, problem in outcome.problems:
            problems[name or CONFORMS].append(problem)
        for name in outcome.asked | set(problems):
            if asked is None or name in asked:
                yield Shown(name, None, 1, tuple(problems[name]))


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
