"""The page of the mock: what it shows of the app, and that it changes nothing, in Chromium."""

from __future__ import annotations

import subprocess
from urllib.parse import urlsplit

import pytest
import requests

from code_contract import load
from mock_server import MockServer, running
from mock_server.core.mock import Mock
from tests.conftest import GRANTED
from tests.mock_server.page_driver import call, copied
from tests.paths import ROOT
from tests.servers.proxy import stripping_proxy

# The group `browser` has it, which tox installs for the slow tests alone; without it the others still run.
pytest.importorskip("playwright")
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.slow


LONG_LISTS = """{
  const json = Response.prototype.json;
  Response.prototype.json = async function () {
    const found = await json.call(this);
    if (!this.url.endsWith("/options")) return found;
    const repeat = (list, count, change) =>
      list.push(...Array.from({ length: count }, (_, number) => ({ ...list[0], ...change(number) })));
    repeat(found.operations, 1200, (number) => ({ id: `get-${number}`, path: `/repos/${number}` }));
    repeat(found.faults, 60000, (number) => ({ name: `get-${number}.body.name.missing` }));
    return found;
  };
}"""
SEARCH = """([id, text]) => {
  const field = document.getElementById(id);
  field.focus();
  const began = performance.now();
  field.value = text;
  field.dispatchEvent(new Event("input"));
  document.body.offsetHeight;
  return performance.now() - began;
}"""


def test_opening_the_page_changes_nothing(page: Page, mock: MockServer) -> None:
    """It sends no request of the contract: a behaviour, the journal and the last captcha stay as they are."""
    uuid = call(mock).json()["data"]["uuid"]
    mock.set_behaviour(code=503, times=2)
    for _ in range(2):
        page.reload()
        expect(page.locator("#uuid")).to_have_text(uuid)
        expect(page.locator("#times")).to_have_value("2")
    assert len(mock.requests) == 1
    assert [call(mock).status_code for _ in range(3)] == [503, 503, 200]


def test_an_empty_journal_has_a_first_request(browser: Browser, mock: MockServer) -> None:
    """The address of the mock and a command that runs; opening the page reports no error to the console."""
    with browser.new_context(permissions=["clipboard-read", "clipboard-write"]) as context:
        page = context.new_page()
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.goto(f"{mock.root_url}/__mock/")
        expect(page.locator("#live")).to_have_text("Live")
        expect(page.locator("#base-url")).to_have_text(mock.root_url)
        command = copied(page, "Copy command")
        reply = subprocess.run(["bash", "-c", f"{command} -s"], capture_output=True, timeout=10, check=True).stdout
        assert b'"succFlag":true' in reply
        expect(page.locator("#empty")).to_be_hidden()
        assert problems == []
        with running(base_path="/api") as other:
            page.goto(f"{other.root_url}/__mock/")
            expect(page.locator("#base-url")).to_have_text(f"{other.root_url}/api")
            expect(page.locator("#try")).to_contain_text(f"'{other.root_url}/api/code'")


def test_a_request_of_the_page_consumes_nothing(page: Page, mock: MockServer) -> None:
    """It takes no step of a sequence and none of the times of a behaviour; the journal marks it."""
    mock.set_behaviour(sequence=["refused", "ok"])
    page.get_by_role("button", name="Send request").click()
    expect(page.locator("#entries li")).to_have_count(1)
    assert [call(mock).json()["succFlag"] for _ in range(2)] == [False, True]
    assert [each.source for each in mock.requests] == ["page", "app", "app"]


def test_a_document_without_captchas_has_a_page(browser: Browser) -> None:
    """The page shows no captcha; an operation is chosen from a list and sent."""
    contract = load(ROOT / "tests" / "data" / "pets.yaml")
    with running(contract=contract) as mock, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{mock.root_url}/__mock/")
        expect(page.locator("#active")).to_have_text("Default behaviour.")
        expect(page.locator("#captcha")).to_be_hidden()
        assert mock.requests == []
        last = list(contract.operations.values())[-1]
        page.get_by_role("combobox", name="Operation").fill(last.id)
        page.locator("#operation-list").get_by_role("option").first.click()
        page.get_by_role("button", name="Send request").click()
        expect(page.locator("#entries li")).to_have_count(1)
        expect(page.locator("#sent .status")).to_contain_text("2")
        assert [(each.operation, each.violations) for each in mock.requests] == [(last.id, [])]
        expect(page.locator("#fault-scope")).to_contain_text(f"those of {last.method} /v1{last.path}")
        page.get_by_role("combobox", name="Fault").click()
        expect(page.locator("#fault-list").get_by_role("group", name=last.id)).to_be_visible()


def test_long_lists_stay_fast(browser: Browser, mock: MockServer) -> None:
    """1,200 operations and 60,000 faults, as GitHub's document has, are searched within 200 ms."""
    with browser.new_context() as context:
        page = context.new_page()
        page.add_init_script(LONG_LISTS)
        page.goto(f"{mock.root_url}/__mock/")
        expect(page.locator("#live")).to_have_text("Live")
        for field, text in (("operation", "repos 1199"), ("fault", "missing 59999")):
            took = page.evaluate(SEARCH, [field, text])
            expect(page.locator(f"#{field}-list").get_by_role("option")).to_have_count(1)
            assert took < 200


