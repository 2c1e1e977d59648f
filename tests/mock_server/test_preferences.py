"""Preferences for one response: Prefer, query parameters, scenarios, and what cannot be applied."""

from __future__ import annotations

import time

import pytest
import requests
from jsonschema import Draft202012Validator

from code_contract import Contract
from mock_server import FAULTS, MockServer
from mock_server.captcha.challenge import derive
from mock_server.faults import transport
from mock_server.response import ConnectionFault
from tests.conftest import GRANTED
from tests.conftest import post as post_to_server
from tests.mock_server.adapters import Adapter, post

BREAKING = {each.name for each in transport.FAULTS} - {"content-type-repeated"}
"""Faults that the Flask application cannot carry out, or that end the connection."""

APPLIED = {
    "code=503": ("maintenance", "code=503"),
    "code=500; delay=0.01": ("server-error", "code=500, delay=0.01"),
    "example=refused": ("refused", "example=refused"),
    'example="rate-limited"': ("rate-limited", "example=rate-limited"),
    "code=429, example=rate-limited": ("rate-limited", "example=rate-limited, code=429"),
    "code=503, code=500": ("maintenance", "code=503"),
    "scenario=source-missing": ("source-missing", "scenario=source-missing"),
    "scenario=maintenance": ("maintenance", "scenario=maintenance"),
    "scenario=empty-data": ("empty-data", "scenario=empty-data"),
    "dynamic=false": ("captcha", "dynamic=false"),
    "example=captcha": ("captcha", "example=captcha"),
}


@pytest.mark.parametrize("prefer", APPLIED)
def test_a_preference_is_applied_and_confirmed(target: Adapter, contract: Contract, prefer: str) -> None:
    """The example asked for comes with its status and headers, and Preference-Applied names it."""
    name, applied = APPLIED[prefer]
    example = contract.example(name)
    reply = post(target, prefer)
    assert (reply.status, reply.json()) == (example.status, example.value)
    assert reply.headers["Preference-Applied"] == applied
    assert example.headers.items() <= dict(reply.headers.items()).items() | {
        (name.title(), value) for name, value in reply.headers.items()
    }


def test_query_parameters_do_the_same(target: Adapter, contract: Contract) -> None:
    """They are for clients that cannot set headers; a header takes precedence over a query parameter."""
    assert post(target, code="503").json() == contract.example("maintenance").value
    assert (
        post(target, scenario="refused", delay="0.01").headers["Preference-Applied"] == "scenario=refused, delay=0.01"
    )
    assert post(target, "code=500", code="503").status == 500


def test_the_default_response_is_fresh(target: Adapter, contract: Contract) -> None:
    """Without a preference, and with `ok`, `dynamic=true` or `code=200`, the captcha is a new one."""
    plain = post(target)
    assert "Preference-Applied" not in plain.headers
    asked = (post(target, prefer) for prefer in ("scenario=ok", "dynamic=true", "code=200"))
    assert len({reply.json()["data"]["uuid"] for reply in (plain, *asked)}) == 4
    fresh = post(target, "example=captcha, dynamic=true").json()["data"]
    assert fresh != contract.example("captcha").value["data"]
    challenge = target.send("GET", f"/__mock/challenges/{fresh['uuid']}").json()
    assert challenge["picture"] == fresh["img"]
    assert challenge["answer"] == derive(target.state.secret, fresh["uuid"]).answer


def test_a_preference_that_the_response_does_not_have_is_not_applied(target: Adapter) -> None:
    """An invalid request is rejected whatever success it prefers, and Preference-Applied lists the others only."""
    headers = {"Source": "PC", "Content-Type": "text/plain", "Prefer": "code=200, delay=0.01"}
    reply = target.send("POST", "/code", headers, b"x")
    assert (reply.status, reply.headers["Preference-Applied"]) == (415, "delay=0.01")


REJECTED = {
    "code=204": "no response with status 204",
    "code=abc": "three digits",
    "code=999": "no response with status 999",
    "example=nope": "'nope'",
    "example=refusd": "did you mean 'refused'?",
    "scenario=nope": "empty-data",
    "scenario=refused, code=503": "omit code, example and dynamic",
    "example=refused, code=503": "has status 200",
    "example=refused, dynamic=true": "no captcha to generate",
    "dynamic=maybe": "use true or false",
    "delay=61": "at most 60",
    "delay=soon": "at most 60",
    "fault=img-crs": "did you mean 'img-crc'?",
    "fault=img-crc, scenario=refused": "cannot be combined with example, code or scenario",
    "fault=error-as-plain-text": "applies to error responses",
    "example=\u00e9": "example",
}


