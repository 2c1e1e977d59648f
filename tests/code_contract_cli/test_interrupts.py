"""SIGINT and SIGTERM end every command within two seconds, with the reports of what was seen."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import pytest

import mock_server
from code_contract import Contract
from contract_tests.engine.collector import Collector
from contract_tests.http.exchange import Exchange, Request
from contract_tests.run import CheckInterruptedError, check
from contract_tests.settings import Settings

COMMAND = [sys.executable, "-m", "code_contract_cli"]
SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


@pytest.fixture
def hanging() -> Iterator[Callable[[int], tuple[str, threading.Event]]]:
    """Return a function that starts a server which responds to N requests, and then accepts without a response."""
    servers = []

    def start(answers: int) -> tuple[str, threading.Event]:
        listener, hangs = socket.create_server(("127.0.0.1", 0), backlog=64), threading.Event()

        def serve() -> None:
            with ExitStack() as held, suppress(OSError):
                for number in range(1000):
                    connection = held.enter_context(listener.accept()[0])
                    if number >= answers:
                        hangs.set()
                        continue
                    connection.recv(65536)
                    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
                    connection.sendall(head)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        servers.append((listener, thread))
        return f"http://127.0.0.1:{listener.getsockname()[1]}", hangs

    yield start
    for listener, thread in servers:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)  # a thread that accepts does not notice a close
        listener.close()
        thread.join(5)


def interrupt(process: subprocess.Popen[str], number: int) -> tuple[str, str]:
    begun = time.monotonic()
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert time.monotonic() - begun < 2
    assert "Traceback" not in err
    return out, err


@pytest.mark.parametrize(("number", "status"), SIGNALS, ids=["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("answers", [0, 2, 20], ids=["at once", "sequential", "concurrent"])
def test_check_ends_while_calls_hang(
    hanging: Callable[[int], tuple[str, threading.Event]], tmp_path: Path, number: int, status: int, answers: int
) -> None:
    """All outputs are marked as interrupted, and have what was seen."""
    url, hangs = hanging(answers)
    reports = [tmp_path / name for name in ("x.html", "x.md", "x.json", "x.xml")]
    options = [part for each in reports for part in ("--report", str(each))]
    line = [*COMMAND, "check", url, *options, "--save-har", str(tmp_path / "x.har")]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert hangs.wait(30)
    time.sleep(0.5)  # for the responses to concurrent requests that arrived before
    out, _ = interrupt(process, number)
    assert process.returncode == status
    assert f"the run was interrupted after {answers} requests" in out
    for path in reports:
        assert "interrupted" in path.read_text("utf-8"), path
    assert f"Exit status {status}" in reports[0].read_text("utf-8")
    assert json.loads(reports[2].read_text("utf-8"))["results"]["extra"]["exitStatus"] == status
    assert len(json.loads((tmp_path / "x.har").read_text())["log"]["entries"]) == answers
    root = ElementTree.parse(tmp_path / "x.xml").getroot()
    assert root.get("errors") == "1"
    if answers:
        assert "INTERRUPTED: " in out
        assert f"✗ code-is-present  {answers} of {answers} failed" in out
        assert "skipped: the run was interrupted" in out


def test_the_second_signal_ends_at_once(hanging: Callable[[int], tuple[str, threading.Event]], tmp_path: Path) -> None:
    """A report that takes long does not delay the end."""
    url, hangs = hanging(0)
    slow = (
        "import sys, time; from code_contract_cli import main, output; "
        "output.save_all = lambda files: (print('writing', flush=True), time.sleep(60)); main.main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", slow, "check", url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert hangs.wait(30)
    process.send_signal(signal.SIGTERM)
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    interrupt(process, signal.SIGINT)
    assert process.returncode == 143


def test_an_interrupted_constructor_prints_nothing() -> None:
    """The finalizer of the object fails, since attributes are missing."""
    code = (
        "import time\nclass Half:\n"
        "    def __init__(self): print('constructing', flush=True); time.sleep(60); self.file = None\n"
        "    def __del__(self): self.file.close()\n"
        "from code_contract import loader; loader.yaml_reader.read = lambda path: Half()\n"
        "from code_contract_cli import main; main.main()"
    )
    line = [sys.executable, "-c", code, "clauses"]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "constructing\n"
    _, err = interrupt(process, signal.SIGINT)
    assert (process.returncode, err) == (130, "\ncode-contract: interrupted\n")


def test_a_signal_while_reports_are_written_does_not_prevent_them(tmp_path: Path) -> None:
    """They are complete, and show the status, which is that of the signal."""
    code = (
        "import sys, time; from code_contract_cli import main, output; save = output.save\n"
        "output.save = lambda *given: (print('writing', flush=True), time.sleep(0.5), save(*given)); main.main()"
    )
    report = tmp_path / "x.html"
    line = [sys.executable, "-c", code, "check", "--samples", "2", "--only", "answer-arrives", "--report", str(report)]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    out, _ = interrupt(process, signal.SIGINT)
    assert process.returncode == 130
    assert "PASSED: 1 passed" in out
    assert "Exit status 130" in report.read_text("utf-8")


@pytest.mark.parametrize(("number", "status"), SIGNALS, ids=["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("command", ["clauses", "docs", "diff a.yaml", "mock"])
def test_the_other_commands_end_too(command: str, number: int, status: int) -> None:
    """A command that is still reading the contract prints one line."""
    code = (
        "import time; from code_contract import loader\n"
        "loader.yaml_reader.read = lambda path: (print('reading', flush=True), time.sleep(60))\n"
        "from code_contract_cli import main; main.main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, *command.split()], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "reading\n"
    _, err = interrupt(process, number)
    assert (process.returncode, err.strip()) == (status, "code-contract: interrupted")


@pytest.mark.parametrize(("number", "status"), SIGNALS, ids=["SIGINT", "SIGTERM"])
def test_load_ends_while_calls_hang(
    hanging: Callable[[int], tuple[str, threading.Event]], number: int, status: int
) -> None:
    """Locust prints its summary; the status is that of the signal instead of a verdict."""
    if find_spec("locust") is None:
        pytest.skip("Locust, the extra load, is not installed")
    url, hangs = hanging(0)
    line = [*COMMAND, "load", url, "-u", "3"]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert hangs.wait(60)
    _, err = interrupt(process, number)
    assert process.returncode == status
    assert "under load against" in err


def test_an_interrupted_check_has_a_result(contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    """In Python it raises a KeyboardInterrupt that has the result of the requests until then."""
    sent = Collector._send_counted

    def interrupted(self: Collector, request: Request, label: str, operation: str, index: int) -> Exchange | None:
        if index == 3:
            raise KeyboardInterrupt
        return sent(self, request, label, operation, index)

    monkeypatch.setattr(Collector, "_send_counted", interrupted)
    with mock_server.running() as mock, pytest.raises(CheckInterruptedError) as caught:
        check(contract, Settings(mock.base_url))
    result = caught.value.result
    assert result.interrupted
    assert result.exit_status == 130
    assert result.calls == 3
    verdicts = {each.clause.id: each for each in result.verdicts}
    assert verdicts["img-is-a-png"].checked == 3
    assert verdicts["answers-conform-to-the-contract"].reason == "the run was interrupted"
