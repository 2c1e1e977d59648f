"""The operation: it is there, it answers, it grants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from contract import Clause, Operation, Place
from contract_tests import showing
from contract_tests.exchange import Exchange, Request
from contract_tests.findings import KEPT, Problem
from contract_tests.reading import Reading
from contract_tests.registry import PLAIN, Judges, Over, Probe, answered, arrived

JUDGES = Judges()

NOT_SERVED = {404, 405, 501}
DEMANDS_CREDENTIALS = {401, 407, 511}


def _every(reading: Reading, place: Place | None) -> Iterator[Reading]:
    yield reading


@JUDGES.each("answer-arrives", subject=_every)
def arrives(reading: Reading) -> Iterator[Problem]:
    trouble = reading.exchange.trouble
    if reading.status is None and trouble is not None:
        yield Problem("connection", "the head of an HTTP response", trouble.detail)


def _seen_to_its_end(reading: Reading, place: Place | None) -> Iterator[Reading]:
    if reading.status is not None and (reading.recorded or not reading.whole):
        yield reading


@JUDGES.each("answer-is-complete", subject=_seen_to_its_end)
def complete(reading: Reading) -> Iterator[Problem]:
    trouble = reading.exchange.trouble
    if trouble is not None:
        yield Problem("body", "a whole body", trouble.detail)


@JUDGES.each("post-code-is-served", subject=answered)
def served(reading: Reading) -> Iterator[Problem]:
    if reading.status in NOT_SERVED and not reading.granted:
        yield Problem("HTTP status", "the operation at this address", status_line(reading))


def _asked_to_grant(reading: Reading, place: Place | None) -> Iterator[Reading]:
    """Whole answers on which no clause more exact than `call-succeeds` has the word.

    A call that lacks what the document asks for may be refused; a body that was not recorded may hold a refusal.
    """
    refused = not reading.granted and reading.status not in NOT_SERVED | DEMANDS_CREDENTIALS
    told = reading.exchange.brought_all and (reading.recorded or not reading.meant_as_answer)
    if reading.whole and (reading.granted or (refused and told)):
        yield reading


@JUDGES.each("call-succeeds", subject=_asked_to_grant)
def succeeds(reading: Reading) -> Iterator[Problem]:
    if reading.granted:
        return
    status = reading.status or 0
    if 300 <= status < 400:
        location = showing.quoted(reading.exchange.header("location") or "")
        yield Problem("HTTP status", "an answer here", f"{status_line(reading)} to {location}, which is not followed")
    elif not 200 <= status < 300:
        yield Problem("HTTP status", "a grant", f"{status_line(reading)}: {said(reading)}")
    elif reading.refused_in_form:
        yield Problem("$", "a grant", said(reading))


def _success(reading: Reading, place: Place | None) -> Iterator[Reading]:
    if reading.granted or (reading.meant_as_answer and reading.recorded and not reading.refused_in_form):
        yield reading


@JUDGES.each("success-is-http-200", subject=_success, unasked="no call was granted")
def http_200(reading: Reading) -> Iterator[Problem]:
    if reading.status != 200:
        yield Problem("HTTP status", "200", status_line(reading))


def _with_empty_object(request: Request, operation: Operation) -> Request | None:
    return None if operation.body is not None else replace(request, body=b"{}")


EMPTY_OBJECT = Probe("empty-object", _with_empty_object)


@JUDGES.all(
    "takes-no-parameters",
    subject=arrived,
    probe=EMPTY_OBJECT,
    beside_plain=True,
    unasked="no call was answered",
)
class TakesNothing(Over):
    """Broken where nothing is granted but what brings a body."""

    def __init__(self, clause: Clause) -> None:
        super().__init__(clause)
        self._granted: set[str] = set()
        self._plain = 0
        self._first: list[tuple[Exchange, str]] = []

    def see(self, reading: Reading, subject: Reading) -> None:
        if reading.granted:
            self._granted.add(reading.exchange.label)
        elif reading.exchange.label == PLAIN:
            self._plain += 1
            if len(self._first) < KEPT:
                self._first.append((reading.exchange, status_line(reading)))

    def end(self) -> Iterator[tuple[Exchange | None, Problem]]:
        if self._granted == {EMPTY_OBJECT.label}:
            rest = [(None, "") for _ in range(self._plain - len(self._first))]
            for exchange, status in (*self._first, *rest):
                received = f"{status}; one is given with {{}}"
                yield exchange, Problem("request", "a grant without a body", received)


@JUDGES.all(
    "unused-body-is-ignored",
    subject=arrived,
    probe=EMPTY_OBJECT,
    beside_plain=True,
    unasked="no call was answered",
)
class UnusedBody(Over):
    """Broken where what is granted without a body is not granted with one."""

    def __init__(self, clause: Clause) -> None:
        super().__init__(clause)
        self._granted = False
        self._refused: list[tuple[Exchange, str]] = []

    def see(self, reading: Reading, subject: Reading) -> None:
        if reading.exchange.label == PLAIN:
            self._granted = self._granted or reading.granted
        elif not reading.granted:
            self._refused.append((reading.exchange, f"{status_line(reading)}: {said(reading)}"))

    def end(self) -> Iterator[tuple[Exchange | None, Problem]]:
        if self._granted:
            for exchange, received in self._refused:
                yield exchange, Problem("HTTP status", "a grant", received)


def status_line(reading: Reading) -> str:
    """The HTTP status and its reason, fit to be shown."""
    return f"{reading.status} {showing.text(reading.exchange.reason, 40)}".strip()


def said(reading: Reading) -> str:
    """The beginning of the body, fit to be shown."""
    if not reading.recorded:
        return "a body that was not recorded"
    return showing.body(reading.body if reading.body is not None else reading.exchange.body)
