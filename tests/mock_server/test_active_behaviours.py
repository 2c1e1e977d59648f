"""Active behaviours: set, read and reset by the admin API and by MockServer."""

from __future__ import annotations

import json
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from mock_server import MockServer
from mock_server.core import behaviours
from mock_server.core.behaviours import ALL_CLIENTS, MAX_STEPS, Behaviour, BehaviourStore
from mock_server.core.preferences import NO_PREFERENCES, UnsatisfiablePreferenceError
from tests.conftest import post
from tests.mock_server.test_admin import admin


def succeeded(mock: MockServer, calls: int, client: str = "") -> list[bool]:
    return [post(mock, **({"client": client} if client else {})).json()["succFlag"] for _ in range(calls)]


def test_a_behaviour_applies_until_it_is_reset(mock: MockServer) -> None:
    """Without a limit, for a number of requests, or as a sequence; a preference of a request takes precedence."""
    assert admin(mock, "PUT", "/behaviour", json={"scenario": "refused"}).json() == {
        "behaviour": {"scenario": "refused"},
        "left": None,
    }
    assert succeeded(mock, 3) == [False] * 3
    assert post(mock, "scenario=ok").json()["succFlag"] is True, "the preference of a request takes precedence"
    admin(mock, "DELETE", "/behaviour")
    assert succeeded(mock, 2) == [True] * 2
    admin(mock, "PUT", "/behaviour", json={"sequence": ["refused", {"scenario": "refused"}, "ok", "refused"]})
    assert succeeded(mock, 3) == [False, False, True]
    assert admin(mock, "GET", "/behaviour").json()["left"] == 1
    assert succeeded(mock, 3) == [False, True, True]
    admin(mock, "PUT", "/behaviour", json={"code": 503, "times": 2})
    assert [post(mock).status_code for _ in range(3)] == [503, 503, 200]


def test_a_step_selects_its_response_as_a_behaviour_does(mock: MockServer) -> None:
    """By scenario, example or status, with a delay or a fault."""
    steps = [{"code": 503}, {"example": "refused", "delay": 0.01}, {"fault": "img-crc"}, "ok"]
    assert admin(mock, "PUT", "/behaviour", json={"sequence": steps}).json()["left"] == 4
    assert [post(mock).status_code for _ in range(4)] == [503, 200, 200, 200]
    assert [each.outcome.split()[:2] for each in mock.requests[1:3]] == [
        ["example", "refused"],
        ["success", "(fault=img-crc,"],
    ]


def test_a_behaviour_for_one_client(mock: MockServer) -> None:
    """Requests of other clients are not affected, so concurrent tests do not collide."""
    admin(mock, "PUT", "/behaviour", "a", json={"scenario": "refused"})
    mock.set_behaviour(sequence=["refused", "ok"], client="b")
    assert (succeeded(mock, 2, "a"), succeeded(mock, 3, "b"), succeeded(mock, 1)) == (
        [False] * 2,
        [False, True, True],
        [True],
    )
    admin(mock, "DELETE", "/behaviour", "a")
    assert succeeded(mock, 1, "a") == [True]


def test_an_active_fault_applies_to_every_response_it_can(mock: MockServer) -> None:
    """Error responses outside any operation are included."""
    mock.set_behaviour(fault="charset-gbk")
    assert "GBK" in post(mock).headers["Content-Type"]
    assert mock.requests[-1].outcome == "success (fault=charset-gbk, active behaviour); with fault charset-gbk"
    mock.set_behaviour(fault="server-error")
    response = post(mock)
    assert (response.status_code, "X-Mock-Reason" in response.headers) == (500, False)
    for words in ({"scenari": "refused"}, {"sequence": [{"scenari": "refused"}]}):
        with pytest.raises(UnsatisfiablePreferenceError, match="unknown preference 'scenari'"):
            mock.set_behaviour(**words)
    mock.set_behaviour(fault="405-without-allow")
    assert "Allow" not in requests.get(f"{mock.base_url}/code", timeout=5).headers
    mock.reset()
    assert requests.get(f"{mock.base_url}/code", timeout=5).headers["Allow"] == "POST"


def raw(data: Any) -> dict[str, Any]:
    return {"data": data, "headers": {"Content-Type": "application/json"}}


