"""What outlives a change of the contract: the secret, the journal, the standing behaviours, the numbers."""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from mock_server.captcha.challenge import UuidSource, secret_from_seed
from mock_server.core.behaviours import BehaviourStore
from mock_server.observability.journal import Journal, JournalEntry
from mock_server.observability.metrics import Counters, Metrics

MOST_WAITING = 48
"""Answers held back at the same time; the server has more threads than that, so that others still get theirs."""


@dataclass
class State:
    """The running state of a mock. `observers` are told of every call that was answered."""

    secret: bytes
    uuids: UuidSource
    behaviours: BehaviourStore = field(default_factory=BehaviourStore)
    sync: Callable[[], None] = lambda: None
    """Takes what other processes have written down; called before anybody looks."""
    observers: list[Callable[[JournalEntry], None]] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)
    stopping: threading.Event = field(default_factory=threading.Event)
    reload_error: str = ""
    """Why the contract on disk is not the one that is served; "" where it is."""
    request_ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _journal: Journal = field(default_factory=Journal)
    _metrics: Metrics = field(default_factory=Metrics)
    _places: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(MOST_WAITING))

    @classmethod
    def new(cls, secret: bytes | None = None, seed: str | None = None) -> State:
        """A fresh state; the secret is drawn at random unless it or a seed is given."""
        if secret is None:
            secret = secrets.token_bytes(32) if seed is None else secret_from_seed(seed)
        return cls(secret, UuidSource(seed))

    @property
    def journal(self) -> Journal:
        """What was written down, by whatever process."""
        self.sync()
        return self._journal

    @property
    def metrics(self) -> Metrics:
        """What was counted, by whatever process."""
        self.sync()
        return self._metrics

    def drain(self) -> tuple[list[JournalEntry], Counters]:
        """What was written down and counted since this was last asked, for another process to `take`."""
        return self._journal.drain(), self._metrics.drain()

    def merge(self, entries: Sequence[JournalEntry], counts: Counters) -> None:
        """Add what another process gave, its entries numbered anew."""
        for entry in entries:
            self._journal.add(replace(entry, number=next(self.request_ids)))
        self._metrics.merge(counts)

    def hold_back(self, seconds: float) -> bool:
        """Wait so long, or until the mock stops; False, at once, where too many wait already."""
        if seconds <= 0:
            return True
        if not self._places.acquire(blocking=False):
            return False
        try:
            self.stopping.wait(seconds)
        finally:
            self._places.release()
        return True

    def reset(self) -> None:
        """Forget the journal and the standing behaviours."""
        self.journal.clear()
        self.behaviours.clear()

    def record(self, entry: JournalEntry) -> None:
        """Write a call down and tell the observers."""
        self._journal.add(entry)
        self._metrics.observe(entry)
        for observer in self.observers:
            observer(entry)
