"""Plain calls: those that ask for nothing but the answer. They are most of all calls, and need nothing of Flask.

Flask, flask-cors and a thread cost several times what a picture does. So a server that speaks ASGI asks here first; the
answer, and what is written down, are the same as by the view.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import NamedTuple

from contract import Contract, Operation
from contract.operations import essence
from mock_server.behaviour import EVERYBODY
from mock_server.calls import CLIENT_HEADER, Calls, headers_of
from mock_server.faults.model import Call
from mock_server.journal import Entry, masked
from mock_server.maker import Maker, head
from mock_server.state import State

INVOLVED = frozenset(["cookie", "expect", "origin", "prefer", "transfer-encoding", CLIENT_HEADER.lower()])
"""Headers by which a call brings or asks for more; in lower case."""

Headers = tuple[tuple[bytes, bytes], ...]
"""Header names and values as they come or go, the names that come in lower case."""


class _Understood(NamedTuple):
    """A plain call: what it brings against the contract, its headers to be shown, and what goes with its answer."""

    operation: Operation
    status: int
    violations: list[str]
    shown: list[tuple[str, str]]
    headers: Headers


class PlainCalls:
    """Answers the plain calls of one contract. With `faults` on, none is plain."""

    def __init__(
        self, contract: Contract, maker: Maker, calls: Calls, state: State, base_path: str, faults: bool
    ) -> None:
        self._maker = maker
        self._calls = calls
        self._state = state
        self._operations = {
            (operation.method, base_path + operation.path): operation
            for operation in contract.operations.values()
            if not faults and "{" not in operation.path and operation.sample is not None
        }
        # Most calls say the same again. Bounded, for what they say is theirs to choose.
        self._understood = lru_cache(64)(self._understand)

    def answer(self, method: str, path: str, headers: Headers) -> tuple[int, Headers, bytes] | None:
        """Status, headers but for the length, and body, to a request without query; None where it is not plain.

        `headers` are those that came.
        """
        understood = self._understood(method, path, headers)
        if understood is None or self._state.behaviours.standing.value:
            return None
        began = time.monotonic()
        operation, status, violations, shown, out = understood
        uuid, body = self._maker.plain(operation)
        self._state.tell(
            Entry(
                number=next(self._state.numbers),
                answered=time.time(),
                client=EVERYBODY,
                method=method,
                path=path,
                query=[],
                headers=shown,
                body="",
                operation=operation.id,
                status=status,
                decision="granted",
                uuid=uuid,
                violations=violations,
                milliseconds=round(1000 * (time.monotonic() - began), 3),
            )
        )
        return status, out, body

    def _understand(self, method: str, path: str, headers: Headers) -> _Understood | None:
        operation = self._operations.get((method, path))
        sent = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
        named = dict(sent)
        repeats = len(named) < len(sent)
        if operation is None or repeats or not INVOLVED.isdisjoint(named) or named.get("content-length", "0") != "0":
            return None
        call = Call(operation, 0, named)
        self._calls.judge(call, {"header": named}, essence(named.get("content-type", "")))
        if call.refusal is not None:
            return None
        answer = head(operation)
        out = ((n.encode("latin-1"), v.encode("latin-1")) for n, v in headers_of(answer, call.warnings))
        shown = masked([(name.title(), value) for name, value in sent])
        return _Understood(operation, answer.status, call.violations, shown, tuple(out))
