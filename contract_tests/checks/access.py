"""Access: no authentication, a required source, error responses in the envelope."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

from code_contract import FieldPath, Operation
from contract_tests import sanitize
from contract_tests.checks.operation import AUTH_STATUSES, response_excerpt, status_line
from contract_tests.checks.registry import CheckRegistry, Probe
from contract_tests.checks.response import ParsedResponse
from contract_tests.checks.selectors import operation_responses
from contract_tests.http.exchange import Request
from contract_tests.message import Message
from contract_tests.settings import CREDENTIALS
from contract_tests.verdict import Violation

CHECKS = CheckRegistry()


def _without_credentials(response: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    sent = {name.lower() for name, _ in response.exchange.request.headers}
    if response.is_served and not sent & set(CREDENTIALS):
        yield response


@CHECKS.per_response(
    "no-authentication-needed",
    select=_without_credentials,
    skip_reason="every request had the credentials of this run, or none received a response of the operation",
    live_only=True,
)
def no_authentication(response: ParsedResponse) -> Iterator[Violation]:
    if response.status in AUTH_STATUSES and not response.is_success:
        challenge = response.exchange.header("www-authenticate")
        header = f", WWW-Authenticate: {sanitize.escape(challenge, 60)}" if challenge else ""
        yield Violation("HTTP status", "no demand for credentials", status_line(response) + header)


def _without_source(request: Request, operation: Operation) -> Request | None:
    for parameter in operation.parameters:
        if parameter.is_source and parameter.location == "header":
            kept = [pair for pair in request.headers if pair[0].lower() != parameter.name.lower()]
            return replace(request, headers=tuple(kept))
        if parameter.is_source and parameter.location == "query":
            url, _, query = request.url.partition("?")
            fields = [pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] != parameter.name]
            return replace(request, url=f"{url}?{urlencode(fields)}" if fields else url)
        if parameter.is_source and parameter.location == "cookie":
            return replace(request, headers=tuple(_without_cookie(request.headers, parameter.name)))
    return None


def _without_cookie(headers: Iterable[tuple[str, str]], name: str) -> Iterator[tuple[str, str]]:
    for header, value in headers:
        cookies = [each for each in value.split("; ") if each.partition("=")[0] != name]
        if header.lower() != "cookie":
            yield header, value
        elif cookies:
            yield header, "; ".join(cookies)


NO_SOURCE = Probe("no-source", _without_source, only_when_confirmed=True)


@CHECKS.per_response(
    "source-is-required",
    select=operation_responses,
    probe=NO_SOURCE,
    skip_reason="open question: checked once x-assumption is deleted, or with --only",
)
def source_required(response: ParsedResponse) -> Iterator[Violation]:
    if response.is_success:
        received = Message("a success response: {}", status_line(response))
        yield Violation("request without a source", "an error response", received)


def _error(response: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    if response.is_complete and response.has_body and not response.is_success and not response.limit:
        yield response


@CHECKS.per_response(
    "error-uses-the-envelope", select=_error, probe=NO_SOURCE, skip_reason="no error response was received"
)
def error_in_envelope(response: ParsedResponse) -> Iterator[Violation]:
    if not response.matches_schema:
        yield Violation("body", "the envelope", response_excerpt(response))
