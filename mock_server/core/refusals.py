"""Responses that refuse a request, or report an error of the mock itself.

The first of these that there is: the contract's example of that name, the operation's documented response of that
status, problem details (RFC 9457).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from code_contract import Contract, Example, Operation, Response
from code_contract.text import escape_unprintable
from mock_server.core.errors import (
    BODY_TOO_LARGE,
    CAPTCHA_REFUSED,
    MALFORMED,
    MEDIA_TYPE_ERROR,
    METHOD_NOT_ALLOWED,
    NOT_ACCEPTABLE,
    NOT_FOUND,
    NOT_IMPLEMENTED,
    REQUEST_ERROR,
    SERVER_ERROR,
    UNAUTHORIZED,
    UNDOCUMENTED,
)
from mock_server.core.representations import Representation, choose
from mock_server.core.violations import Violation
from mock_server.response import ResponseDraft

PROBLEM_TYPE = "application/problem+json"

STATUSES = {
    REQUEST_ERROR: (422, 400),
    MALFORMED: (400, 422),
    UNAUTHORIZED: (401,),
    CAPTCHA_REFUSED: (422, 400, 401, 403, 409, 410, 412, 428),
    NOT_FOUND: (404,),
    UNDOCUMENTED: (404,),
    METHOD_NOT_ALLOWED: (405,),
    NOT_ACCEPTABLE: (406,),
    BODY_TOO_LARGE: (413,),
    MEDIA_TYPE_ERROR: (415,),
    SERVER_ERROR: (500,),
    NOT_IMPLEMENTED: (501,),
}
"""The HTTP statuses of each error, the preferred one first."""
_SAME = {MALFORMED: (REQUEST_ERROR, 400), NOT_IMPLEMENTED: (SERVER_ERROR, 501), UNDOCUMENTED: (REQUEST_ERROR, 400)}
"""Errors that have the example of another one, and the status that it then has."""


def own_example(contract: Contract, operation: Operation | None, name: str) -> Example | None:
    """Return the contract's example of an error, None if it has none."""
    own = operation.success_response.examples if operation is not None else {}
    found = own.get(name) or contract.examples.get(name)
    if found is None and name in _SAME:
        same, status = _SAME[name]
        found = own_example(contract, operation, same)
        return found and replace(found, status=status)
    return found


def documented(operation: Operation, name: str) -> tuple[int, Response | None]:
    """Return the documented response to an error: the exact one, that of a range, the default one; and its status."""
    statuses = STATUSES.get(name, (500,))
    for status in statuses:
        if str(status) in operation.responses:
            return status, operation.responses[str(status)]
    return statuses[0], operation.response(statuses[0]) if statuses[0] < 500 else None


def representation(operation: Operation, name: str, accepted: str) -> Representation | None:
    """Return the documented response to an error in the media type that a client accepts, None without a response.

    Args:
        operation: The operation.
        name: The name of the error.
        accepted: The value of the Accept header. A client that accepts no documented type gets one nevertheless (RFC
            9110 §12.5.1).
    """
    status, response = documented(operation, name)
    if response is None:
        return None
    return choose(operation, accepted, response, status) or choose(operation, "", response, status)


def status_of(name: str) -> int:
    """Return the status of an error by its name, unless a document has another; 500 for an unknown one."""
    return STATUSES.get(name, (500,))[0]


def problem(status: int, violations: Sequence[Violation]) -> dict[str, Any]:
    """Return the problem details of an error (RFC 9457 §3).

    Args:
        status: Its status.
        violations: The violations that caused it.
    """
    found: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    if violations:
        found["detail"] = escape_unprintable("; ".join(each.explained for each in violations))
        found["errors"] = [dict(_error(each)) for each in violations]
    return found


def fill_problem(draft: ResponseDraft, status: int, violations: Sequence[Violation]) -> None:
    """Make a draft the problem details of an error."""
    draft.status, draft.content_type, draft.document = status, PROBLEM_TYPE, problem(status, violations)


def _error(violation: Violation) -> Iterator[tuple[str, str]]:
    yield "detail", escape_unprintable(violation.reason)
    yield "blames", violation.blames
    if violation.location:
        yield "location", violation.location
    if violation.name:
        yield "name", escape_unprintable(violation.name)
    if violation.pointer or violation.location == "body":
        yield "pointer", "#" + escape_unprintable(violation.pointer)
