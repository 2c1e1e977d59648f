"""The error responses that the mock gives by itself: the contract's examples of these names."""

from __future__ import annotations

from dataclasses import replace

from code_contract import Contract, Example

REQUEST_ERROR, MEDIA_TYPE_ERROR = "request-refused", "media-type-refused"
NOT_FOUND, METHOD_NOT_ALLOWED, BODY_TOO_LARGE = "not-found", "method-not-allowed", "body-too-large"
NOT_ACCEPTABLE = "not-acceptable"
SERVER_ERROR, NOT_IMPLEMENTED = "server-error", "not-implemented"

STATUSES = {
    REQUEST_ERROR: 400,
    NOT_FOUND: 404,
    METHOD_NOT_ALLOWED: 405,
    NOT_ACCEPTABLE: 406,
    BODY_TOO_LARGE: 413,
    MEDIA_TYPE_ERROR: 415,
    SERVER_ERROR: 500,
    NOT_IMPLEMENTED: 501,
}
"""The HTTP statuses of the errors of the mock itself."""


def error_example(contract: Contract, name: str) -> Example:
    """Return an error example of the contract.

    A contract without an example for an error of the mock itself gets one: a JSON object with the name of the error.

    Raises:
        UnknownNameError: There is no such example and no such error.
    """
    if name in contract.examples or name not in STATUSES:
        return contract.example(name)
    if name == NOT_IMPLEMENTED:
        return replace(error_example(contract, SERVER_ERROR), status=STATUSES[name])
    return Example(name, "", {"error": name}, STATUSES[name])
