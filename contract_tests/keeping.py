"""What a run keeps of an exchange that was judged: all of it, or what reports say of every call.

A body is mostly a picture, and a run may have 100,000 of them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from contract import Operation
from contract_tests.exchange import Exchange, Held
from contract_tests.reading import Reading

MOST = 48
"""Answers whose pictures and ids reports show."""


class Keeping:
    """Keeps so many exchanges whole as reports show, every one where `whole`; of the others, neither headers nor body.

    Exchanges that are evidence are kept by their findings.
    """

    def __init__(self, whole: bool = False) -> None:
        self._whole = whole
        # One more than is shown, so that it can be said that there are more.
        self._left = MOST + 1

    def keep(self, reading: Reading) -> Exchange:
        """What is kept of the exchange of a reading."""
        exchange, operation = reading.exchange, reading.operation
        if self._whole:
            return exchange
        if self._left and _carries(reading) and marked(exchange, operation):
            self._left -= 1
            return exchange
        return replace(exchange, reason="", headers=(), body=b"", held=Held.NOTHING)


def _carries(reading: Reading) -> bool:
    return any(True for place in reading.operation.marks for _ in reading.values(place))


def marked(exchange: Exchange, operation: Operation) -> list[tuple[str, Any]]:
    """What an answer of HTTP's success kind carries where the contract marks it (`x-mock`): each mark and the value."""
    reading = Reading(exchange, operation)
    return [(kind, value) for place, kind in operation.marks.items() for _, value in reading.values(place)]
