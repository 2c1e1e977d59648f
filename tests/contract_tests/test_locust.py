"""The check under load by Locust: processes that call, judge, and report to one."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

import mock_server
from tests.contract_tests.test_load import SECRET
from tests.servers.hostile import HEAD, raw_server, send

COMMAND = [sys.executable, "-m", "contract_tests.locustfile"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def started(*options: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Locust with those options, as long as the test needs it."""
    command = [*COMMAND, "--loglevel", "WARNING", *options]
    process = subprocess.Popen(command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def rows(written: str) -> dict[tuple[str, str], tuple[int, int]]:
    """Failures and requests of every row of Locust's statistics (--json)."""
    return {(row["method"], row["name"]): (row["num_failures"], row["num_requests"]) for row in json.loads(written)}


def alone(folder: Path, url: str, *options: str) -> tuple[int, str, str]:
    """A short load by one process; its exit status and what it printed."""
    told = ["--headless", "--json", "-u", "30", "-r", "30", "-t", "3s", *options]
    with started("--host", url, *told, folder=folder) as process:
        out, err = process.communicate(timeout=30)
        return process.returncode, out, err


def together(folder: Path, url: str, *options: str) -> tuple[int, str, str]:
    """A short load by a master and two workers; the master's exit status and what it printed."""
    port = str(free_port())
    master = ["--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--expect-workers", "2"]
    worker = ["--worker", "--master-host", "127.0.0.1", "--master-port", port]
    told = ["--headless", "--json", "-u", "40", "-r", "40", "-t", "4s", "--host", url, *options]
    with (
        started(*master, *told, folder=folder) as process,
        started(*worker, folder=folder) as one,
        started(*worker, folder=folder) as other,
    ):
        out, err = process.communicate(timeout=60)
        assert (one.wait(20), other.wait(20)) == (0, 0)
        return process.returncode, out, err


def test_shares_stand_in_locusts_statistics(tmp_path: Path) -> None:
    """A fault's clause has a row, the call's own row is about the call; exit status 1."""
    with mock_server.running(faults=[mock_server.fault("flaky-errors-in-envelope")]) as mock:
        status, out, err = alone(tmp_path, mock.base_url, "--contract-header", f"X-Token: {SECRET}")
        calls = len(mock.requests)
    found = rows(out)
    assert status == 1, err
    assert set(found) == {("POST", "/code"), ("clause", "valid-request-succeeds")}
    failures, requests_ = found["clause", "valid-request-succeeds"]
    assert 0 < failures < requests_ / 6
    assert found["POST", "/code"] == (0, requests_)
    assert 30 < requests_ <= calls
    assert f"✗ valid-request-succeeds  {failures} of {requests_}\n      $: expected a grant; received" in err
    assert SECRET not in out + err


@pytest.mark.slow
@pytest.mark.parametrize(("strict", "status"), [((), 0), (("--contract-strict",), 1)], ids=["by default", "strict"])
def test_a_should_clause_is_shown_and_fails_a_strict_load(tmp_path: Path, strict: tuple[str, ...], status: int) -> None:
    """Its row says what it is; it decides the exit status under --contract-strict only."""
    with mock_server.running(faults=[mock_server.fault("charset-missing")]) as mock:
        code, out, err = alone(tmp_path, mock.base_url, *strict)
    kind = "clause" if strict else "clause (should)"
    failures, judged = rows(out)[kind, "charset-is-stated"]
    assert (code, failures) == (status, judged), err


@pytest.mark.slow
def test_two_workers_find_an_honest_target_honest(tmp_path: Path) -> None:
    """No row but the call's, exit status 0, and the ids and pictures of both workers are compared."""
    with mock_server.running() as mock:
        status, out, err = together(tmp_path, mock.base_url)
    assert status == 0, err
    assert list(rows(out)) == [("POST", "/code")]
    calls = rows(out)["POST", "/code"][1]
    assert calls > 40
    assert f"{calls} answers, {2 * calls} ids and pictures compared" in err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "clause"), [("flaky-errors-in-envelope", "valid-request-succeeds"), ("uuid-repeats", "uuid-is-unique")]
)
def test_two_workers_find_a_fault(tmp_path: Path, fault: str, clause: str) -> None:
    """The share of both workers' answers that broke it stands in the master's statistics; exit status 1.

    No worker compares ids: what comes twice is found by the master only.
    """
    with mock_server.running(faults=[mock_server.fault(fault)]) as mock:
        status, out, err = together(tmp_path, mock.base_url)
    failures, judged = rows(out)["clause", clause]
    assert status == 1, err
    assert 0 < failures < judged
    assert f"{clause}  {failures} of {judged}" in err


