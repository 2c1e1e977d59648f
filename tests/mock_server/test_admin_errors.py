"""Invalid bodies of the admin API: one sentence with the place, the value and what is valid there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from mock_server import create_app

ERRORS: dict[str, tuple[str, Any, str]] = {
    "scenario": ("behaviour", {"scenario": "refusd"}, "$.scenario: unknown scenario 'refusd'; did you mean 'refused'?"),
    "fault": ("behaviour", {"fault": "rest"}, "$.fault: unknown fault 'rest'; did you mean 'reset'?"),
    "step": ("behaviour", {"sequence": ["ok", "slw"]}, "$.sequence[1]: unknown scenario 'slw'; did you mean 'slow'?"),
    "delay": ("behaviour", {"delay": "5s"}, '$.delay: "5s" is not valid (Seconds, or a range as in 0.2-1.5; at most'),
    "delay of a step": ("behaviour", {"sequence": [{"delay": "5s"}]}, '$.sequence[0].delay: "5s" is not valid (Sec'),
    "long delay": ("behaviour", {"delay": 61}, "$.delay: 61 is greater than the maximum of 60"),
    "status without a body": ("behaviour", {"code": 204}, "$.code: 204 is not valid (HTTP status, 200 to 599, of"),
    "null": ("behaviour", {"scenario": None}, "$.scenario: null is not of type 'string'"),
    "misspelled field": ("behaviour", {"scenario": "ok", "dealy": 2}, "unknown field 'dealy'; did you mean 'delay'?"),
    "unknown field": ("behaviour", {"foo": 1}, "unknown field 'foo'; available: answer, code, delay, example, fault,"),
    "two responses": ("behaviour", {"scenario": "ok", "code": 503}, '"scenario": "ok"} is not valid (One of scenario,'),
    "two responses in a step": (
        "behaviour",
        {"sequence": ["ok", {"scenario": "ok", "code": 503}]},
        '$.sequence[1]: {"code": 503, "scenario": "ok"} is not valid (At most one of scenario, example and code',
    ),
    "times alone": ("behaviour", {"times": 3}, '{"times": 3} is not valid (times needs something to count, as in'),
    "text": ("behaviour", "refused", '"refused" is not valid (One of scenario, example, code and sequence, as in {"sc'),
    "matcher": ("verify", {"header": {"Source": "PC"}}, "unknown field 'header'; did you mean 'headers'?"),
    "operator": ("verify", {"path": {"match": "/"}}, '$.path: {"match": "/"} is not valid (The whole text, a part'),
    "limit": ("verify", {"times": {"mix": 1}}, "$.times: unknown field 'mix'; did you mean 'min'?"),
    "clock": ("clock", {}, '{} is not valid (Either now, as in {"now": "2026-01-31T09:30:00Z"}, or advance, in sec'),
    "answer": ("challenges/x/answer", {"answer": None}, "$.answer: null is not valid (The answer. Text is compared"),
}


@pytest.fixture(scope="module")
def client() -> Iterator[FlaskClient]:
    with create_app().test_client() as client:
        yield client


@pytest.mark.parametrize("name", ERRORS)
def test_an_invalid_body_gets_the_sentence_that_mends_it(client: FlaskClient, name: str) -> None:
    """It is about the alternative that the value is meant for, and in the terms of JSON."""
    path, body, sentence = ERRORS[name]
    method = "POST" if path.startswith(("verify", "challenges")) else "PUT"
    reply = client.open(f"/__mock/{path}", method=method, json=body)
    assert reply.status_code == 400
    assert sentence in reply.json["error"]
    assert reply.json["error"].endswith("; see /__mock/docs/")


def test_a_long_value_is_cut(client: FlaskClient) -> None:
    """The sentence stays short."""
    reply = client.put("/__mock/behaviour", json={"scenario": "x" * 50_000, "y" * 50: "z" * 500})
    assert len(reply.json["error"]) < 600
