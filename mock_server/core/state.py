"""The state that outlives a reload of the contract: the secret, the journal, the active behaviours."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from code_contract import Contract
from code_contract.words import EPOCH
from mock_server.captcha.challenge import UuidSource, secret_from_seed
from mock_server.captcha.issued import DEFAULT_CAPTCHA_TTL, IssuedChallenges
from mock_server.core.behaviours import BehaviourStore
from mock_server.core.clock import Clock
from mock_server.observability.events import Events
from mock_server.observability.journal import APP, Journal, JournalEntry, cut
from mock_server.observability.metrics import Metrics

CheckJournal = Callable[[Contract, bytes], dict[str, Any]]


@dataclass
class State:
    """The state of a running mock.

    Attributes:
        secret: The key from which challenges are derived.
        uuids: The ids of new captchas.
        page_uuids: The ids of those that the page requests, so that it leaves those of the app as they are.
        clock: The clock. Times in responses are relative to its day, which is always the same if there is a seed.
        challenges: The captchas that were sent.
        behaviours: The active behaviours.
        observers: Called with the entry of every request, also of those that are refused before they are recorded.
        started: The time of the start, on the monotonic clock.
        reload_error: The reason why the contract on disk is not the one being served, or "".
        journal: The last requests.
        metrics: The counters.
        check_journal: Checks the exchanges of the journal, a HAR document, and returns the verdicts as
            JSON values; raises ValueError with the reason if it cannot. None if there are no checks.
        events: The changes of journal and behaviours, for those who wait for them.
    """

    secret: bytes
    uuids: UuidSource
    page_uuids: UuidSource
    clock: Clock
    challenges: IssuedChallenges
    behaviours: BehaviourStore = field(default_factory=BehaviourStore)
    observers: list[Callable[[JournalEntry], None]] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)
    reload_error: str = ""
    journal: Journal = field(default_factory=Journal)
    metrics: Metrics = field(default_factory=Metrics)
    check_journal: CheckJournal | None = None
    events: Events = field(default_factory=Events)

    def __post_init__(self) -> None:
        self.journal.publish = self.behaviours.publish = self.events.publish

    @classmethod
    def new(
        cls, secret: bytes | None = None, seed: str | None = None, captcha_ttl: float = DEFAULT_CAPTCHA_TTL
    ) -> State:
        """Return a fresh state. The secret is random unless it or a seed is given."""
        if secret is None:
            secret = secrets.token_bytes(32) if seed is None else secret_from_seed(seed)
        page_uuids = UuidSource(None if seed is None else f"{seed} page")
        clock = Clock(None if seed is None else EPOCH)
        challenges = IssuedChallenges(secret, clock.time, captcha_ttl)
        return cls(secret, UuidSource(seed), page_uuids, clock, challenges)

    def reset(self) -> None:
        """Clear the journal and the active behaviours, forget the captchas, and show the real time."""
        self.journal.clear()
        self.behaviours.clear()
        self.challenges.clear()
        self.clock.reset()

    def record(self, entry: JournalEntry) -> None:
        """Add a request to the journal and, unless it is the page's, the metrics; and notify the observers."""
        entry = cut(entry)
        self.journal.add(entry)
        if entry.source == APP:
            self.metrics.observe(entry)
        self.notify(entry)

    def notify(self, entry: JournalEntry) -> None:
        """Notify the observers of a request."""
        for observer in self.observers:
            observer(entry)
