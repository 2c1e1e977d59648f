"""The fuzzing of the checks, for seconds. `tox run -e fuzz` does it for an hour."""

from __future__ import annotations

import pytest
from hypothesis import Phase, settings

from tests.fuzz import responses


@pytest.mark.parametrize("examples", [15, pytest.param(60, marks=pytest.mark.slow)])
def test_any_bytes_are_checked(examples: int) -> None:
    """Bytes in place of a response end in verdicts and in reports, within the limits, and h11 reads the same."""
    limits = settings(max_examples=examples, deadline=None, database=None, derandomize=True, phases=[Phase.generate])
    responses.fuzz(limits)
