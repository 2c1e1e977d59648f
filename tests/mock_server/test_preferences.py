"""Steering the mock call by call: Prefer, query keys, scenarios, and what cannot be had."""

from __future__ import annotations

import json
import socket
import time

import pytest
import requests
from jsonschema import Draft202012Validator

from code_contract import Contract
from mock_server import FAULTS, MockServer
from mock_server.response import ConnectionFault
from tests.conftest import GRANTED, post

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
def test_a_preference_is_applied_and_said(mock: MockServer, contract: Contract, prefer: str) -> None:
    """The example asked for comes with its status and headers, and Preference-Applied says what was done."""
    name, applied = APPLIED[prefer]
    example = contract.example(name)
    answer = post(mock, prefer)
    assert (answer.status_code, answer.json()) == (example.status, example.value)
    assert answer.headers["Preference-Applied"] == applied
    assert example.headers.items() <= answer.headers.items()


def test_query_keys_do_the_same(mock: MockServer, contract: Contract) -> None:
    """Who cannot set headers writes keys; a header counts before a key."""
    assert post(mock, code="503").json() == contract.example("maintenance").value
    assert post(mock, scenario="refused", delay="0.01").headers["Preference-Applied"] == "scenario=refused, delay=0.01"
    assert post(mock, "code=500", code="503").status_code == 500


def test_nobody_asked_gives_the_honest_answer(mock: MockServer, contract: Contract) -> None:
    """Without a wish, with `ok`, `dynamic=true` or `code=200`, the captcha is fresh; nothing is claimed applied."""
    plain = post(mock)
    assert "Preference-Applied" not in plain.headers
    seen = {
        a.json()["data"]["uuid"]
        for a in (plain, post(mock, "scenario=ok"), post(mock, "dynamic=true"), post(mock, "code=200"))
    }
    assert len(seen) == 4
    fresh = post(mock, "example=captcha, dynamic=true").json()
    assert fresh["data"] != contract.example("captcha").value["data"]
    assert mock.captcha_answer(fresh["data"]["uuid"]) >= 0


REFUSED = {
    "code=204": "no answer with status 204",
    "code=abc": "three digits",
    "code=999": "no answer with status 999",
    "example=nope": "unknown example 'nope'",
    "example=refusd": "did you mean 'refused'?",
    "scenario=nope": "available: empty-data",
    "scenario=refused, code=503": "leave code, example and dynamic out",
    "example=refused, code=503": "goes with status 200",
    "example=refused, dynamic=true": "no captcha to make fresh",
    "dynamic=maybe": "neither true nor false",
    "delay=61": "at most 60",
    "delay=soon": "at most 60",
    "fault=img-crs": "did you mean 'img-crc'?",
    "fault=img-crc, scenario=refused": "spoils a captcha in the making",
    "fault=error-as-plain-text": "spoils refusals",
    "example=\u00e9\x01": "unknown example",
}


@pytest.mark.parametrize("prefer", REFUSED)
def test_what_cannot_be_had_is_refused_with_a_reason(mock: MockServer, contract: Contract, prefer: str) -> None:
    """Never another answer in silence: the envelope's refusal, and a header that says what could be had."""
    with socket.create_connection(("127.0.0.1", int(mock.root_url.rpartition(":")[2])), timeout=10) as connection:
        head = f"POST /code HTTP/1.1\r\nHost: x\r\nSource: PC\r\nPrefer: {prefer}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode("latin-1"))
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    headers, _, body = answer.partition(b"\r\n\r\n")
    assert json.loads(body) == contract.example("request-refused").value
    assert headers.isascii()
    # With a control character it is no HTTP (RFC 9110 §5.5), which the server refuses by itself.
    assert "\x01" in prefer or REFUSED[prefer] in reason_in(headers)


def reason_in(headers: bytes) -> str:
    lines = (line.partition(": ") for line in headers.decode("ascii").splitlines())
    return {name.lower(): value for name, _, value in lines}["x-mock-reason"]


def test_an_unknown_key_is_refused_and_an_unknown_preference_said(mock: MockServer) -> None:
    """The keys are ours; a preference may be another's (RFC 7240 §2): it is passed over, and the answer says so."""
    refused = post(mock, cod="503")
    assert refused.status_code == 400
    assert "there is no query key '__cod'" in refused.headers["X-Mock-Reason"]
    granted = post(mock, "return=minimal")
    assert granted.json()["succFlag"] is True
    assert "'return'" in granted.headers["X-Mock-Warning"]


def test_a_wait_is_kept(mock: MockServer) -> None:
    """An answer is held back as long as asked, within the range."""
    for prefer, low, high in (("delay=0.4", 0.4, 2.0), ("delay=0.3-0.5", 0.3, 2.0)):
        begun = time.monotonic()
        post(mock, prefer)
        assert low <= time.monotonic() - begun < high


def test_flaky_fails_one_call_in_three(mock: MockServer) -> None:
    """Every third call that asks for it fails, for each client apart."""
    assert [post(mock, "scenario=flaky").status_code for _ in range(6)] == [200, 200, 500] * 2
    statuses = [post(mock, scenario="flaky", client=who).status_code for who in "abababa"]
    assert statuses == [200, 200, 200, 200, 500, 500, 200]


@pytest.mark.parametrize("name", ["reset", "empty-reply", "truncated"])
def test_a_fault_below_http(mock: MockServer, name: str) -> None:
    """The connection fails for this call, and the next call is answered."""
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        post(mock, f"fault={name}")
    assert post(mock).json()["succFlag"] is True


def test_an_endless_answer_drips(mock: MockServer) -> None:
    """A byte a second; the caller hangs up."""
    with requests.post(
        f"{mock.base_url}/code", headers={"Prefer": f"fault={ConnectionFault.DRIBBLE.value}"}, stream=True, timeout=5
    ) as answer:
        pieces = answer.iter_content(1)
        begun = time.monotonic()
        assert b"".join(next(pieces) for _ in range(3)).strip() == b""
        assert time.monotonic() - begun > 0.9


def test_every_fault_can_be_asked_for(mock: MockServer) -> None:
    """Each fault of the catalogue is applied by Prefer, or says what it needs."""
    for name, fault in FAULTS.items():
        if name == ConnectionFault.DRIBBLE.value:
            continue
        try:
            answer = requests.post(
                f"{mock.base_url}/code",
                headers=GRANTED | {"Prefer": f"fault={name}"},
                timeout=10,
                allow_redirects=False,
                stream=True,
            )
        except requests.ConnectionError:
            assert fault.breaks == "answer-arrives"
            continue
        said = answer.headers.get("Preference-Applied") or answer.headers["X-Mock-Reason"]
        assert name in said


def test_every_answer_asked_for_conforms(mock: MockServer, contract: Contract) -> None:
    """All examples and scenarios but the one that says otherwise keep the contract's schema."""
    schema = contract.operations["getCode"].success_response.schema
    assert schema is not None
    validator = Draft202012Validator(schema)
    for prefer in [f"example={name}" for name in contract.examples] + [
        f"scenario={n}" for n in contract.scenarios if n != "slow"
    ]:
        answer = post(mock, prefer)
        conforms = validator.is_valid(answer.json())
        assert conforms is ("empty-data" not in prefer), prefer
        assert answer.headers["Content-Type"] == contract.operations["getCode"].content_type
