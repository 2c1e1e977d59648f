"""Checks of the clauses that are derived from a document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urlencode

from jsonschema.exceptions import ValidationError

from code_contract import DerivedClause, FieldPath, Operation, Requirement, Response
from code_contract.directions import required_of_responses
from code_contract.media_types import content_of
from contract_tests import sanitize
from contract_tests.checks.body_values import MALFORMED, body_value, scalar
from contract_tests.checks.bounded import BoundedValidator
from contract_tests.checks.json_text import MISSING
from contract_tests.checks.keywords import checked_format
from contract_tests.checks.operation import AUTH_STATUSES, status_line
from contract_tests.checks.registry import Check, Probe, ResponseCheck
from contract_tests.checks.response import NOT_SERVED_STATUSES, ParsedResponse
from contract_tests.checks.schema import MAX_ERRORS, schema_violation
from contract_tests.checks.selectors import any_response
from contract_tests.http.exchange import Request
from contract_tests.message import Message, joined
from contract_tests.settings import CREDENTIALS
from contract_tests.verdict import Violation

NO_CREDENTIALS = "no-credentials"
"""Label of the requests without credentials."""

_NOT_DECIDED = "only rejections and server errors were received"

Violations = Callable[[ParsedResponse], Iterator[Violation]]


def derived_check(clause: DerivedClause) -> Check:
    """Return the check of a derived clause."""
    is_probed, skip_reason = clause.requirement is Requirement.CREDENTIALS, Message(_NOT_DECIDED)
    select = _SELECTORS.get(clause.requirement, any_response)
    if clause.status:
        select, skip_reason = partial(_with_status, clause), Message("no response {} was received", clause.status)
    if clause.requirement is Requirement.BODY:
        select = partial(_with_value, clause)
        skip_reason = Message("no response {} with a body in JSON, XML or text was received", clause.status)
    return ResponseCheck(
        clause=clause.id,
        select=select,
        module=__name__,
        probe=credentials_probe([clause]) if is_probed else None,
        skip_reason=skip_reason,
        live_only=is_probed,
        violations=_CHECKS[clause.requirement](clause.operation, clause.status),
    )


def _expected(response: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    """Select responses, except for an undocumented rejection of a request with values that may not exist."""
    if response.status is not None and not may_reject(response):
        yield response


def may_reject(response: ParsedResponse) -> bool:
    """Return True for an undocumented 4xx after a request that lacks what only the owner of the target knows.

    404 and 405 may only follow from values in the path: others do not change the address.
    """
    status, unknown = response.status or 0, set(response.exchange.request.unknown)
    if not 400 <= status < 500 or response.operation.response(status) is not None:
        return False
    if status in NOT_SERVED_STATUSES:
        return bool(
            unknown.intersection(each.name for each in response.operation.parameters if each.location == "path")
        )
    return bool(unknown)


def _of_the_api(response: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    """Select expected responses that no more basic clause reports: of the operation, without a server error."""
    if response.is_served and (response.status or 0) < 500:
        yield from _expected(response, place)


_SELECTORS = {Requirement.SERVED: _expected, Requirement.STATUS: _of_the_api}


def _with_status(clause: DerivedClause, response: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    """Select complete responses to which the documentation of this status applies."""
    found = clause.operation.response(response.status or 0)
    if response.is_complete and response.has_body and not response.limit and found and found.status == clause.status:
        yield response


def _with_value(clause: DerivedClause, response: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    """Select those whose body can be compared with its schema; other media types leave it open."""
    documented = clause.operation.responses[clause.status].content
    for each in _with_status(clause, response, place):
        if body_value(each, documented)[0] is not MISSING:
            yield each


def _served(operation: Operation, status: str) -> Violations:
    def check(response: ParsedResponse) -> Iterator[Violation]:
        if not response.is_served:
            yield Violation("HTTP status", "the operation at this address", status_line(response))

    return check


def _no_server_error(operation: Operation, status: str) -> Violations:
    def check(response: ParsedResponse) -> Iterator[Violation]:
        if (response.status or 0) >= 500 and response.is_served:
            yield Violation("HTTP status", "no server error", status_line(response))

    return check


def _status(operation: Operation, status: str) -> Violations:
    def check(response: ParsedResponse) -> Iterator[Violation]:
        if operation.response(response.status or 0) is None:
            yield Violation("HTTP status", joined("{} or {}", operation.responses), status_line(response))

    return check


def _documented(operation: Operation, status: str) -> Response:
    return operation.responses[status]


def _media_type(operation: Operation, status: str) -> Violations:
    documented = _documented(operation, status).content

    def check(response: ParsedResponse) -> Iterator[Violation]:
        if response.body and content_of(documented, response.media_type[0]) is None:
            received = response.exchange.header("content-type")
            shown = "no such header" if received is None else sanitize.quoted(received)
            yield Violation("header Content-Type", joined("{} or {}", documented), shown)

    return check


def _body(operation: Operation, status: str) -> Violations:
    documented = _documented(operation, status).content
    validators: dict[int, BoundedValidator] = {}

    def check(response: ParsedResponse) -> Iterator[Violation]:
        value, schema = body_value(response, documented)
        if value is MALFORMED:
            yield Violation("body", "well-formed XML with the documented root", sanitize.body(response.body or b"", 80))
            return
        if id(schema) not in validators:
            validators[id(schema)] = BoundedValidator(
                schema, {"format": checked_format, "required": required_of_responses(schema)}
            )
        for error in islice(validators[id(schema)].iter_errors(value), MAX_ERRORS):
            yield _with_keyword(schema_violation(error), error)

    return check


def _with_keyword(violation: Violation, error: ValidationError) -> Violation:
    """Return a violation that names the keyword, as in "string (type)"; there is no clause that does."""
    if error.validator is None or violation.expected.startswith(f"{error.validator}:"):
        return violation
    return replace(violation, expected=Message("{} ({})", violation.expected, error.validator))


def _headers(operation: Operation, status: str) -> Violations:
    documented = _documented(operation, status).headers
    validators = {name: BoundedValidator(node.get("schema", True)) for name, node in documented.items()}

    def check(response: ParsedResponse) -> Iterator[Violation]:
        for name, node in documented.items():
            received = response.exchange.header(name)
            if name.lower() == "content-type":
                continue  # OpenAPI 3.1 §4.8.17: ignored here
            if received is None:
                if node.get("required"):
                    yield Violation(Message("header {}", sanitize.escape(name, 60)), "this header", "no such header")
                continue
            first, *others = _typed(received)
            error = next(validators[name].iter_errors(first), None)
            if error is not None and not any(map(validators[name].is_valid, others)):
                expected = schema_violation(error).expected
                yield Violation(Message("header {}", sanitize.escape(name, 60)), expected, sanitize.quoted(received))

    return check


def _typed(text: str) -> list[Any]:
    """Return the values that a header can stand for, the likeliest first: number or boolean, text, array."""
    parts = [each.strip() for each in text.split(",")]
    return [scalar(text.strip()), text, parts, list(map(scalar, parts))]


def credentials_probe(clauses: Iterable[DerivedClause]) -> Probe:
    """Return the probe of these clauses: the request of each operation without credentials."""
    keys_of = {each.operation.id: each.credentials for each in clauses}

    def mutate(request: Request, operation: Operation) -> Request | None:
        keys = keys_of.get(operation.id)
        return None if keys is None else _without_credentials(request, keys)

    return Probe(NO_CREDENTIALS, mutate)


def _without_credentials(request: Request, keys: frozenset[tuple[str, str]]) -> Request:
    headers = {*CREDENTIALS, *(name for location, name in keys if location == "header")}
    url, _, query = request.url.partition("?")
    pairs = [pair for pair in parse_qsl(query, keep_blank_values=True) if ("query", pair[0].lower()) not in keys]
    kept = tuple(pair for pair in request.headers if pair[0].lower() not in headers)
    return replace(request, url=f"{url}?{urlencode(pairs)}" if pairs else url, headers=kept)


def _credentials(operation: Operation, status: str) -> Violations:
    def check(response: ParsedResponse) -> Iterator[Violation]:
        if response.status not in AUTH_STATUSES | {403}:
            yield Violation("request without credentials", "HTTP status 401 or 403", status_line(response))

    return check


_CHECKS: dict[Requirement, Callable[[Operation, str], Violations]] = {
    Requirement.SERVED: _served,
    Requirement.NO_SERVER_ERROR: _no_server_error,
    Requirement.STATUS: _status,
    Requirement.MEDIA_TYPE: _media_type,
    Requirement.BODY: _body,
    Requirement.HEADERS: _headers,
    Requirement.CREDENTIALS: _credentials,
}
