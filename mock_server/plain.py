"""Plain calls: those that ask for nothing but the answer. They are most of all calls, and need nothing of Flask.

Flask, flask-cors and a thread cost several times what a picture does. So a server that speaks ASGI asks here first; the
answer, and what is written down, are the same as by the view.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any

from contract import Contract
from contract.operations import essence
from mock_server.calls import CLIENT_HEADER, Calls, headers_of
from mock_server.faults.model import Call
from mock_server.state import State
from mock_server.wishes import BODILESS

INVOLVED = frozenset(["cookie", "origin", "prefer", CLIENT_HEADER.lower()])
"""Headers by which a call asks for more than the answer; in lower case."""

log = logging.getLogger("mock_server")

Answered = tuple[int, list[tuple[bytes, bytes]], bytes]
"""An HTTP status, headers but for the length, and a body."""


class PlainCalls:
    """Answers the plain calls of one contract. With `faults` on, none is plain."""

    def __init__(self, contract: Contract, calls: Calls, state: State, base_path: str, faults: bool) -> None:
        self._calls = calls
        self._state = state
        self._operations = {
            (operation.method, base_path + operation.path): operation
            for operation in contract.operations.values()
            if not faults and "{" not in operation.path and operation.granted.status not in map(str, BODILESS)
        }

    def answer(self, scope: Any, headers: Sequence[tuple[str, str]], body: bytes) -> Answered | None:
        """The answer to a request (an ASGI scope; header names in lower case); None where its call is not plain."""
        operation = self._operations.get((scope["method"], scope["path"]))
        if operation is None or scope["query_string"] or self._state.behaviours.any_stands:
            return None
        named = dict(headers)
        if len(named) < len(headers) or not INVOLVED.isdisjoint(named):
            return None
        began = time.monotonic()
        call = Call(operation, 0, named, body)
        self._calls.judge(call, {"header": named}, essence(named.get("content-type", "")))
        answer = self._calls.answer(call)
        sent = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers_of(answer, call.warnings)]
        written = answer.written()
        shown = [(name.title(), value) for name, value in headers]
        self._calls.write_down(call, answer.status, began, scope["method"], scope["path"], shown)
        return answer.status, sent, written
