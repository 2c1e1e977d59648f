"""The journal of the page: entries, filters, copies, the editor, exports and the check, in Chromium."""

from __future__ import annotations

import json
import re
import socket
import subprocess
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from code_contract_cli.journal_check import journal_check
from mock_server import MockServer
from tests.mock_server.page_driver import call, copied

pytest.importorskip("playwright")
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.slow

HOSTILE = 'it\'s `id` $(id) "quoted" \\ \x07 !x 中文'


def test_an_entry_shows_request_and_response(page: Page, mock: MockServer) -> None:
    """Status, headers and body of both; JSON is formatted, the picture shown."""
    url = f"{mock.base_url}/code"
    sent = requests.post(url, params={"a": "1"}, headers={"Source": "PC", "X-A": "b"}, json={"n": 1.0}, timeout=5)
    entry = page.locator("#entries li").first
    expect(entry.locator(".status")).to_have_text("200")
    entry.locator("summary").click()
    request, response = entry.get_by_label("Request", exact=True), entry.get_by_label("Response", exact=True)
    expect(request).to_contain_text("POST /code?a=1")
    expect(request.get_by_role("row", name="X-A")).to_contain_text("b")
    expect(request.locator("pre")).to_have_text('{\n  "n": 1.0\n}')
    expect(response.locator(".line")).to_contain_text("200")
    expect(response.get_by_role("row", name="Content-Type")).to_contain_text(sent.headers["Content-Type"])
    expect(response.locator("pre")).to_contain_text(f'"uuid": "{sent.json()["data"]["uuid"]}"')
    expect(response.locator("pre")).to_contain_text("characters)")
    expect(response.locator("img")).to_have_js_property("naturalWidth", 160)


def test_an_entry_shows_what_really_happened(page: Page, mock: MockServer) -> None:
    """A reset and a caller that gave up have no status, and the reason for it."""
    with pytest.raises(requests.ConnectionError):
        call(mock, Prefer="fault=reset")
    entry = page.locator("#entries li").first
    expect(entry.locator(".status")).to_have_text("–")
    expect(entry.locator(".outcome")).to_contain_text("reset")
    with pytest.raises(requests.RequestException):
        call(mock, Prefer="fault=truncated")
    expect(entry.locator(".outcome")).to_contain_text("body truncated")
    expect(entry.locator(".status")).to_have_class("status none")
    address = urlsplit(mock.root_url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=5) as caller:
        caller.sendall(b"POST /code?__delay=5 HTTP/1.1\r\nHost: localhost\r\nSource: PC\r\nContent-Length: 0\r\n\r\n")
        page.wait_for_timeout(150)
    expect(page.locator("#entries li")).to_have_count(3)
    expect(entry.locator(".outcome")).to_contain_text("client aborted after")
    expect(entry.locator(".status")).to_have_text("–")
    entry.locator("summary").click()
    expect(entry.get_by_label("Response", exact=True)).to_contain_text("client aborted after")


def test_entries_are_filtered(page: Page, mock: MockServer) -> None:
    """By source, status, client, text, and to violations only, together and live."""
    call(mock)
    call(mock, Prefer="scenario=rate-limited", **{"X-Mock-Client": "anna"})
    requests.post(f"{mock.base_url}/code", timeout=5)
    with pytest.raises(requests.ConnectionError):
        call(mock, Prefer="fault=reset")
    page.get_by_role("button", name="Send request").click()
    shown = page.locator("#entries li:visible")
    expect(shown).to_have_count(5)
    for label, option, count in (
        ("Source", "page", 1),
        ("Source", "app", 4),
        ("Status", "4", 1),
        ("Status", "none", 1),
        ("Client", "anna", 1),
    ):
        field = page.locator(".filters").get_by_label(label, exact=True)
        field.select_option(label="anna") if label == "Client" else field.select_option(option)
        expect(shown).to_have_count(count)
        field.select_option(index=0)
    page.get_by_label("Show only violations").check()
    expect(shown).to_have_count(1)
    expect(page.locator("#count")).to_have_text("1 of 5")
    requests.post(f"{mock.base_url}/code", timeout=5)
    expect(shown).to_have_count(2)
    page.get_by_label("Show only violations").uncheck()
    page.get_by_label("Search the journal").fill("RATE-limited anna")
    expect(shown).to_have_count(1)
    page.get_by_label("Search the journal").fill("no such text")
    expect(page.locator("#no-match")).to_be_visible()
    page.get_by_label("Search the journal").fill("")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#empty")).to_be_visible()
    assert mock.requests == []


