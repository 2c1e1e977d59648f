"""The core behind its adapters: equal responses, unexpected errors, connection faults, caches, blocking."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import pytest
import requests
from werkzeug.datastructures import Headers
from werkzeug.sansio.request import Request

import mock_server
from code_contract import Contract
from mock_server import Mock
from mock_server.core.state import State
from mock_server.faults import applicable
from mock_server.server import asgi
from tests.conftest import GRANTED
from tests.mock_server.adapters import ADAPTERS, Adapter, post
from tests.mock_server.test_cors import ORIGIN, PREFLIGHT

CONVERSATION: list[tuple[str, str, Mapping[str, str], bytes]] = [
    ("POST", "/code", GRANTED, b""),
    ("POST", "/code", {}, b""),
    ("POST", "/code", GRANTED | ORIGIN | {"Cookie": "a=b", "Content-Type": "application/json"}, b"{}"),
    ("POST", "/code", GRANTED | {"Prefer": "example=captcha"}, b""),
    ("POST", "/code", GRANTED | {"Prefer": "return=minimal, code=503"}, b""),
    ("POST", "/code?__scenario=flaky&__client=me&token=x", GRANTED, b""),
    ("POST", "/code?__nope=1", GRANTED, b""),
    ("POST", "/code?__fault=img-crc", GRANTED, b""),
    ("POST", "/code?__fault=redirect", GRANTED | ORIGIN, b""),
    ("POST", "/%63ode", GRANTED, b""),
    ("POST", "/%FF?a=%FF", GRANTED, b""),
    ("GET", "/code", ORIGIN, b""),
    ("OPTIONS", "/nope", ORIGIN | PREFLIGHT, b""),
    ("PURGE", "/code", {}, b""),
    ("GET", "/__mock/nothing", ORIGIN, b""),
    ("GET", "/", {}, b""),
]


CLIENT_HEADERS = ("Accept-Encoding", "Connection", "Content-Length", "Host", "User-Agent")
"""Headers that a client sends by itself."""


def test_both_adapters_give_the_same_responses(contract: Contract) -> None:
    """Status, headers, body and journal are equal, request by request."""
    with ADAPTERS["flask"](contract=contract, seed="s") as one, ADAPTERS["uvicorn"](contract=contract, seed="s") as two:
        for request in CONVERSATION:
            seen = []
            for reply in (one.send(*request), two.send(*request)):
                headers = {name.lower(): value for name, value in reply.headers.items()}
                headers.pop("date", None)
                if request[1] == "/":
                    headers["location"] = headers["location"].removeprefix("http://localhost")
                seen.append((reply.status, headers, reply.body))
            assert seen[0] == seen[1], request
        assert journal(one.state) == journal(two.state)


def journal(state: State) -> list[dict[str, Any]]:
    """The entries without times, and without the headers of the client."""
    found = []
    for entry in map(asdict, state.journal.entries()):
        headers = sorted(tuple(pair) for pair in entry["headers"])
        own = [pair for pair in headers if pair[0] not in CLIENT_HEADERS]
        found.append(entry | {"answered": 0, "milliseconds": 0, "size": 0, "headers": own})
    return found


def test_an_unexpected_error_becomes_the_documented_one(
    serve: Callable[..., Adapter], contract: Contract, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Status 500 in the envelope and in the journal; the traceback goes to the log, never to the client."""
    target = serve(contract)
    monkeypatch.setattr("mock_server.core.builder.ResponseBuilder.build", lambda *arguments: 1 / 0)
    with caplog.at_level(logging.ERROR, "mock_server"):
        reply = post(target)
    assert (reply.status, reply.json()) == (500, contract.example("server-error").value)
    assert "ZeroDivisionError" in caplog.text
    assert [entry.status for entry in target.state.journal.entries()] == [500]


@pytest.mark.parametrize("fault", ["reset", "empty-reply", "body-never-ends"])
@pytest.mark.parametrize("how", ["query", "behaviour", "option"])
def test_a_server_that_cannot_break_the_connection_answers_501(contract: Contract, fault: str, how: str) -> None:
    """Under Flask, a connection fault is an error response in the envelope, with the reason, and so in the journal."""
    always = [mock_server.fault(fault)] if how == "option" else []
    with ADAPTERS["flask"](contract=contract, faults=always) as target:
        if how == "behaviour":
            put = target.send(
                "PUT", "/__mock/behaviour", {"Content-Type": "application/json"}, b'{"fault": "%s"}' % fault.encode()
            )
            assert put.status == 200
        reply = post(target, **({"fault": fault} if how == "query" else {}))
        assert (reply.status, reply.json()) == (501, contract.example("server-error").value)
        assert f"fault '{fault}' breaks the connection" in reply.headers["X-Mock-Reason"]
        assert "Preference-Applied" not in reply.headers
        assert [entry.status for entry in target.state.journal.entries()] == [501]


def request_object(**headers: str) -> Request:
    return Request("POST", "http", None, "", "/code", b"", Headers(list(headers.items())), None)


def test_equal_requests_are_parsed_once_and_new_ones_are_not_kept(contract: Contract) -> None:
    """The cache of a request lives as long as the request; the number of cached bodies is bounded."""
    mock = Mock(contract)
    request = request_object(source="PC")
    for number in range(1000):
        assert mock.respond(request, b"").status == 200
        assert mock.respond(request_object(source="PC", number=str(number)), b"%d" % number).status == 415
    assert len(mock._parsed) == 1
    assert mock._cached_validation.cache_info().currsize <= 256


def test_the_cache_of_requests_is_bounded(contract: Contract) -> None:
    """The server keeps a limited number of small heads, and none that is large or has many fields."""
    cache = asgi._request.cache_info
    with mock_server.running(contract=contract) as mock, requests.Session() as session:
        for number in range(200):
            session.post(f"{mock.base_url}/code", headers=GRANTED | {"X-Id": str(number)}, timeout=5)
        assert cache().currsize == asgi.CACHE_SIZE
        before = cache().misses
        for extra in ({"X-Long": "x" * asgi.MAX_CACHED_HEAD}, {f"X-{number}": "1" for number in range(120)}):
            assert session.post(f"{mock.base_url}/code", headers=GRANTED | extra, timeout=5).status_code == 200
        assert cache().misses == before


def test_no_fault_blocks_the_event_loop(contract: Contract) -> None:
    """Each takes at most a few times as long as a picture that is decoded, changed and packed again."""

    def fastest(name: str) -> float:
        mock, request = Mock(contract, faults=[mock_server.fault(name)]), request_object(source="PC")
        mock.respond(request, b"", can_break_connection=True)
        times = []
        for _ in range(5):
            began = time.perf_counter()
            mock.respond(request, b"", can_break_connection=True)
            times.append(time.perf_counter() - began)
        return min(times)

    usual, names = fastest("img-long-pixels"), [each.name for each in applicable(contract)]
    assert {name: round(slow, 1) for name in names if (slow := fastest(name) / usual) > 8} == {}
