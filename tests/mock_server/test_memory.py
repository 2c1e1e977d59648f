"""The memory of the mock does not grow with the number of requests."""

from __future__ import annotations

import gc
import os
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from werkzeug.datastructures import Headers
from werkzeug.sansio.request import Request

from code_contract import Contract
from mock_server import Mock, MockServer
from mock_server.server import protocol
from tests.mock_server.parsers import connect, exchange, statuses
from tests.soak.run import soak


@contextmanager
def no_growth(limit: int) -> Iterator[None]:
    """Fail if more than `limit` bytes are kept, without the help of the garbage collector."""
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[0] < limit
    finally:
        tracemalloc.stop()
        gc.enable()


@pytest.mark.parametrize("path", ["/code", "/nowhere"])
def test_a_repeated_request_with_an_invalid_preference_takes_no_memory(contract: Contract, path: str) -> None:
    """The frames of earlier requests are not kept; they took 4.5 KB a request."""
    mock = Mock(contract)
    request = Request("POST", "http", None, "", path, b"__unknown=1", Headers(), None)
    for _ in range(1000):
        mock.respond(request, b"")
    with no_growth(1_000_000):  # the journal
        for _ in range(1000):
            assert mock.respond(request, b"").status in (400, 404)


def test_the_bytes_of_a_closed_connection_are_dropped_at_once(
    served: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection is part of reference cycles, which may stay for minutes; a rejected or partial head does not."""
    monkeypatch.setattr(protocol, "LINGER_TIMEOUT", 0.01)
    large = b"POST /code HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 60_000
    exchange(served, large, half_close=True)
    with no_growth(2_000_000):
        for _ in range(100):
            with connect(served) as connection:
                connection.sendall(large)
            assert statuses(exchange(served, large + b"a" * 10_000)) == [431]


@pytest.mark.slow
@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="descriptors are counted in /proc")
def test_memory_and_descriptors_are_flat() -> None:
    """A short soak test; `python -m tests.soak` is the long one."""
    run = soak(8_000, interval=0.5)
    assert run.problems == [], run.samples
