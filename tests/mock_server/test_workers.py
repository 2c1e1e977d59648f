"""More processes than one answer: nobody can tell, but by the clock."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from code_contract import Contract
from code_contract_cli.main import run
from contract_tests.run import check
from contract_tests.settings import Settings
from mock_server import MockServer, ValidationMode
from mock_server.core.state import State
from mock_server.server.workers import Service, helped
from tests.code_contract_cli.test_cli import mock_process
from tests.conftest import GRANTED, post

pytestmark = pytest.mark.skipif(not hasattr(socket, "send_fds"), reason="this system passes no connections on")

HELPERS = 2


@contextmanager
def served(contract: Contract, *faults: str) -> Iterator[MockServer]:
    """A mock in three processes, all of them ready."""
    state = State.new()
    service = Service(None, state.secret, faults, None, ValidationMode.DEFAULT, True, "text", False)
    server = MockServer(service.app(contract, state))
    with helped(server, service, HELPERS):
        server.start()
        until = time.monotonic() + 30
        while len(server._front.away._ready) < HELPERS:
            assert time.monotonic() < until
            post(server)
            time.sleep(0.05)
        server.reset()
        yield server
        server.stop()


@pytest.fixture(scope="module")
def many(contract: Contract) -> Iterator[MockServer]:
    with served(contract) as mock:
        yield mock


@pytest.fixture(autouse=True)
def honest(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "many" in request.fixturenames:
        request.getfixturevalue("many").reset()


def test_every_process_answers_and_one_journal_tells_of_all(many: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of nine calls each process has a third; the journal has all in order, and the answer to each is known."""
    taken: list[int] = []
    take = many.state.merge
    monkeypatch.setattr(
        many.state, "merge", lambda entries, counts: (taken.append(len(entries)), take(entries, counts))
    )
    uuids = [post(many).json()["data"]["uuid"] for _ in range(9)]
    assert [entry.uuid for entry in many.requests] == uuids
    assert taken == [3] * HELPERS
    assert len({entry.number for entry in many.requests}) == 9
    for uuid in uuids:
        told = requests.get(f"{many.root_url}/__mock/challenges/{uuid}", timeout=5).json()
        assert told["answer"] == many.captcha_answer(uuid)


def test_metrics_count_the_calls_of_all(many: MockServer) -> None:
    """A scrape adds up what every process has counted, once."""

    def counted() -> float:
        text = requests.get(f"{many.root_url}/__mock/metrics", timeout=5).text
        return float(next(line for line in text.splitlines() if line.startswith("mock_calls_total")).split()[-1])

    before = counted()
    for _ in range(6):
        post(many)
    assert counted() == before + 6
    assert counted() == before + 6


def test_what_stands_stands_for_all(many: MockServer) -> None:
    """A behaviour for four calls is met by exactly the next four, whichever process they reach."""
    many.set_behaviour("refused", times=4)
    assert [post(many).json()["succFlag"] for _ in range(7)] == [False] * 4 + [True] * 3


def test_what_is_asked_for_is_had_of_all(many: MockServer) -> None:
    """A status, a query key, a body, another method, a page: the first process answers, through any other."""
    for _ in range(HELPERS + 1):
        assert post(many, "code=503").status_code == 503
        assert post(many, delay="0.01").status_code == 200
        body = requests.post(f"{many.base_url}/code", headers=GRANTED, json={}, timeout=5)
        assert body.json()["succFlag"] is True
        assert requests.get(f"{many.base_url}/code", timeout=5).status_code == 405
        assert "<html" in requests.get(f"{many.root_url}/__mock/", timeout=5).text
        chunks = requests.post(f"{many.base_url}/code", data=iter([b"{", b"}"]), headers=GRANTED, timeout=5)
        assert chunks.status_code == 415
    assert [entry.body for entry in many.requests].count("{}") == 2 * (HELPERS + 1)


@pytest.mark.parametrize("fault", ["reset", "empty-reply"])
def test_faults_below_http_reach_the_client(many: MockServer, fault: str) -> None:
    """A connection that the first process breaks is broken, in the same way, by the one that handed it on."""
    wanted = {"reset": ConnectionResetError, "empty-reply": b""}[fault]
    host, port = many.root_url.removeprefix("http://").split(":")
    for _ in range(HELPERS + 1):
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(b"POST /code?__fault=%s HTTP/1.1\r\nHost: x\r\n\r\n" % fault.encode())
            try:
                met: object = connection.recv(100)
            except ConnectionResetError as error:
                met = type(error)
        assert met == wanted


def test_it_conforms(many: MockServer, contract: Contract) -> None:
    """The suite finds nothing in a mock of several processes."""
    assert check(contract, Settings(many.base_url, samples=32)).exit_status == 0


def test_faults_of_the_mock_are_those_of_all(contract: Contract) -> None:
    """With a fault on, no process answers honestly."""
    with served(contract, "code-string") as mock:
        assert {type(post(mock).json()["code"]) for _ in range(2 * HELPERS + 2)} == {str}


def test_a_lost_process_is_told_of_and_replaced_by_the_others(
    contract: Contract, caplog: pytest.LogCaptureFixture
) -> None:
    """Where a helper dies, no call fails but those that it had; the log says so once."""
    with served(contract) as mock:
        helper = mock.state.sync._helpers[0]
        helper.process.kill()
        helper.process.join(5)
        assert [post(mock).status_code for _ in range(12)] == [200] * 12
        assert len(mock.requests) == 12
        assert mock.requests
    said = [record.getMessage() for record in caplog.records]
    assert len([each for each in said if "a worker is lost" in each]) == 1


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL], ids=lambda each: each.name)
def test_all_end_with_the_first(end: signal.Signals) -> None:
    """However the first process ends, no other outlives it: the last to hold its log closes it."""
    with mock_process("--workers", "2") as (process, url):
        for _ in range(4):
            assert requests.post(f"{url}/code", headers=GRANTED, timeout=5).status_code == 200
        process.send_signal(end)
        _, log = process.communicate(timeout=15)
    assert process.returncode == (0 if end is signal.SIGTERM else -signal.SIGKILL)
    # One that is killed leaves its last lines unwritten.
    assert log.count("POST /code -> 200") == 4 or end is signal.SIGKILL
    assert "Traceback" not in log


@pytest.mark.parametrize("option", [("--seed", "s"), ("--once",)], ids=lambda option: option[0])
def test_what_counts_calls_takes_one_process(option: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """A seed and --once are refused with more workers than one, in one sentence that names both."""
    assert run(["mock", "--port", "0", "--workers", "2", *option]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert option[0] in said
    assert "--workers is 2" in said
