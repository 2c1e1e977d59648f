"""Plain calls: those that ask for nothing but the answer. They are most of all calls, and need nothing of Flask.

Flask, flask-cors and a thread cost several times what a picture does. So a server that speaks ASGI asks here first; the
answer, and what is written down, are the same as by the view.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import NamedTuple

from code_contract import Contract, Operation
from code_contract.operations import mime_essence
from mock_server.core.behaviours import ALL_CLIENTS
from mock_server.core.builder import ResponseBuilder, success_head
from mock_server.core.calls import CLIENT_HEADER, MockApi, response_headers
from mock_server.core.state import State
from mock_server.faults.model import CallContext
from mock_server.observability.journal import JournalEntry, redacted_pairs

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
        self, contract: Contract, maker: ResponseBuilder, calls: MockApi, state: State, base_path: str, faults: bool
    ) -> None:
        self._maker = maker
        self._calls = calls
        self._state = state
        self._operations = {
            (operation.method, base_path + operation.path): operation
            for operation in contract.operations.values()
            if not faults and "{" not in operation.path and operation.success_example is not None
        }
        # Most calls say the same again. Bounded, for what they say is theirs to choose.
        self._understood = lru_cache(64)(self._understand)

    def answer(self, method: str, path: str, headers: Headers) -> tuple[int, Headers, bytes] | None:
        """Status, headers but for the length, and body, to a request without query; None where it is not plain.

        `headers` are those that came.
        """
        understood = self._understood(method, path, headers)
        if understood is None or self._state.behaviours.active.value:
            return None
        began = time.monotonic()
        operation, status, violations, shown, out = understood
        uuid, body = self._maker.render_default(operation)
        self._state.record(
            JournalEntry(
                number=next(self._state.request_ids),
                answered=time.time(),
                client_id=ALL_CLIENTS,
                method=method,
                path=path,
                query=[],
                headers=shown,
                body="",
                operation=operation.id,
                status=status,
                outcome="granted",
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
        call = CallContext(operation, 0, named)
        self._calls.validate_request(call, {"header": named}, mime_essence(named.get("content-type", "")))
        if call.error_example is not None:
            return None
        answer = success_head(operation)
        out = ((n.encode("latin-1"), v.encode("latin-1")) for n, v in response_headers(answer, call.warnings))
        shown = redacted_pairs([(name.title(), value) for name, value in sent])
        return _Understood(operation, answer.status, call.violations, shown, tuple(out))
