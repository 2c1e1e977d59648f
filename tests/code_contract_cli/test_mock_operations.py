"""`code-contract mock` where the system does not help: streams, signals, file descriptors, files that are replaced."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests

from code_contract import default_path
from tests.code_contract_cli.test_cli import COMMAND, mock_process
from tests.conftest import GRANTED
from tests.ports import free_port

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals, pipes and ulimit of POSIX")


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(requests.ConnectionError):
            if condition():
                return
        time.sleep(0.05)
    pytest.fail(f"not within {seconds} s")


def is_served(url: str, path: str = "/code") -> bool:
    return requests.post(f"{url}{path}", headers=GRANTED, timeout=5).status_code == 200


@contextmanager
def full_pipe() -> Iterator[int]:
    reading, writing = os.pipe()  # full, and not read
    os.set_blocking(writing, False)
    os.write(writing, bytes(1_048_576))
    os.set_blocking(writing, True)
    yield writing
    os.close(writing)
    os.close(reading)


REDIRECTIONS = {
    "closed": ">&- 2>&-",
    "all closed": "<&- >&- 2>&-",
    "only stderr closed": "2>&-",
    "full disk": ">/dev/full 2>/dev/full",
    "blocked": "",
    "reader has exited": "> >(exit) 2> >(exit)",
}


@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.parametrize("redirection", REDIRECTIONS)
def test_the_mock_serves_without_its_streams(redirection: str, log_format: str) -> None:
    """It starts, serves, reports a changed contract and stops, whatever becomes of stdout and stderr."""
    port = free_port()
    options = ["mock", "--port", str(port), "--log-format", log_format]
    shell = ["bash", "-c", f'exec "$@" {REDIRECTIONS[redirection]}', "bash", *COMMAND, *options]
    with full_pipe() as pipe:
        stream = pipe if redirection == "blocked" else subprocess.DEVNULL
        process = subprocess.Popen(shell, stdout=stream, stderr=stream)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(lambda: is_served(url))
            for _ in range(50):
                assert is_served(url, f"/code?a={'x' * 2000}")
            assert requests.get(f"{url}/__mock/health", timeout=5).status_code == 200
            process.terminate()
            assert process.wait(10) == 0
        finally:
            process.kill()
            process.wait(10)


@pytest.mark.parametrize("is_ignored", [False, True])
def test_hangup_stops_the_mock_unless_it_is_ignored(is_ignored: bool) -> None:
    """A closed terminal ends it; nohup does not."""
    # A process inherits what ignores the signal, as under nohup.
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN if is_ignored else signal.SIG_DFL)
    try:
        with mock_process() as (process, url):
            process.send_signal(signal.SIGHUP)
            time.sleep(0.3 if is_ignored else 0)
            assert is_served(url) if is_ignored else process.wait(10) == 0
    finally:
        signal.signal(signal.SIGHUP, before)


COMPUTING = """
import sys, code_contract_cli.mock, mock_server.admin.api, mock_server.server.loop, mock_server.server.server
from code_contract_cli.main import main
def compute(*arguments, **more):
    while True: pass
{patch}
code_contract_cli.mock.SHUTDOWN_TIMEOUT = mock_server.server.loop.SHUTDOWN_TIMEOUT = {grace}
mock_server.server.server.SHUTDOWN_TIMEOUT = {grace}
sys.argv = ["code-contract", "mock", "--port", "0"]
main()
"""


@contextmanager
def computing(patch: str, grace: float) -> Iterator[subprocess.Popen[str]]:
    """A mock in which a thread computes without end."""
    code = COMPUTING.format(patch=patch, grace=grace)
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        url = process.stdout.readline().split()[-1]
        with suppress(requests.Timeout):
            requests.put(f"{url}/__mock/behaviour", json={"delay": 1}, timeout=0.5)
        with suppress(requests.Timeout):
            requests.post(f"{url}/code", timeout=0.5)
        yield process
    process.kill()
    process.wait(10)


PATCHES = {
    "a thread": "mock_server.admin.bodies.read_json = compute",
    "the event loop": "code_contract_cli.mock.Mock.decide = compute",
}


@pytest.mark.parametrize("patch", PATCHES.values(), ids=PATCHES)
@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_stop_ends_whatever_computes(patch: str, number: signal.Signals, status: int) -> None:
    """After the grace, the exit status is that of the signal."""
    with computing(patch, 0.2) as process:
        process.send_signal(number)
        assert process.wait(10) == status


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_second_signal_exits_at_once(number: signal.Signals, status: int) -> None:
    """The grace is not awaited."""
    with computing(PATCHES["a thread"], 600) as process:
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert process.poll() is None
        process.send_signal(number)
        assert process.wait(10) == status


LIMITED = """
import sys
{patch}
from code_contract_cli.main import main
import mock_server.server.sockets
mock_server.server.sockets.RESERVED_FILES = {reserved}
sys.argv = ["code-contract", "mock", "--port", "0"]
main()
"""


@pytest.mark.parametrize("reserved", [32, -1000], ids=["files reserved", "no files reserved"])
@pytest.mark.parametrize("patch", ["", "sys.modules['uvloop'] = None"], ids=["installed loop", "asyncio"])
def test_a_lack_of_file_descriptors_is_survived(tmp_path: Path, patch: str, reserved: int) -> None:
    """200 connections for 64 descriptors: little log, little CPU time, and service as soon as some are closed."""
    log = tmp_path / "log"
    code = LIMITED.format(patch=patch, reserved=reserved)
    command = ["bash", "-c", 'ulimit -n 64; exec "$@"', "bash", sys.executable, "-c", code]
    with log.open("w") as stream:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stream, text=True)
    assert process.stdout is not None
    with process.stdout:
        url = process.stdout.readline().split()[-1]
    try:
        assert is_served(url)
        port = int(url.rpartition(":")[2])
        used = cpu_seconds(process.pid)
        connections = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(200)]
        time.sleep(2.5)
        assert cpu_seconds(process.pid) - used < 1.2
        assert log.stat().st_size < 10_000
        for connection in connections:
            connection.close()
        wait_for(lambda: is_served(url))
        process.terminate()
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait(10)


def cpu_seconds(pid: int) -> float:
    path = Path(f"/proc/{pid}/stat")
    if not path.exists():
        pytest.skip("CPU time of a process is read from /proc, which Linux has")
    fields = path.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_reload_follows_whatever_takes_the_place_of_the_file(tmp_path: Path) -> None:
    """A link switched above the file (a ConfigMap), a FIFO, a directory, nothing for a while; then a file again."""
    text = default_path().read_text(encoding="utf-8")

    def write(folder: str, version: str) -> Path:
        path = tmp_path / folder / "openapi.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.replace("version: 1.0.0", f"version: {version}"), encoding="utf-8")
        return path

    def switch(folder: str) -> None:
        (tmp_path / "new").symlink_to(folder)
        (tmp_path / "new").replace(tmp_path / "..data")

    write("..1", "1.0.0")
    switch("..1")
    path = tmp_path / "openapi.yaml"
    path.symlink_to("..data/openapi.yaml")
    with mock_process("--reload", "--spec", str(path)) as (process, url):

        def until(key: str, wanted: str) -> None:
            wait_for(lambda: wanted in requests.get(f"{url}/__mock/health", timeout=5).json()[key])
            assert is_served(url)

        until("version", "1.0.0")
        write("..2", "2.0.0")
        switch("..2")
        until("version", "2.0.0")
        (tmp_path / "..1" / "openapi.yaml").unlink()
        path.unlink()
        until("problem", "No such file")
        os.mkfifo(path)
        until("problem", "not a regular file")
        path.unlink()
        path.mkdir()
        until("problem", "not a regular file")
        path.rmdir()
        write("..2", "3.0.0").replace(path)
        until("version", "3.0.0")
        assert requests.get(f"{url}/__mock/health", timeout=5).json()["problem"] == ""
        process.terminate()
        assert process.wait(10) == 0
