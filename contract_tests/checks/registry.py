"""How a judge is written: a clause's id, the subject it looks at, and a function that yields what is wrong.

    @JUDGES.each("png-crcs-are-correct", subject=chunks)
    def crcs(found: Chunks) -> Iterator[Problem]: ...

A subject takes a Reading (and the place the clause stands at) and gives what there is to judge, or nothing where the
clause cannot be asked of this exchange. A judge makes no call of its own: one that needs another kind of call names a
probe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

from code_contract import Clause, FieldPath, Operation
from contract_tests.checks.response import ParsedResponse
from contract_tests.http.exchange import Exchange, Request
from contract_tests.verdict import Violation

BASELINE = "plain"
"""The label of the calls that bring exactly what the contract asks for."""

Subject = Callable[[ParsedResponse, "FieldPath | None"], Iterable[Any]]
Function = TypeVar("Function", bound=Callable[..., Any])
Overview = TypeVar("Overview", bound="type[RunCheck]")


class RunCheck:
    """A judge over all subjects of a run. What it keeps of each must be small: there may be 100,000.

    One is made for every site of its clause. It shows the exchanges that it kept as evidence, whole.
    """

    def __init__(self, clause: Clause) -> None:
        self.clause = clause

    def add(self, reading: ParsedResponse, subject: Any) -> None:
        """Take note of one subject; they come in the order of their calls."""
        raise NotImplementedError

    def finish(self) -> Iterator[tuple[Exchange | None, Violation]]:
        """What is wrong with all of them together; with None for an exchange that is only counted."""
        raise NotImplementedError


@dataclass(frozen=True)
class Probe:
    """Another kind of call: `alter` makes it from a plain one, or gives None where the operation has no such call."""

    label: str
    mutate: Callable[[Request, Operation], Request | None]
    only_when_confirmed: bool = False
    """Sent only where the clause rests on no assumption, or was asked for by name."""


@dataclass(frozen=True)
class Check:
    """One clause's judge, of one of three kinds.

    `each` yields the Problems of one subject. `again` gives the Problem of a subject that came before: which they are
    is told by its `key`, some bytes, few enough to be kept of every answer. `all` looks at all subjects of a run.
    """

    clause: str
    select: Subject
    per_response: Callable[[Any], Iterator[Violation]] | None = None
    on_duplicate: Callable[[Any, str, str], Violation] | None = None
    key: Callable[[Any], bytes] | None = None
    whole_run: type[RunCheck] | None = None
    probe: Probe | None = None
    include_baseline: bool = False
    skip_reason: str = ""
    live_only: bool = False
    """Asked of calls of our own only: what another program sent, its recording may not say in full."""

    @property
    def module(self) -> str:
        """The name of the module it is written in."""
        return (self.per_response or self.on_duplicate or self.whole_run or self).__module__

    @cached_property
    def labels(self) -> frozenset[str]:
        """The labels of the exchanges it looks at."""
        if self.probe is None:
            return frozenset({BASELINE})
        return frozenset({self.probe.label, BASELINE} if self.include_baseline else {self.probe.label})


class CheckRegistry(dict[str, Check]):
    """The judges of one module, by clause id."""

    def each(
        self, clause: str, *, subject: Subject, probe: Probe | None = None, unasked: str = "", own_calls: bool = False
    ) -> Callable[[Function], Function]:
        """Binds a function from one subject to Problems."""

        def bind(function: Function) -> Function:
            own = own_calls or probe is not None
            self._add(Check(clause, subject, per_response=function, probe=probe, skip_reason=unasked, live_only=own))
            return function

        return bind

    def unique(
        self, clause: str, *, subject: Subject, key: Callable[[Any], bytes], unasked: str = ""
    ) -> Callable[[Function], Function]:
        """Binds a function from a subject that came before, where it stands and the call it came in, to a Problem."""

        def bind(function: Function) -> Function:
            self._add(Check(clause, subject, on_duplicate=function, key=key, skip_reason=unasked))
            return function

        return bind

    def all(
        self,
        clause: str,
        *,
        subject: Subject,
        probe: Probe | None = None,
        beside_plain: bool = False,
        unasked: str = "",
    ) -> Callable[[Overview], Overview]:
        """Binds a class over all subjects of a run. `beside_plain`: plain calls are looked at beside the probe's."""

        def bind(over: Overview) -> Overview:
            judge = Check(
                clause, subject, whole_run=over, probe=probe, include_baseline=beside_plain, skip_reason=unasked
            )
            self._add(replace(judge, live_only=probe is not None))
            return over

        return bind

    def _add(self, judge: Check) -> None:
        if judge.clause in self:
            raise ValueError(f"{judge.clause} has two judges")
        self[judge.clause] = judge


def any_response(reading: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    """Subject: every exchange of which at least the head arrived."""
    if reading.status is not None:
        yield reading


def complete_responses(reading: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    """Subject: every answer that arrived whole, its body with it."""
    if reading.is_complete and reading.has_body:
        yield reading


def api_responses(reading: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    """Subject: every whole answer that is meant as one of the API (see Reading.meant_as_answer)."""
    if reading.is_api_response:
        yield reading


def clause_json_path(clause: Clause) -> str:
    """The JSON path of the place in an answer that a clause stands at, "$" for the whole of it."""
    place = next((site.place for site in clause.sites if site.place is not None), ())
    return "$" + "".join(f".{name}" for name in place)