def test_a_long_entry_stays_in_its_place(page: Page, mock: MockServer) -> None:
    """On a phone: a long path has three lines, nothing overflows, and no character changes the order of the others."""
    page.set_viewport_size({"width": 390, "height": 800})
    requests.post(f"{mock.base_url}/code?q=\u202e{'b' * 3000}", headers={"X-Mock-Client": "c" * 100}, timeout=5)
    target = page.locator("#entries .target")
    expect(target).to_contain_text(r"q=\u202ebb")
    assert target.evaluate("(each) => each.offsetHeight") < 80
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_on_a_phone_a_link_leads_to_the_journal(page: Page, mock: MockServer) -> None:
    """As the link for keyboards does; the client in the address stays."""
    page.goto(f"{mock.root_url}/__mock/#client=anna")
    page.set_viewport_size({"width": 390, "height": 800})
    expect(page.locator("#journal-title")).not_to_be_in_viewport()
    page.get_by_role("link", name="Journal ↓").click()
    expect(page.locator("#journal-title")).to_be_in_viewport()
    expect(page.locator("#journal")).to_be_focused()
    assert page.url.endswith("#client=anna")


def opened(page: Page, mock: MockServer) -> Any:
    """Send a request with hostile data, open its entry, and return what it was."""
    url = f"{mock.base_url}/code"
    headers = {"Source": "PC", "X-A": HOSTILE.replace("\x07", "").encode(), "Content-Type": "text/plain"}
    requests.post(url, params={"q": HOSTILE}, headers=headers, data=HOSTILE.encode(), timeout=5)
    page.locator("#entries summary").first.click()
    found = requests.get(f"{mock.root_url}/__mock/requests", timeout=5).json()["requests"][-1]
    return {name: found[name] for name in ("method", "path", "query", "body")}


def test_an_entry_is_copied_as_curl(page: Page, mock: MockServer) -> None:
    """The command, run by bash, sends the same request; the data of the request runs nothing."""
    original = opened(page, mock)
    command = copied(page, "Copy as curl")
    subprocess.run(["bash", "-c", command], check=True, capture_output=True, timeout=10)
    again = requests.get(f"{mock.root_url}/__mock/requests", timeout=5).json()["requests"][-1]
    assert {name: again[name] for name in original} == original
    assert len(mock.requests) == 2


@pytest.mark.parametrize("name", ["fetch", "axios"])
def test_an_entry_is_copied_as_script(page: Page, mock: MockServer, name: str) -> None:
    """The script, run in the page, sends the same request."""
    original = opened(page, mock)
    axios = """const axios = ({ url, data, ...options }) =>
      fetch(url, { ...options, method: options.method.toUpperCase(), body: data });"""
    page.evaluate(f"(async () => {{ {axios if name == 'axios' else ''} {copied(page, f'Copy as {name}')} }})()")
    again = requests.get(f"{mock.root_url}/__mock/requests", timeout=5).json()["requests"][-1]
    assert {each: again[each] for each in original} == original


