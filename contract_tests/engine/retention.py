"""Retention of evaluated exchanges: a run of 100,000 exchanges cannot keep every body."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from code_contract import Carrier, Operation, PictureMark
from contract_tests.checks.response import ParsedResponse
from contract_tests.http.exchange import BodyCapture, Exchange
from contract_tests.message import Message

MAX_SHOWN = 48
"""Responses whose mock fields (pictures, ids) reports show."""
MAX_KEPT_BYTES = 16 * 1024 * 1024
"""Bytes of the bodies of these responses."""
MAX_RECORDED_BYTES = 48 * 1024 * 1024
"""Bytes of the bodies of a recording; the exchanges whose bodies exceed it are left out."""


class RetentionPolicy:
    """Decides which exchanges keep their headers and body: all, or those that reports show.

    Exchanges that are evidence are kept by their findings.

    Args:
        keep_bodies: Keep every body, within MAX_RECORDED_BYTES.
    """

    def __init__(self, keep_bodies: bool = False) -> None:
        self._keep_bodies = keep_bodies
        # One more than is shown, so that reports can state that there are more.
        self._left = MAX_SHOWN + 1
        self._bytes_left = MAX_KEPT_BYTES
        self._recorded_bytes_left = MAX_RECORDED_BYTES
        self._lacking = 0

    def keep(self, response: ParsedResponse) -> Exchange:
        """Return the exchange of a response, complete or without its headers and body."""
        exchange = response.exchange
        if self._keep_bodies:
            self._recorded_bytes_left -= len(exchange.body)
            if self._recorded_bytes_left >= 0:
                return exchange
            self._lacking += 1
        fits = self._left and len(exchange.body) <= self._bytes_left
        if fits and _has_mock_fields(response) and 200 <= (response.status or 0) < 300:
            self._left -= 1
            self._bytes_left -= len(exchange.body)
            return exchange
        return replace(exchange, reason="", headers=(), lines=b"", body=b"", held=BodyCapture.NOTHING)

    def notes(self) -> Iterator[str]:
        """Yield a note if the recording lacks exchanges."""
        if self._lacking:
            sentence = "the recording lacks {} exchange{}: the bodies before them have more than {} bytes"
            yield Message(sentence, self._lacking, "s" * (self._lacking > 1), MAX_RECORDED_BYTES)


def _has_mock_fields(response: ParsedResponse) -> bool:
    return any(True for _ in _mock_fields(response))


def mock_field_values(exchange: Exchange, operation: Operation) -> list[tuple[PictureMark | None, Any]]:
    """Return the value of each mock field (`x-mock`) of a 2xx response, with its mark if it is a picture."""
    return list(_mock_fields(ParsedResponse(exchange, operation)))


def _mock_fields(response: ParsedResponse) -> Iterator[tuple[PictureMark | None, Any]]:
    for place in response.operation.mock_fields:
        mark = response.operation.pictures.get(place)
        if mark is not None and mark.carrier is Carrier.BODY:
            if response.is_api_response and response.body:
                yield mark, response.body
        else:
            yield from ((mark, value) for _, value in response.values_at(place))