INVALID = {
    "unknown scenario": ({"json": {"scenario": "nope"}}, 400, "unknown scenario 'nope'"),
    "unknown in a sequence": ({"json": {"sequence": ["refused", "nope"]}}, 400, "unknown scenario 'nope'"),
    "unknown fault": ({"json": {"fault": "nope"}}, 400, "unknown fault 'nope'"),
    "a list": ({"json": [1]}, 400, "$"),
    "empty": ({"json": {}}, 400, "$"),
    "too long": ({"json": {"delay": 61}}, 400, "61"),
    "not JSON": (raw("{"), 400, "is not valid JSON"),
    "nested": (raw("[" * 1000 + "]" * 1000), 400, "nested deeper than 64 levels"),
    "nested beyond the parser": (raw("[" * 60_000), 400, "nested deeper than 64 levels"),
    "NaN": (raw('{"delay": NaN}'), 400, "NaN"),
    "Infinity": (raw('{"delay": -Infinity}'), 400, "-Infinity"),
    "beyond every number": (raw('{"delay": 1e999}'), 400, "1e999, which is beyond double precision"),
    "a repeated name": (raw('{"delay": 1, "delay": 2}'), 400, "repeats the name 'delay'"),
    "a lone surrogate": (raw('{"scenario": "\\ud800"}'), 400, "unknown scenario"),
    "UTF-16": (raw('{"delay": 1}'.encode("utf-16")), 400, "is not valid JSON"),
    "a form": ({"data": {"scenario": "refused"}}, 415, "application/x-www-form-urlencoded"),
    "too many steps": ({"json": {"sequence": ["ok"] * 1001}}, 400, "1001 steps; use at most 1000"),
    "many invalid steps": (raw(json.dumps({"sequence": [0] * 20_000})), 400, "20000 steps; use at most 1000"),
    "large": (raw(b"x" * 65_537), 413, "at most 65536 bytes"),
    "huge": (raw(b"x" * 2_000_000), 413, "at most 65536 bytes"),
    "large and chunked": (raw(iter([b"x" * 1000] * 66)), 413, "at most 65536 bytes"),
}


@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_behaviour_is_rejected(mock: MockServer, name: str) -> None:
    """The response is {"error": sentence}, and no behaviour becomes active."""
    body, status, reason = INVALID[name]
    response = requests.put(f"{mock.root_url}/__mock/behaviour", timeout=10, **body)
    assert response.status_code == status
    assert list(response.json()) == ["error"]
    assert reason in response.json()["error"]
    assert admin(mock, "GET", "/behaviour").json() == {"behaviour": {}, "left": None}


def test_the_worst_behaviours_are_rejected_in_bounded_time(mock: MockServer) -> None:
    """The largest body with as many errors as it can have takes a fraction of a second and of 50 MB."""
    errors = "".join(f'{{"{number:x}":0}},' for number in range(999))
    bodies = (
        '{"sequence":[' + errors + '{"a":0}]}',
        '{"sequence":[' + "[0]," * 999 + "0]}",
        "{" + ",".join(f'"{number}":0' for number in range(6000)) + "}",
        '{"sequence":' + "[" * 60 + "0," * 30_000 + "0" + "]" * 60 + "}",
    )
    assert all(len(body) < 65_536 for body in bodies)
    for body in bodies:
        tracemalloc.start()
        began = time.process_time()
        response = requests.put(f"{mock.root_url}/__mock/behaviour", timeout=10, **raw(body))
        took, (_, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert response.status_code == 400
        # Tracing makes it several times as slow.
        assert took < 5
        assert peak < 50 * 2**20


def test_the_behaviours_of_many_clients_are_bounded() -> None:
    """Above MAX_STEPS steps in all, those of the clients that were set first are dropped."""
    store, long = BehaviourStore(), Behaviour(sequence=(NO_PREFERENCES,) * 1000, times=1000)
    most = MAX_STEPS // 1000
    for number in range(most + 5):
        store.put(f"c{number}", long)
    assert [store.get(f"c{number}")[1] for number in range(most + 5)] == [None] * 5 + [1000] * most


def test_the_behaviour_that_is_used_least_recently_is_dropped_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """A behaviour that requests still meet is kept, even if it was set before all others."""
    monkeypatch.setattr(behaviours, "MAX_CLIENTS", 2)
    store, behaviour = BehaviourStore(), Behaviour(source={"scenario": "refused"})
    for client in (ALL_CLIENTS, "a"):
        store.put(client, behaviour)
    store.next("x")
    store.put("b", behaviour)
    assert [bool(store.get(client)[0]) for client in (ALL_CLIENTS, "b")] == [True, True]
    store.next("x")
    store.clear(ALL_CLIENTS)
    assert store.get("a") == ({}, None)


def test_many_clients_at_once(mock: MockServer) -> None:
    """Each of 64 concurrent clients gets exactly its own sequence."""

    def one(number: int) -> list[bool]:
        mock.set_behaviour(sequence=["refused"] * (number % 4 + 1), client=f"c{number}")
        return succeeded(mock, 6, f"c{number}")

    with ThreadPoolExecutor(64) as pool:
        found = list(pool.map(one, range(64)))
    assert found == [[False] * (n % 4 + 1) + [True] * (5 - n % 4) for n in range(64)]
