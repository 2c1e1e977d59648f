"""Two correct implementations in other languages, which the suite must not accuse."""

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
START = 60.0
"""Seconds that a server may take to listen: Java compiles it first."""


@contextmanager
def listening(command: list[str]) -> Iterator[str]:
    """The base URL of a server that says where it listens; it ends with its standard input, whatever becomes of us."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    assert process.stdout is not None
    timer = threading.Timer(START, process.kill)
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
def test_a_correct_server_of_another_stack_passes(contract: Contract, name: str) -> None:
    """Every clause holds of it, or is an open question; none is broken or warned of."""
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not on this machine")
    with listening(COMMANDS[name]) as base_url:
        result = check(contract, Settings(base_url))
    accused = [v.clause.id for v in result.verdicts if v.status in (Outcome.FAILED, Outcome.WARNING)]
    assert accused == []
    assert result.exit_status == 0
    assert result.counts[Outcome.SKIPPED] <= 6
