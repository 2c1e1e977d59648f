"""Mutation testing: the list of known survivors is current. `tox run -e mutation` tests the mutants."""

from __future__ import annotations

from tests.mutants import mutants
from tests.mutation import known_survivors


def test_known_survivors_exist() -> None:
    """A survivor that is listed is still a mutant of the present code."""
    assert known_survivors().keys() <= {mutant.key for mutant in mutants()}
