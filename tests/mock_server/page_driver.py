"""Drives the page of the mock in a browser, and the mock beside it as an app and curl do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

from mock_server import MockServer
from tests.conftest import GRANTED

if TYPE_CHECKING:
    from playwright.sync_api import Page

CLIPBOARD = """async () => {
  for (let left = 100; left; left--) {
    const text = await navigator.clipboard.readText();
    if (text) return text;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}"""


def call(mock: MockServer, **headers: str) -> requests.Response:
    """A request of the app."""
    return requests.post(f"{mock.base_url}/code", headers=GRANTED | headers, timeout=5)


def behaviour(mock: MockServer, client: str = "") -> Any:
    """The active behaviour, as the admin API has it."""
    headers = {"X-Mock-Client": client} if client else {}
    return requests.get(f"{mock.root_url}/__mock/behaviour", headers=headers, timeout=5).json()["behaviour"]


def put(mock: MockServer, value: Any, client: str = "") -> None:
    """Set a behaviour as curl does."""
    headers = {"X-Mock-Client": client} if client else {}
    reply = requests.put(f"{mock.root_url}/__mock/behaviour", json=value, headers=headers, timeout=5)
    assert reply.status_code == 200, reply.text


def copied(page: Page, button: str) -> str:
    """The text that a button copies."""
    page.evaluate("navigator.clipboard.writeText('')")
    page.get_by_role("button", name=button).click()
    page.locator("#announcement", has_text="Copied").wait_for()
    text: str = page.evaluate(CLIPBOARD)
    return text
