"""The state that outlives a reload of the contract: the secret, the journal, the active behaviours."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone

from code_contract.words import EPOCH
from mock_server.captcha.challenge import UuidSource, secret_from_seed
from mock_server.core.behaviours import BehaviourStore
from mock_server.observability.journal import Journal, JournalEntry, cut
from mock_server.observability.metrics import Metrics


@dataclass
class State:
    """The state of a running mock.

    Attributes:
        secret: The key from which challenges are derived.
        uuids: The ids of new captchas.
        now: Returns the time to which times in responses are relative: the start of this day (UTC), always the same if
            there is a seed.
        behaviours: The active behaviours.
        observers: Called with the entry of every request, also of those that are refused before they are recorded.
        started: The time of the start, on the monotonic clock.
        reload_error: The reason why the contract on disk is not the one being served, or "".
        request_ids: The numbers of journal entries.
        journal: The last requests.
        metrics: The counters.
    """

    secret: bytes
    uuids: UuidSource
    now: Callable[[], datetime]
    behaviours: BehaviourStore = field(default_factory=BehaviourStore)
    observers: list[Callable[[JournalEntry], None]] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)
    reload_error: str = ""
    request_ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    journal: Journal = field(default_factory=Journal)
    metrics: Metrics = field(default_factory=Metrics)

    @classmethod
    def new(cls, secret: bytes | None = None, seed: str | None = None) -> State:
        """Return a fresh state. The secret is random unless it or a seed is given."""
        if secret is None:
            secret = secrets.token_bytes(32) if seed is None else secret_from_seed(seed)
        return cls(secret, UuidSource(seed), _today if seed is None else lambda: EPOCH)

    def reset(self) -> None:
        """Clear the journal and the active behaviours."""
        self.journal.clear()
        self.behaviours.clear()

    def record(self, entry: JournalEntry) -> None:
        """Add a request to the journal and the metrics, and notify the observers."""
        entry = cut(entry)
        self.journal.add(entry)
        self.metrics.observe(entry)
        self.notify(entry)

    def notify(self, entry: JournalEntry) -> None:
        """Notify the observers of a request."""
        for observer in self.observers:
            observer(entry)


def _today() -> datetime:
    """The start of this day, so that mocks with the same secret agree."""
    return datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
