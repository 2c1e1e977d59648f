"""Further samples after the planned ones: some while the target is fast, or those of a soak until its time is over."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TypeVar

from contract_tests.engine import pacing
from contract_tests.engine.collection import CollectedExchanges
from contract_tests.http.exchange import Exchange
from contract_tests.settings import Settings

BATCH_SIZE = 16
"""Concurrent requests per batch. Their bodies are in memory until the batch is evaluated."""
MAX_PAUSE = 30.0
"""Maximum wait of a soak before further samples, in seconds, after an error or a response 429."""

Target = TypeVar("Target")


class Growth:
    """Decides when further samples are sent, so that they never exceed a stated rate limit.

    Without a soak, an error or a rate limit ends the growth. A soak waits instead: until the limit is reset as stated;
    after every response 429 twice as long as before; after errors, until the target responds again.

    Args:
        settings: The options of the run.
        collection: The exchanges of the run.
        begun: Time of the first request, in seconds of `time.monotonic`.
    """

    def __init__(self, settings: Settings, collection: CollectedExchanges, begun: float) -> None:
        seconds, self._samples = settings.growth
        self._soaks = bool(settings.soak_seconds)
        self.until = begun + min(seconds, pacing.CONCURRENT_SHARE * settings.run_seconds)
        if self._soaks:
            self.until = begun + seconds
        self._collection = collection
        self._resume_at = 0.0
        self._limited = False
        self._batch_size = BATCH_SIZE
        self._throttled = 0
        self._failing: dict[str, bool] = defaultdict(bool)
        self._pause_after_429 = self._pause_after_error = 0.0

    def observe(self, exchange: Exchange) -> None:
        """Record an error, and the rate limit that a response states."""
        self._failing[exchange.operation] = exchange.error is not None or self._failing[exchange.operation]
        pause = pacing.limit_pause(exchange, BATCH_SIZE)
        if pause:
            self._limited = True
            self._batch_size = max(1, min(self._batch_size, pacing.stated_limit(exchange) or BATCH_SIZE))
            self._resume_at = max(self._resume_at, time.monotonic() + pause)

    def turns(self, targets: Sequence[tuple[str, Target]]) -> Iterator[tuple[Target, int]]:
        """Yield targets in turn, each with the number of samples to send to it now.

        Args:
            targets: The operations that get further samples: id, and what is yielded for it.
        """
        growing = list(targets)
        while growing and time.monotonic() < self.until:
            for each in list(growing):
                name, target = each
                count = min(self._batch_size, self._samples - self._collection.count(name))
                if count <= 0 or not self._may_continue(name):
                    growing.remove(each)
                elif time.monotonic() < self.until:
                    yield target, count

    def _may_continue(self, name: str) -> bool:
        """Return False if the growth ends; a soak waits."""
        failing, throttled = self._failing.pop(name, False), self._collection.throttled
        if not self._soaks:
            return not (failing or throttled or self._limited)
        if throttled > self._throttled:
            self._throttled = throttled
            self._pause_after_429 = min(max(1.0, 2 * self._pause_after_429), MAX_PAUSE)
        self._pause_after_error = min(max(1.0, 2 * self._pause_after_error), MAX_PAUSE) if failing else 0.0
        pause = max(self._pause_after_429, self._pause_after_error)
        resume_at = min(max(self._resume_at, time.monotonic() + pause), self.until)
        time.sleep(max(0.0, resume_at - time.monotonic()))
        return True
