"""The command: exit statuses, output, and one line instead of a traceback."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

import pytest

import mock_server
from code_contract import Contract
from code_contract_cli.main import run

COMMAND = [sys.executable, "-m", "code_contract_cli"]


@contextmanager
def mock_process(*options: str, stderr: int | IO[str] = subprocess.PIPE) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `code-contract mock` on a free port; yield the process and its base URL."""
    process = subprocess.Popen(
        [*COMMAND, "mock", "--port", "0", *options], stdout=subprocess.PIPE, stderr=stderr, text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr else ""
        yield process, line.split()[-1]
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=10)


def test_check_without_a_target_checks_the_mock(capsys: pytest.CaptureFixture[str], contract: Contract) -> None:
    """The built-in mock passes; the last lines say so, and name the command for another server."""
    assert run(["check", "--samples", "8"]) == 0
    printed = capsys.readouterr()
    assert "✓ img-is-a-png" in printed.out
    clauses = len(contract.clauses)
    assert f"PASSED: {clauses - 2} passed, 2 skipped ({clauses} clauses)" in printed.out
    assert "code-contract check https://" in printed.out
    assert "\x1b" not in printed.out + printed.err


def test_a_failed_clause_is_shown_with_its_evidence(capsys: pytest.CaptureFixture[str]) -> None:
    """Quote, location, expected and received values, count and a curl command are shown; the exit status is 1."""
    with mock_server.running(faults=[mock_server.fault("succ-flag-string")]) as mock:
        assert run(["check", mock.base_url, "--samples", "4"]) == 1
    out = capsys.readouterr().out
    for expected in (
        "✗ succ-flag-is-a-boolean  4 of 4 failed",
        "document: 结果标识 | succFlag | Boolean | 是 | true",
        "at           $.succFlag",
        "expected     boolean",
        'received     "true"',
        "failed       4 of 4 responses",
        "    reproduce\n      curl -i -X POST -H 'User-Agent: curl/",
        f" -H 'Source: PC' -H 'Content-Type: application/json;charset=UTF-8' {mock.base_url}/code",
        "FAILED: ",
    ):
        assert expected in out
    assert "iVBORw0KGgoAAAANSUhEUg" not in out


@pytest.mark.parametrize("suffix", ["", "/", "/code", "/code/"])
def test_the_base_url_may_end_in_the_path(suffix: str) -> None:
    """A base URL may have a trailing slash or the path of the operation."""
    with mock_server.running() as mock:
        assert run(["check", mock.base_url + suffix, "--samples", "2", "--only", "valid-request-succeeds"]) == 0


def test_a_target_that_is_down(capsys: pytest.CaptureFixture[str]) -> None:
    """The exit status is 3 within seconds, and the output names the URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    begun = time.monotonic()
    assert run(["check", f"http://127.0.0.1:{port}"]) == 3
    assert time.monotonic() - begun < 5
    out = capsys.readouterr().out
    assert f"http://127.0.0.1:{port}" in out
    assert "nothing listens there" in out


def test_one_junit_case_per_clause(tmp_path: Path, contract: Contract) -> None:
    """A JUnit report has a test case for every clause in the suite of its section, after the one of the target."""
    path = tmp_path / "out.xml"
    with mock_server.running(faults=[mock_server.fault("img-crc")]) as mock:
        assert run(["check", mock.base_url, "--samples", "2", "--report", str(path)]) == 1
    root = ElementTree.parse(path).getroot()
    cases = root.findall("testsuite/testcase")[1:]
    assert [case.get("name") for case in cases] == list(contract.clauses)
    assert [case.get("name") for case in cases if case.find("failure") is not None] == ["png-crcs-are-correct"]
    assert len(root.findall("testsuite")) == len(contract.sections) + 1


def test_only_checks_the_named_clauses(capsys: pytest.CaptureFixture[str]) -> None:
    """--only omits the other clauses, and checks an assumption that it names."""
    assert run(["check", "--only", "source-is-required", "--samples", "2"]) == 1
    out = capsys.readouterr().out
    assert "✗ source-is-required  1 of 1" in out
    assert "img-is-a-png" not in out


def test_verbose_shows_every_request(capsys: pytest.CaptureFixture[str]) -> None:
    """-v adds the text of each clause and a line for each request."""
    assert run(["check", "--samples", "3", "-v"]) == 0
    out = capsys.readouterr().out
    assert "The body is encoded in UTF-8." in out
    lines = [line for line in out.splitlines() if line.endswith(" ms")]
    assert f" clauses); {len(lines)} requests, " in out


BAD = {
    "scheme": (["check", "ftp://x"], "'ftp://x' is not a valid http(s) URL"),
    "no host": (["check", "http://"], "is not a valid http(s) URL"),
    "bad port": (["check", "http://x:99999"], "is not a valid URL"),
    "query": (["check", "http://x/?a=b"], "has a query"),
    "port 0": (["check", "http://x:0/"], "has port 0"),
    "samples": (["check", "--samples", "0"], "samples is 0; use 1 to 100000"),
    "samples not a number": (["check", "--samples", "many"], "'many' is not a valid integer"),
    "concurrency": (["check", "--concurrency", "0"], "concurrency is 0"),
    "timeout": (["check", "--timeout", "nan"], "timeout is nan"),
    "wait": (["check", "--wait", "nan"], "Invalid value for '--wait': nan is not a number"),
    "score": (["strength", "--fail-under", "nan"], "Invalid value for '--fail-under': nan is not a number"),
    "deadline": (["check", "--deadline", "-1"], "deadline is -1"),
    "header without colon": (["check", "--header", "hunter2"], "a header has no colon; write 'Name: value'"),
    "header name": (["check", "--header", "a b: c"], "a header has an invalid name; write 'Name: value'"),
    "header value": (["check", "--header", "a: b\nc: d"], "contains a control character"),
    "clause": (["check", "--only", "img-is-a-pgn"], "did you mean 'img-is-a-png'"),
    "bundle": (["check", "--ca-bundle", "/no/such.pem"], "'/no/such.pem' cannot be read"),
    "report": (["check", "--report", "/no/such/dir/x.xml"], "'/no/such/dir/x.xml' cannot be written"),
    "spec missing": (["check", "--spec", "/no/such.yaml"], "/no/such.yaml cannot be read"),
    "spec invalid": (["mock", "--spec", __file__], "is not YAML"),
    "fault": (["mock", "--fault", "img-crs"], "did you mean 'img-crc'"),
    "port": (["mock", "--port", "65536"], "65536 is not in the range"),
    "host": (["mock", "--host", "no-such-host.invalid"], "cannot listen on 'no-such-host.invalid'"),
    "secret": (["mock", "--secret", ""], "--secret is empty"),
    "option": (["check", "--sampels", "2"], "--samples"),
    "command": (["chekc"], "did you mean 'check'"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_clear_line(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit status is 2, stderr has at most two lines with value and remedy, and stdout is empty."""
    arguments, message = BAD[name]
    assert run(arguments) == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert printed.err.count("\n") <= 2
    assert "Traceback" not in printed.err
    assert "hunter2" not in printed.err
    assert printed.out == ""


