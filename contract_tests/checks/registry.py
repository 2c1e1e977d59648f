"""Registration of checks: a clause id, a selector, and a function that yields violations.

    @CHECKS.per_response("png-crcs-are-correct", select=chunks)
    def crcs(found: Chunks) -> Iterator[Violation]: ...

A selector takes a response and the field path of the clause, and yields the subjects to check; it yields nothing if the
clause does not apply to the response. A check sends nothing. A check that needs another request names a probe.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from code_contract import Clause, FieldPath, Operation
from contract_tests.checks.response import ParsedResponse
from contract_tests.http.exchange import Exchange, Request
from contract_tests.message import Message
from contract_tests.verdict import Violation

BASELINE = "plain"
"""Label of the baseline requests."""

Selector = Callable[[ParsedResponse, "FieldPath | None"], Iterable[Any]]
Function = TypeVar("Function", bound=Callable[..., Any])
AggregateType = TypeVar("AggregateType", bound="type[Aggregate]")
Registered = TypeVar("Registered")


@dataclass(frozen=True)
class Probe:
    """An altered request.

    `mutate` derives it from the baseline request of an operation, or returns None if the operation has none; or it
    derives several requests, of which those over different connections are sent at the same time. A probe with
    `only_when_confirmed` is sent only if its clauses rest on no assumption or are selected by name.
    """

    label: str
    mutate: Callable[[Request, Operation], Request | tuple[Request, ...] | None]
    only_when_confirmed: bool = False

    def requests(self, request: Request, operation: Operation) -> tuple[Request, ...]:
        """Return the requests of the probe, none if the operation has none."""
        found = self.mutate(request, operation)
        return found if isinstance(found, tuple) else () if found is None else (found,)


class Aggregate:
    """State of a check over all subjects of a run, one instance per location of the clause.

    A run may have 100,000 subjects, so an aggregate must keep little of each.
    """

    def __init__(self, clause: Clause) -> None:
        self.clause = clause
        self.checked = 0
        """Subjects added so far; `finish` sets it to 0 if they do not decide the clause."""

    def add(self, response: ParsedResponse, subject: Any) -> None:
        """Record one subject. Subjects arrive in the order of their requests."""
        raise NotImplementedError

    def finish(self) -> Iterator[tuple[Exchange | None, Violation]]:
        """Yield each violation with the exchange that shows it, or with None if it is only counted."""
        raise NotImplementedError


@dataclass(frozen=True)
class Subject:
    """One subject of a check in its context.

    `first_seen` records a digest, and returns the index of the request whose response had it first, or None.
    """

    value: Any
    response: ParsedResponse
    json_path: str
    first_seen: Callable[[bytes], int | None]
    aggregate: Aggregate | None


@dataclass(frozen=True, kw_only=True)
class Check(ABC):
    """The check of one clause.

    `labels` of the exchanges it applies to follow from `probe` and `include_baseline`. A check with `live_only` skips
    the exchanges of third-party recordings, which may not contain the whole request. `skip_reason` is reported if no
    response had a subject.
    """

    clause: str
    select: Selector
    module: str
    probe: Probe | None = None
    include_baseline: bool = False
    skip_reason: str = ""
    live_only: bool = False

    @cached_property
    def labels(self) -> frozenset[str]:
        """Labels of the exchanges that the check applies to."""
        if self.probe is None:
            return frozenset({BASELINE})
        return frozenset({self.probe.label, BASELINE} if self.include_baseline else {self.probe.label})

    @abstractmethod
    def evaluate(self, subject: Subject) -> Iterable[Violation]:
        """Return the violations that one subject shows."""


@dataclass(frozen=True, kw_only=True)
class ResponseCheck(Check):
    """Checks each subject by itself."""

    violations: Callable[[Any], Iterable[Violation]]

    def evaluate(self, subject: Subject) -> Iterable[Violation]:
        return self.violations(subject.value)


@dataclass(frozen=True, kw_only=True)
class UniqueCheck(Check):
    """Checks that no two subjects of a run have the same `key`, a short digest that is kept for every response."""

    key: Callable[[Any], bytes]
    on_duplicate: Callable[[Any, str, str], Violation]

    def evaluate(self, subject: Subject) -> Iterable[Violation]:
        first = subject.first_seen(self.key(subject.value))
        if first is None:
            return ()
        return (self.on_duplicate(subject.value, subject.json_path, Message("request {}", first + 1)),)


@dataclass(frozen=True, kw_only=True)
class RunCheck(Check):
    """Checks all subjects of a run together, with an aggregate.

    `explains` is a clause that fails as a consequence if this check fails on at least as many responses.
    """

    aggregate: type[Aggregate]
    explains: str

    def evaluate(self, subject: Subject) -> Iterable[Violation]:
        if subject.aggregate is not None:
            subject.aggregate.checked += 1
            subject.aggregate.add(subject.response, subject.value)
        return ()


class CheckRegistry(dict[str, Check]):
    """The checks of one module, by clause id."""

    def per_response(
        self,
        clause: str,
        *,
        select: Selector,
        probe: Probe | None = None,
        skip_reason: str = "",
        live_only: bool = False,
    ) -> Callable[[Function], Function]:
        """Register a function that takes one subject and yields violations."""
        return self._register(
            ResponseCheck,
            "violations",
            clause=clause,
            select=select,
            probe=probe,
            skip_reason=skip_reason,
            live_only=live_only or probe is not None,
        )

    def unique(
        self, clause: str, *, select: Selector, key: Callable[[Any], bytes], skip_reason: str = ""
    ) -> Callable[[Function], Function]:
        """Register a function that takes a repeated subject, its JSON path and the first request; returns a Violation.

        Args:
            clause: Id of the clause.
            select: Yields the values that must be unique.
            key: Digest of a value.
            skip_reason: Reported if no response had a value.
        """
        return self._register(
            UniqueCheck, "on_duplicate", clause=clause, select=select, key=key, skip_reason=skip_reason
        )

    def whole_run(
        self,
        clause: str,
        *,
        select: Selector,
        probe: Probe | None = None,
        include_baseline: bool = False,
        skip_reason: str = "",
        explains: str = "",
    ) -> Callable[[AggregateType], AggregateType]:
        """Register an Aggregate class. With `include_baseline`, it receives baseline responses beside the probe's."""
        return self._register(
            RunCheck,
            "aggregate",
            clause=clause,
            select=select,
            probe=probe,
            include_baseline=include_baseline,
            skip_reason=skip_reason,
            live_only=probe is not None,
            explains=explains,
        )

    def _register(self, kind: Callable[..., Check], role: str, **fields: Any) -> Callable[[Registered], Registered]:
        """Return a decorator that adds a check with the decorated object in the field `role`."""

        def register(decorated: Registered) -> Registered:
            check = kind(module=decorated.__module__, **{role: decorated}, **fields)
            if check.clause in self:
                raise ValueError(f"the clause {check.clause!r} has two checks")
            self[check.clause] = check
            return decorated

        return register


def clause_json_path(clause: Clause) -> str:
    """Return the JSON path of the place that a clause constrains, "$" for the whole body."""
    place = next((site.place for site in clause.sites if site.place is not None), ())
    return "$" + "".join(f".{name}" for name in place)
