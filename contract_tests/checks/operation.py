"""The operation: it is served, it responds, a valid request succeeds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from code_contract import Clause, FieldPath, Operation
from contract_tests import sanitize
from contract_tests.checks.registry import BASELINE, Aggregate, CheckRegistry, Probe
from contract_tests.checks.response import NOT_SERVED_STATUSES, ParsedResponse
from contract_tests.checks.selectors import any_response, operation_responses
from contract_tests.http.exchange import Exchange, Request, TransportErrorKind
from contract_tests.message import Message
from contract_tests.verdict import MAX_EVIDENCE, Violation

CHECKS = CheckRegistry()

AUTH_STATUSES = frozenset({401, 407, 511})
SUCCESS_CLAUSE = "valid-request-succeeds"
_FRAMING_ERRORS = {TransportErrorKind.LENGTH, TransportErrorKind.CHUNK, TransportErrorKind.EXCESS}
"""Errors that have clauses of their own."""


def _within_limits(response: ParsedResponse) -> bool:
    error = response.exchange.error
    return error is None or not error.kind.is_limit


def every_exchange(response: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    """Select every exchange within the limits of the client, those without a response included."""
    if _within_limits(response):
        yield response


@CHECKS.per_response("answer-arrives", select=every_exchange)
def arrives(response: ParsedResponse) -> Iterator[Violation]:
    error = response.exchange.error
    if response.status is None and error is not None:
        yield Violation("connection", "the head of an HTTP response", error.detail)


def _with_body_or_error(response: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    error = response.exchange.error
    known = response.has_body or not response.is_complete
    has_end = error is None or error.kind not in _FRAMING_ERRORS
    if response.status is not None and known and has_end and _within_limits(response):
        yield response


@CHECKS.per_response("answer-is-complete", select=_with_body_or_error)
def complete(response: ParsedResponse) -> Iterator[Violation]:
    error = response.exchange.error
    if error is not None:
        yield Violation("body", "a complete body", error.detail)


@CHECKS.per_response("post-code-is-served", select=any_response)
def served(response: ParsedResponse) -> Iterator[Violation]:
    if response.status in NOT_SERVED_STATUSES and not response.is_success:
        yield Violation("HTTP status", "the operation at this address", status_line(response))


def _expected_to_succeed(response: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    """Complete responses that no more specific clause covers.

    A request that lacks something required may be rejected; a body that was not recorded may be an error. If a response
    2xx is neither a success nor an error in the envelope, it violates clauses about its body.
    """
    is_2xx = 200 <= (response.status or 0) < 300
    rejected = response.is_valid_error if is_2xx else response.status not in NOT_SERVED_STATUSES | AUTH_STATUSES
    if response.is_complete and (response.is_success or (rejected and response.exchange.request_is_complete)):
        yield response


@CHECKS.per_response(SUCCESS_CLAUSE, select=_expected_to_succeed)
def succeeds(response: ParsedResponse) -> Iterator[Violation]:
    if response.is_success:
        return
    status = response.status or 0
    if 300 <= status < 400:
        location = sanitize.quoted(response.exchange.header("location") or "")
        received = Message("{} to {} (redirects are not followed)", status_line(response), location)
        yield Violation("HTTP status", "a success response", received)
    elif response.is_valid_error:
        yield Violation("$", "a success response", body_excerpt(response))
    else:
        yield Violation("HTTP status", "a success response", response_excerpt(response))


def _success(response: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    """Select success responses, and responses 2xx that claim a success by another status than the documented one."""
    other = response.status != 200 and response.is_api_response and response.has_body and not response.is_valid_error
    if response.is_success or (other and not response.limit):
        yield response


@CHECKS.per_response("success-is-http-200", select=_success, skip_reason="no request succeeded")
def http_200(response: ParsedResponse) -> Iterator[Violation]:
    if response.status != 200:
        yield Violation("HTTP status", "200", status_line(response))


def _with_empty_object(request: Request, operation: Operation) -> Request | None:
    return None if operation.request_body_content is not None else replace(request, body=b"{}")


EMPTY_OBJECT = Probe("empty-object", _with_empty_object)


@CHECKS.whole_run(
    "takes-no-parameters",
    select=operation_responses,
    probe=EMPTY_OBJECT,
    include_baseline=True,
    skip_reason="no request succeeded",
    explains=SUCCESS_CLAUSE,
)
class BodyNotRequired(Aggregate):
    """Violated if requests succeed only with a body."""

    def __init__(self, clause: Clause) -> None:
        super().__init__(clause)
        self._succeeded: set[str] = set()
        self._rejected = 0
        self._evidence: list[tuple[Exchange, str]] = []

    def add(self, response: ParsedResponse, subject: ParsedResponse) -> None:
        if response.is_success:
            self._succeeded.add(response.exchange.label)
        elif response.exchange.label == BASELINE:
            self._rejected += 1
            if len(self._evidence) < MAX_EVIDENCE:
                self._evidence.append((response.exchange, status_line(response)))

    def finish(self) -> Iterator[tuple[Exchange | None, Violation]]:
        if not self._succeeded:
            self.checked = 0
        if self._succeeded == {EMPTY_OBJECT.label}:
            further = [(None, "") for _ in range(self._rejected - len(self._evidence))]
            for exchange, status in (*self._evidence, *further):
                received = Message("{}; a success with the body {{}}", status)
                yield exchange, Violation("request", "a success without a body", received)


@CHECKS.whole_run(
    "unused-body-is-ignored",
    select=operation_responses,
    probe=EMPTY_OBJECT,
    include_baseline=True,
    skip_reason="not every request without a body succeeded",
)
class ExtraBodyIgnored(Aggregate):
    """Violated if every request without a body succeeds, but not one with a body."""

    def __init__(self, clause: Clause) -> None:
        super().__init__(clause)
        self._succeeds_without = True
        self._probes = 0
        self._rejected: list[tuple[Exchange, str]] = []

    def add(self, response: ParsedResponse, subject: ParsedResponse) -> None:
        if response.exchange.label == BASELINE:
            # An error that comes now and then, or with use, is not caused by the body.
            self._succeeds_without = self._succeeds_without and response.is_success
            return
        self._probes += 1
        if not response.is_success:
            self._rejected.append((response.exchange, response_excerpt(response)))

    def finish(self) -> Iterator[tuple[Exchange | None, Violation]]:
        self.checked = self._probes if self._succeeds_without else 0
        if self._succeeds_without:
            for exchange, received in self._rejected:
                yield exchange, Violation("HTTP status", "a success response", received)


def status_line(response: ParsedResponse) -> str:
    """Return the HTTP status and its reason phrase, sanitized."""
    return f"{response.status} {sanitize.escape(response.exchange.reason, 40)}".strip()


def body_excerpt(response: ParsedResponse) -> str:
    """Return the beginning of the body, sanitized."""
    if not response.has_body:
        return "a body that was not recorded"
    return sanitize.body(response.body if response.body is not None else response.exchange.body)


def response_excerpt(response: ParsedResponse) -> str:
    """Return the status and the beginning of the body, or the transport error, sanitized."""
    error = response.exchange.error
    return error.detail if error is not None else Message("{}: {}", status_line(response), body_excerpt(response))