def test_a_port_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    """The error names the option that selects another port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert run(["mock", "--port", str(port)]) == 2
    assert "--port (0 picks a free one)" in capsys.readouterr().err


def test_clauses_lists_every_clause(capsys: pytest.CaptureFixture[str], contract: Contract) -> None:
    """The JSON and the text have every clause with its quotes, location, checks and faults."""
    assert run(["clauses", "--json"]) == 0
    rows = {row["id"]: row for row in json.loads(capsys.readouterr().out)}
    assert list(rows) == list(contract.clauses)
    assert all(row["checks"] for row in rows.values())
    row = rows["img-is-a-string"]
    assert row["quotes"] == ["验证码图片 | img | String | 是 | base64格式图片"]
    assert (row["checks"], row["faults"]) == (["schema: type"], ["img-null", "img-array"])
    assert row["where"].startswith("openapi.yaml:")
    assert run(["clauses"]) == 0
    table = capsys.readouterr().out
    assert all(name in table for name in rows)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_the_mock_stops_cleanly(number: signal.Signals) -> None:
    """The mock prints one line that ends in its base URL, and exits with status 0 on a signal."""
    with mock_process("--seed", "x") as (process, base_url):
        assert base_url.startswith("http://127.0.0.1:")
        assert run(["check", base_url, "--samples", "2"]) == 0
        process.send_signal(number)
        out, err = process.communicate(timeout=10)
    assert process.returncode == 0
    assert out == ""
    assert "Traceback" not in err


def test_check_finds_the_faults_of_the_mock() -> None:
    """`check` reports each fault of `mock --fault` under its clause."""
    with mock_process("--fault", "img-crc", "--fault", "charset-missing") as (_, base_url):
        done = subprocess.run(
            [*COMMAND, "check", base_url, "--samples", "3"], capture_output=True, text=True, timeout=60
        )
    assert done.returncode == 1
    assert "✗ png-crcs-are-correct" in done.stdout
    assert "! charset-is-stated" in done.stdout


def test_a_closed_pipe_is_not_an_error() -> None:
    """`code-contract clauses | head -1` shows no traceback."""
    done = subprocess.run(
        f"{sys.executable} -m code_contract_cli clauses | head -1",
        shell=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    assert done.stdout.count("\n") == 1


def test_a_terminal_that_cannot_encode_the_marks() -> None:
    """A terminal with another code page shows escapes instead of a traceback."""
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [*COMMAND, "check", "--samples", "2"], capture_output=True, text=True, timeout=60, env=environment
    )
    assert done.returncode == 0
    assert "\\u2713 img-is-a-png" in done.stdout