@pytest.mark.parametrize("prefix", ["/api", "/tools/captcha/mock"])
def test_the_page_works_behind_a_proxy_path(browser: Browser, mock: MockServer, prefix: str) -> None:
    """Its addresses are relative, with and without a slash at the end; it warns of the proxy in the app's requests."""
    with stripping_proxy(mock.root_url, prefix) as url, browser.new_context() as context:
        page = context.new_page()
        paths: list[str] = []
        page.on("request", lambda request: paths.append(request.url))
        for path in ("/__mock/", "/__mock", "/"):
            mock.reset()
            page.goto(url + path)
            expect(page.locator("#live")).to_have_text("Live")
            expect(page.locator("#proxy")).to_be_hidden()
            requests.post(f"{url}/code", headers=GRANTED, timeout=5)
            expect(page.locator("#picture")).to_be_visible()
            page.get_by_role("button", name="Send request").click()
            expect(page.locator("#sent pre")).to_contain_text("succFlag")
            page.get_by_label("Scenario").select_option("refused")
            expect(page.locator("#active")).to_contain_text("refused")
            expect(page.locator("#curl")).to_contain_text(f"'{url}/__mock/behaviour'")
            expect(page.locator("#proxy")).to_contain_text("arrives as 500")
            assert page.locator("#proxy a").get_attribute("href", timeout=1000)
        page.goto(f"{url}/__mock/docs")
        expect(page.locator(".opblock-summary-control").first).to_be_visible()
        assert [each for each in paths if not each.startswith((url, "data:"))] == []


def test_the_page_sees_a_proxy_that_adds_no_header(page: Page, mock: MockServer) -> None:
    """That of Vite keeps its own host, whose port differs."""
    call(mock)
    expect(page.locator("#entries li")).to_have_count(1)
    expect(page.locator("#proxy")).to_be_hidden()
    call(mock, Host="localhost:5173")
    expect(page.locator("#proxy")).to_be_visible()


def test_the_page_behind_such_a_proxy_sees_it_too(browser: Browser, mock: MockServer) -> None:
    """The app's requests have the port of the page then; those with another one reach the mock directly."""
    with stripping_proxy(mock.root_url, "/api") as url, browser.new_context() as context:
        page = context.new_page()
        call(mock)
        page.goto(f"{url}/__mock/")
        expect(page.locator("#entries li")).to_have_count(1)
        expect(page.locator("#proxy")).to_be_hidden()
        call(mock, Host=urlsplit(url).netloc)
        expect(page.locator("#proxy")).to_be_visible()


def test_times_are_in_the_time_zone_of_the_reader(browser: Browser, mock: MockServer) -> None:
    """The journal has RFC 3339 in UTC; the page shows the local time."""
    call(mock)
    shown = []
    for zone in ("UTC", "Asia/Shanghai"):
        with browser.new_context(timezone_id=zone, locale="en-GB") as context:
            page = context.new_page()
            page.goto(f"{mock.root_url}/__mock/")
            shown.append(page.locator("#entries time").text_content() or "")
    utc, local = (int(each[:2]) for each in shown)
    assert (local - utc) % 24 == 8
    assert shown[0] == requests.get(f"{mock.root_url}/__mock/requests", timeout=5).json()["requests"][0]["time"][11:23]


def test_the_page_reconnects(browser: Browser) -> None:
    """It shows that the mock is gone. Afterwards it is live again, with the journal of the mock that is there."""
    with browser.new_context() as context:
        page = context.new_page()
        with running() as mock:
            port = urlsplit(mock.root_url).port or 0
            call(mock)
            call(mock)
            page.goto(f"{mock.root_url}/__mock/")
            expect(page.locator("#entries li")).to_have_count(2)
        expect(page.locator("#live")).to_have_text("Disconnected, reconnecting")
        again = MockServer(Mock(), port=port)
        again.start()
        try:
            expect(page.locator("#live")).to_have_text("Live", timeout=15_000)
            expect(page.locator("#entries li")).to_have_count(0)
            call(again)
            expect(page.locator("#entries li")).to_have_count(1)
        finally:
            again.stop()


def test_a_page_in_the_background_holds_no_connection(page: Page, mock: MockServer) -> None:
    """It is up to date as soon as it is seen again."""
    show = """(state) => {
      Object.defineProperty(document, "hidden", { value: state === "hidden", configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    page.evaluate(show, "hidden")
    uuid = call(mock).json()["data"]["uuid"]
    mock.set_behaviour("refused")
    page.wait_for_timeout(300)
    expect(page.locator("#entries li")).to_have_count(0)
    page.evaluate(show, "visible")
    expect(page.locator("#entries li")).to_have_count(1)
    expect(page.locator("#uuid")).to_have_text(uuid)
    expect(page.locator("#scenario")).to_have_value("refused")


def test_markup_in_a_request_is_shown_as_text(page: Page, mock: MockServer) -> None:
    """Query, headers and body of a request cannot inject elements or scripts into the page."""
    hostile = "<img src=x onerror=document.title='owned'>"
    requests.post(f"{mock.base_url}/code", params={"a": hostile}, headers={"X-A": hostile}, data=hostile, timeout=5)
    page.locator("#entries summary").first.click()
    expect(page.locator("#entries .headers").first).to_contain_text(hostile)
    expect(page.locator("#entries pre").first).to_contain_text(hostile)
    assert page.title() != "owned"
    assert page.locator("#entries img[src=x]").count() == 0
