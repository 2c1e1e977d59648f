"""Keys, theme and language of the page, in Chromium."""

from __future__ import annotations

import pytest
import requests

from mock_server import MockServer
from tests.mock_server.page_driver import behaviour

pytest.importorskip("playwright")
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.slow


def test_keys(page: Page, mock: MockServer) -> None:
    """r resets, a digit chooses a scenario, / searches, ? lists them; none while the reader types."""
    scenarios = requests.get(f"{mock.root_url}/__mock/options", timeout=5).json()["scenarios"]
    page.keyboard.press("2")
    expect(page.locator("#scenario")).to_have_value(scenarios[2]["name"])
    page.keyboard.press("r")
    expect(page.locator("#active")).to_have_text("Default behaviour.")
    page.keyboard.press("0")
    expect(page.locator("#active")).to_contain_text("ok")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("r2?/")
    expect(page.locator("#search")).to_have_value("r2?/")
    assert behaviour(mock) == {"scenario": "ok"}
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text(scenarios[2]["name"])
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_theme_and_language_are_remembered(page: Page) -> None:
    """Without a reload of the page; after one they are the same."""
    page.get_by_label("Theme").select_option("dark")
    page.get_by_label("Language").select_option("zh")
    for _ in range(2):
        expect(page.get_by_role("button", name="发送请求")).to_be_visible()
        expect(page.locator("#scenario")).to_contain_text("默认行为")
        expect(page.get_by_role("heading", level=1)).to_contain_text("通用接口")
        scheme = page.evaluate("getComputedStyle(document.documentElement).colorScheme")
        assert (scheme, page.evaluate("document.documentElement.lang")) == ("dark", "zh")
        page.reload()
    page.get_by_label("语言").select_option("en")
    page.get_by_label("Theme").select_option("auto")
    expect(page.get_by_role("button", name="Send request")).to_be_visible()


def test_the_page_works_without_storage(browser: Browser, mock: MockServer) -> None:
    """Theme and language switch, and last until the page is closed."""
    with browser.new_context(locale="en-GB") as context:
        page = context.new_page()
        page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('blocked') } })")
        page.goto(f"{mock.root_url}/__mock/")
        page.get_by_label("Language").select_option("zh")
        page.get_by_label("主题").select_option("dark")
        expect(page.locator("#active")).to_have_text("默认行为。")
        assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
