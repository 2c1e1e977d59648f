"""Evaluates one exchange: every check of every clause, at each location of the clause."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from code_contract import Clause, ClauseLocation, Contract, DerivedClause, FieldPath, Operation
from contract_tests.checks.bounded import BoundedValidator
from contract_tests.checks.registry import (
    BASELINE,
    Aggregate,
    Check,
    ResponseCheck,
    RunCheck,
    Subject,
    clause_json_path,
)
from contract_tests.checks.response import ParsedResponse
from contract_tests.checks.schema import SCHEMA_CLAUSE, SchemaChecker
from contract_tests.generated.result import GeneratedFailure
from contract_tests.http.exchange import Exchange
from contract_tests.verdict import LimitExceeded, Violation

FirstSeen = Callable[[str, ClauseLocation, bytes, int], "int | None"]
"""Records a value that must be unique: clause id, location, digest, index of the request. Returns the index of the
request whose response had it first, or None."""

Violated = tuple[str, "FieldPath | None", Violation]
"""A violated clause: its id, the field path (None outside the body), the violation."""

_SEVERITY = {"info": 0, "should": 1, "must": 2}


@dataclass(frozen=True)
class CheckOutcome:
    """The result of one clause on one exchange: subjects `checked`, and their violations.

    `location` is None for clauses that the schema checks. `cause` is the id of a more basic clause that the same value
    violates: the exchange then counts as not checked. `limit` is the limit of the checks that kept a subject from being
    checked.
    """

    clause: str
    location: ClauseLocation | None
    checked: int
    violations: tuple[Violation, ...] = ()
    cause: str | None = None
    limit: str = ""


@dataclass(frozen=True)
class _BoundCheck:
    """A check at one location of its clause."""

    clause: Clause
    location: ClauseLocation
    check: Check
    aggregate: Aggregate | None

    def applies_to(self, exchange: Exchange) -> bool:
        return exchange.label in self.check.labels and (exchange.is_live or not self.check.live_only)

    def evaluate(self, response: ParsedResponse, first_seen: FirstSeen) -> CheckOutcome | None:
        """Return the outcome, None if the response has no subject or the outcome is known only after the run."""
        checked, violations, limit = 0, list[Violation](), ""
        json_path = clause_json_path(self.clause)
        try:
            for value in self.check.select(response, self.location.place):
                checked += 1
                seen = partial(self._first_seen, first_seen, response.exchange.index)
                violations += self.check.evaluate(Subject(value, response, json_path, seen, self.aggregate))
        except LimitExceeded as error:
            limit = error.reason
        if not checked:
            limit = limit or response.limit
        elif self.aggregate is not None:
            checked, violations = 0, []
        if not checked and not limit:
            return None
        return CheckOutcome(self.clause.id, self.location, checked, tuple(violations), limit=limit)

    def _first_seen(self, first_seen: FirstSeen, index: int, key: bytes) -> int | None:
        return first_seen(self.clause.id, self.location, key, index)


class Evaluator:
    """Evaluates exchanges one at a time. Not thread-safe.

    Args:
        contract: The contract.
        clauses: The selected clauses.
        find_check: Returns the check of a clause, or None.
        first_seen: Memory of the values that must be unique.
    """

    def __init__(
        self,
        contract: Contract,
        clauses: Iterable[Clause],
        find_check: Callable[[Clause], Check | None],
        first_seen: FirstSeen,
    ) -> None:
        self._first_seen = first_seen
        self._selected = {clause.id: clause for clause in clauses}
        self._parsers = {each.id: _ResponseParser(contract, each) for each in contract.operations.values()}
        self._derived = contract.derived_clauses
        self._advisory = {clause.id for clause in contract.clauses.values() if clause.schema is not None}
        self._bound: dict[str, list[_BoundCheck]] = defaultdict(list)
        self._served: set[str] = set()
        for clause in self._selected.values():
            if check := find_check(clause):
                for location in clause.sites:
                    aggregate = check.aggregate(clause) if isinstance(check, RunCheck) else None
                    self._bound[location.operation_id].append(_BoundCheck(clause, location, check, aggregate))

    def parse(self, exchange: Exchange) -> ParsedResponse:
        """Parse an exchange."""
        return self._parsers[exchange.operation].parse(exchange)

    def evaluate(self, exchange: Exchange) -> tuple[ParsedResponse, list[CheckOutcome]]:
        """Parse an exchange, and return the parsed response and the outcome of every clause it decides."""
        response = self.parse(exchange)
        if exchange.status == 429:
            # A rate limit, which the collector has already waited for.
            return response, []
        if exchange.label == BASELINE and response.is_served:
            self._served.add(exchange.operation)
        elif exchange.label != BASELINE and exchange.operation not in self._served:
            # The probes of an operation that is not served reach something else.
            return response, []
        bound = (each for each in self._bound[exchange.operation] if each.applies_to(exchange))
        outcomes = (each.evaluate(response, self._first_seen) for each in bound)
        return response, [*self._by_schema(response), *(each for each in outcomes if each is not None)]

    def finish(self) -> Iterator[tuple[str, ClauseLocation, int, list[tuple[Exchange | None, Violation]]]]:
        """Yield the results over the whole run: clause id, location, subjects checked, violations with exchanges."""
        for checks in self._bound.values():
            for each in checks:
                if each.aggregate is not None:
                    violations = list(each.aggregate.finish())
                    yield each.clause.id, each.location, each.aggregate.checked, violations

    def violated(self, exchange: Exchange) -> Iterator[Violated]:
        """Yield the clauses that an exchange violates as the response to a baseline request would."""
        response = self.parse(replace(exchange, label=BASELINE))
        if response.api_schema_result is not None:
            for each in response.api_schema_result.violations:
                yield each.clause, each.place, each.violation
        for bound in self._bound[exchange.operation]:
            if isinstance(bound.check, ResponseCheck) and bound.applies_to(response.exchange):
                outcome = bound.evaluate(response, self._first_seen)
                if outcome is not None and outcome.violations:
                    yield bound.clause.id, bound.location.place, outcome.violations[0]

    def derived(self, exchange: Exchange) -> Iterator[CheckOutcome]:
        """Yield the outcome of every derived clause on a generated exchange."""
        response = self.parse(replace(exchange, label=BASELINE))
        for bound in self._bound[exchange.operation]:
            if isinstance(bound.clause, DerivedClause) and bound.applies_to(response.exchange):
                outcome = bound.evaluate(response, self._first_seen)
                if outcome is not None:
                    yield outcome

    def _by_schema(self, response: ParsedResponse) -> Iterator[CheckOutcome]:
        if response.exchange.label == BASELINE:
            result, applicable = response.api_schema_result, None
        else:
            # Most responses to probes are error responses: advice on these applies if they use the envelope.
            result = response.schema_result if response.matches_schema else None
            applicable = self._advisory
        if result is None:
            if response.limit and response.exchange.label == BASELINE:
                for name, clause in self._selected.items():
                    if clause.checked_by_schema or name == SCHEMA_CLAUSE:
                        yield CheckOutcome(name, None, 0, limit=response.limit)
            return
        violations, causes = defaultdict[str, list[Violation]](list), dict[str, str]()
        for each in result.violations:
            if each.cause is not None and self._is_cause(each.cause, each.clause):
                causes[each.clause] = each.cause
            else:
                violations[each.clause].append(each.violation)
        for name in result.evaluated:
            if name not in self._selected or (applicable is not None and name not in applicable):
                continue
            if name == SCHEMA_CLAUSE and response.exchange.operation in self._derived:
                continue  # the derived clause about the body reports it
            if name in causes and not violations[name]:
                yield CheckOutcome(name, None, 0, cause=causes[name])
            else:
                yield CheckOutcome(name, None, 1, tuple(violations[name]))

    def _is_cause(self, cause: str, clause: str) -> bool:
        """True if the run reports the cause, and at least as severely as the clause."""
        found, other = self._selected.get(cause), self._selected.get(clause)
        return found is not None and other is not None and _SEVERITY[found.level] >= _SEVERITY[other.level]


class _ResponseParser:
    """Parses the exchanges of one operation; its schemas are compiled once."""

    def __init__(self, contract: Contract, operation: Operation) -> None:
        self._contract = contract
        self._operation = operation
        success = operation.success_schema
        self._is_success = None if success is None else BoundedValidator(success).is_valid
        self._checkers: dict[str, SchemaChecker] = {}

    def parse(self, exchange: Exchange) -> ParsedResponse:
        documented = self._operation.documented(exchange.status)
        if documented.status not in self._checkers:
            checker = SchemaChecker(self._contract, self._operation, documented.schema or {})
            self._checkers[documented.status] = checker
        return ParsedResponse(exchange, self._operation, self._is_success, self._checkers[documented.status].check)


def explaining_clause(failure: GeneratedFailure, candidates: Sequence[str], violated: Sequence[Violated]) -> str | None:
    """Return the failed clause that explains a failure, because the same response violates it at the same value."""
    explaining = {name for name, place, _ in violated if _covers(failure.place, place)}
    return next((name for name in candidates if name in explaining and name != SCHEMA_CLAUSE), None)


def _covers(outer: FieldPath | None, inner: FieldPath | None) -> bool:
    """True if a violation at `inner` explains a failure at `outer`, e.g. of an `anyOf` there."""
    if outer is None or inner is None:
        return outer is inner
    return inner[: len(outer)] == outer