@pytest.mark.slow
def test_the_web_page_shows_the_rows(tmp_path: Path) -> None:
    """Locust's page is there, and its statistics hold the row of the clause and the sentence."""
    port = free_port()
    page = f"http://127.0.0.1:{port}"
    web = ["--web-host", "127.0.0.1", "--web-port", str(port), "--autostart", "-u", "20", "-r", "20", "-t", "30s"]
    with (
        mock_server.running(faults=[mock_server.fault("img-crc")]) as mock,
        started("--host", mock.base_url, *web, "--contract-header", f"X-Token: {SECRET}", folder=tmp_path),
    ):
        told: dict[str, Any] = {"stats": []}
        until = time.monotonic() + 25
        while not any(row["method"] == "clause" for row in told["stats"]) and time.monotonic() < until:
            time.sleep(0.5)
            try:
                told = requests.get(f"{page}/stats/requests", timeout=5).json()
            except requests.ConnectionError:
                continue
        shown = requests.get(page, timeout=5)
    row = next(row for row in told["stats"] if row["method"] == "clause")
    assert row["name"] == "png-crcs-are-correct"
    assert row["num_failures"] == row["num_requests"] > 0
    assert any("CRC" in error["error"] for error in told["errors"] if error["name"] == row["name"])
    assert shown.status_code == 200
    assert "Locust" in shown.text
    assert SECRET not in shown.text + json.dumps(told)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--headless"], "no target is given; use --host https://host/path"),
        (["--headless", "--host", "ftp://x"], "'ftp://x' is not a valid http(s) URL"),
        (["--host", "http://x", "--contract-header", f"Token {SECRET}"], "a header has no colon; write 'Name: value'"),
        (["--host", "http://x", "--contract-timeout", "0"], "timeout is 0.0; use 0.05 to 600"),
        (["--host", "http://x", "--contract-spec", "/no/such.yaml"], "/no/such.yaml"),
    ],
    ids=["no host", "no URL", "no header", "no time", "no contract"],
)
def test_what_cannot_be_used_is_said_in_a_sentence(tmp_path: Path, options: list[str], said: str) -> None:
    """Before any load: one line, exit status 2, no traceback, no secret."""
    port = str(free_port())
    with started("--web-host", "127.0.0.1", "--web-port", port, *options, folder=tmp_path) as process:
        err = process.communicate(timeout=30)[1]
    assert process.returncode == 2
    lines = err.strip().splitlines()
    assert len(lines) == 1, err
    assert lines[0].startswith("code-contract: ")
    assert said in lines[0]
    assert SECRET not in err


def test_without_locust_the_cure_is_named(tmp_path: Path) -> None:
    """Where the extra was not installed: one line, exit status 2."""
    code = "import runpy, sys; sys.modules['locust'] = None; runpy.run_module(sys.argv[1], run_name='__main__')"
    command = [sys.executable, "-c", code, "contract_tests.locustfile"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "is not installed: pip install 'code-contract[load]'" in done.stderr


@pytest.mark.slow
def test_a_call_ends_by_the_wall_clock_under_load_too(tmp_path: Path) -> None:
    """A body that drips for ever is cut at --contract-timeout, and breaks the clause that it breaks in a check."""
    drips = send(HEAD + b"Content-Length: 100000\r\n\r\n", b" ", wait=0.05, forever=True, hold=10)
    with raw_server(drips) as port:
        status, out, _ = alone(tmp_path, f"http://127.0.0.1:{port}", "--contract-timeout", "0.4")
    failures, calls = rows(out)["POST", "/code"]
    assert (status, failures) == (1, calls)
    assert rows(out)["clause", "answer-is-complete"] == (calls, calls)
    slowest = max(row["max_response_time"] for row in json.loads(out))
    assert 400 <= slowest < 2000


@pytest.mark.slow
def test_a_target_that_is_down_is_not_judged(tmp_path: Path) -> None:
    """Exit status 3, as of the command."""
    status, _, err = alone(tmp_path, "http://127.0.0.1:1")
    assert status == 3
    assert "could not be judged: connection: expected the head of an HTTP response" in err
