"""Retention of evaluated exchanges: a run of 100,000 exchanges cannot keep every body."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from code_contract import Operation
from contract_tests.checks.response import ParsedResponse
from contract_tests.http.exchange import BodyCapture, Exchange

MAX_SHOWN = 48
"""Responses whose mock fields (pictures, ids) reports show."""


class RetentionPolicy:
    """Decides which exchanges keep their headers and body: all, or those that reports show.

    Exchanges that are evidence are kept by their findings.

    Args:
        keep_bodies: Keep every body.
    """

    def __init__(self, keep_bodies: bool = False) -> None:
        self._keep_bodies = keep_bodies
        # One more than is shown, so that reports can state that there are more.
        self._left = MAX_SHOWN + 1

    def keep(self, response: ParsedResponse) -> Exchange:
        """Return the exchange of a response, complete or without its headers and body."""
        exchange, operation = response.exchange, response.operation
        if self._keep_bodies:
            return exchange
        if self._left and _has_mock_fields(response) and mock_field_values(exchange, operation):
            self._left -= 1
            return exchange
        return replace(exchange, reason="", headers=(), body=b"", held=BodyCapture.NOTHING)


def _has_mock_fields(response: ParsedResponse) -> bool:
    return any(True for place in response.operation.mock_fields for _ in response.values_at(place))


def mock_field_values(exchange: Exchange, operation: Operation) -> list[tuple[str, Any]]:
    """Return the kind and the value of each mock field (`x-mock`) of a 2xx response."""
    response = ParsedResponse(exchange, operation)
    return [(kind, value) for place, kind in operation.mock_fields.items() for _, value in response.values_at(place)]
