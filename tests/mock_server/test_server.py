"""How the mock is served: to slow clients and other origins, below a base path, strictly or not."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

import mock_server
from code_contract import Contract, load
from mock_server import MockServer
from tests.conftest import GRANTED, post


def test_slow_answers_leave_room_for_others(contract: Contract) -> None:
    """However many wait, others are answered; too many are refused; a stop ends the waiting."""
    with mock_server.running(contract=contract) as mock:
        host, port = mock.root_url.removeprefix("http://").split(":")
        waiting = [socket.create_connection((host, int(port)), timeout=5) for _ in range(60)]
        for connection in waiting:
            connection.sendall(b"POST /code?__delay=60 HTTP/1.1\r\nHost: x\r\nSource: PC\r\n\r\n")
        assert post(mock).status_code == 200
        reason = post(mock, "delay=60").headers["X-Mock-Reason"]
        assert "too many answers are held back" in reason
        begun = time.monotonic()
    assert time.monotonic() - begun < 7
    for connection in waiting:
        connection.close()


def test_slow_clients_leave_room_for_others(mock: MockServer) -> None:
    """A hundred that connect and say nothing, or half a request, keep nobody waiting."""
    host, port = mock.root_url.removeprefix("http://").split(":")
    slow = [socket.create_connection((host, int(port)), timeout=5) for _ in range(100)]
    for connection in slow[::2]:
        connection.sendall(b"POST /code HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab")
    begun = time.monotonic()
    assert all(post(mock).status_code == 200 for _ in range(20))
    assert time.monotonic() - begun < 5
    answered = len(mock.requests)
    for connection in slow:
        connection.close()
    # What never came whole was no call.
    assert post(mock).status_code == 200
    assert len(mock.requests) == answered + 1


def test_a_body_in_chunks_is_a_body(mock: MockServer) -> None:
    """However it comes, it is judged and written down."""
    chunks = requests.post(f"{mock.base_url}/code", data=iter([b"{", b"}"]), headers=GRANTED, timeout=5)
    assert chunks.status_code == 415
    assert mock.requests[-1].body == "{}"


def test_the_admin_api_is_found_without_its_slash(mock: MockServer) -> None:
    """And a browser that opens the mock itself is led to its page."""
    for path, page in (("/", "/__mock/"), ("/__mock", "/__mock/"), ("/__mock/docs", "/__mock/docs/")):
        found = requests.get(mock.root_url + path, timeout=5)
        assert (found.status_code, found.url) == (200, mock.root_url + page)


def test_validation_modes(confirmed: Contract, contract: Contract) -> None:
    """By default assumed readings warn and confirmed ones refuse; strict refuses both, warn none, off does not look."""

    def statuses(mode: str, of: Contract) -> tuple[int, bool]:
        with mock_server.running(contract=of, validate=mock_server.ValidationMode(mode)) as mock:
            answer = requests.post(f"{mock.base_url}/code", timeout=5)
            return answer.status_code, "X-Mock-Warning" in answer.headers

    assert [statuses(mode, contract) for mode in ("default", "strict", "warn", "off")] == [
        (200, True),
        (400, False),
        (200, True),
        (200, False),
    ]
    assert [statuses(mode, confirmed) for mode in ("default", "strict", "warn", "off")] == [
        (400, False),
        (400, False),
        (200, True),
        (200, False),
    ]


def test_options_and_head(mock: MockServer) -> None:
    """OPTIONS names the methods; HEAD is refused like any other method, without a body."""
    url = f"{mock.base_url}/code"
    options = requests.options(url, timeout=5)
    assert (options.status_code, options.headers["Allow"], options.content) == (204, "POST", b"")
    head = requests.head(url, timeout=5)
    assert (head.status_code, head.headers["Allow"], head.content) == (405, "POST", b"")


def test_another_origin_may_call_and_read(mock: MockServer) -> None:
    """The origin is echoed, with credentials; preflights are answered for any path; headers of ours are exposed."""
    origin = {"Origin": "http://page.example"}
    ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "prefer,source,x-mock-client"}
    for path in ("/code", "/nowhere", "/__mock/behaviour"):
        preflight = requests.options(mock.root_url + path, headers=origin | ask, timeout=5)
        assert preflight.ok
        assert preflight.headers["Access-Control-Allow-Origin"] == "http://page.example"
        assert preflight.headers["Access-Control-Allow-Credentials"] == "true"
        assert {"prefer", "source", "x-mock-client"} <= set(
            preflight.headers["Access-Control-Allow-Headers"].split(", ")
        )
    answer = requests.post(f"{mock.base_url}/code", headers=origin, timeout=5)
    assert answer.headers["Access-Control-Allow-Origin"] == "http://page.example"
    assert {"X-Mock-Reason", "Preference-Applied", "Retry-After"} <= set(
        answer.headers["Access-Control-Expose-Headers"].split(", ")
    )
    assert "Access-Control-Allow-Origin" not in post(mock).headers


@pytest.mark.parametrize("base_path", ["/api", "/api/v1"])
def test_a_base_path(contract: Contract, base_path: str) -> None:
    """Operations hang below it; the admin API and the contract stay at the root, which names it."""
    with mock_server.running(contract=contract, base_path=base_path) as mock:
        assert mock.base_url == mock.root_url + base_path
        assert requests.post(f"{mock.base_url}/code", headers=GRANTED, timeout=5).status_code == 200
        assert requests.post(f"{mock.root_url}/code", headers=GRANTED, timeout=5).status_code == 404
        assert requests.get(f"{mock.root_url}/openapi.json", timeout=5).json()["servers"] == [{"url": base_path}]
        assert requests.get(f"{mock.root_url}/openapi.yaml", timeout=5).content == contract.text


def test_the_base_path_of_the_contracts_server(edited: Callable[[str, str], Path]) -> None:
    """Without --base-path it is that of the first server, its variables at their defaults."""
    here = "  - url: /\n"
    there = "  - url: https://api.example.com/{stage}/v1/\n    variables: {stage: {default: test}}\n"
    contract = load(edited(here, there))
    with mock_server.running(contract=contract) as mock:
        assert mock.base_url == f"{mock.root_url}/test/v1"
        assert requests.post(f"{mock.base_url}/code", headers=GRANTED, timeout=5).status_code == 200
    with mock_server.running(contract=contract, base_path="") as mock:
        assert mock.base_url == mock.root_url
