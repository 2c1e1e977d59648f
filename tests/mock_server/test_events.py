"""Server-sent events of the admin API: what they say, resuming, filters, limits and the end."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

import mock_server
from code_contract import Contract
from mock_server import MockServer
from mock_server.admin import event_stream, journal_api
from mock_server.admin.flask_app import flask_app
from mock_server.core.mock import Mock
from mock_server.server import event_sender
from tests.conftest import GRANTED, post
from tests.mock_server.authorities import FOREIGN

Event = tuple[str, str, Any]
"""The id, the name and the data of an event."""


def parsed(lines: Iterator[bytes]) -> Iterator[Event]:
    """The events of a stream, by the rules of WHATWG HTML §9.2.6 for streams without continuation lines."""
    last, name, data = "", "message", ""
    for line in lines:
        field, _, value = line.decode().rstrip("\n").partition(": ")
        if field == "" and value == "" and data:
            yield last, name, json.loads(data)
            name, data = "message", ""
        last, name, data = (
            value if field == "id" else last,
            value if field == "event" else name,
            value if field == "data" else data,
        )


@contextmanager
def stream(mock: MockServer, query: str = "", **headers: str) -> Iterator[Iterator[Event]]:
    """The events of a stream that is open."""
    address = urlsplit(mock.root_url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=5)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("GET", f"/__mock/events{query}", headers=named)
    response = connection.getresponse()
    assert (response.status, response.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8")
    # So that proxies pass each event on at once.
    assert (response.headers["Cache-Control"], response.headers["X-Accel-Buffering"]) == (
        "no-store, no-transform",
        "no",
    )
    assert response.readline() == b"retry: 1000\n"
    try:
        yield parsed(iter(response.readline, b""))
    finally:
        connection.close()


def wait_until_closed(mock: MockServer) -> None:
    """Wait until the mock has noticed that the streams of earlier tests are closed."""
    deadline = time.monotonic() + 5
    while mock.state.events.is_full(1):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def take(events: Iterator[Event], count: int) -> list[Event]:
    return [next(events) for _ in range(count)]


def test_requests_are_events_as_they_happen(mock: MockServer) -> None:
    """Each has the entry of the journal, and its number as the id."""
    post(mock)
    with stream(mock) as events:
        post(mock, client="a")
        post(mock, "code=503")
        found = take(events, 2)
    entries = requests.get(f"{mock.root_url}/__mock/requests", timeout=5).json()["requests"]
    assert [data for _, _, data in found] == entries[1:]
    assert [(each, name) for each, name, _ in found] == [(str(entry["number"]), "request") for entry in entries[1:]]
    assert found[0][2]["response"]["status"] == 200


def test_a_behaviour_is_an_event_when_it_is_set_used_and_reset(mock: MockServer) -> None:
    """It says how many requests are left; the last use resets it."""
    with stream(mock) as events:
        mock.set_behaviour(code=503, times=2, client="a")
        assert next(events) == ("", "behaviour", {"client": "a", "behaviour": {"code": 503, "times": 2}, "left": 2})
        for left, behaviour in ((1, {"code": 503, "times": 2}), (None, {})):
            post(mock, client="a")
            found = {name: data for _, name, data in take(events, 2)}
            assert found["behaviour"] == {"client": "a", "behaviour": behaviour, "left": left}
            assert found["request"]["status"] == 503
        requests.put(f"{mock.root_url}/__mock/behaviour", json={"delay": 0.01}, timeout=5)
        assert next(events)[2] == {"client": "", "behaviour": {"delay": 0.01}, "left": None}
        requests.delete(f"{mock.root_url}/__mock/behaviour", timeout=5)
        assert next(events)[2] == {"client": "", "behaviour": {}, "left": None}


def test_a_cleared_journal_is_an_event(mock: MockServer) -> None:
    """It names the highest number that is gone, so that a reader keeps what came later."""
    post(mock, client="a")
    last = mock.requests[-1].number
    with stream(mock) as events:
        requests.delete(f"{mock.root_url}/__mock/requests?client=a", timeout=5)
        assert next(events) == ("", "cleared", {"client": "a", "through": last})
        mock.reset()
        assert {name: data["client"] for _, name, data in take(events, 2)} == {"cleared": "", "behaviour": ""}


@pytest.mark.parametrize("how", ["after", "Last_Event_ID"])
def test_a_stream_continues_after_a_number(mock: MockServer, how: str) -> None:
    """Entries after it are sent at once; Last-Event-ID takes precedence, since the URL of an EventSource stays."""
    for _ in range(event_stream.MAX_PART + 3):
        post(mock, client="a")
    first = mock.requests[0].number
    query, headers = (f"?after={first}", {}) if how == "after" else ("?after=0", {how: str(first)})
    with stream(mock, query, **headers) as events:
        numbers = [int(each) for each, _, _ in take(events, event_stream.MAX_PART + 2)]
    assert numbers == list(range(first + 1, first + event_stream.MAX_PART + 3))


def test_a_number_of_an_earlier_mock_begins_again(mock: MockServer) -> None:
    """An EventSource that outlives a restart of the mock gets everything the new one has."""
    post(mock)
    with stream(mock, Last_Event_ID="999999999") as events:
        assert next(events)[2]["number"] == mock.requests[0].number


def test_a_stream_is_filtered_by_client_and_source(mock: MockServer) -> None:
    """By the parameter or the header; the behaviours are those that apply to the client."""
    with stream(mock, "?client=a&source=app") as events, stream(mock, X_Mock_Client="b") as others:
        requests.post(f"{mock.base_url}/code?__client=a", headers=GRANTED | {"X-Mock-Source": "page"}, timeout=5)
        post(mock, client="b")
        post(mock, client="a")
        assert next(events)[2]["client"] == "a"
        assert next(others)[2]["client"] == "b"
        mock.set_behaviour("refused", client="b")
        mock.set_behaviour("refused")
        mock.set_behaviour("refused", client="a")
        assert {data["client"] for _, _, data in take(events, 2)} == {"", "a"}


def test_the_number_of_streams_is_bounded(mock: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the limit the response is 503 with the remedy, and a stream that ends makes room."""
    monkeypatch.setattr(event_stream, "MAX_STREAMS", 2)
    wait_until_closed(mock)
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(stream(mock))
        refused = requests.get(f"{mock.root_url}/__mock/events", timeout=5)
        assert refused.status_code == 503
        assert refused.json()["error"].startswith("2 streams of events are open; close one, or use GET ")
    wait_until_closed(mock)
    with stream(mock) as events:
        post(mock)
        assert next(events)[1] == "request"


