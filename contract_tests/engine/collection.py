"""The exchanges that a run collects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from contract_tests.checks.registry import BASELINE
from contract_tests.http.exchange import BodyCapture, Exchange

GATEWAY_STATUSES = frozenset({502, 503, 504})
"""Statuses of a gateway whose upstream server is unreachable, or still starting."""
NOT_CHECKED_STATUSES = frozenset({None, 429, *GATEWAY_STATUSES})
"""Statuses of responses that say nothing about the API, and that of none."""

MAX_LISTED = 20_000
"""Exchanges of an operation that are listed; of more, those of a soak are thinned out evenly."""


@dataclass
class CollectedExchanges:
    """The exchanges of a run.

    Attributes:
        exchanges: Exchanges in the order of their requests, by operation id.
        notes: Sentences for people about what was not done, with the reason.
        throttled: Number of responses 429 after which a request was repeated.
        started: Unix time of the first request.
        elapsed: Seconds to the end of the last exchange.
        exceeds_limits: True if no response could be checked beyond its head, because each exceeded a limit.
        unavailable: Number of responses 503 after which a request was repeated.
        unlisted: Number of requests beside the exchanges, for a hint.
        not_called: The reason why an operation was not called, by id.
        keeps_bodies: False if most exchanges have no headers and body (see retention).
    """

    exchanges: dict[str, list[Exchange]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    throttled: int = 0
    started: float = 0.0
    elapsed: float = 0.0
    exceeds_limits: bool = False
    unavailable: int = 0
    unlisted: int = 0
    not_called: dict[str, str] = field(default_factory=dict)
    keeps_bodies: bool = True
    _counts: Counter[str] = field(default_factory=Counter)
    _steps: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._counts.update({name: len(each) for name, each in self.exchanges.items()})

    def all(self) -> Iterator[Exchange]:
        """Yield every exchange, in order."""
        for exchanges in self.exchanges.values():
            yield from exchanges

    def count(self, operation_id: str) -> int:
        """Return the number of exchanges of an operation, listed or not."""
        return self._counts[operation_id]

    def add(self, exchange: Exchange, *, thin_out: bool = False) -> None:
        """Add an exchange; with `thin_out`, of those without headers and body at most MAX_LISTED stay listed."""
        listed = self.exchanges[exchange.operation]
        if thin_out and len(listed) >= MAX_LISTED:
            self._steps[exchange.operation] = 2 * self._steps.get(exchange.operation, 1)
            listed[:] = [each for each in listed if self._is_listed(each)]
        if self._is_listed(exchange):
            listed.append(exchange)
        self._counts[exchange.operation] += 1

    def _is_listed(self, exchange: Exchange) -> bool:
        step = self._steps.get(exchange.operation, 1)
        return exchange.index % step == 0 or exchange.label != BASELINE or exchange.held is not BodyCapture.NOTHING

    @property
    def answered(self) -> bool:
        """True if a baseline request received the head of a response that could be checked.

        Responses 429 and those of gateways cannot.
        """
        baseline = (each for each in self.all() if each.label == BASELINE)
        return not self.exceeds_limits and any(each.status not in NOT_CHECKED_STATUSES for each in baseline)
