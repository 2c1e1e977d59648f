"""The page of the mock, Swagger UI, and pages of other origins, in Chromium."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import requests

from code_contract import load
from mock_server import MockServer, running
from tests.paths import ROOT

# The group `browser` has it, which tox installs for the slow tests alone; without it the others still run.
pytest.importorskip("playwright")
from playwright.sync_api import Browser, Page, expect

from tests.browser import chromium

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def page(browser: Browser, mock: MockServer) -> Iterator[Page]:
    """The page. It logs no error to the console and sends requests to no other host."""
    context = browser.new_context(locale="en-GB")
    made = context.new_page()
    errors: list[str] = []
    urls: list[str] = []
    made.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    made.on("pageerror", lambda error: errors.append(str(error)))
    made.on("request", lambda request: urls.append(request.url))
    made.goto(f"{mock.root_url}/__mock/")
    expect(made.locator("#answer")).not_to_be_empty()
    yield made
    assert [each for each in errors if "status of" not in each] == []
    assert [url for url in urls if not url.startswith((mock.root_url, "data:"))] == []
    context.close()


def natural_size(page: Page) -> list[int]:
    found: list[int] = page.locator("#picture").evaluate("img => [img.naturalWidth, img.naturalHeight]")
    return found


@pytest.mark.parametrize(
    ("name", "size"),
    [("ruoyi", [160, 60]), ("picture-body", [200, 50]), ("nest-admin", [100, 50]), ("jeecgboot", [105, 35])],
)
def test_the_page_shows_pictures_of_every_carrier(browser: Browser, name: str, size: list[int]) -> None:
    """Base64 without a data URI, a picture that is the body, other formats, and ids that the client chooses."""
    contract = load(ROOT / "examples" / "contracts" / f"{name}.yaml")
    with running(contract=contract) as mock, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{mock.root_url}/__mock/")
        expect(page.locator("#picture")).to_be_visible()
        # Unlike wait_for_function, it evaluates no text, which the policy of the page forbids.
        expect(page.locator("#picture")).to_have_js_property("naturalWidth", size[0])
        assert natural_size(page) == size


def test_a_document_without_captchas_has_a_page(browser: Browser) -> None:
    """The page sends no request of its own and shows no captcha."""
    contract = load(ROOT / "tests" / "data" / "pets.yaml")
    with running(contract=contract) as mock, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{mock.root_url}/__mock/")
        expect(page.locator("#active")).to_have_text("Default behaviour.")
        expect(page.locator("#captcha")).to_be_hidden()
        assert mock.requests == []


def test_the_page_shows_a_captcha_and_its_answer(page: Page, mock: MockServer) -> None:
    """Picture, id, answer and response body belong together; the button requests another captcha."""
    assert natural_size(page) == [160, 60]
    uuid = page.locator("#uuid").inner_text()
    assert page.locator("#answer").inner_text() == str(mock.captcha_answer(uuid))
    assert json.loads(page.locator("#sent").inner_text())["data"]["uuid"] == uuid
    source = page.locator("#picture").get_attribute("src")
    page.get_by_role("button", name="New captcha").click()
    expect(page.locator("#uuid")).not_to_have_text(uuid)
    expect(page.locator("#picture")).not_to_have_attribute("src", source or "")
    assert natural_size(page) == [160, 60]


def test_the_form_sets_the_active_behaviour(page: Page, mock: MockServer) -> None:
    """Scenario and delay apply to the next response, the journal shows it, and Reset restores the default."""
    page.get_by_label("Scenario").select_option("refused")
    expect(page.locator("#active")).to_contain_text('"scenario":"refused"')
    page.get_by_role("button", name="New captcha").click()
    expect(page.locator("#none")).to_be_visible()
    expect(page.locator("#entries")).to_contain_text("example refused (scenario=refused, active behaviour)")
    page.get_by_label("Delay (seconds)").fill("0.5")
    page.get_by_label("Delay (seconds)").press("Tab")
    expect(page.locator("#active")).to_contain_text('"delay":0.5')
    page.get_by_role("button", name="Reset").click()
    expect(page.locator("#active")).to_have_text("Default behaviour.")
    page.get_by_role("button", name="New captcha").click()
    expect(page.locator("#picture")).to_be_visible()
    assert mock.requests[-1].outcome == "success"


def test_markup_in_a_request_is_shown_as_text(page: Page, mock: MockServer) -> None:
    """Query and headers of a request cannot inject elements or scripts into the page."""
    hostile = "<img src=x onerror=document.title='owned'>"
    requests.post(f"{mock.base_url}/code", params={"a": hostile}, headers={"X-A": hostile}, timeout=5)
    page.locator("#entries summary").first.click()
    expect(page.locator("#entries pre").first).to_contain_text(hostile)
    assert page.title() != "owned"
    assert page.locator("#entries img").count() == 0


def test_the_page_is_accessible(page: Page) -> None:
    """The picture has an alternative text, every control a label; Tab reaches them, and Enter presses a button."""
    assert "Question" in (page.locator("#picture").get_attribute("alt") or "")
    for control in page.locator("input, select, button").all():
        assert control.evaluate("e => (e.labels && e.labels.length ? e.labels[0].innerText : e.innerText).trim()")
    uuid = page.locator("#uuid").inner_text()
    page.get_by_role("button", name="New captcha").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#uuid")).not_to_have_text(uuid)
    reached = set()
    for _ in range(20):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id"))
    assert {"scenario", "fault", "delay", "client", "reset", "clear"} <= reached


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits_the_screen_in_chinese(browser: Browser, mock: MockServer, width: int) -> None:
    """The page uses the language of the browser, and does not scroll horizontally on a phone."""
    context = browser.new_context(locale="zh-CN", viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(f"{mock.root_url}/__mock/")
    expect(page.get_by_role("button", name="换一张")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("通用接口")
    expect(page.locator("#answer")).not_to_be_empty()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_swagger_ui_calls_the_mock(browser: Browser, mock: MockServer) -> None:
    """Execute shows the response of the mock; no request goes to another host."""
    context = browser.new_context()
    page = context.new_page()
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    page.goto(f"{mock.root_url}/__mock/docs/")
    page.locator(".opblock-summary-control").first.click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("200")
    assert mock.requests[-1].outcome == "success"
    assert mock.requests[-1].violations == []
    assert [url for url in urls if not url.startswith((mock.root_url, "data:", "blob:"))] == []
    context.close()


class Blank(BaseHTTPRequestHandler):
    """A server of an empty page of another origin."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Log nothing."""


CALL = """async ([url, prefer]) => {
  const headers = {Source: "PC", Prefer: prefer, "Content-Type": "application/json"};
  const answer = await fetch(url, {method: "POST", credentials: "include", headers});
  const read = (name) => answer.headers.get(name);
  return [answer.status, read("Preference-Applied"), read("Retry-After"), read("X-Mock-Reason")];
}"""


def test_a_page_of_another_origin_calls_the_mock(browser: Browser, mock: MockServer) -> None:
    """It sends a preflight and credentials, and reads the status and headers of success and error responses."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Blank) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        url = f"{mock.base_url}/code"
        assert page.evaluate(CALL, [url, "scenario=rate-limited"]) == [429, "scenario=rate-limited", "1", None]
        assert page.evaluate(CALL, [url, "code=204"])[3].startswith("no response with status 204")
        assert page.evaluate(CALL, [f"{mock.base_url}/nowhere", "delay=0"])[0] == 404
        assert "preflight" in [entry.outcome for entry in mock.requests]
        context.close()
        server.shutdown()
