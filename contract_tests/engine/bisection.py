"""Finds the header for which a target treats the requests of some clients otherwise.

A failing request and one that passes are sent again. If the first fails and the other does not, the headers in which
they differ are moved from one to the other, one at a time. Every conclusion is checked twice, because a failure may be
intermittent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from contract_tests import sanitize
from contract_tests.http.exchange import Exchange, Request
from contract_tests.message import Message, joined

MAX_CAUSES = 3
"""Maximum number of headers that are searched for one clause."""
_LENGTH = "Content-Length"

Failed = Callable[[Request], "Exchange | None"]
"""Sends a request; returns the exchange if it fails. Raises OutOfProbesError."""


class OutOfProbesError(Exception):
    """No further request can be sent."""


class Change(NamedTuple):
    """A header in which two requests differ: name and value in each, None where it is absent."""

    failing: tuple[str, str] | None
    passing: tuple[str, str] | None

    @property
    def name(self) -> str:
        """The name of the header."""
        return (self.failing or self.passing or ("", ""))[0]

    def __str__(self) -> str:
        return Message("{}, but not {}", self.received, self.expected)

    @property
    def received(self) -> str:
        """The header of the failing request, after "request"."""
        return _described(self.failing, self.name)

    @property
    def expected(self) -> str:
        """The header of the passing request, after "request"."""
        return _described(self.passing, self.name)


@dataclass(frozen=True)
class ClientDifference:
    """A difference between clients, confirmed by requests.

    Attributes:
        clients: The names of the client profiles whose requests fail.
        change: The header that makes the difference, None if no single one does.
        exchange: An exchange that fails, with as few headers of these clients as possible.
        passing: The requests of clients that pass.
    """

    clients: tuple[str, ...]
    change: Change | None
    exchange: Exchange
    passing: Sequence[Request] = field(repr=False)

    def explains(self, request: Request) -> bool:
        """Return True if a request fails for the same header, or is of these clients if there is no single one."""
        if request.client in self.clients or self.change is None:
            return request.client in self.clients
        name, failing = self.change.name.lower(), self.change.failing
        own = _headers(request).get(name)
        if own is None or failing is None:
            return own is failing
        # Any value makes the difference if the requests that pass have none.
        return own[1] == failing[1] or not any(name in _headers(each) for each in self.passing)

    def __str__(self) -> str:
        change = str(self.change or "no single header makes the difference")
        return Message("only {}: {}", joined("{}, {}", self.clients), change)


def differences(
    failing: Mapping[str, Request], passing: Sequence[Request], failed: Failed
) -> Iterator[ClientDifference]:
    """Yield the differences for which requests fail, at most MAX_CAUSES.

    Args:
        failing: A failing request of each client that has one.
        passing: The requests of the other clients.
        failed: Sends a request.
    """
    left = dict(failing)
    # The simplest request shows a header best.
    good = min(passing, key=lambda each: len(_headers(each)))
    for _ in range(MAX_CAUSES):
        if not left:
            return
        bad = left.pop(next(iter(left)))
        try:
            found = _difference(bad, good, passing, failed)
            same = [] if found is None else [name for name, each in left.items() if _is_same(found, each, failed)]
        except OutOfProbesError:
            return
        if found is not None:
            yield replace(found, clients=(bad.client, *same))
        left = {name: each for name, each in left.items() if name not in same}


def _is_same(found: ClientDifference, request: Request, failed: Failed) -> bool:
    """Return True if the failing request of another client passes with the passing header."""
    change = found.change
    return change is not None and not failed(_with_header(request, change.name, change.passing))


def _difference(bad: Request, good: Request, passing: Sequence[Request], failed: Failed) -> ClientDifference | None:
    exchange = _differ(bad, good, failed)
    if exchange is None:
        return None
    changes = _changes(bad, good)
    for change in changes:
        one = _with_header(good, change.name, change.failing)
        if failed(one) and (shown := _differ(one, good, failed)):
            return ClientDifference((bad.client,), change, shown, passing)
    for change in changes:
        # It may be needed for the failure without being enough.
        without = _with_header(bad, change.name, change.passing)
        if not failed(without) and _differ(bad, without, failed):
            return ClientDifference((bad.client,), change, exchange, passing)
    return ClientDifference((bad.client,), None, exchange, passing)


def _differ(bad: Request, good: Request, failed: Failed) -> Exchange | None:
    """Return the exchange of a request that fails twice, if the other one passes twice."""
    exchange = failed(bad) and failed(bad)
    return None if exchange is None or failed(good) or failed(good) else exchange


def _headers(request: Request) -> dict[str, tuple[str, str]]:
    length = {} if request.body is None else {_LENGTH.lower(): (_LENGTH, str(len(request.body)))}
    return {name.lower(): (name, value) for name, value in request.headers} | length


def _changes(bad: Request, good: Request) -> list[Change]:
    in_bad, in_good = _headers(bad), _headers(good)
    every = [Change(in_bad.get(name), in_good.get(name)) for name in in_bad | in_good]
    return [each for each in every if each.failing != each.passing]


def _with_header(request: Request, name: str, pair: tuple[str, str] | None) -> Request:
    """Return a request with another value of a header, in its place, or without it."""
    if name == _LENGTH:
        return replace(request, body=None if pair is None else b"")
    headers = [pair if each[0].lower() == name.lower() else each for each in request.headers]
    if pair is not None and pair not in headers:
        headers.append(pair)
    return replace(request, headers=tuple(each for each in headers if each is not None))


def _described(pair: tuple[str, str] | None, name: str) -> str:
    return Message("without {}", name) if pair is None else Message("with {}", sanitize.quoted(": ".join(pair), 200))
