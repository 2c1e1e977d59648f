"""Two correct implementations in other languages, which must pass."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from code_contract import Contract
from contract_tests.run import check
from contract_tests.settings import Settings
from contract_tests.verdict import Outcome
from tests.paths import SERVERS

COMMANDS = {
    "node": ["node", str(SERVERS / "code_server.mjs"), "0"],
    "java": ["java", str(SERVERS / "CodeServer.java"), "0"],
}
NEED_AN_ERROR = {
    "error-carries-no-data",
    "error-code-differs",
    "error-has-a-message",
    "error-uses-the-envelope",
    "source-is-required",
}
SKIPPED = {"node": set[str](), "java": {"405-names-the-methods"}}
"""Further clauses that do not apply to a server: the Java server answers 404 to other methods."""
START_TIMEOUT = 60.0
"""Maximum seconds until a server listens: Java compiles it first."""


@contextmanager
def listening(command: list[str]) -> Iterator[str]:
    """Run a server that prints its address; yield its base URL. It ends with its standard input."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    assert process.stdout is not None
    timer = threading.Timer(START_TIMEOUT, process.kill)
    timer.start()
    try:
        line = process.stdout.readline()
        timer.cancel()
        assert "listening on " in line, process.communicate(timeout=10)[1]
        yield line.split()[-1]
    finally:
        timer.cancel()
        process.terminate()
        process.communicate(timeout=10)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_correct_server_in_another_language_passes(contract: Contract, name: str) -> None:
    """Every clause passes, except those that need an error response."""
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    with listening(COMMANDS[name]) as base_url:
        result = check(contract, Settings(base_url))
    outcomes = {verdict.clause.id: verdict.status for verdict in result.verdicts}
    assert not {Outcome.FAILED, Outcome.WARNING} & set(outcomes.values())
    assert {clause for clause, each in outcomes.items() if each is Outcome.SKIPPED} == NEED_AN_ERROR | SKIPPED[name]
    assert result.exit_status == 0
