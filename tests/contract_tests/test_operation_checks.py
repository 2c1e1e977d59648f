"""Checks of the operation and of access: which responses they apply to, and what they report."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import Any

import pytest

from code_contract import Contract
from contract_tests.checks import access, operation
from contract_tests.http.exchange import BodyCapture, Exchange, Request, TransportError, TransportErrorKind
from contract_tests.verdict import MAX_EVIDENCE
from tests.contract_tests.test_checks import SAMPLE, exchange, verdicts_on

REFUSED = {"succFlag": False, "code": 500, "msg": "no"}
CUT = TransportError(TransportErrorKind.INCOMPLETE, "only half")
NOTHING = TransportError(TransportErrorKind.RESET, "the connection was reset")
UNRECORDED: dict[str, Any] = {"body": b"", "held": BodyCapture.NOTHING}
Found = tuple[int, list[tuple[str, str, str]]]


def found(clause: str, *exchanges: Exchange, **settings: Any) -> Found:
    """Return the number of checked responses, and the place, expectation and excerpt of each violation."""
    verdict = verdicts_on(*exchanges, **settings)[clause]
    violations = [each.violation for each in verdict.findings]
    return verdict.checked, [(each.where, each.expected, each.received) for each in violations]


@pytest.mark.parametrize(
    ("response", "arrives", "complete"),
    [
        (exchange(), (1, []), (1, [])),
        (exchange(status=500), (1, []), (1, [])),
        (exchange(**UNRECORDED), (1, []), (0, [])),
        (exchange(error=CUT), (1, []), (1, [("body", "a complete body", "only half")])),
        (exchange(**UNRECORDED, error=CUT), (1, []), (1, [("body", "a complete body", "only half")])),
        (
            exchange(b"", status=None, error=NOTHING),
            (1, [("connection", "the head of an HTTP response", "the connection was reset")]),
            (0, []),
        ),
    ],
)
def test_a_response_arrives_and_is_complete(response: Exchange, arrives: Found, complete: Found) -> None:
    """Every exchange has a head or not; a body that was not recorded is neither complete nor incomplete."""
    assert found("answer-arrives", response) == arrives
    assert found("answer-is-complete", response) == complete


HTML = ("Content-Type", "text/html")
GZIP = gzip.compress(b"<h1>no")
SUCCESS = "a success response"


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (exchange(), (1, [])),
        (exchange(status=500), (1, [])),
        (exchange(status=404), (1, [])),
        (exchange(REFUSED), (1, [("$", SUCCESS, json.dumps(REFUSED))])),
        (exchange(REFUSED, status=299, reason="Odd"), (1, [("$", SUCCESS, json.dumps(REFUSED))])),
        (exchange(b"<h1>", HTML), (0, [])),
        (exchange(b"<h1>", HTML, status=299), (0, [])),
        (exchange(b"", HTML, status=199), (1, [("HTTP status", SUCCESS, "199 OK: an empty body")])),
        (exchange(b"no", HTML, status=400, reason="Bad"), (1, [("HTTP status", SUCCESS, "400 Bad: no")])),
        (exchange(b"no", HTML, status=400, request_is_complete=False), (0, [])),
        (exchange(status=400, request_is_complete=False), (1, [])),
        (exchange(b"no", HTML, status=400, error=CUT), (0, [])),
        (exchange(GZIP, ("Content-Encoding", "gzip"), status=500), (1, [("HTTP status", SUCCESS, "500 OK: <h1>no")])),
        (
            exchange(**UNRECORDED, status=500),
            (1, [("HTTP status", SUCCESS, "500 OK: a body that was not recorded")]),
        ),
        *((exchange(b"no", HTML, status=status), (0, [])) for status in (401, 404, 405, 407, 501, 511)),
        *(
            (
                exchange(b"", ("Location", "//a.cn\t"), status=status, reason="Moved"),
                (1, [("HTTP status", SUCCESS, f'{status} Moved to "//a.cn\\t" (redirects are not followed)')]),
            )
            for status in (300, 302, 399)
        ),
        (
            exchange(b"", ("X", "y"), status=301, reason=""),
            (1, [("HTTP status", SUCCESS, '301 to "" (redirects are not followed)')]),
        ),
    ],
)
def test_a_valid_request_succeeds(response: Exchange, expected: Found) -> None:
    """An error of any kind violates the clause, unless a clause of its own covers it."""
    assert found("valid-request-succeeds", response) == expected


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (exchange(), (1, [])),
        (exchange(status=201, reason="Created"), (1, [("HTTP status", "200", "201 Created")])),
        (exchange(status=500, reason=""), (1, [("HTTP status", "200", "500")])),
        (exchange(b"", status=204, reason="No Content"), (1, [("HTTP status", "200", "204 No Content")])),
        (exchange(b"", status=200), (0, [])),
        (exchange(REFUSED, status=201), (0, [])),
        (exchange(b"", status=500), (0, [])),
        (exchange(**UNRECORDED, status=201), (0, [])),
        (exchange(b"[" + b"0," * 300_000 + b"0]", status=201), (0, [])),
    ],
)
def test_a_success_has_status_200(response: Exchange, expected: Found) -> None:
    """Another status 2xx claims a success, unless its body is an error or is not known."""
    assert found("success-is-http-200", response) == expected


def test_a_missing_operation_is_reported_with_its_status() -> None:
    """404 of an operation that does not document it; a success with that status is served."""
    missing = exchange(b"", status=404, reason="Not Found")
    text = ("HTTP status", "the operation at this address", "404 Not Found")
    assert found("post-code-is-served", missing) == (1, [text])
    assert found("post-code-is-served", exchange(status=404)) == (1, [])
    assert found("post-code-is-served", exchange(b"", status=None, error=NOTHING)) == (0, [])


def probe(body: Any = SAMPLE, **changes: Any) -> Exchange:
    return exchange(body, label=operation.EMPTY_OBJECT.label, **changes)


REJECTED = exchange(REFUSED, status=400, reason="Bad")


def test_requests_that_succeed_only_with_a_body_are_counted() -> None:
    """Every rejected request is counted; the first ones are shown, each with its exchange."""
    text = ("request", "a success without a body", "400 Bad; a success with the body {}")
    for number in (1, MAX_EVIDENCE, MAX_EVIDENCE + 3):
        verdict = verdicts_on(*[REJECTED] * number, probe())["takes-no-parameters"]
        assert (verdict.checked, verdict.failed) == (number + 1, number)
        assert [each.exchange.index for each in verdict.findings] == list(range(min(number, MAX_EVIDENCE)))
        assert found("takes-no-parameters", *[REJECTED] * number, probe())[1] == [text] * len(verdict.findings)


@pytest.mark.parametrize(
    ("exchanges", "expected"),
    [
        ((exchange(), probe()), (2, [])),
        ((exchange(), REJECTED, probe()), (3, [])),
        ((exchange(), probe(REFUSED)), (2, [])),
        ((REJECTED, probe(REFUSED)), (0, [])),
        ((exchange(),), (1, [])),
        ((exchange(**UNRECORDED), exchange(), probe(error=CUT)), (1, [])),
    ],
)
def test_a_body_is_not_required_if_one_request_succeeds_without(
    exchanges: tuple[Exchange, ...], expected: Found
) -> None:
    """The clause is decided only by complete responses, and only if a request succeeds."""
    assert found("takes-no-parameters", *exchanges) == expected


def test_a_rejected_body_is_reported() -> None:
    """A body that is not needed is not ignored; an error that comes without a body, too, has another cause."""
    refused = replace(probe(REFUSED, status=415, reason="No"), index=1)
    (text,) = found("unused-body-is-ignored", exchange(), refused)[1]
    assert text[:2] == ("HTTP status", SUCCESS)
    assert text[2].startswith("415 No: {")
    verdict = verdicts_on(exchange(), probe(), refused)["unused-body-is-ignored"]
    assert (verdict.checked, verdict.failed, verdict.findings[0].exchange.index) == (2, 1, 2)
    assert found("unused-body-is-ignored", exchange(), REJECTED, refused) == (0, [])
    assert found("unused-body-is-ignored", REJECTED, exchange(), refused) == (0, [])
    assert found("unused-body-is-ignored", exchange(), exchange(), probe()) == (1, [])
    assert found("unused-body-is-ignored", exchange()) == (0, [])


def test_an_empty_object_is_sent_to_an_operation_without_a_body(contract: Contract) -> None:
    """An operation that documents a body is not probed."""
    made, request = contract.operations["getCode"], Request("POST", "http://x/code")
    assert operation.EMPTY_OBJECT.mutate(request, made) == replace(request, body=b"{}")
    assert operation.EMPTY_OBJECT.mutate(request, replace(made, request_body_content={})) is None


@pytest.mark.parametrize(
    ("headers", "shown"),
    [((), "401 No"), ((("WWW-Authenticate", "Basic"),), "401 No, WWW-Authenticate: Basic")],
)
def test_a_demand_for_credentials_is_reported(headers: tuple[tuple[str, str], ...], shown: str) -> None:
    """With the challenge of the server; not if the request had credentials, nor in a success."""
    demand = exchange(b"", *headers, status=401, reason="No")
    assert found("no-authentication-needed", demand) == (1, [("HTTP status", "no demand for credentials", shown)])
    assert found("no-authentication-needed", exchange(status=401)) == (1, [])
    assert found("no-authentication-needed", exchange(b"", status=403)) == (1, [])
    assert found("no-authentication-needed", exchange(b"", status=404)) == (0, [])
    for name in ("AUTHORIZATION", "cookie"):
        request = replace(demand.request, headers=((name, "x"),))
        assert found("no-authentication-needed", replace(demand, request=request)) == (0, [])


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (exchange(), (0, [])),
        (exchange(REFUSED, status=500), (1, [])),
        (exchange(b"no", HTML, status=500, reason="Bad"), (1, [("body", "the envelope", "500 Bad: no")])),
        (exchange(b"no", HTML, status=500, error=CUT), (0, [])),
        (exchange(**UNRECORDED, status=500), (0, [])),
        (exchange(b"[" + b"0," * 300_000 + b"0]", status=500), (0, [])),
    ],
)
def test_an_error_uses_the_envelope(response: Exchange, expected: Found) -> None:
    """Complete errors whose body is known, within the limits."""
    sent = replace(response, label=access.NO_SOURCE.label)
    assert found("error-uses-the-envelope", exchange(), sent) == expected


def test_a_success_without_a_source_is_reported() -> None:
    """If the clause is selected, a success of the request without a source violates it."""
    only = frozenset({"source-is-required"})
    assert access.NO_SOURCE.only_when_confirmed
    sent = exchange(label=access.NO_SOURCE.label)
    text = ("request without a source", "an error response", "a success response: 200 OK")
    assert found("source-is-required", exchange(), sent, only=only) == (1, [text])
    refused = exchange(REFUSED, label=access.NO_SOURCE.label)
    assert found("source-is-required", exchange(), refused, only=only) == (1, [])