ERRORS: dict[str, tuple[str, str, dict[str, str], int]] = {
    "after": ("GET", "?after=x", {}, 400),
    "source": ("GET", "?source=robot", {}, 400),
    "a long client": ("GET", f"?client={'a' * 101}", {}, 400),
    "a long client in the header": ("GET", "", {"X-Mock-Client": "a" * 101}, 400),
    "method": ("POST", "", {}, 405),
    "origin": ("GET", "", {"Origin": FOREIGN}, 403),
}


@pytest.mark.parametrize(("method", "query", "headers", "status"), ERRORS.values(), ids=ERRORS)
def test_an_invalid_request_gets_one_sentence(
    mock: MockServer, method: str, query: str, headers: dict[str, str], status: int
) -> None:
    """The error of the admin API, not a stream."""
    response = requests.request(method, f"{mock.root_url}/__mock/events{query}", headers=headers, timeout=5)
    assert (response.status_code, list(response.json())) == (status, ["error"])


def test_a_request_for_the_head_opens_no_stream(mock: MockServer) -> None:
    """It has the headers of a stream, and leaves none behind."""
    wait_until_closed(mock)
    response = requests.head(f"{mock.root_url}/__mock/events", timeout=5)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8")
    assert not mock.state.events.is_full(1)


def test_a_silent_stream_has_heartbeats(mock: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A comment after each pause, which a reader ignores."""
    monkeypatch.setattr(event_sender, "HEARTBEAT_SECONDS", 0.05)
    response = requests.get(f"{mock.root_url}/__mock/events", stream=True, timeout=5)
    lines = response.iter_lines(chunk_size=1)
    assert [next(lines) for _ in range(6)] == [b"retry: 1000", b"", b": heartbeat", b"", b": heartbeat", b""]
    response.close()


def test_a_stream_ends_with_the_server(contract: Contract) -> None:
    """It ends whole, and the server does not wait for its readers."""
    with mock_server.running(contract=contract) as mock, stream(mock) as events:
        began = time.monotonic()
        mock.stop()
        assert list(events) == []
        assert time.monotonic() - began < 2


@pytest.mark.parametrize("is_threaded", [False, True])
def test_a_wsgi_server_streams_for_a_bounded_time(
    contract: Contract, monkeypatch: pytest.MonkeyPatch, is_threaded: bool
) -> None:
    """A server with one thread sends what is there and ends; one with several waits for more, up to a limit."""
    monkeypatch.setattr(journal_api, "MAX_WSGI_SECONDS", 0.6)
    mock = Mock(contract)
    app = flask_app(mock)
    assert app.test_client().post("/code", headers=GRANTED).status_code == 200
    timer = threading.Timer(0.2, lambda: app.test_client().post("/code", headers=GRANTED))
    timer.start()
    response = app.test_client().get("/__mock/events?after=0", environ_overrides={"wsgi.multithread": is_threaded})
    events = list(parsed(iter(response.data.splitlines(keepends=True))))
    response.close()
    timer.join()
    assert [each for each, _, _ in events] == (["1", "2"] if is_threaded else ["1"])
    assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert not mock.state.events.is_full(1), "the stream is closed"
