"""Active behaviours: preferences that apply until they are reset, for all clients or for one."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import Headers

from mock_server.core.negotiation import Negotiator
from mock_server.core.preferences import CLIENT_PARAMETER, NO_PREFERENCES, QUERY_PREFIX, Preferences, from_mapping
from mock_server.faults.transport import BREAKING_FAULTS
from mock_server.observability.events import Change, Publish
from mock_server.observability.journal import APP, PAGE

CLIENT_HEADER, SOURCE_HEADER = "X-Mock-Client", "X-Mock-Source"
MAX_CLIENT_ID_LENGTH = 100
MAX_CLIENTS = 1000
"""Clients whose behaviour and turns are kept; the ones used least recently are dropped first."""
MAX_STEPS = 20_000
"""Steps of all sequences that are kept, under the same rule."""
ALL_CLIENTS = ""
"""The client whose behaviour applies to every client that has none of its own."""


def client_id(headers: Headers, query: Mapping[str, str]) -> str:
    """Return the client that a request names, so that concurrent tests do not collide; ALL_CLIENTS by default."""
    named = headers.get(CLIENT_HEADER) or query.get(QUERY_PREFIX + CLIENT_PARAMETER) or ALL_CLIENTS
    return named[:MAX_CLIENT_ID_LENGTH]


def request_source(headers: Headers) -> str:
    """Return the source of a request: PAGE, whose calls consume nothing, or APP."""
    return PAGE if headers.get(SOURCE_HEADER, "").lower() == PAGE else APP


@dataclass(frozen=True)
class Behaviour:
    """An active behaviour: preferences for every request, or a sequence of them, one for each request.

    Attributes:
        preferences: The preferences for every request.
        sequence: The preferences for the next requests, in order; afterwards the mock behaves by default.
        times: The number of requests it applies to, or None until it is reset.
        source: The JSON object it was read from.
    """

    preferences: Preferences = NO_PREFERENCES
    sequence: tuple[Preferences, ...] = ()
    times: int | None = None
    source: Mapping[str, Any] = field(default_factory=dict)

    @property
    def breaks_connections(self) -> bool:
        """True if one of the preferences asks for a fault that ends the connection."""
        return any(each.fault in BREAKING_FAULTS for each in (self.preferences, *self.sequence))

    @classmethod
    def from_json(cls, source: Mapping[str, Any], negotiator: Negotiator) -> Behaviour:
        """Read the body of PUT /__mock/behaviour.

        Raises:
            UnsatisfiablePreferenceError: The preferences cannot be applied.
        """
        sequence = tuple(
            from_mapping({"scenario": step} if isinstance(step, str) else step) for step in source.get("sequence", ())
        )
        preferences = from_mapping({name: value for name, value in source.items() if name not in ("sequence", "times")})
        times = len(sequence) or source.get("times")
        for each in sequence or (preferences,):
            negotiator.check(each)
        return cls(preferences, sequence, None if times is None else int(times), source)


class BehaviourStore:
    """The active behaviours by client. Safe to use from several threads.

    Attributes:
        publish: Called after a change.
        breaks_connections: True while a behaviour of any client asks for a fault that ends connections.
        on_breaking: Called when that becomes so, before the behaviour applies to a request.
    """

    def __init__(self) -> None:
        self.publish: Publish = lambda change, client, number: None
        self.breaks_connections = False
        self.on_breaking: Callable[[], None] = lambda: None
        self._number = 0
        self._lock = threading.Lock()
        self._behaviours: OrderedDict[str, tuple[Behaviour, int]] = OrderedDict()
        self._turns: OrderedDict[tuple[str, str], int] = OrderedDict()

    def put(self, client: str, behaviour: Behaviour) -> None:
        """Activate a behaviour for a client, or for ALL_CLIENTS, from its next request on."""
        with self._lock:
            _store_bounded(self._behaviours, client, (behaviour, 0))
            self._number = 0 if client == ALL_CLIENTS else self._number
            while sum(len(each.sequence) for each, _ in self._behaviours.values()) > MAX_STEPS:
                self._behaviours.popitem(last=False)
            self._forget_turns(client)
        self._note_breaking()
        if behaviour.breaks_connections:
            self.on_breaking()
        self.publish(Change.BEHAVIOUR, client, 0)

    def clear(self, client: str | None = None) -> None:
        """Return to the default behaviour, for one client or (None) for all."""
        with self._lock:
            changed = {ALL_CLIENTS, *self._behaviours} if client is None else {client}
            if client is None:
                self._number = 0
                self._behaviours.clear()
                self._turns.clear()
            else:
                self._behaviours.pop(client, None)
                self._forget_turns(client)
        self._note_breaking()
        for each in sorted(changed):
            self.publish(Change.BEHAVIOUR, each, 0)

    def get(self, client: str) -> tuple[Mapping[str, Any], int | None]:
        """Return the source of the behaviour that applies to a client, and the number of requests left (None: all)."""
        with self._lock:
            behaviour, done = self._behaviours.get(client) or self._behaviours.get(ALL_CLIENTS) or (Behaviour(), 0)
            return behaviour.source, None if behaviour.times is None else behaviour.times - done

    def next(self, client: str, counted: bool = True) -> Preferences:
        """Return the preferences that apply to the next request of a client; `counted` uses up one of its times."""
        if not self._behaviours:
            return NO_PREFERENCES
        with self._lock:
            key = client if client in self._behaviours else ALL_CLIENTS
            behaviour, done = self._behaviours.get(key) or (Behaviour(), 0)
            if key in self._behaviours:
                self._behaviours.move_to_end(key)
            is_used = counted and behaviour.times is not None
            if behaviour.times is not None and counted:
                if done + 1 >= behaviour.times:
                    del self._behaviours[key]
                else:
                    self._behaviours[key] = (behaviour, done + 1)
        if is_used:
            self._note_breaking()
            self.publish(Change.BEHAVIOUR, key, 0)
        return behaviour.sequence[done] if behaviour.sequence else behaviour.preferences

    def next_turn(self, client: str, scenario: str, counted: bool = True) -> int:
        """Return the number of times a client has met a scenario before; `counted` counts this one."""
        with self._lock:
            turn = self._turns.get((client, scenario), 0)
            if counted:
                _store_bounded(self._turns, (client, scenario), turn + 1)
            return turn

    def next_number(self, counted: bool = True) -> int:
        """Return the number of requests to operations since a behaviour for all clients was last set or reset.

        Args:
            counted: True to count this request.
        """
        with self._lock:
            number = self._number
            self._number += counted
            return number

    def _note_breaking(self) -> None:
        with self._lock:
            self.breaks_connections = any(each.breaks_connections for each, _ in self._behaviours.values())

    def _forget_turns(self, client: str) -> None:
        for key in [key for key in self._turns if key[0] == client]:
            del self._turns[key]


def _store_bounded(store: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    store[key] = value
    store.move_to_end(key)
    while len(store) > MAX_CLIENTS:
        store.popitem(last=False)
