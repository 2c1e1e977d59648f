"""The page on a desktop and a phone, light and dark, in English and Chinese: accessibility and layout, in Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from mock_server import MockServer
from tests import npm
from tests.mock_server.page_driver import call

pytest.importorskip("playwright")
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.slow

AXE = "axe-core@4.10.3"
# Each pair of a width, a theme and a language.
LOOKS = [(1280, "light", "en-GB"), (1280, "dark", "zh-CN"), (390, "light", "zh-CN"), (390, "dark", "en-GB")]


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The script of axe-core."""
    folder = tmp_path_factory.mktemp("axe")
    npm.install(folder, AXE)
    return Path(folder, "node_modules", "axe-core", "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(params=LOOKS, ids=lambda look: "-".join(map(str, look)))
def look(request: pytest.FixtureRequest, browser: Browser, mock: MockServer) -> Iterator[Page]:
    """The page with a captcha, a sequence, violations and an entry that is open."""
    width, scheme, locale = request.param
    call(mock)
    mock.set_behaviour(sequence=["refused", {"scenario": "ok", "delay": 0.01}, "ok"])
    call(mock, **{"X-Mock-Client": "anna"})
    requests.get(f"{mock.base_url}/a-path-that-is-not-served/{'long' * 40}", timeout=5)
    requests.post(f"{mock.base_url}/code", headers={"X-Forwarded-For": "10.0.0.1"}, timeout=5)
    with browser.new_context(locale=locale, color_scheme=scheme, viewport={"width": width, "height": 900}) as context:
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto(f"{mock.root_url}/__mock/")
        expect(page.locator("#picture")).to_be_visible()
        expect(page.locator("#steps li")).to_have_count(3)
        page.locator("#send").click()
        expect(page.locator("#sent pre")).to_be_visible()
        expect(page.locator("#entries li")).to_have_count(5)
        page.locator("#entries summary").first.click()
        yield page


def findings(page: Page, axe: str) -> list[str]:
    """The findings of axe for the page as it is."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe)
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
    return [f"{each['id']}: {node['html'][:200]} {node['failureSummary']}" for each in found for node in each["nodes"]]


def test_axe_has_no_finding(look: Page, axe: str) -> None:
    """For the page with an open entry and an open list of suggestions, and for each dialog; nothing overflows."""
    look.locator("#example").click()
    expect(look.locator("#example-list").get_by_role("option").first).to_be_visible()
    assert look.evaluate("document.documentElement.scrollWidth") <= (look.viewport_size or {})["width"]
    assert findings(look, axe) == []
    look.keyboard.press("Escape")
    for opener, close in (("#edit", "#edit-close"), ("#show-keys", "#keys-close")):
        look.locator(opener).click()
        assert findings(look, axe) == []
        look.locator(close).click()


def test_every_control_is_reached_by_the_keyboard(page: Page, mock: MockServer) -> None:
    """Tab reaches each control, and each shows its focus by an outline; Enter opens an entry."""
    mock.set_behaviour(sequence=["refused", "ok"])
    call(mock)
    expect(page.locator("#entries li")).to_have_count(1)
    expect(page.locator("#steps li")).to_have_count(2)
    wanted = page.evaluate(
        """() => [...document.querySelectorAll("a, button, select, input, textarea, summary")]
          .filter((each) => each.checkVisibility() && !each.disabled)
          .map((each) => each.setAttribute("data-wanted", "")).length"""
    )
    outlines = []
    for _ in range(wanted + 30):
        page.keyboard.press("Tab")
        outlines.append(
            page.evaluate("""() => {
          const each = document.activeElement;
          delete each.dataset.wanted;
          return each === document.body || getComputedStyle(each).outlineStyle !== "none";
        }""")
        )
    assert all(outlines)
    assert page.evaluate("[...document.querySelectorAll('[data-wanted]')].map((each) => each.outerHTML)") == []
    page.get_by_role("button", name="Remove step 1").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#steps li")).to_have_count(1)
    expect(page.get_by_role("button", name="Remove step 1")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Add step")).to_be_focused()
    page.locator("#entries summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Copy as curl")).to_be_visible()