def test_an_entry_is_edited_and_sent_again(page: Page, mock: MockServer) -> None:
    """The page sends it as its own: it consumes no behaviour."""
    call(mock, **{"X-A": "first"})
    mock.set_behaviour(code=503, times=1)
    page.locator("#entries summary").first.click()
    page.get_by_role("button", name="Edit and resend").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Path")).to_have_value("/code")
    headers = dialog.get_by_label("Headers")
    assert "X-A: first" in headers.input_value()
    headers.fill(headers.input_value().replace("first", "second") + "\nno header")
    dialog.get_by_role("button", name="Send request").click()
    expect(dialog).to_contain_text("no header is not a header")
    headers.fill(headers.input_value().replace("\nno header", ""))
    dialog.get_by_label("Method").select_option("PUT")
    dialog.get_by_label("Path").fill("//evil.example/code?x=1")
    dialog.get_by_role("button", name="Send request").click()
    expect(dialog.locator(".status")).to_have_text("404")
    dialog.get_by_label("Method").select_option("POST")
    dialog.get_by_label("Path").fill("/code")
    dialog.get_by_label("Body").fill('{"edited": true}')
    dialog.get_by_role("button", name="Send request").click()
    expect(dialog.locator("pre")).to_contain_text("succFlag")
    last = mock.requests[-1]
    assert (last.source, last.body, dict(last.headers)["X-A"]) == ("page", '{"edited": true}', "second")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    assert call(mock).status_code == 503


def test_the_journal_is_exported_as_har(page: Page, mock: MockServer) -> None:
    """The button downloads a HAR file of the journal."""
    call(mock)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export HAR").click()
    assert download.value.suggested_filename == "mock.har"
    log = json.loads(download.value.path().read_text(encoding="utf-8"))["log"]
    assert [each["request"]["url"].endswith("/code") for each in log["entries"]] == [True]


def test_the_downloads_exist(page: Page, mock: MockServer) -> None:
    """Each link of the page leads to a document of the mock."""
    links = page.locator("footer a, header a").all()
    assert len(links) >= 9
    for link in links:
        url = link.evaluate("each => each.href")
        assert requests.get(url, timeout=30).status_code == 200, url


def test_the_journal_is_checked(page: Page, mock: MockServer) -> None:
    """The button shows the verdict of each clause; where there are no checks, the reason."""
    call(mock)
    page.get_by_role("button", name="Check this journal").click()
    expect(page.locator("#check-result")).to_contain_text("the checks are not available here")
    mock.state.check_journal = journal_check()
    mock.reset()
    try:
        page.get_by_role("button", name="Check this journal").click()
        expect(page.locator("#check-result")).to_have_text(re.compile("^The journal has no request of the app"))
        call(mock, Prefer="fault=img-crc")
        page.get_by_role("button", name="Check this journal").click()
        expect(page.locator("#check-result .result-line")).to_contain_text("failed", timeout=30_000)
        expect(page.locator("#check-result .clauses").first).to_contain_text("png-crcs-are-correct")
        page.get_by_label("Language").select_option("zh")
        expect(page.locator("#check-result .clauses").first).to_contain_text("CRC")
        expect(page.locator("#check-result .result-line")).to_contain_text("未通过")
        page.get_by_role("button", name="关闭").click()
        expect(page.locator("#check-panel")).to_be_hidden()
    finally:
        mock.state.check_journal = None


def test_500_entries_stay_fluid(page: Page, mock: MockServer) -> None:
    """The journal of a full mock is shown and filtered in half a second."""
    call(mock)
    for _ in range(499):
        mock.state.journal.add(replace(mock.requests[-1]))
    page.reload()
    expect(page.locator("#entries li")).to_have_count(500)
    took = page.evaluate("""() => {
      const began = performance.now();
      const field = document.getElementById("search");
      field.value = "nothing";
      field.dispatchEvent(new Event("input"));
      document.body.offsetHeight;
      return performance.now() - began;
    }""")
    assert took < 500
    call(mock)
    page.get_by_label("Search the journal").fill("")
    expect(page.locator("#count")).to_have_text("500 of 500")
