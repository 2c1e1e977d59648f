"""Standing behaviours: what the mock does until told otherwise, for everybody or for one client."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from mock_server.core.preferences import Negotiator, Preferences, from_mapping

MOST_CLIENTS = 1000
"""Clients whose behaviour and turns are kept; those not heard of for longest are forgotten first."""
ALL_CLIENTS = ""
"""The client whose behaviour is everybody's who has none of his own."""


@dataclass
class Behaviour:
    """One standing behaviour: a wish for every call, or a `sequence` of them, one each; then honest again.

    `calls` says for how many calls a wish stands, None for good.
    """

    preferences: Preferences = field(default_factory=Preferences)
    sequence: tuple[Preferences, ...] = ()
    times: int | None = None
    source: Mapping[str, Any] = field(default_factory=dict)
    """How it was asked for, to be shown again."""

    @classmethod
    def from_json(cls, words: Mapping[str, Any], menu: Negotiator) -> Behaviour:
        """From the words of PUT /__mock/behaviour. Raises CannotBeHadError for what the menu does not have."""
        sequence = tuple(_step(step) for step in words.get("sequence", ()))
        wish = from_mapping({name: value for name, value in words.items() if name not in ("sequence", "times")})
        times = len(sequence) or words.get("times")
        for each in sequence or (wish,):
            menu.check(each)
        return cls(wish, sequence, None if times is None else int(times), words)


def _step(step: str | Mapping[str, Any]) -> Preferences:
    return from_mapping({"scenario": step} if isinstance(step, str) else step)


class BehaviourStore:
    """The standing behaviours by client. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: OrderedDict[str, tuple[Behaviour, int]] = OrderedDict()
        self._turns: OrderedDict[tuple[str, str], int] = OrderedDict()
        self.active: Any = SimpleNamespace(value=False)
        """Whether there is one, for anybody: its `value`. Processes may share it."""

    def put(self, client: str, behaviour: Behaviour) -> None:
        """Let a behaviour stand for a client, or for EVERYBODY, from the next call on."""
        with self._lock:
            _store_bounded(self._of, client, (behaviour, 0))
            self._forget_turns(client)
            self.active.value = True

    def clear(self, client: str | None = None) -> None:
        """Be honest again: to one client, or (None) to all."""
        with self._lock:
            if client is None:
                self._of.clear()
                self._turns.clear()
            else:
                self._of.pop(client, None)
                self._forget_turns(client)
            self.active.value = bool(self._of)

    def get(self, client: str) -> tuple[Mapping[str, Any], int | None]:
        """How the behaviour that a client meets was asked for, and for how many calls it still stands."""
        with self._lock:
            behaviour, done = self._of.get(client) or self._of.get(ALL_CLIENTS) or (Behaviour(), 0)
            return behaviour.source, None if behaviour.times is None else behaviour.times - done

    def next(self, client: str, counted: bool = True) -> Preferences:
        """What the next call of a client is to meet; where it is `counted`, the one after it may meet another."""
        if not self._of:
            return Preferences()
        with self._lock:
            key = client if client in self._of else ALL_CLIENTS
            behaviour, done = self._of.get(key) or (Behaviour(), 0)
            if counted and behaviour.times is not None:
                if done + 1 >= behaviour.times:
                    del self._of[key]
                    self.active.value = bool(self._of)
                else:
                    self._of[key] = (behaviour, done + 1)
            return behaviour.sequence[done] if behaviour.sequence else behaviour.preferences

    def next_turn(self, client: str, scenario: str) -> int:
        """How often a client has met a scenario before; counts it."""
        with self._lock:
            met = self._turns.get((client, scenario), 0)
            _store_bounded(self._turns, (client, scenario), met + 1)
            return met

    def _forget_turns(self, client: str) -> None:
        for key in [key for key in self._turns if key[0] == client]:
            del self._turns[key]


def _store_bounded(store: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    store[key] = value
    store.move_to_end(key)
    while len(store) > MOST_CLIENTS:
        store.popitem(last=False)
