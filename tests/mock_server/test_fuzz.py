"""The fuzzing of the mock, for seconds. `tox run -e fuzz` does it for an hour."""

from __future__ import annotations

import pytest
from hypothesis import Phase, settings

from tests.fuzz import admin, wire
from tests.fuzz.log import no_errors


def limits(examples: int, **more: int) -> settings:
    """The same examples on every run; a failing one is not shortened, which takes minutes."""
    phases = [Phase.generate]
    return settings(max_examples=examples, deadline=None, database=None, derandomize=True, phases=phases, **more)


def test_every_seed_gets_the_same_responses_on_both_parsers() -> None:
    """The requests of real clients succeed; the hostile ones get an error or a response, and the mock still serves."""
    with wire.servers() as mocks, no_errors():
        for name, request in wire.SEEDS["real"].items():
            assert wire.check(mocks, [request]) in ([200], [204]), name
        for request in wire.SEEDS["hostile"].values():
            assert wire.check(mocks, [request])


@pytest.mark.parametrize(
    "received",
    [
        b"x",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ],
)
def test_a_malformed_response_would_be_found(received: bytes) -> None:
    """The reader of the fuzzing accepts nothing but complete responses."""
    assert wire.read_responses(received, "POST") is None
    good = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 405 No\r\nContent-Length: 2\r\n\r\n"
    assert wire.read_responses(good, "POST") is None
    assert wire.read_responses(good, "POST", "HEAD") == [100, 405]
    assert wire.read_responses(good + b"{}" + good, "POST", "HEAD") == [100, 405] * 2


def test_any_calls_of_the_admin_api_agree_with_the_model() -> None:
    """A few sequences of calls."""
    admin.fuzz(limits(5, stateful_step_count=20))


@pytest.mark.slow
def test_many_calls_of_the_admin_api_agree_with_the_model() -> None:
    """More and longer sequences of calls."""
    admin.fuzz(limits(15))


def test_any_bytes_get_well_formed_responses() -> None:
    """A few requests, valid and not, to both parsers."""
    wire.fuzz(limits(100))


@pytest.mark.slow
def test_many_bytes_get_well_formed_responses() -> None:
    """More requests to both parsers."""
    wire.fuzz(limits(800))