@pytest.mark.parametrize("prefer", REJECTED)
def test_an_unsatisfiable_preference_is_rejected_with_a_reason(
    target: Adapter, contract: Contract, prefer: str
) -> None:
    """It is never ignored: the error response has a header with the reason and the possible values."""
    reply = post(target, prefer)
    assert reply.json() == contract.example("request-refused").value
    assert REJECTED[prefer] in reply.headers["X-Mock-Reason"]
    assert all(value.isascii() for value in reply.headers.values())


def test_an_unknown_query_parameter_is_rejected_and_an_unknown_preference_reported(target: Adapter) -> None:
    """The prefix is ours; a preference may be another server's, so it is ignored (RFC 7240 §2), with a warning."""
    rejected = post(target, cod="503")
    assert rejected.status == 400
    assert "unknown query parameter '__cod'" in rejected.headers["X-Mock-Reason"]
    success = post(target, "colour=blue")
    assert success.json()["succFlag"] is True
    assert "'colour'" in success.headers["X-Mock-Warning"]


@pytest.mark.parametrize("hint", ["wait=5", "respond-async", "return=minimal", "handling=lenient"])
def test_a_registered_hint_is_ignored_without_a_warning(target: Adapter, hint: str) -> None:
    """The preferences of RFC 7240 §4 change nothing and are not reported as unknown; `wait` is not a delay."""
    reply = post(target, hint)
    assert reply.status == 200
    assert not {"X-Mock-Warning", "Preference-Applied"} & {name.title() for name in reply.headers}


@pytest.mark.parametrize(("prefer", "low"), [("delay=0.4", 0.4), ("delay=0.3-0.5", 0.3), ("wait=5", 0.0)])
def test_a_delay_is_kept(target: Adapter, prefer: str, low: float) -> None:
    """A response is delayed by the time asked for, within the range; `wait` is a hint of RFC 7240 and no delay."""
    low -= 0.001  # an event loop may wake up a fraction of a millisecond early
    began = time.monotonic()
    post(target, prefer)
    assert low <= time.monotonic() - began < 2
    assert low <= target.state.journal.entries()[-1].milliseconds / 1000 < 2


def test_flaky_fails_one_request_in_three(target: Adapter) -> None:
    """Every third request for it fails, counted for each client; a delay applies to all three."""
    assert [post(target, "scenario=flaky").status for _ in range(6)] == [200, 200, 500] * 2
    statuses = [post(target, scenario="flaky", client=client).status for client in "abababa"]
    assert statuses == [200, 200, 200, 200, 500, 500, 200]
    began = time.monotonic()
    assert [post(target, "scenario=flaky, delay=0.1").status for _ in range(3)] == [200, 200, 500]
    assert time.monotonic() - began >= 0.299


def test_every_response_that_can_be_asked_for_conforms(target: Adapter, contract: Contract) -> None:
    """All examples and scenarios satisfy the contract's schema, except the one that is to violate it."""
    schema = contract.operations["getCode"].success_response.schema
    assert schema is not None
    validator = Draft202012Validator(schema)
    examples = [f"example={name}" for name in contract.examples]
    for prefer in (*examples, *(f"scenario={name}" for name in contract.scenarios if name != "slow")):
        reply = post(target, prefer)
        assert validator.is_valid(reply.json()) is ("empty-data" not in prefer), prefer
        assert reply.headers["Content-Type"] == contract.operations["getCode"].content_type


@pytest.mark.parametrize("name", sorted(FAULTS.keys() - BREAKING))
def test_every_fault_can_be_asked_for(contract: Contract, target: Adapter, name: str) -> None:
    """It is accepted, or the reason says what it needs."""
    reply = post(target, f"fault={name}")
    if "Preference-Applied" in reply.headers:
        assert reply.headers["Preference-Applied"] == f"fault={name}"
        assert f"(fault={name})" in target.state.journal.entries()[-1].outcome
    else:
        reason = reply.headers["X-Mock-Reason"]
        other = not FAULTS[name].applies_to(contract.operations["getCode"])
        assert f"fault {name!r} {'does not apply to getCode' if other else 'applies to error responses'}" in reason


@pytest.mark.parametrize("name", ["reset", "empty-reply", "truncated"])
def test_a_connection_fault_breaks_the_connection(mock: MockServer, name: str) -> None:
    """The connection fails for this request, and the next request succeeds."""
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        post_to_server(mock, f"fault={name}")
    assert [entry.status for entry in mock.requests] == [200 if name == "truncated" else None]
    assert post_to_server(mock).json()["succFlag"] is True


def test_a_body_that_never_ends_is_sent_byte_by_byte(mock: MockServer) -> None:
    """One byte a second, until the client hangs up."""
    headers = GRANTED | {"Prefer": f"fault={ConnectionFault.DRIBBLE.value}"}
    with requests.post(f"{mock.base_url}/code", headers=headers, stream=True, timeout=5) as answer:
        pieces = answer.iter_content(1)
        began = time.monotonic()
        assert b"".join(next(pieces) for _ in range(3)).strip() == b""
        assert time.monotonic() - began > 0.9
