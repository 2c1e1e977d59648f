"""Verification of the requests that the mock received, by the admin API and in Python."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest
import requests

from mock_server import MockServer
from mock_server.observability.matcher import MAX_PATTERN, InvalidMatcherError
from tests.conftest import GRANTED, post
from tests.mock_server.adapters import Adapter

LOGIN = {"username": "anna", "roles": ["a", "b"], "address": {"city": "Bern", "zip": 3000}, "remember": True}

ANONYMOUS = {name: value for name, value in LOGIN.items() if name != "username"}


def log_in(target: Adapter, **headers: str) -> None:
    """A request with a query and a JSON body."""
    body = json.dumps(LOGIN).encode()
    target.send("POST", "/login?page=2&page=3", {"Content-Type": "application/json", "Source": "PC"} | headers, body)


def verify(target: Adapter, **matcher: Any) -> Any:
    body = json.dumps(matcher).encode()
    reply = target.send("POST", "/__mock/verify", {"Content-Type": "application/json"}, body)
    assert reply.status == 200, reply.body
    return reply.json()


MATCHING: dict[str, dict[str, Any]] = {
    "nothing": {},
    "all": {"method": "post", "path": "/login", "query": {"page": "3"}, "headers": {"source": "PC"}, "client": "a"},
    "path pattern": {"path": {"matches": "^/log[a-z]+$"}},
    "path part": {"path": {"contains": "ogi"}},
    "header pattern": {"headers": {"Content-Type": {"matches": "json$"}, "Source": {"contains": "P"}}},
    "query pattern": {"query": {"page": {"matches": "^[23]$"}}},
    "body fields": {"body": {"username": "anna", "address": {"city": "Bern"}}},
    "body list": {"body": {"roles": ["a", "b"]}},
    "body equal": {"body": {"equals": LOGIN}},
    "body part": {"body": {"contains": '"anna"'}},
    "body pattern": {"body": {"matches": '"zip": ?[0-9]{4}'}},
    "body text": {"body": json.dumps(LOGIN)},
    "number without a limit": {"times": {"min": 1}},
    "number in limits": {"times": {"min": 0, "max": 1}},
    "exact number": {"times": 1},
}


@pytest.mark.parametrize("matcher", MATCHING.values(), ids=MATCHING)
def test_a_request_matches(target: Adapter, matcher: dict[str, Any]) -> None:
    """By each condition alone, and by all together."""
    log_in(target, **{"X-Mock-Client": "a"})
    number = target.state.journal.last_number
    assert verify(target, **matcher) == {"matched": True, "count": 1, "requests": [number], "nearest": []}


DIFFERING: dict[str, tuple[dict[str, Any], list[str]]] = {
    "method": ({"method": "get"}, ["method: expected GET, got POST"]),
    "path": ({"path": "/log"}, ["path: expected /log, got /login"]),
    "pattern": ({"path": {"matches": "^/x"}}, ["path: expected a match of ^/x, got /login"]),
    "header": ({"headers": {"Source": "APP"}}, ["header Source: expected APP, got PC"]),
    "absent header": ({"headers": {"X-A": {"contains": "b"}}}, ["header X-A: expected a text with b, got none"]),
    "query": ({"query": {"page": "4"}}, ["query parameter page: expected 4, got 2, 3"]),
    "client": ({"client": "b"}, ["client: expected b, got none"]),
    "field": ({"body": {"username": "bob"}}, ['body at $.username: expected "bob", got "anna"']),
    "true is not 1": ({"body": {"remember": 1}}, ["body at $.remember: expected 1, got true"]),
    "absent field": ({"body": {"address": {"street": "a"}}}, ['body at $.address.street: expected "a", got none']),
    "further field": ({"body": {"equals": ANONYMOUS}}, ['body at $.username: expected none, got "anna"']),
    "list": ({"body": {"roles": ["a"]}}, ['body at $.roles: expected ["a"], got ["a", "b"]']),
    "two": ({"method": "PUT", "client": "b"}, ["method: expected PUT, got POST", "client: expected b, got none"]),
}  # fmt: skip


@pytest.mark.parametrize(("matcher", "differences"), DIFFERING.values(), ids=DIFFERING)
def test_the_differences_of_the_nearest_request_are_named(
    target: Adapter, matcher: dict[str, Any], differences: list[str]
) -> None:
    """One sentence for each condition that it does not meet."""
    log_in(target)
    number = target.state.journal.last_number
    nearest = [{"number": number, "differences": differences}]
    assert verify(target, **matcher) == {"matched": False, "count": 0, "requests": [], "nearest": nearest}


def test_the_nearest_requests_are_those_with_the_fewest_differences(target: Adapter) -> None:
    """At most three, the newest of those with as many; requests of the page do not count unless they are asked for."""
    for _ in range(4):
        target.send("GET", "/other")
    log_in(target)
    target.send("POST", "/login", {"X-Mock-Source": "page"})
    first = target.state.journal.entries()[0].number
    found = verify(target, method="POST", path="/login", headers={"Source": "APP"})
    assert [each["number"] for each in found["nearest"]] == [first + 4, first + 3, first + 2]
    assert verify(target, path="/login", source="page")["requests"] == [first + 5]


@pytest.mark.parametrize("path", ["/logn", {"contains": "/logn"}, {"equals": "/login/"}])
def test_among_as_many_differences_the_most_similar_path_is_nearest(target: Adapter, path: Any) -> None:
    """A mistake in a path is seen at once, however many other requests came since."""
    log_in(target)
    number = target.state.journal.last_number
    for _ in range(4):
        target.send("GET", "/other")
    assert verify(target, path=path)["nearest"][0]["number"] == number


@pytest.mark.parametrize(("times", "matched"), [(2, True), (1, False), (3, False), (0, False), ({"max": 1}, False)])
def test_the_number_of_requests_is_compared(target: Adapter, times: Any, matched: bool) -> None:
    """Too many are not matched either; then no other request is nearer."""
    target.send("GET", "/a")
    target.send("GET", "/a")
    target.send("GET", "/b")
    found = verify(target, path="/a", times=times)
    assert (found["matched"], found["count"]) == (matched, 2)
    assert bool(found["nearest"]) is (times == 3)
    assert verify(target, path="/none", times=0)["matched"] is True


INVALID: dict[str, tuple[Any, str]] = {
    "an unknown condition": ({"url": "/a"}, "url"),
    "an unknown operator": ({"path": {"like": "a"}}, "$.path"),
    "an invalid pattern": ({"path": {"matches": "("}}, "the pattern '(' is not valid"),
    "an invalid pattern in the body": ({"body": {"matches": "["}}, "the pattern '[' is not valid"),
    "a long pattern": ({"body": {"matches": "a" * (MAX_PATTERN + 1)}}, "use at most 1000"),
    "a negative number": ({"times": -1}, "$.times"),
    "no object": ([], "$"),
}


@pytest.mark.parametrize(("matcher", "part"), INVALID.values(), ids=INVALID)
def test_an_invalid_matcher_gets_one_sentence(target: Adapter, matcher: Any, part: str) -> None:
    """Status 400, and the part that is wrong."""
    body = json.dumps(matcher).encode()
    reply = target.send("POST", "/__mock/verify", {"Content-Type": "application/json"}, body)
    assert reply.status == 400
    assert part in reply.json()["error"]


def test_a_pattern_takes_bounded_time(target: Adapter) -> None:
    """One that would take years to fail is not a match; the backtracking is limited."""
    target.send("POST", "/code", {}, b"a" * 4000 + b"!")
    began = time.monotonic()
    assert verify(target, body={"matches": "^(a+)+$"})["matched"] is False
    assert time.monotonic() - began < 2


def test_a_secret_is_compared_as_the_journal_shows_it(target: Adapter) -> None:
    """It is masked in the journal and in the differences."""
    target.send("POST", "/code", {"Authorization": "Bearer s3cret"})
    found = verify(target, headers={"Authorization": "x"})
    assert found["nearest"][0]["differences"] == ["header Authorization: expected x, got ***"]
    assert verify(target, headers={"Authorization": {"matches": "."}})["matched"] is True


def test_python_asserts_with_the_nearest_requests(mock: MockServer) -> None:
    """`verify` returns the entries, or raises AssertionError."""
    post(mock)
    post(mock, client="a")
    assert mock.verify(method="POST", path="/code", times=2) == mock.requests
    assert mock.verify(client="a", headers={"Source": "PC"}) == mock.requests[1:]
    number = mock.requests[-1].number
    with pytest.raises(AssertionError) as raised:
        mock.verify(path="/code", headers={"Source": "APP"}, client="a", times=1)
    assert str(raised.value).splitlines()[:3] == [
        "expected 1 request with path /code, headers {'Source': 'APP'}, client a, source app; got 0",
        f"nearest: request {number}, POST /code",
        "    header Source: expected APP, got PC",
    ]
    with pytest.raises(TypeError, match="unknown condition 'header'; did you mean 'headers'"):
        mock.verify(header={"Source": "PC"})
    with pytest.raises(AssertionError, match=r"^expected 3 requests with source app; got 2$"):
        mock.verify(times=3)
    with pytest.raises(AssertionError, match=r"^expected 0 to 1 requests with source app; got 2$"):
        mock.verify(times={"max": 1})
    with pytest.raises(InvalidMatcherError, match="is not valid"):
        mock.verify(path={"matches": "("})


def test_python_waits_for_a_request(mock: MockServer) -> None:
    """One that has come already, one that comes later, and only the next one `after` another."""
    post(mock)
    first = mock.wait_for_request(path="/code")
    assert first == mock.requests[0]
    timer = threading.Timer(0.2, lambda: post(mock, client="b"))
    timer.start()
    post(mock, client="a")
    began = time.monotonic()
    found = mock.wait_for_request(client="b", after=first.number)
    assert time.monotonic() - began < 3
    assert (found.client, found.response.status) == ("b", 200)
    timer.join()


def test_python_waits_for_a_bounded_time(mock: MockServer) -> None:
    """Then it raises AssertionError with the nearest request; nothing waits on."""
    post(mock)
    with pytest.raises(AssertionError, match=r"(?s)^expected a request with .*got PC\nwaited for 0.1 seconds$"):
        mock.wait_for_request(headers={"Source": "APP"}, timeout=0.1)
    with pytest.raises(ValueError, match="use at most 600 seconds"):
        mock.wait_for_request(timeout=601)
    assert not mock.state.events.is_full(1)


def test_a_request_of_the_page_is_no_call_of_the_app(mock: MockServer) -> None:
    """`verify` and `wait_for_request` count those of apps by default."""
    requests.post(f"{mock.base_url}/code", headers=GRANTED | {"X-Mock-Source": "page"}, timeout=5)
    mock.verify(times=0)
    assert mock.wait_for_request(source="page").source == "page"
