"""The mock under test, by each of its adapters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from code_contract import Contract
from mock_server import MockServer
from tests.browser import chromium
from tests.mock_server.adapters import ADAPTERS, Adapter
from tests.mock_server.parsers import PROTOCOLS, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(params=ADAPTERS)
def serve(request: pytest.FixtureRequest) -> Iterator[Callable[..., Adapter]]:
    """Serves a mock with these settings by one of the adapters, until the end of the test."""
    with ExitStack() as stack:

        def start(contract: Contract | None = None, **settings: Any) -> Adapter:
            return stack.enter_context(ADAPTERS[request.param](contract=contract, **settings))

        yield start


@pytest.fixture(scope="session", params=ADAPTERS)
def shared_target(request: pytest.FixtureRequest, contract: Contract) -> Iterator[Adapter]:
    with ADAPTERS[request.param](contract=contract) as adapter:
        yield adapter


@pytest.fixture
def target(shared_target: Adapter) -> Adapter:
    """A mock with the default behaviour and an empty journal, by one of the adapters."""
    shared_target.state.reset()
    return shared_target


@pytest.fixture(params=PROTOCOLS)
def served(request: pytest.FixtureRequest, contract: Contract) -> Iterator[MockServer]:
    """A server with each of the two parsers."""
    with serving(request.param, contract=contract) as mock:
        yield mock


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def page(browser: Browser, mock: MockServer) -> Iterator[Page]:
    """The page of the mock, live. It logs no error to the console and sends requests to no other host."""
    with browser.new_context(locale="en-GB", permissions=["clipboard-read", "clipboard-write"]) as context:
        made = context.new_page()
        made.set_default_timeout(10_000)
        errors: list[str] = []
        urls: list[str] = []
        made.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        made.on("pageerror", lambda error: errors.append(str(error)))
        made.on("request", lambda request: urls.append(request.url))
        made.goto(f"{mock.root_url}/__mock/")
        made.locator("#live", has_text="Live").wait_for()
        yield made
        assert [each for each in errors if "status of" not in each] == []
        assert [url for url in urls if not url.startswith((mock.root_url, "data:"))] == []
