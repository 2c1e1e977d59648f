"""The pytest plugin of the mock: the fixture `code_mock`, in any project where this one is installed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mock_server.server.server import MockServer


@pytest.fixture(scope="session")
def code_mock_server() -> Iterator[MockServer]:
    """The one mock that the tests of a session share, on a free port of 127.0.0.1."""
    from mock_server import running

    with running() as mock:
        yield mock


@pytest.fixture
def code_mock(code_mock_server: MockServer) -> MockServer:
    """A running mock with the default behaviour and an empty journal.

    Its `base_url`, `captcha_answer(uuid)`, `requests` and `set_behaviour(...)` are those of `MockServer`.
    """
    code_mock_server.reset()
    return code_mock_server
