"""Mutation testing: a sample of the mutants is killed. `tox run -e mutation` tests them all."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.mutants import ROOT, mutants
from tests.mutation import TESTS, known_survivors, sample


def test_known_survivors_exist() -> None:
    """A survivor that is listed is still a mutant of the present code."""
    assert known_survivors().keys() <= {mutant.key for mutant in mutants()}


def test_every_module_has_tests() -> None:
    """The beginning of a path in the table is that of a module, and its tests exist."""
    paths = {mutant.path for mutant in mutants()}
    assert all(any(path.startswith(beginning) for path in paths) for beginning in TESTS)
    assert all((ROOT / f"tests/contract_tests/test_{name}.py").exists() for names in TESTS.values() for name in names)


def test_a_sample_changes_little_with_the_code() -> None:
    """Mutants of other functions stay in the sample, so that a change of the code draws only mutants of its own."""
    every = mutants()
    before = sample(every, 100, seed=1)
    changed = [mutant for mutant in every if mutant.function != before[0].function]
    assert set(before) & set(changed) <= set(sample(changed, 100, seed=1))
    assert before != sample(every, 100, seed=2)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="mutants run in forks, which Windows lacks")
def test_most_mutants_are_killed() -> None:
    """At least 95 % of a sample; the others are printed. A mutant that changes nothing belongs in survivors.toml."""
    command = [sys.executable, "-m", "tests.mutation", "--sample", "20", "--jobs", "1"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stdout + result.stderr
