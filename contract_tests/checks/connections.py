"""Persistent connections (RFC 9112 §9.3): several requests over one connection, and several connections at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus

from code_contract import Clause, Operation
from code_contract.marks import CHALLENGE_UUID
from contract_tests.checks.freshness import ids, text_digest
from contract_tests.checks.operation import every_exchange, status_line
from contract_tests.checks.registry import BASELINE, Aggregate, CheckRegistry, Probe
from contract_tests.checks.response import ParsedResponse
from contract_tests.http.exchange import Exchange, Request, TransportErrorKind
from contract_tests.message import Message
from contract_tests.verdict import Violation

CHECKS = CheckRegistry()

_PASSING_STATUSES = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
CONNECTIONS = 3
"""Connections of the probe, used at the same time."""


def _over_connections(request: Request, operation: Operation) -> tuple[Request, ...]:
    """Requests over each of CONNECTIONS connections: the second has a body that the operation does not use."""
    with_body = request if operation.request_body_content is not None else replace(request, body=b"{}")
    last = replace(request, headers=(*request.headers, ("Connection", "close")))
    return tuple(
        replace(each, connection=f"{operation.id} {number}")
        for number in range(CONNECTIONS)
        for each in (request, with_body, request, last)
    )


REUSE = Probe("reused-connection", _over_connections)


@CHECKS.whole_run(
    "connection-is-reusable",
    select=every_exchange,
    probe=REUSE,
    include_baseline=True,
    skip_reason="no connection served a second request: the server may close it after each response",
)
class ReusedConnection(Aggregate):
    """Violated if a request fails over a reused connection in a way that no baseline request does.

    The response to a request with a body that the operation does not use may be an error. A server may close a
    connection between two exchanges, even as a request is under way (RFC 9112 §9.5): only if that happens to every
    request over a reused connection, the server does not respond to them.
    """

    def __init__(self, clause: Clause) -> None:
        super().__init__(clause)
        self._statuses: set[int] = set()
        self._ids: dict[bytes, str] = {}
        self._baseline_ids: set[bytes] = set()
        self._baseline_fails = self._baseline_repeats = False
        self._closed: list[Exchange] = []
        self._found: list[tuple[Exchange, str, Violation]] = []
        self._reused = 0

    def add(self, response: ParsedResponse, subject: ParsedResponse) -> None:
        exchange, found = response.exchange, set(_ids(response))
        if exchange.label == BASELINE:
            self._statuses.add(exchange.status or 0)
            self._baseline_fails = self._baseline_fails or exchange.error is not None
            self._baseline_repeats = self._baseline_repeats or bool(found & self._baseline_ids)
            self._baseline_ids |= found
            return
        ordinal = Message("request {} over a connection", exchange.reuse + 1)
        is_extra = exchange.request.body and response.operation.request_body_content is None
        error = exchange.error
        if exchange.reuse and not is_extra:
            self._reused += 1
        if error is not None and error.kind is TransportErrorKind.EXCESS:
            self._add(exchange, "error", Violation(ordinal, "one response, and no further bytes", error.detail))
        elif not exchange.reuse or is_extra:
            pass
        elif error is not None and error.kind is TransportErrorKind.RESET and exchange.status is None:
            self._closed.append(exchange)
        elif error is not None:
            self._add(exchange, "error", Violation(ordinal, "a response, as over a new connection", error.detail))
        elif _is_error(exchange.status or 0):
            received = status_line(response)
            self._add(exchange, "status", Violation(ordinal, "a response, as over a new connection", received))
        for each in found:
            if each in self._ids:
                received = Message("the id of {}", self._ids[each])
                self._add(exchange, "id", Violation(ordinal, "the response to this request", received))
            self._ids[each] = ordinal

    def _add(self, exchange: Exchange, kind: str, violation: Violation) -> None:
        self._found.append((exchange, kind, violation))

    def finish(self) -> Iterator[tuple[Exchange | None, Violation]]:
        withheld = {"id"} if self._baseline_repeats else set()
        if self._baseline_fails:
            withheld.add("error")
        elif len(self._closed) == self._reused > 1:
            for exchange in self._closed:
                received = "the connection was closed in place of a response"
                where = Message("request {} over a connection", exchange.reuse + 1)
                self._add(exchange, "error", Violation(where, "a response", received))
        found = [
            (exchange, violation)
            for exchange, kind, violation in self._found
            if kind not in withheld and not (kind == "status" and exchange.status in self._statuses)
        ]
        self.checked = max(self._reused, len({id(exchange) for exchange, _ in found}))
        yield from found


def _is_error(status: int) -> bool:
    """True for the status of an error that is not one of a limit or of a gateway."""
    return status >= 400 and status not in _PASSING_STATUSES


def _ids(response: ParsedResponse) -> Iterator[bytes]:
    for place, kind in response.operation.mock_fields.items():
        if kind == CHALLENGE_UUID:
            yield from map(text_digest, ids(response, place))
