"""Swagger UI, and pages of other origins that call the mock, in Chromium."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from mock_server import MockServer

pytest.importorskip("playwright")
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.slow


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
