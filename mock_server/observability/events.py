"""Events: changes of the journal and of the behaviours, for those who wait for them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from enum import Enum

MAX_CHANGES = 1000
"""Changes that are kept for one subscription; above the limit, the oldest are dropped."""


class Change(Enum):
    """The kinds of changes. The value is the name of the event."""

    REQUEST = "request"
    BEHAVIOUR = "behaviour"
    CLEARED = "cleared"
    CAPTCHA = "captcha"
    STOPPED = "stopped"


Publish = Callable[[Change, str, int], None]
"""Publishes a change: its kind, the client it is about ("" for all), and the number of an entry, or 0."""


class Subscription:
    """The changes since one reader has last looked, each kind once per client. Safe to use from several threads.

    Args:
        wake: Called, from any thread, with the first change since the last look.
    """

    def __init__(self, wake: Callable[[], object]) -> None:
        self._wake = wake
        # Reentrant, since a signal handler that stops the server may interrupt `put`.
        self._lock = threading.RLock()
        self._changes: OrderedDict[tuple[Change, str], int] = OrderedDict()

    def put(self, change: Change, client: str, number: int) -> None:
        """Add a change."""
        with self._lock:
            is_first = not self._changes
            self._changes[change, client] = number
            if len(self._changes) > MAX_CHANGES:
                self._changes.popitem(last=False)
        if is_first:
            self._wake()

    def take(self) -> OrderedDict[tuple[Change, str], int]:
        """Return the changes, in order, with their numbers, and forget them."""
        with self._lock:
            found, self._changes = self._changes, OrderedDict()
        return found


class Events:
    """Publishes changes to the subscriptions. Without any, publishing costs next to nothing."""

    def __init__(self) -> None:
        self._subscriptions: tuple[Subscription, ...] = ()
        self._lock = threading.Lock()

    def publish(self, change: Change, client: str = "", number: int = 0) -> None:
        """Publish a change."""
        for each in self._subscriptions:
            each.put(change, client, number)

    def subscribe(self, wake: Callable[[], object], limit: int | None = None) -> Subscription | None:
        """Return a new subscription, or None if there are `limit` already; see `Subscription`."""
        made = Subscription(wake)
        with self._lock:
            if limit is not None and self.is_full(limit):
                return None
            self._subscriptions = (*self._subscriptions, made)
        return made

    def is_full(self, limit: int) -> bool:
        """Return True if there are that many subscriptions."""
        return len(self._subscriptions) >= limit

    def unsubscribe(self, subscription: Subscription) -> None:
        """End a subscription."""
        with self._lock:
            self._subscriptions = tuple(each for each in self._subscriptions if each is not subscription)
