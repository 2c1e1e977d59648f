"""The operation: it is there, it answers, it grants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from code_contract import Clause, FieldPath, Operation
from contract_tests import sanitize as showing
from contract_tests.checks.registry import BASELINE, CheckRegistry, Probe, RunCheck, any_response, complete_responses
from contract_tests.checks.response import ParsedResponse
from contract_tests.http.exchange import Exchange, Request
from contract_tests.verdict import MAX_EVIDENCE, Violation

JUDGES = CheckRegistry()

NOT_SERVED_STATUSES = {404, 405, 501}
AUTH_STATUSES = {401, 407, 511}


def _every(reading: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    yield reading


@JUDGES.each("answer-arrives", subject=_every)
def arrives(reading: ParsedResponse) -> Iterator[Violation]:
    trouble = reading.exchange.trouble
    if reading.status is None and trouble is not None:
        yield Violation("connection", "the head of an HTTP response", trouble.detail)


def _fully_received(reading: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    if reading.status is not None and (reading.has_body or not reading.is_complete):
        yield reading


@JUDGES.each("answer-is-complete", subject=_fully_received)
def complete(reading: ParsedResponse) -> Iterator[Violation]:
    trouble = reading.exchange.trouble
    if trouble is not None:
        yield Violation("body", "a whole body", trouble.detail)


@JUDGES.each("post-code-is-served", subject=any_response)
def served(reading: ParsedResponse) -> Iterator[Violation]:
    if reading.status in NOT_SERVED_STATUSES and not reading.is_success:
        yield Violation("HTTP status", "the operation at this address", status_line(reading))


def _expected_to_succeed(reading: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    """Whole answers on which no clause more exact than `valid-request-succeeds` has the word.

    A call that lacks what the document asks for may be refused; a body that was not recorded may hold a refusal.
    """
    refused = not reading.is_success and reading.status not in NOT_SERVED_STATUSES | AUTH_STATUSES
    told = reading.exchange.request_is_complete and (reading.has_body or not reading.is_api_response)
    if reading.is_complete and (reading.is_success or (refused and told)):
        yield reading


@JUDGES.each("valid-request-succeeds", subject=_expected_to_succeed)
def succeeds(reading: ParsedResponse) -> Iterator[Violation]:
    if reading.is_success:
        return
    status = reading.status or 0
    if 300 <= status < 400:
        location = showing.quoted(reading.exchange.header("location") or "")
        yield Violation("HTTP status", "an answer here", f"{status_line(reading)} to {location}, which is not followed")
    elif not 200 <= status < 300:
        yield Violation("HTTP status", "a grant", f"{status_line(reading)}: {body_excerpt(reading)}")
    elif reading.is_valid_error:
        yield Violation("$", "a grant", body_excerpt(reading))


def _success(reading: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    if reading.is_success or (reading.is_api_response and reading.has_body and not reading.is_valid_error):
        yield reading


@JUDGES.each("success-is-http-200", subject=_success, unasked="no call was granted")
def http_200(reading: ParsedResponse) -> Iterator[Violation]:
    if reading.status != 200:
        yield Violation("HTTP status", "200", status_line(reading))


def _with_empty_object(request: Request, operation: Operation) -> Request | None:
    return None if operation.request_body_content is not None else replace(request, body=b"{}")


EMPTY_OBJECT = Probe("empty-object", _with_empty_object)


@JUDGES.all(
    "takes-no-parameters",
    subject=complete_responses,
    probe=EMPTY_OBJECT,
    beside_plain=True,
    unasked="no call was answered",
)
class BodyNotRequired(RunCheck):
    """Broken where nothing is granted but what brings a body."""

    def __init__(self, clause: Clause) -> None:
        super().__init__(clause)
        self._granted: set[str] = set()
        self._plain = 0
        self._first: list[tuple[Exchange, str]] = []

    def add(self, reading: ParsedResponse, subject: ParsedResponse) -> None:
        if reading.is_success:
            self._granted.add(reading.exchange.label)
        elif reading.exchange.label == BASELINE:
            self._plain += 1
            if len(self._first) < MAX_EVIDENCE:
                self._first.append((reading.exchange, status_line(reading)))

    def finish(self) -> Iterator[tuple[Exchange | None, Violation]]:
        if self._granted == {EMPTY_OBJECT.label}:
            rest = [(None, "") for _ in range(self._plain - len(self._first))]
            for exchange, status in (*self._first, *rest):
                received = f"{status}; one is given with {{}}"
                yield exchange, Violation("request", "a grant without a body", received)


@JUDGES.all(
    "unused-body-is-ignored",
    subject=complete_responses,
    probe=EMPTY_OBJECT,
    beside_plain=True,
    unasked="no call was answered",
)
class ExtraBodyIgnored(RunCheck):
    """Broken where what is granted without a body is not granted with one."""

    def __init__(self, clause: Clause) -> None:
        super().__init__(clause)
        self._granted = False
        self._refused: list[tuple[Exchange, str]] = []

    def add(self, reading: ParsedResponse, subject: ParsedResponse) -> None:
        if reading.exchange.label == BASELINE:
            self._granted = self._granted or reading.is_success
        elif not reading.is_success:
            self._refused.append((reading.exchange, f"{status_line(reading)}: {body_excerpt(reading)}"))

    def finish(self) -> Iterator[tuple[Exchange | None, Violation]]:
        if self._granted:
            for exchange, received in self._refused:
                yield exchange, Violation("HTTP status", "a grant", received)


def status_line(reading: ParsedResponse) -> str:
    """The HTTP status and its reason, fit to be shown."""
    return f"{reading.status} {showing.escape(reading.exchange.reason, 40)}".strip()


def body_excerpt(reading: ParsedResponse) -> str:
    """The beginning of the body, fit to be shown."""
    if not reading.has_body:
        return "a body that was not recorded"
    return showing.body(reading.body if reading.body is not None else reading.exchange.body)
