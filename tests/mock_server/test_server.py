"""The server: slow clients, delays, a stop, and what never reaches the mock."""

from __future__ import annotations

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

import mock_server
from code_contract import Contract
from mock_server import Mock, MockServer
from tests.conftest import GRANTED, post


def connect(mock: MockServer) -> socket.socket:
    host, port = mock.root_url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=5)


def received(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


def wait_for_responses(mock: MockServer, number: int) -> None:
    """Wait until this number of responses is in progress."""
    while len(mock._server.server_state.tasks) < number:
        time.sleep(0.01)


def test_delayed_responses_leave_room_for_others(contract: Contract) -> None:
    """Hundreds may be delayed at a time, without a thread for each; a stop ends their delays within its grace."""
    with mock_server.running(contract=contract) as mock:
        threads = threading.active_count()
        waiting = [connect(mock) for _ in range(300)]
        for connection in waiting:
            connection.sendall(b"POST /code?__delay=60 HTTP/1.1\r\nHost: x\r\nSource: PC\r\n\r\n")
        wait_for_responses(mock, 300)
        began = time.monotonic()
        assert post(mock).status_code == 200
        assert post(mock, "delay=0.1").status_code == 200
        assert time.monotonic() - began < 2
        assert threading.active_count() <= threads + 1
        began = time.monotonic()
    assert time.monotonic() - began < 7
    for connection in waiting:
        connection.close()


def test_a_short_delay_outlives_a_stop(contract: Contract) -> None:
    """A response whose delay ends within the grace is delivered."""
    with ThreadPoolExecutor(1) as pool:
        with mock_server.running(contract=contract) as mock:
            answer = pool.submit(post, mock, "delay=0.5")
            wait_for_responses(mock, 1)
        assert answer.result().json()["succFlag"] is True


def test_a_delay_ends_when_the_client_disconnects(contract: Contract) -> None:
    """So a stop does not wait for a client that is gone."""
    with mock_server.running(contract=contract) as mock:
        with connect(mock) as connection:
            connection.sendall(b"POST /code?__delay=60 HTTP/1.1\r\nHost: x\r\n\r\n")
            wait_for_responses(mock, 1)
            time.sleep(0.2)
        time.sleep(0.1)
        began = time.monotonic()
    assert time.monotonic() - began < 1


def test_a_body_that_never_ends_does_not_delay_a_stop(contract: Contract) -> None:
    """It is broken off within a second or two."""
    with mock_server.running(contract=contract) as mock:
        connection = connect(mock)
        connection.sendall(b"POST /code?__fault=body-never-ends HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(100)
        began = time.monotonic()
    assert time.monotonic() - began < 3
    connection.close()


def test_slow_clients_leave_room_for_others(mock: MockServer) -> None:
    """A hundred that connect and send nothing, or half a request, delay nobody."""
    slow = [connect(mock) for _ in range(100)]
    for connection in slow[::2]:
        connection.sendall(b"POST /code HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab")
    began = time.monotonic()
    assert all(post(mock).status_code == 200 for _ in range(20))
    assert time.monotonic() - began < 5
    seen = len(mock.requests)
    for connection in slow:
        connection.close()
    # An incomplete request is not recorded.
    assert post(mock).status_code == 200
    assert len(mock.requests) == seen + 1


def test_a_chunked_body_is_a_body(mock: MockServer) -> None:
    """It is validated and recorded like any other, by the mock and by the admin API."""
    chunked = requests.post(f"{mock.base_url}/code", data=iter([b"{", b"}"]), headers=GRANTED, timeout=5)
    assert chunked.status_code == 415
    assert mock.requests[-1].body == "{}"
    behaviour = iter([b'{"scenario":', b'"refused"}'])
    url, headers = f"{mock.root_url}/__mock/behaviour", {"Content-Type": "application/json"}
    assert requests.put(url, data=behaviour, headers=headers, timeout=5).status_code == 200
    assert post(mock).json()["succFlag"] is False


def test_the_admin_api_is_found_without_its_slash(mock: MockServer) -> None:
    """A browser that opens the root of the mock is redirected to its page, which is also served without its slash."""
    for path, page in (("/", "/__mock/"), ("/__mock", "/__mock"), ("/__mock/docs", "/__mock/docs/")):
        found = requests.get(mock.root_url + path, timeout=5)
        assert (found.status_code, found.url) == (200, mock.root_url + page)
        assert "<title>" in found.text


def test_a_response_in_progress_is_delivered_before_the_mock_stops(contract: Contract) -> None:
    """A stop drops no response that a client waits for."""
    server = mock_server.MockServer(Mock(contract))
    server.start()
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(requests.post, f"{server.base_url}/code", timeout=10) for _ in range(8)]
        while not any(future.done() for future in asked):
            pass
        server.stop()
    answered = [future for future in asked if future.exception() is None]
    assert answered
    assert all(future.result().json()["succFlag"] for future in answered)
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{server.base_url}/code", timeout=2)


def test_a_mock_starts_and_stops_many_times(contract: Contract) -> None:
    """Ten mocks one after another leave no socket and no thread behind."""
    before = threading.active_count()
    for _ in range(10):
        with mock_server.running(contract=contract) as mock:
            assert requests.post(f"{mock.base_url}/code", timeout=5).status_code == 200
            assert requests.get(f"{mock.root_url}/__mock/health", timeout=5).status_code == 200
    assert threading.active_count() <= before + 1


def test_a_mock_can_be_stopped_twice(contract: Contract) -> None:
    """A second stop does nothing."""
    server = mock_server.MockServer(Mock(contract))
    server.start()
    server.stop()
    server.stop()


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"POST /code HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", 413),
        (b"POST /code HTTP/1.1\r\nHost x\r\n\r\n", 400),
        (b"POST /code HTTP/1.1\r\nHost: x\r\nConnection: close\r\nPrefer: example=\x01\r\n\r\n", 400),
        (b"POST /code HTTP/1.1\r\nX: " + 70_000 * b"x", 431),
    ],
    ids=["body too large", "not HTTP", "control character", "head too large"],
)
def test_what_the_server_rejects_is_in_the_envelope(contract: Contract, request_: bytes, status: int) -> None:
    """A request that never reaches the mock gets the documented error response too."""
    with mock_server.running(contract=contract) as mock, connect(mock) as connection:
        connection.sendall(request_)
        head, _, body = received(connection).partition(b"\r\n\r\n")
    assert head.split()[1] == str(status).encode()
    documented = 400 if status == 431 else status
    assert json.loads(body) in [example.value for example in contract.examples.values() if example.status == documented]
