"""The exchanges that a run collects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from contract_tests.checks.registry import BASELINE
from contract_tests.http.exchange import Exchange

GATEWAY_STATUSES = frozenset({502, 503, 504})
"""Statuses of a gateway whose upstream server is unreachable, or still starting."""


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
        keeps_bodies: False if most exchanges have no headers and body (see retention).
    """

    exchanges: dict[str, list[Exchange]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    throttled: int = 0
    started: float = 0.0
    elapsed: float = 0.0
    exceeds_limits: bool = False
    unavailable: int = 0
    keeps_bodies: bool = True

    def all(self) -> Iterator[Exchange]:
        """Yield every exchange, in order."""
        for exchanges in self.exchanges.values():
            yield from exchanges

    @property
    def answered(self) -> bool:
        """True if a baseline request received the head of a response that could be checked.

        Responses 429 and those of gateways cannot.
        """
        others = {None, 429, *GATEWAY_STATUSES}
        return not self.exceeds_limits and any(e.status not in others for e in self.all() if e.label == BASELINE)
