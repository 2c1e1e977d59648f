"""Delivery: what becomes of a response after the decision on it, and the journal entry that says so."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from mock_server.core.decision import Decision
from mock_server.core.parsed_request import ParsedRequest
from mock_server.core.state import State
from mock_server.faults.model import NO_OPERATION
from mock_server.observability.journal import JournalEntry
from mock_server.observability.recorded_response import NO_RESPONSE, RecordedResponse, recorded, recorded_message
from mock_server.reasons import Reason, Reasons
from mock_server.response import ConnectionFault, Headers, MockResponse

CLIENT_ABORTED, MOCK_STOPPED, CONNECTION_RESET = "client-aborted", "mock-stopped", "connection-reset-after"
"""The codes of the reasons that end a response early."""

_BREAKS = {
    ConnectionFault.RESET: Reason("connection-reset"),
    ConnectionFault.EMPTY: Reason("connection-closed"),
    ConnectionFault.REUSED: Reason("reused-connection-closed"),
}

log = logging.getLogger("mock_server")


@dataclass(slots=True)
class Delivery:
    """A response that is not in the journal yet. The adapter that carries it out calls one method, once.

    Attributes:
        response: The response.
        _parsed: The request, or None if it could not be parsed: then it is not recorded.
    """

    response: MockResponse
    _state: State
    _parsed: ParsedRequest | None
    _body: bytes
    _shown_body: Callable[[bytes], str]
    _decision: Decision
    _began: float

    def sent(self) -> None:
        """Record that the response was sent as it is."""
        status, headers, body, _, fault = self.response
        draft, outcome = self._decision.draft, self._decision.outcome
        faults = draft.applied_faults
        if faults:
            faults = [each for each in faults if fault is None or each != fault.value]
            announced = next((value for name, value in headers if name == "Content-Length"), str(len(body)))
            if faults and announced != str(len(body)) and self._parsed and self._parsed.method != "HEAD":
                outcome = Reason("body-truncated", sent=len(body), announced=announced)
        self._record(recorded(status, headers, body), outcome, faults, draft.uuid)

    def broken(self) -> None:
        """Record that the connection was closed or reset in place of a response."""
        fault = self.response.connection_fault
        assert isinstance(fault, ConnectionFault)  # noqa: S101 - as the adapter found it
        self._record(NO_RESPONSE, _BREAKS[fault])

    def sent_message(self, message: bytes) -> None:
        """Record that a fault of the message was carried out, and these bytes were sent."""
        found = recorded_message(message)
        if found.status is None:
            self._record(found, Reason("no-final-response"))
        else:
            self._record(found, self._decision.outcome, uuid=self._decision.draft.uuid)

    def endless(self, size: int, code: str) -> None:
        """Record a body that ended only for the reason with this code, after this number of bytes."""
        headers = tuple(pair for pair in self.response.headers if pair[0] != "Content-Length")
        found = recorded(200, (*headers, ("Transfer-Encoding", "chunked")), b" " * size)
        self._record(found, Reasons(Reason("body-never-ended"), self._after(code)))

    def passed_on(self, status: int, headers: Headers, body: bytes, size: int, outcome: Reason) -> None:
        """Record the response of another server: its head, and what is kept of its body, with the size of the whole."""
        self._record(recorded(status, headers, body)._replace(size=size), outcome, [])

    def aborted(self, code: str = CLIENT_ABORTED) -> None:
        """Record that nothing was sent, for the reason with this code."""
        self._record(NO_RESPONSE, self._after(code), [])

    def _after(self, code: str) -> Reason:
        return Reason(code, milliseconds=round(1000 * (time.monotonic() - self._began)))

    def _record(
        self, response: RecordedResponse, outcome: Reason, faults: list[str] | None = None, uuid: str = ""
    ) -> None:
        context, draft = self._decision.context, self._decision.draft
        applied = draft.applied_faults if faults is None else faults
        parsed = self._parsed
        if parsed is None:
            return
        if applied:
            outcome = Reasons(*outcome.parts, Reason("with-fault", names=", ".join(dict.fromkeys(applied))))
        try:
            self._state.record(
                JournalEntry(
                    number=0,
                    answered=time.time(),
                    client=parsed.client,
                    method=parsed.method,
                    path=parsed.shown_path,
                    query=parsed.shown_query,
                    headers=parsed.shown_headers,
                    body=self._shown_body(self._body),
                    operation=None if context.number == NO_OPERATION else context.operation.id,
                    status=response.status,
                    outcome=outcome,
                    uuid=uuid,
                    violations=list(self._decision.violations),
                    milliseconds=round(1000 * (time.monotonic() - self._began), 3),
                    source=parsed.source,
                    response=response,
                    head_bytes=parsed.shown_size,
                )
            )
        except Exception:
            log.exception("%s %r is not in the journal", parsed.method, parsed.shown_path)
