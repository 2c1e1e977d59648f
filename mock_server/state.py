"""What outlives a change of the contract: the secret, the journal, the standing behaviours, the numbers."""

from __future__ import annotations

import itertools
import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from mock_server.behaviour import Behaviours
from mock_server.challenge import UuidSource, secret_of_seed
from mock_server.journal import Entry, Journal
from mock_server.metrics import Metrics

MOST_WAITING = 48
"""Answers held back at the same time; the server has more threads than that, so that others still get theirs."""

log = logging.getLogger("mock_server")


@dataclass
class State:
    """The running state of a mock. `observers` are told of every call that was answered."""

    secret: bytes
    uuids: UuidSource
    journal: Journal = field(default_factory=Journal)
    behaviours: Behaviours = field(default_factory=Behaviours)
    metrics: Metrics = field(default_factory=Metrics)
    observers: list[Callable[[Entry], None]] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)
    stopping: threading.Event = field(default_factory=threading.Event)
    broken_edit: str = ""
    """Why the contract on disk is not the one that is served; "" where it is."""
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _places: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(MOST_WAITING))

    @classmethod
    def new(cls, secret: bytes | None = None, seed: str | None = None) -> State:
        """A fresh state; the secret is drawn at random unless it or a seed is given."""
        if secret is None:
            secret = secrets.token_bytes(32) if seed is None else secret_of_seed(seed)
        return cls(secret, UuidSource(seed))

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

    def tell(self, entry: Entry) -> None:
        """Write a call down and tell the observers."""
        self.journal.add(entry)
        self.metrics.observe(entry)
        for observer in self.observers:
            observer(entry)
