"""One exchange, judged: what it shows of every clause, at every place that the clause stands at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from jsonschema import Draft202012Validator

from code_contract import Clause, ClauseLocation, Contract, Operation
from contract_tests.checks.registry import BASELINE, Check, RunCheck, clause_json_path
from contract_tests.checks.response import ParsedResponse
from contract_tests.checks.schema import SCHEMA_CLAUSE, SchemaChecker
from contract_tests.http.exchange import Exchange
from contract_tests.verdict import Violation

SeenBefore = Callable[[str, ClauseLocation, bytes, int], "int | None"]
"""Told of a clause by which nothing comes twice, its site, a key (see Judge) and the call it came in: gives the call
that it came in before, None where it is new."""


@dataclass(frozen=True)
class CheckOutcome:
    """What one exchange shows of one clause: so many subjects judged, and the problems of them.

    `site` is where the clause was judged, None where the schema speaks.
    """

    clause: str
    site: ClauseLocation | None
    judged: int
    problems: tuple[Violation, ...] = ()


@dataclass(frozen=True)
class _BoundCheck:
    """One clause at one of its sites, and its judge."""

    clause: Clause
    site: ClauseLocation
    judge: Check
    over: RunCheck | None

    def applies_to(self, exchange: Exchange) -> bool:
        return exchange.label in self.judge.labels and (exchange.is_live or not self.judge.live_only)

    def evaluate(self, reading: ParsedResponse, came: SeenBefore) -> CheckOutcome | None:
        """What it says of an exchange, None where it cannot be asked."""
        judge, judged, problems = self.judge, 0, list[Violation]()
        for subject in judge.select(reading, self.site.place):
            judged += 1
            if judge.per_response is not None:
                problems += judge.per_response(subject)
            elif self.over is not None:
                self.over.add(reading, subject)
            elif judge.on_duplicate is not None and judge.key is not None:
                first = came(self.clause.id, self.site, judge.key(subject), reading.exchange.index)
                if first is not None:
                    problems.append(judge.on_duplicate(subject, clause_json_path(self.clause), f"call {first + 1}"))
        return CheckOutcome(self.clause.id, self.site, judged, tuple(problems)) if judged else None


class Evaluator:
    """Judges exchanges, one at a time, by those clauses; not for use by several threads at once.

    `came` remembers what may not come twice.
    """

    def __init__(
        self, contract: Contract, clauses: Iterable[Clause], judges: Mapping[str, Check], came: SeenBefore
    ) -> None:
        self._came = came
        self._readers = {each.id: _ResponseParser(contract, each) for each in contract.operations.values()}
        self._advice = {clause.id for clause in contract.clauses.values() if clause.schema is not None}
        self._seats: dict[str, list[_BoundCheck]] = defaultdict(list)
        for clause in clauses:
            if judge := judges.get(clause.id):
                for site in clause.sites:
                    over = None if judge.whole_run is None else judge.whole_run(clause)
                    self._seats[site.operation_id].append(_BoundCheck(clause, site, judge, over))

    def judge(self, exchange: Exchange) -> tuple[ParsedResponse, list[CheckOutcome]]:
        """The exchange read, and what it shows."""
        reading = self._readers[exchange.operation].read(exchange)
        if exchange.status == 429:
            # A limit on callers, not an answer of the API: the collector has waited for it in vain.
            return reading, []
        seats = (each for each in self._seats[exchange.operation] if each.applies_to(exchange))
        looks = (each.evaluate(reading, self._came) for each in seats)
        return reading, [*self._by_schema(reading), *(each for each in looks if each is not None)]

    def finish(self) -> Iterator[tuple[str, ClauseLocation, Exchange | None, Violation]]:
        """What is wrong with all of them together, by clause and site; None stands for an exchange that only counts."""
        for seats in self._seats.values():
            for seat in seats:
                if seat.over is not None:
                    for exchange, problem in seat.over.finish():
                        yield seat.clause.id, seat.site, exchange, problem

    def _by_schema(self, reading: ParsedResponse) -> Iterator[CheckOutcome]:
        if reading.exchange.label == BASELINE:
            outcome, asked = reading.api_schema_result, None
        else:
            # What a probe brings is mostly a refusal: where it comes in the envelope, advice on refusals is asked.
            outcome, asked = (reading.schema_result if reading.matches_schema else None), self._advice
        if outcome is None:
            return
        problems = defaultdict(list)
        for name, problem in outcome.problems:
            problems[name or SCHEMA_CLAUSE].append(problem)
        for name in outcome.evaluated | set(problems):
            if asked is None or name in asked:
                yield CheckOutcome(name, None, 1, tuple(problems[name]))


class _ResponseParser:
    """Reads the exchanges of one operation; its schemas are compiled once."""

    def __init__(self, contract: Contract, operation: Operation) -> None:
        self._contract = contract
        self._operation = operation
        success = operation.success_schema
        self._grants = None if success is None else Draft202012Validator(success).is_valid
        self._judges: dict[str, SchemaChecker] = {}

    def read(self, exchange: Exchange) -> ParsedResponse:
        status = exchange.status or 0
        response = self._operation.response(status) or self._operation.success_response
        if response.status not in self._judges:
            schema = SchemaChecker(self._contract, self._operation, response.schema or {})
            self._judges[response.status] = schema
        return ParsedResponse(exchange, self._operation, self._grants, self._judges[response.status].judge)
