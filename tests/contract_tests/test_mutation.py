"""Mutation testing: a sample of the mutants of the checks is killed. `tox run -e mutation` tests them all."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.mutants import ROOT, mutants
from tests.mutation import known_survivors


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="mutants are tested in forked processes")
def test_a_sample_of_mutants_is_killed() -> None:
    """At least 95 % of a sample are killed, and each survivor is listed with the reason."""
    command = [sys.executable, "-m", "tests.mutation", "--sample", "12", "--seed", "3", "--jobs", "2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stdout + done.stderr


def test_known_survivors_exist() -> None:
    """A survivor that is listed is still a mutant of the present code."""
    assert known_survivors().keys() <= {mutant.key for mutant in mutants()}
