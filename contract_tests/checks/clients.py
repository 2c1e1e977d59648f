"""Clients: a target grants the request of every client, and of pages of other origins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from code_contract import Clause, FieldPath, Operation
from contract_tests import sanitize
from contract_tests.checks.operation import response_excerpt
from contract_tests.checks.registry import BASELINE, Aggregate, CheckRegistry, Probe
from contract_tests.checks.response import ParsedResponse
from contract_tests.checks.selectors import any_response
from contract_tests.http.exchange import Exchange, Request
from contract_tests.message import Message
from contract_tests.verdict import Violation

CHECKS = CheckRegistry()

CLIENTS_CLAUSE = "real-clients-are-served"
OTHER_ORIGIN = "https://other-origin.example"


def _of_client(response: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    if response.exchange.request.client:
        yield response


@CHECKS.whole_run(CLIENTS_CLAUSE, select=_of_client, skip_reason="no request succeeded")
class ClientsServed(Aggregate):
    """Counts the samples. Its violations are found by engine.clients, with further requests."""

    def __init__(self, clause: Clause) -> None:
        super().__init__(clause)
        self._succeeded = False

    def add(self, response: ParsedResponse, subject: ParsedResponse) -> None:
        self._succeeded = self._succeeded or response.is_success

    def finish(self) -> Iterator[tuple[Exchange | None, Violation]]:
        self.checked *= self._succeeded
        return iter(())


def _with_other_origin(request: Request, operation: Operation) -> Request:
    headers = tuple(pair for pair in request.headers if pair[0].lower() not in ("origin", "referer"))
    return replace(request, headers=(*headers, ("Origin", OTHER_ORIGIN), ("Referer", f"{OTHER_ORIGIN}/")))


@CHECKS.whole_run(
    "other-origins-may-call",
    select=any_response,
    probe=Probe("other-origin", _with_other_origin),
    include_baseline=True,
    skip_reason="not every request succeeded",
)
class OtherOrigin(Aggregate):
    """Violated if only the request of another origin fails, or its response cannot be read there."""

    def __init__(self, clause: Clause) -> None:
        super().__init__(clause)
        self._succeeded = True
        self._responses: list[ParsedResponse] = []

    def add(self, response: ParsedResponse, subject: ParsedResponse) -> None:
        if response.exchange.label == BASELINE:
            self._succeeded = self._succeeded and response.is_success
        else:
            self._responses.append(response)

    def finish(self) -> Iterator[tuple[Exchange | None, Violation]]:
        self.checked = 0
        for response in self._responses if self._succeeded else ():
            self.checked += 1
            allowed = response.exchange.header("access-control-allow-origin")
            if not response.is_success:
                origin = Message("request with Origin: {}", OTHER_ORIGIN)
                yield response.exchange, Violation(origin, "a success response", response_excerpt(response))
            elif allowed not in ("*", OTHER_ORIGIN):
                received = "no such header" if allowed is None else sanitize.quoted(allowed)
                where = "header Access-Control-Allow-Origin"
                yield response.exchange, Violation(where, Message("* or {}", OTHER_ORIGIN), received)
