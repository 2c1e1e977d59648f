"""What a run keeps of an exchange that was judged: all of it, or what reports say of every call.

A body is mostly a picture, and a run may have 100,000 of them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from code_contract import Operation
from contract_tests.checks.response import ParsedResponse
from contract_tests.http.exchange import BodyCapture, Exchange

MAX_SHOWN = 48
"""Answers whose pictures and ids reports show."""


class RetentionPolicy:
    """Keeps so many exchanges whole as reports show, every one where `whole`; of the others, neither headers nor body.

    Exchanges that are evidence are kept by their findings.
    """

    def __init__(self, whole: bool = False) -> None:
        self._whole = whole
        # One more than is shown, so that it can be said that there are more.
        self._left = MAX_SHOWN + 1

    def keep(self, reading: ParsedResponse) -> Exchange:
        """What is kept of the exchange of a reading."""
        exchange, operation = reading.exchange, reading.operation
        if self._whole:
            return exchange
        if self._left and _has_mock_fields(reading) and mock_field_values(exchange, operation):
            self._left -= 1
            return exchange
        return replace(exchange, reason="", headers=(), body=b"", held=BodyCapture.NOTHING)


def _has_mock_fields(reading: ParsedResponse) -> bool:
    return any(True for place in reading.operation.mock_fields for _ in reading.values_at(place))


def mock_field_values(exchange: Exchange, operation: Operation) -> list[tuple[str, Any]]:
    """What an answer of HTTP's success kind carries where the contract marks it (`x-mock`): each mark and the value."""
    reading = ParsedResponse(exchange, operation)
    return [(kind, value) for place, kind in operation.mock_fields.items() for _, value in reading.values_at(place)]
