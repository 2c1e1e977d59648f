"""Connections to names with several addresses."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator

import pytest

from contract_tests.http.client import Client
from contract_tests.http.exchange import Request, TransportErrorKind
from tests.contract_tests.test_client import LIMIT, VALID, call
from tests.servers.hostile import raw_server


@pytest.fixture
def black_hole() -> Iterator[int]:
    """A port of 127.0.0.2 that does not answer: its backlog is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.2", 0), backlog=0))
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        time.sleep(0.05)
        yield listener.getsockname()[1]


def resolves_to(monkeypatch: pytest.MonkeyPatch, *addresses: tuple[str, int]) -> None:
    """Let every host name have these addresses."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", each) for each in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)


def test_a_silent_address_is_passed_over(monkeypatch: pytest.MonkeyPatch, black_hole: int) -> None:
    """An address that does not answer costs a part of a second, and only once."""
    with raw_server(VALID["length"]) as port, socket.create_server(("127.0.0.1", 0)) as closed:
        refusing = closed.getsockname()
        closed.close()
        resolves_to(monkeypatch, ("127.0.0.2", black_hole), refusing, ("127.0.0.1", port))
        client = Client(timeout=2)
        first, second = (client.send(Request("POST", "http://several.test:9/code")) for _ in range(2))
    assert (first.error, second.error) == (None, None)
    assert first.elapsed < 1
    assert second.elapsed < 0.2


def test_silent_addresses_alone_are_a_timeout(monkeypatch: pytest.MonkeyPatch, black_hole: int) -> None:
    """A name whose addresses do not answer ends in time."""
    resolves_to(monkeypatch, ("127.0.0.2", black_hole), ("127.0.0.2", black_hole))
    found = call(9, host="several.test")
    assert found.error is not None
    assert found.error.kind is TransportErrorKind.NO_RESPONSE
    assert found.elapsed < LIMIT + 0.5


def test_the_last_error_of_several_addresses_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name whose addresses refuse connections is a refused connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
    resolves_to(monkeypatch, address, address)
    found = call(9, host="several.test")
    assert found.error is not None
    assert found.error.kind is TransportErrorKind.REFUSED
