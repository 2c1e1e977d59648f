"""README.md: every command runs, and the output it shows is the output of the check."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import requests

import mock_server
from tests.code_contract_cli.test_cli import COMMAND, mock_process
from tests.paths import ROOT

README = (ROOT / "README.md").read_text("utf-8")
STAGING = "https://staging.example.com/api/v1"
NODE = shutil.which("node")


def fences(language: str) -> list[str]:
    """Return the fenced code blocks of a language, in order."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def lines(start: str) -> list[str]:
    """Return the shell lines that begin with a command, without their comments."""
    found = [line.partition("   #")[0].strip() for block in fences("sh") for line in block.splitlines()]
    return [line for line in found if line.startswith(start)]


SET_UP, TESTS, DEVELOPMENT = lines("python3 -m venv")


def test_ci_runs_the_test_command() -> None:
    """.ci/run ends with the README's command that passes the tests."""
    assert (ROOT / ".ci" / "run").read_text("utf-8").rstrip().endswith(TESTS)


def test_the_development_command_is_that_of_contributing() -> None:
    """README.md and CONTRIBUTING.md set up a checkout the same way."""
    assert DEVELOPMENT in (ROOT / "CONTRIBUTING.md").read_text("utf-8")


@pytest.mark.slow
def test_the_set_up_command_checks_the_mock(source: Path) -> None:
    """The first command works in the source distribution, with nothing but Python."""
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(SET_UP, shell=True, cwd=source, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "PASSED: " in done.stdout


@pytest.mark.parametrize("line", lines("code-contract check"))
def test_a_check_command_runs(line: str, tmp_path: Path) -> None:
    """Each `code-contract check` of the README passes on the mock and writes its reports."""
    with mock_server.running() as mock:
        arguments = shlex.split(os.path.expandvars(line.replace(STAGING, mock.base_url).replace("$TOKEN", "secret")))[
            1:
        ]
        done = subprocess.run([*COMMAND, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert {path.name for path in tmp_path.iterdir()} == set(re.findall(r"--report (\S+)", line))


@pytest.mark.parametrize("line", lines("code-contract mock"))
def test_a_mock_command_serves(line: str) -> None:
    """Each `code-contract mock` of the README starts a server that answers the documented request."""
    with mock_process(*shlex.split(line)[2:]) as (_, url):
        response = requests.post(f"{url}/code", headers={"Source": "PC"}, timeout=10)
    assert response.status_code == 200


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_the_javascript_runs() -> None:
    """The JavaScript snippet receives the scenario it asks for."""
    with mock_server.running() as mock:
        script = fences("js")[0].replace("http://127.0.0.1:4010", mock.base_url)
        command = [str(NODE), "--input-type=module", "-e", script]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("429 ")


def test_the_pytest_snippet_passes(tmp_path: Path) -> None:
    """The pytest snippet passes in a project of its own, with a small application under test."""
    application = """
import requests

def request_captcha(base_url):
    return requests.post(f"{base_url}/code", headers={"Source": "PC"}, timeout=10).json()["data"]["uuid"]

def log_in(uuid, answer):
    return type("Login", (), {"ok": isinstance(answer, int)})
"""
    (tmp_path / "test_login.py").write_text(application + fences("python")[0], "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_login.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def normalized(text: str) -> list[str]:
    """Return the lines without what differs between runs: port, CRC, offsets, times."""
    text = re.sub(r"https?://[\w.:/]+", "URL", text)
    text = re.sub(r"\bCRC [0-9a-f]{8}\b", "CRC", text)
    text = re.sub(r"\d+(\.\d+)? (ms|s)\b", "TIME", text)
    return [re.sub(r"\d+", "N", line).rstrip() if "byte" in line else line.rstrip() for line in text.splitlines()]


def test_the_excerpt_is_what_the_check_prints() -> None:
    """Each line of the excerpt is a line of the report on the mock with that fault, in the same order."""
    with mock_server.running(faults=[mock_server.fault("img-crc")]) as mock:
        command = [*COMMAND, "check", mock.base_url, "--samples", "32"]
        environment = os.environ | {"COLUMNS": "100"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    printed = iter(normalized(done.stdout))
    excerpt = [line for line in normalized(fences("text")[0]) if line and line != "…" and not line.startswith("$")]
    assert len(excerpt) > 8
    missing = [line for line in excerpt if line not in printed]
    assert missing == []


def test_the_speed_is_that_of_the_benchmark() -> None:
    """The ratios for browser requests are those of benchmarks/RESULTS.md."""
    results = (ROOT / "benchmarks" / "RESULTS.md").read_text("utf-8")
    rows = {cells[1].strip(): cells[6].strip() for line in results.splitlines() if len(cells := line.split("|")) > 7}
    rate, cpu = rows["requests/s, from a browser"], rows["CPU per response, µs, from a browser"]
    assert f"one process serves {float(rate):.1f} times the requests per second" in README
    assert f"in {cpu} of its CPU time per response" in README
