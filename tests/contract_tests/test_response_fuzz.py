"""The fuzzing of the checks, for seconds. `tox run -e fuzz` does it for an hour."""

from __future__ import annotations

import socket
import threading
import time

import pytest
from hypothesis import Phase, settings

from tests.fuzz import responses
from tests.servers.hostile import raw_server


@pytest.mark.parametrize("examples", [15, pytest.param(60, marks=pytest.mark.slow)])
def test_any_bytes_are_checked(examples: int) -> None:
    """Bytes in place of a response end in verdicts and in reports, within the limits, and h11 reads the same."""
    limits = settings(max_examples=examples, deadline=None, database=None, derandomize=True, phases=[Phase.generate])
    responses.fuzz(limits)


def test_a_client_that_leaves_costs_the_server_nothing() -> None:
    """Its thread ends: one that goes on reading would count as the CPU time of the checks."""
    before = set(threading.enumerate())
    with raw_server(lambda connection: None) as port:
        socket.create_connection(("127.0.0.1", port)).close()
        time.sleep(0.3)
        assert not [each for each in set(threading.enumerate()) - before if each.name.endswith("(answer)")]
