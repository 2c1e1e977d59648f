"""The curl command of a finding: it sends the request of the check, without secrets, as often as needed."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message

import pytest

from code_contract import Contract
from contract_tests.engine.profiles import PROFILES, profiled
from contract_tests.http.client import Client
from contract_tests.inputs.baseline import baseline_request
from contract_tests.reports import curl
from contract_tests.run import check
from contract_tests.settings import Settings
from tests.conftest import checked
from tests.servers.correct import Server, serving


@contextmanager
def recording_server(received: list[bytes]) -> Iterator[str]:
    """Run a server that records the bytes of every request and responds 204."""
    listener = socket.create_server(("127.0.0.1", 0))

    def respond() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(10)
            received.append(connection.recv(65536))
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    thread = threading.Thread(target=lambda: [respond() for _ in range(2 * len(PROFILES) + 2)], daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


def _head(sent: bytes) -> tuple[bytes, set[bytes]]:
    line, *fields = sent.partition(b"\r\n\r\n")[0].split(b"\r\n")
    return line, set(fields)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the command is run by curl, which is not installed")
def test_the_printed_command_sends_the_same_request(contract: Contract) -> None:
    """For every profile and for a probe, curl sends the same header lines as the check."""
    received: list[bytes] = []
    with recording_server(received) as base_url:
        settings = Settings(base_url)
        base = baseline_request(contract.operations["getCode"], settings)
        assert base is not None
        client = Client(timeout=5)
        for made in [*(profiled(base, index, settings) for index in range(len(PROFILES))), base]:
            exchange = client.send(made)
            assert exchange.status == 204
            printed = curl.command(exchange.request, settings)
            subprocess.run(printed, shell=True, check=True, capture_output=True, timeout=10)
            assert _head(received[-1]) == _head(received[-2]), printed


@pytest.mark.skipif(shutil.which("bash") is None, reason="the command is run by bash, which is not installed")
def test_an_unset_secret_is_an_error_of_the_shell(contract: Contract) -> None:
    """The command sends nothing without the variable, and names it."""
    settings = Settings("http://127.0.0.1:9", source='a"$`b')
    base = baseline_request(contract.operations["getCode"], settings)
    assert base is not None
    printed = curl.command(base, settings).replace("curl", "printf %s\\\\n", 1)
    path = {"PATH": "/bin:/usr/bin"}
    unset = subprocess.run(["bash", "-c", printed], capture_output=True, text=True, timeout=10, env=path)
    assert unset.returncode != 0
    assert "set CODE_SOURCE" in unset.stderr
    assert unset.stdout == ""
    known = path | {"CODE_SOURCE": 'a"$`b'}
    done = subprocess.run(["bash", "-c", printed], capture_output=True, text=True, timeout=10, env=known)
    assert 'Source: a"$`b' in done.stdout.splitlines()


def test_a_loop_reproduces_what_one_request_may_not_show(contract: Contract) -> None:
    """A repeated id needs two requests, an intermittent failure several, a failure under load several at once."""
    for fault, start in (
        ("uuid-constant", "for i in $(seq 2); do curl "),
        ("flaky-errors", "for i in $(seq 8); do curl "),
    ):
        result = checked(contract, fault)
        verdict = next(each for each in result.verdicts if each.failed)
        assert curl.reproduction(verdict, result).startswith(start)


def test_a_failure_under_load_is_reproduced_by_concurrent_requests(contract: Contract) -> None:
    """A server that fails while it handles another request gets a loop in the background, and no client is named."""
    lock, active = threading.Lock(), Counter[str]()

    def refuses(headers: Message) -> int:
        with lock:
            active["requests"] += 1
            busy = active["requests"] > 1
        time.sleep(0.02)
        with lock:
            active["requests"] -= 1
        return 500 if busy else 0

    with serving(Server(refuses=refuses)) as base_url:
        result = check(contract, Settings(base_url, samples=24))
    verdict = next(each for each in result.verdicts if each.clause.id == "valid-request-succeeds")
    assert verdict.failed
    assert verdict.clients == ""
    assert re.fullmatch(r"for i in \$\(seq \d+\); do curl .* & done; wait", curl.reproduction(verdict, result))


def test_a_reused_connection_is_reproduced_by_several_urls(contract: Contract) -> None:
    """curl sends the requests of one command over one connection."""
    settings = Settings("https://host/v1")
    base = baseline_request(contract.operations["getCode"], settings)
    assert base is not None
    printed = curl.command(base, settings, reuse=2)
    assert printed.endswith(" https://host/v1/code" * 3)
    assert "--http1.1" in printed
