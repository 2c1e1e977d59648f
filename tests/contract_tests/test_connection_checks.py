"""The check of reused connections, on exchanges made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from code_contract import Contract
from contract_tests.checks.connections import CONNECTIONS, REUSE
from contract_tests.http.exchange import Exchange, Request, TransportError, TransportErrorKind
from tests.contract_tests.test_checks import captcha, exchange, verdicts_on
from tests.contract_tests.test_operation_checks import Found, found

CLAUSE = "connection-is-reusable"
RESET = TransportError(TransportErrorKind.RESET, "reset")
CUT = TransportError(TransportErrorKind.INCOMPLETE, "cut")
EXCESS = TransportError(TransportErrorKind.EXCESS, "more")
AS_NEW = "a response, as over a new connection"


def answer(uuid: str, reuse: int | None = None, **changes: Any) -> Exchange:
    """Return a response with this id: to a baseline request, or the one after `reuse` others over a connection."""
    made = exchange(captcha(uuid=uuid), **changes)
    return made if reuse is None else replace(made, label=REUSE.label, reuse=reuse)


def with_body(made: Exchange) -> Exchange:
    return replace(made, request=replace(made.request, body=b"{}"))


def lost(reuse: int) -> Exchange:
    return answer("", reuse, status=None, error=RESET)


FIRST, SECOND, THIRD = "request 1 over a connection", "request 2 over a connection", "request 3 over a connection"


@pytest.mark.parametrize(
    ("responses", "expected"),
    [
        ((answer("a"),), (0, [])),
        ((answer("a"), answer("b", 0)), (0, [])),
        ((answer("a"), answer("b", 0), answer("c", 1), answer("d", 2)), (2, [])),
        ((answer("a"), answer("b", 1, status=400, reason="No")), (1, [(SECOND, AS_NEW, "400 No")])),
        *((((answer("a"), answer("b", 1, status=status)), (1, []))) for status in (399, 408, 502, 503, 504)),
        *(
            ((answer("a"), answer("b", 1, status=status, reason="")), (1, [(SECOND, AS_NEW, str(status))]))
            for status in (403, 499, 500, 501, 505)
        ),
        ((answer("a", status=400), answer("b", 1, status=400)), (1, [])),
        ((answer("a"), answer("b", 1, status=429)), (0, [])),
        ((answer("a"), answer("b", 0, status=400)), (0, [])),
        ((answer("a"), with_body(answer("b", 1, status=400))), (0, [])),
        ((answer("a"), answer("b", 1, error=CUT)), (1, [(SECOND, AS_NEW, "cut")])),
        ((answer("a"), answer("b", 0, error=CUT)), (0, [])),
        ((answer("a", error=CUT), answer("b", 1, error=CUT)), (1, [])),
        ((answer("a", error=CUT), answer("b"), answer("c", 1, error=CUT)), (1, [])),
        ((answer("a"), answer("b", 1, error=RESET)), (1, [(SECOND, AS_NEW, "reset")])),
        (
            (answer("a"), answer("b", 0, error=EXCESS)),
            (1, [(FIRST, "one response, and no further bytes", "more")]),
        ),
        (
            (answer("a"), with_body(answer("b", 1, error=EXCESS))),
            (1, [(SECOND, "one response, and no further bytes", "more")]),
        ),
        ((answer("a"), lost(1)), (1, [])),
        ((answer("a"), lost(1), answer("c", 1)), (2, [])),
        (
            (answer("a"), lost(1), lost(2)),
            (
                2,
                [
                    (SECOND, "a response", "the connection was closed in place of a response"),
                    (THIRD, "a response", "the connection was closed in place of a response"),
                ],
            ),
        ),
        ((answer("a", error=CUT), lost(1), lost(2)), (2, [])),
        (
            (answer("a"), answer("b", 0), answer("b", 1)),
            (1, [(SECOND, "the response to this request", f"the id of {FIRST}")]),
        ),
        (
            (answer("a"), answer("b", 0), answer("c", 1), answer("b", 2), answer("b", 1)),
            (
                3,
                [
                    (THIRD, "the response to this request", f"the id of {FIRST}"),
                    (SECOND, "the response to this request", f"the id of {THIRD}"),
                ],
            ),
        ),
        ((answer("a"), answer("a"), answer("b", 0), answer("b", 1)), (1, [])),
        ((answer("a"), answer("b"), answer("a"), answer("b", 0), answer("b", 1)), (1, [])),
    ],
)
def test_a_failure_over_a_reused_connection_is_reported(responses: tuple[Exchange, ...], expected: Found) -> None:
    """If no baseline request fails in that way; what a server may do is none."""
    assert found(CLAUSE, *responses) == expected


def test_the_exchange_that_fails_is_shown() -> None:
    """Each finding has the exchange of its own request."""
    findings = verdicts_on(answer("a"), answer("b", 0), answer("b", 1), answer("c", 1, error=CUT))[CLAUSE].findings
    assert [each.exchange.index for each in findings] == [2, 3]


def test_the_requests_of_the_probe(contract: Contract) -> None:
    """Four requests over each of three connections: the second with a body, the last one closes."""
    made, request = contract.operations["getCode"], Request("POST", "http://x/code", (("A", "b"),))
    sent = REUSE.mutate(request, made)
    assert isinstance(sent, tuple)
    assert [each.connection for each in sent] == [f"getCode {n}" for n in range(CONNECTIONS) for _ in range(4)]
    assert [each.body for each in sent] == [None, b"{}", None, None] * CONNECTIONS
    close = (("A", "b"), ("Connection", "close"))
    assert [each.headers for each in sent] == [(("A", "b"),), (("A", "b"),), (("A", "b"),), close] * CONNECTIONS
    documented = REUSE.mutate(replace(request, body=b"[]"), replace(made, request_body_content={}))
    assert isinstance(documented, tuple)
    assert {each.body for each in documented} == {b"[]"}
