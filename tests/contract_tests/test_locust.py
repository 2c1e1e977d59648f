"""`code-contract load`: Locust in one or several processes."""

from __future__ import annotations

import json
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
from code_contract_cli import extras
from tests.contract_tests.test_load import SECRET
from tests.ports import free_port
from tests.servers.hostile import HEAD, raw_server, send

COMMAND = [sys.executable, "-m", "code_contract_cli", "load"]


@contextmanager
def started(*options: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process of `code-contract load` with these options; it is killed at the end."""
    process = subprocess.Popen(
        [*COMMAND, *options], cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def rows(written: str) -> dict[tuple[str, str], tuple[int, int]]:
    """Failures and requests of every row of the statistics of Locust (--json)."""
    return {(row["method"], row["name"]): (row["num_failures"], row["num_requests"]) for row in json.loads(written)}


def alone(folder: Path, url: str, *options: str) -> tuple[int, str, str]:
    """The exit status, stdout and stderr of a short load by one process."""
    with started(url, "--json", "-u", "30", "-r", "30", "-t", "3s", *options, folder=folder) as process:
        out, err = process.communicate(timeout=30)
        return process.returncode, out, err


def together(folder: Path, url: str, *options: str) -> tuple[int, str, str]:
    """The exit status, stdout and stderr of the master of two workers."""
    port = str(free_port())
    bind = ["--", "--master-bind-host", "127.0.0.1", "--master-bind-port", port]
    master = [url, "--master", "--expect-workers", "2", "--json", "-u", "40", "-r", "40", "-t", "4s", *options, *bind]
    worker = [url, "--worker", "--master-host", "127.0.0.1", "--master-port", port, *options]
    with (
        started(*master, folder=folder) as process,
        started(*worker, folder=folder) as one,
        started(*worker, folder=folder) as other,
    ):
        out, err = process.communicate(timeout=60)
        assert (one.wait(20), other.wait(20)) == (0, 0)
        return process.returncode, out, err


def test_failed_clauses_are_rows_of_the_statistics(tmp_path: Path) -> None:
    """A failed clause has a row beside the one of the operation, and the exit status is 1."""
    with mock_server.running(faults=[mock_server.fault("flaky-errors-in-envelope")]) as mock:
        status, out, err = alone(tmp_path, mock.base_url, "--header", f"X-Token: {SECRET}")
        calls = len(mock.requests)
    found = rows(out)
    assert status == 1, err
    assert set(found) == {("POST", "/code"), ("clause", "valid-request-succeeds")}
    failures, requests_ = found["clause", "valid-request-succeeds"]
    assert 0 < failures < requests_ / 6
    assert found["POST", "/code"] == (0, requests_)
    assert 30 < requests_ <= calls
    assert (
        f"✗ valid-request-succeeds  {failures} of {requests_} failed\n      $: expected a success response; received"
        in err
    )
    assert SECRET not in out + err


@pytest.mark.slow
@pytest.mark.parametrize(("strict", "status"), [((), 0), (("--strict",), 1)], ids=["by default", "strict"])
def test_a_should_clause_fails_only_with_strict(tmp_path: Path, strict: tuple[str, ...], status: int) -> None:
    """Its row has the level, and the exit status depends on --strict."""
    with mock_server.running(faults=[mock_server.fault("charset-missing")]) as mock:
        code, out, err = alone(tmp_path, mock.base_url, *strict)
    kind = "clause" if strict else "clause (should)"
    failures, checked = rows(out)[kind, "charset-is-stated"]
    assert (code, failures) == (status, checked), err


@pytest.mark.slow
def test_a_correct_target_passes_with_two_workers(tmp_path: Path) -> None:
    """The operation has the only row, the exit status is 0, and ids and pictures of both workers are compared."""
    with mock_server.running() as mock:
        status, out, err = together(tmp_path, mock.base_url)
    assert status == 0, err
    assert list(rows(out)) == [("POST", "/code")]
    calls = rows(out)["POST", "/code"][1]
    assert calls > 40
    assert f"{calls} responses, {2 * calls} ids and pictures compared" in err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "clause"), [("flaky-errors-in-envelope", "valid-request-succeeds"), ("uuid-repeats", "uuid-is-unique")]
)
def test_two_workers_find_a_fault(tmp_path: Path, fault: str, clause: str) -> None:
    """The statistics of the master have the failures of both workers; only the master compares ids."""
    with mock_server.running(faults=[mock_server.fault(fault)]) as mock:
        status, out, err = together(tmp_path, mock.base_url)
    failures, checked = rows(out)["clause", clause]
    assert status == 1, err
    assert 0 < failures < checked
    assert f"{clause}  {failures} of {checked} failed" in err


@pytest.mark.slow
def test_the_web_interface_shows_failed_clauses(tmp_path: Path) -> None:
    """The statistics of the web interface have the clause and its first violation, and no secret."""
    port = free_port()
    page = f"http://127.0.0.1:{port}"
    web = ["--web", "--web-port", str(port), "-u", "20", "-r", "20", "-t", "30s", "--header", f"X-Token: {SECRET}"]
    with (
        mock_server.running(faults=[mock_server.fault("img-crc")]) as mock,
        started(mock.base_url, *web, "--", "--autostart", folder=tmp_path),
    ):
        stats: dict[str, Any] = {"stats": []}
        until = time.monotonic() + 25
        while not any(row["method"] == "clause" for row in stats["stats"]) and time.monotonic() < until:
            time.sleep(0.5)
            try:
                stats = requests.get(f"{page}/stats/requests", timeout=5).json()
            except requests.ConnectionError:
                continue
        shown = requests.get(page, timeout=5)
    row = next(row for row in stats["stats"] if row["method"] == "clause")
    assert row["name"] == "png-crcs-are-correct"
    assert row["num_failures"] == row["num_requests"] > 0
    assert any("CRC" in error["error"] for error in stats["errors"] if error["name"] == row["name"])
    assert shown.status_code == 200
    assert "Locust" in shown.text
    assert SECRET not in shown.text + json.dumps(stats)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "no target; use code-contract load https://host/path"),
        (["ftp://x"], "'ftp://x' is not a valid http(s) URL"),
        (["http://x", "--header", f"Token {SECRET}"], "a header has no colon; write 'Name: value'"),
        (["http://x", "--timeout", "0"], "timeout is 0.0; use 0.05 to 600"),
        (["http://x", "--spec", "/no/such.yaml"], "/no/such.yaml"),
        (["http://x", "--users", "0"], "--users"),
    ],
    ids=["no target", "no URL", "no header", "no timeout", "no contract", "no users"],
)
def test_invalid_input_gets_one_sentence(tmp_path: Path, options: list[str], message: str) -> None:
    """The exit status is 2, before any request, and no secret is shown."""
    with started(*options, folder=tmp_path) as process:
        err = process.communicate(timeout=30)[1]
    assert process.returncode == 2
    lines = err.strip().splitlines()
    assert len(lines) == 1, err
    assert lines[0].startswith("code-contract: ")
    assert message in lines[0]
    assert SECRET not in err


def test_a_missing_extra_is_named_with_its_command(tmp_path: Path) -> None:
    """Without Locust the error is one line with the command that installs it, and the exit status is 2."""
    code = "import sys; sys.modules['locust'] = None; from code_contract_cli.main import main; main()"
    command = [sys.executable, "-c", code, "load", "http://x"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr == f"code-contract: {extras.message('locust')}\n"


def test_help_lists_options_without_importing_locust(tmp_path: Path) -> None:
    """Options of the check and of Locust are in one help text, which needs no Locust."""
    code = "import sys; sys.modules['locust'] = None; from code_contract_cli.main import main; main()"
    command = [sys.executable, "-c", code, "load", "--help"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0
    for option in ("--users", "--spawn-rate", "--run-time", "--processes", "--header", "--source", "--spec"):
        assert option in done.stdout


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc")
def test_secrets_are_not_in_the_process_list(tmp_path: Path) -> None:
    """The arguments of the processes that run the load have no secret: not the master's, not the workers'."""
    with (
        mock_server.running() as mock,
        started(
            mock.base_url, "--header", f"X-Token: {SECRET}", "--processes", "1", "-u", "1", "-t", "6s", folder=tmp_path
        ) as process,
    ):
        until = time.monotonic() + 20
        while not mock.requests and time.monotonic() < until:
            time.sleep(0.1)
        shown = arguments_of(process.pid)
        assert process.wait(30) == 0
        assert dict(mock.requests[0].headers)
    assert len(shown) == 2
    assert all("locust" in each and SECRET not in each for each in shown)


def arguments_of(pid: int) -> list[str]:
    """The command lines of a process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [Path(f"/proc/{each}/cmdline").read_text() for each in (pid, *children)]


@pytest.mark.slow
def test_a_request_ends_at_its_time_limit(tmp_path: Path) -> None:
    """A body that never ends is aborted at --timeout, and violates the clause that it violates in a check."""
    drips = send(HEAD + b"Content-Length: 100000\r\n\r\n", b" ", wait=0.05, forever=True, hold=10)
    with raw_server(drips) as port:
        status, out, _ = alone(tmp_path, f"http://127.0.0.1:{port}", "--timeout", "0.4")
    failures, calls = rows(out)["POST", "/code"]
    assert (status, failures) == (1, calls)
    assert rows(out)["clause", "answer-is-complete"] == (calls, calls)
    slowest = max(row["max_response_time"] for row in json.loads(out))
    assert 400 <= slowest < 2000


@pytest.mark.slow
def test_an_unreachable_target_is_not_checked(tmp_path: Path) -> None:
    """The exit status is 3, as for a check."""
    status, _, err = alone(tmp_path, "http://127.0.0.1:1")
    assert status == 3
    assert "NOT CHECKED: connection: expected the head of an HTTP response" in err
