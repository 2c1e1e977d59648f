"""Plain calls are answered before Flask: nobody can tell, but by the clock."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest
from flask import Flask

import mock_server
from code_contract import Contract
from mock_server.app import PLAN_CACHE, STATE, create_app
from mock_server.core.plan_cache import Headers, PlainCalls
from tests.conftest import GRANTED

PLAINLY: Headers = tuple((name.lower().encode(), value.encode()) for name, value in GRANTED.items())


def plain(app: Flask) -> PlainCalls:
    found: PlainCalls = app.extensions[PLAN_CACHE]
    return found


def told(app: Flask, names: set[str]) -> list[dict[str, object]]:
    """The journal, but for times; of the headers those of these names, in whatever order."""
    found = []
    for entry in app.extensions[STATE].journal.entries():
        headers = sorted(pair for pair in entry.headers if pair[0] in names)
        found.append(asdict(replace(entry, answered=0, milliseconds=0, headers=headers)))
    return found


@pytest.mark.parametrize(
    "headers", [GRANTED, {}, GRANTED | {"Authorization": "s3cret"}], ids=["source", "none", "more"]
)
def test_a_plain_call_is_answered_as_by_the_view(contract: Contract, headers: dict[str, str]) -> None:
    """Status, headers, body and what is written down are the same; a source that is missing is warned of by both."""
    before, behind = create_app(contract, seed="s"), create_app(contract, seed="s")
    sent = tuple((name.lower().encode(), value.encode()) for name, value in headers.items())
    for _ in range(3):
        viewed = behind.test_client().post("/code", headers=headers)
        answered = plain(before).answer("POST", "/code", (*sent, (b"user-agent", b"x"), (b"host", b"localhost")))
        assert answered is not None
        status, out, body = answered
        assert (status, body) == (viewed.status_code, viewed.data)
        said = {name.decode(): value.decode() for name, value in out}
        assert said | {"Content-Length": str(len(body))} == dict(viewed.headers)
    assert told(before, {*headers, "Host"}) == told(behind, {*headers, "Host"})
    assert len(told(before, set())) == 3


@pytest.mark.parametrize(
    "header",
    ["cookie: a=b", "origin: http://x", "prefer: code=500", "x-mock-client: me", "expect: 100-continue",
     "transfer-encoding: chunked", "content-length: 1", "source: PC"],
)  # fmt: skip
def test_a_call_that_brings_more_is_not_plain(contract: Contract, header: str) -> None:
    """What Flask has to look at is left to it: a header that asks for more, a body, a header that comes twice."""
    name, value = header.encode().split(b": ")
    app = create_app(contract)
    assert plain(app).answer("POST", "/code", PLAINLY) is not None
    assert plain(app).answer("POST", "/code", (*PLAINLY, (name, value))) is None
    assert plain(app).answer("GET", "/code", PLAINLY) is None
    assert plain(app).answer("POST", "/nowhere", PLAINLY) is None


def test_what_stands_makes_no_call_plain(contract: Contract, confirmed: Contract) -> None:
    """Not a fault of the mock, nor a standing behaviour until it is over, nor a refusal."""
    broken = create_app(contract, faults=[mock_server.fault("img-crc")])
    assert plain(broken).answer("POST", "/code", PLAINLY) is None
    with mock_server.running(contract=contract) as mock:
        mock.set_behaviour("refused", times=1)
        app = mock._app
        assert plain(app).answer("POST", "/code", PLAINLY) is None
        mock.reset()
        assert plain(app).answer("POST", "/code", PLAINLY) is not None
    assert plain(create_app(confirmed)).answer("POST", "/code", ()) is None


def test_headers_without_end_are_not_remembered(contract: Contract) -> None:
    """What is remembered of calls before is bounded, whatever they say."""
    calls = plain(create_app(contract))
    for number in range(200):
        assert calls.answer("POST", "/code", (*PLAINLY, (b"x-n", str(number).encode()))) is not None
    assert calls._understood.cache_info().currsize <= 64
