"""The captcha on the page of the mock: the last one of the app, and whether it can be answered, in Chromium."""

from __future__ import annotations

import re

import pytest
import requests

from code_contract import load
from mock_server import MockServer, running
from tests.mock_server.page_driver import call
from tests.paths import ROOT

# The group `browser` has it, which tox installs for the slow tests alone; without it the others still run.
pytest.importorskip("playwright")
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.slow


def test_the_page_shows_the_last_captcha_of_the_app(page: Page, mock: MockServer) -> None:
    """Picture, question, answer and id change with each captcha that the app gets, and none of the page's own."""
    expect(page.locator("#none")).to_contain_text("has not received a captcha yet")
    expect(page.locator("#picture")).to_be_hidden()
    for _ in range(2):
        uuid = call(mock).json()["data"]["uuid"]
        expect(page.locator("#uuid")).to_have_text(uuid)
        expect(page.locator("#answer")).to_have_text(str(mock.captcha_answer(uuid)))
        expect(page.locator("#picture")).to_have_js_property("naturalWidth", 160)
        question = page.locator("#question").inner_text()
        assert question in (page.locator("#picture").get_attribute("alt") or "")
    page.get_by_role("button", name="Send request").click()
    expect(page.locator("#sent pre")).to_contain_text("succFlag")
    expect(page.locator("#entries .badge")).to_have_text("page")
    expect(page.locator("#uuid")).to_have_text(uuid)


def test_the_page_shows_whether_the_captcha_can_be_answered(page: Page, mock: MockServer) -> None:
    """It follows an answer, and the clock of the mock; both are news without another request of the app."""
    for change, state in (("answer", "used"), ("clock", "expired")):
        uuid = call(mock).json()["data"]["uuid"]
        expect(page.locator("#uuid")).to_have_text(uuid)
        expect(page.locator("#state")).to_have_text(re.compile(r"^open, (5:00|4:5\d) left$"))
        if change == "answer":
            body = {"answer": mock.captcha_answer(uuid)}
            requests.post(f"{mock.root_url}/__mock/challenges/{uuid}/answer", json=body, timeout=5)
        else:
            requests.put(f"{mock.root_url}/__mock/clock", json={"advance": 301}, timeout=5)
        expect(page.locator("#state")).to_have_text(state)


def test_many_captchas_cost_few_requests_of_the_page(page: Page, mock: MockServer) -> None:
    """The last of them is shown."""
    loads: list[str] = []
    page.on("request", lambda request: loads.append(request.url) if "challenges/last" in request.url else None)
    with requests.Session() as session:
        for _ in range(100):
            found = session.post(f"{mock.base_url}/code", headers={"Source": "PC"}, timeout=5)
    expect(page.locator("#uuid")).to_have_text(found.json()["data"]["uuid"])
    assert 1 <= len(loads) < 50


@pytest.mark.parametrize(
    ("name", "width"), [("ruoyi", 160), ("picture-body", 200), ("nest-admin", 100), ("jeecgboot", 105)]
)
def test_the_page_shows_pictures_of_every_carrier(browser: Browser, name: str, width: int) -> None:
    """Base64 without a data URI, a picture that is the body, other formats, and ids that the client chooses."""
    contract = load(ROOT / "examples" / "contracts" / f"{name}.yaml")
    with running(contract=contract) as mock, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{mock.root_url}/__mock/")
        page.get_by_role("button", name="Send request").click()
        expect(page.locator("#sent img")).to_have_js_property("naturalWidth", width)
        page.locator("#entries summary").click()
        # Unlike wait_for_function, it evaluates no text, which the policy of the page forbids.
        expect(page.locator("#entries img")).to_have_js_property("naturalWidth", width)
