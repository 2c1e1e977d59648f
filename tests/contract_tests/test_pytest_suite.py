"""The suite in pytest: `pytest --pyargs contract_tests --base-url URL`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import mock_server
from code_contract import Contract


def pytest_run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in an empty folder, outside the configuration of this project."""
    command = [sys.executable, "-m", "pytest", "--pyargs", "contract_tests", "-p", "no:cacheprovider", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def test_one_test_per_clause(tmp_path: Path, contract: Contract) -> None:
    """A correct target passes every clause except assumptions, which are skipped."""
    with mock_server.running() as mock:
        done = pytest_run(tmp_path, "--base-url", mock.base_url, "--contract-samples", "8")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(contract.clauses) - 2} passed, 2 skipped" in done.stdout
    assert "PASSED: " in done.stdout


def test_a_failed_clause_is_a_failed_test(tmp_path: Path) -> None:
    """The failure shows the evidence without a traceback; a SHOULD clause is a warning."""
    faults = [mock_server.fault("img-crc"), mock_server.fault("charset-missing")]
    with mock_server.running(faults=faults) as mock:
        done = pytest_run(tmp_path, "--base-url", mock.base_url, "--contract-samples", "4")
    assert done.returncode == 1
    assert "test_clause[png-crcs-are-correct]" in done.stdout
    assert "failed       4 of 4 responses" in done.stdout
    assert "ContractWarning" in done.stdout
    assert "1 failed" in done.stdout


def test_strict_fails_should_clauses(tmp_path: Path) -> None:
    """--contract-strict turns warnings into failures."""
    with mock_server.running(faults=[mock_server.fault("charset-missing")]) as mock:
        done = pytest_run(tmp_path, "--base-url", mock.base_url, "--contract-samples", "2", "--contract-strict")
    assert done.returncode == 1
    assert "test_clause[charset-is-stated]" in done.stdout


def test_a_target_is_required(tmp_path: Path) -> None:
    """Without --base-url the run is wrong usage, and the error names the option."""
    done = pytest_run(tmp_path)
    assert done.returncode == 4
    assert "use --base-url https://host/path" in done.stdout + done.stderr


def test_an_unreachable_target_ends_the_session(tmp_path: Path) -> None:
    """The exit status is 3, as for the command."""
    done = pytest_run(tmp_path, "--base-url", "http://127.0.0.1:1")
    assert done.returncode == 3
    assert "could not be checked" in done.stdout + done.stderr
