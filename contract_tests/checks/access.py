"""Access: no credentials asked, a source required, refusals in the envelope."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from code_contract import FieldPath, Operation
from contract_tests import sanitize as showing
from contract_tests.checks.operation import AUTH_STATUSES, body_excerpt, status_line
from contract_tests.checks.registry import CheckRegistry, Probe, complete_responses
from contract_tests.checks.response import ParsedResponse
from contract_tests.http.exchange import Request
from contract_tests.settings import CREDENTIALS
from contract_tests.verdict import Violation

JUDGES = CheckRegistry()


def _without_credentials(reading: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    if reading.status is not None and not any(
        name.lower() in CREDENTIALS for name, _ in reading.exchange.request.headers
    ):
        yield reading


@JUDGES.each(
    "no-authentication-needed",
    subject=_without_credentials,
    unasked="every call brought the credentials given to this run, or none was answered",
    own_calls=True,
)
def no_authentication(reading: ParsedResponse) -> Iterator[Violation]:
    if reading.status in AUTH_STATUSES and not reading.is_success:
        demand = reading.exchange.header("www-authenticate")
        asked = f", WWW-Authenticate: {showing.escape(demand, 60)}" if demand else ""
        yield Violation("HTTP status", "no demand for credentials", status_line(reading) + asked)


def _without_source(request: Request, operation: Operation) -> Request | None:
    """Return the request without its source, None if the operation has no source header."""
    for parameter in operation.parameters:
        if parameter.location == "header" and parameter.is_source:
            kept = [pair for pair in request.headers if pair[0].lower() != parameter.name.lower()]
            return replace(request, headers=tuple(kept))
    return None


NO_SOURCE = Probe("no-source", _without_source, only_when_confirmed=True)


@JUDGES.each(
    "source-is-required",
    subject=complete_responses,
    probe=NO_SOURCE,
    unasked="an open question: judged once x-assumption is deleted, or when asked for with --only",
)
def source_required(reading: ParsedResponse) -> Iterator[Violation]:
    if reading.is_success:
        yield Violation("request without a source", "a refusal", f"a grant: {status_line(reading)}")


def _refusal(reading: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    if reading.is_complete and reading.has_body and not reading.is_success:
        yield reading


@JUDGES.each("error-uses-the-envelope", subject=_refusal, probe=NO_SOURCE, unasked="no call was refused")
def refusal_in_envelope(reading: ParsedResponse) -> Iterator[Violation]:
    if not reading.matches_schema:
        yield Violation("body", "the envelope", f"{status_line(reading)}: {body_excerpt(reading)}")
