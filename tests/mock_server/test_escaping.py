"""Text of a contract or of a request is text in every output of the mock, whatever it contains."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import requests

import mock_server
from code_contract import Contract, ContractError, load
from mock_server.observability.access_log import as_json, as_text
from tests import hostile
from tests.code_contract.test_docs_escaping import HOSTILE, Elements
from tests.code_contract_cli.test_cli import mock_process
from tests.mock_server.adapters import Adapter, Reply
from tests.mock_server.test_mock import Serve

PAGES = ["/__mock/", "/__mock/docs/"]
JSON = ["/__mock/options", "/__mock/health", "/__mock/requests", "/__mock/openapi.json", "/openapi.json"]


def sendable(text: str) -> str:
    """The text as a header value: what a client can send in one (RFC 9110 §5.5)."""
    return re.sub(r"[\x00-\x08\x0a-\x1f\x7f]|[^\x00-\xff]", "", text).strip()


def hostile_requests(target: Adapter, text: str) -> Iterator[Reply]:
    """Requests with the text in path, query, headers, client, preferences and body."""
    value, encoded = sendable(text), quote(text, safe="")
    kind = {"Content-Type": "application/json"}
    yield target.send("POST", f"/a?{encoded}={encoded}", kind, json.dumps({text: text}).encode())
    yield target.send("POST", f"/a?{encoded}=other", kind | {"X-Text": value, "X-Mock-Client": value}, text.encode())
    yield target.send("POST", f"/{encoded}", {"Origin": value, "Access-Control-Request-Headers": value}, b"")
    yield target.send("OPTIONS", "/a", {"Origin": value, "Access-Control-Request-Headers": value})
    yield target.send("POST", "/a", {"Prefer": f'scenario="{value}", fault="{value}", {value}'}, b"")
    yield target.send("POST", f"/a?__scenario={encoded}", {"Content-Type": value}, text.encode())
    yield target.send("POST", f"/a?__{encoded}=1&__client={encoded}", {"Content-Type": value}, b"x")
    yield target.send("GET", f"/__mock/challenges/{encoded}")
    yield target.send("GET", f"/__mock/{encoded}", {"Host": value})
    yield target.send("GET", f"/__mock/requests?after={encoded}", {"Origin": value})
    yield target.send("PUT", "/__mock/behaviour", kind, json.dumps({"scenario": text, text: text}).encode())
    yield target.send("PUT", "/__mock/behaviour", kind | {"X-Mock-Client": value}, json.dumps({text: text}).encode())


@HOSTILE
def test_a_response_has_no_header_of_a_client_or_a_contract(serve: Serve, tmp_path: Path, text: str) -> None:
    """Every header has a name of the mock and a value of printable characters; no response is a server error."""
    target = serve(load(hostile.write(tmp_path, text)))
    for reply in hostile_requests(target, text):
        assert reply.status < 500
        assert "X-Injected" not in reply.headers
        for name, value in reply.headers.items():
            assert re.fullmatch(r"[A-Za-z-]+", name)
            assert not re.search(r"[\x00-\x1f\x7f]", value), name
        if "json" in reply.headers.get("Content-Type", ""):
            reply.json()


@pytest.mark.parametrize(
    "media_type", ["application/json\r\nX-Injected: 1", "text/中文", "text/\x00", "a\x7f"], ids=ascii
)
def test_a_media_type_that_no_header_can_have_is_refused(tmp_path: Path, media_type: str) -> None:
    """The contract is invalid: it would become a header of its own, or a response that is not sent."""
    for place in ("line", "response"):
        document = hostile.document("plain")
        operation = document["paths"]["/a"]["post"]
        if place == "line":
            operation["x-content-type"] = media_type
        else:
            content = operation["responses"]["200"]["content"]
            operation["responses"]["200"]["content"] = {media_type: content["application/json"]}
        path = tmp_path / "openapi.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        with pytest.raises(ContractError, match=r"use a media type such as|not a valid media type"):
            load(path, strict=True)
    assert all(media_type not in each.responses["200"].examples for each in load(path).operations.values())


@HOSTILE
def test_the_log_has_one_printable_line_for_a_request(serve: Serve, tmp_path: Path, text: str) -> None:
    """As text and as JSON."""
    target = serve(load(hostile.write(tmp_path, text)))
    list(hostile_requests(target, text))
    entries = target.state.journal.entries()
    assert len(entries) >= 6
    for entry in entries:
        assert as_text(entry).isprintable()
        assert as_json(entry).isascii()
        assert json.loads(as_json(entry))["path"] == entry.path


@HOSTILE
def test_the_pages_have_the_elements_of_harmless_ones(serve: Serve, tmp_path: Path, text: str) -> None:
    """No element, attribute or script comes from the title or the version, in Chinese neither."""
    target, plain = serve(load(hostile.write(tmp_path, text))), serve(load(hostile.write(tmp_path, "plain")))
    for path in PAGES:
        for lang in ("en", "zh"):
            found, wanted = (
                Elements(each.send("GET", path, {"Accept-Language": lang}).body.decode()) for each in (target, plain)
            )
            assert (found.names, found.active) == (wanted.names, wanted.active)
            policy = target.send("GET", path).headers["Content-Security-Policy"]
            assert "script-src 'self';" in policy
            assert "default-src 'none'" in policy


@HOSTILE
def test_what_is_not_a_page_is_not_taken_for_one(serve: Serve, tmp_path: Path, text: str) -> None:
    """JSON, metrics and YAML have a type of their own, which a browser must not guess otherwise."""
    target = serve(load(hostile.write(tmp_path, text)))
    list(hostile_requests(target, text))
    for path in (*JSON, "/__mock/metrics", "/openapi.yaml", "/__mock/nowhere", f"/__mock/{quote(text, safe='')}"):
        reply = target.send("GET", path)
        assert "html" not in reply.headers["Content-Type"]
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        if "json" in reply.headers["Content-Type"]:
            reply.json()
    names = re.findall(rb"^(\w+)(?:\{[^}]*\})? \S+$", target.send("GET", "/__mock/metrics").body, re.MULTILINE)
    assert {name.partition(b"_")[0] for name in names} == {b"mock"}


@HOSTILE
def test_the_terminal_of_the_mock_gets_printable_lines(tmp_path: Path, text: str) -> None:
    """The addresses, the access log and the messages about an edit that is invalid."""
    path = hostile.write(tmp_path, text)
    with mock_process("--spec", str(path), "--once", "--reload") as (process, url):
        requests.post(f"{url}/{quote(text, safe='')}", params={text: text}, timeout=5)
        requests.post(f"{url}/a", params={text: text}, data=text.encode(), timeout=5)
        process.wait(timeout=10)
        assert process.stderr is not None
        shown = process.stderr.read()
    assert {char for char in shown if not char.isprintable()} <= {"\n"}
    assert len([line for line in shown.splitlines() if " POST " in line]) == 2


@pytest.mark.slow
@HOSTILE
def test_no_page_runs_a_script_of_a_contract_or_a_client(tmp_path: Path, text: str) -> None:
    """In Chromium: the page, Swagger UI with an open operation, and the printed page set no `window.pwned`."""
    pytest.importorskip("playwright")
    from code_contract.docs import render
    from tests.browser import chromium

    contract: Contract = load(hostile.write(tmp_path, text))
    printed = tmp_path / "page.html"
    printed.write_text(render(contract, "html"), encoding="utf-8", errors="backslashreplace")
    with mock_server.running(contract=contract) as mock, chromium() as browser:
        headers = {"X-Text": sendable(text).encode("latin-1"), "X-Mock-Client": sendable(text).encode("latin-1")}
        requests.post(f"{mock.base_url}/a", params={text: text}, data=text.encode(), headers=headers, timeout=5)
        requests.post(f"{mock.base_url}/{quote(text, safe='')}", timeout=5)
        page = browser.new_page()
        for url in (*(mock.root_url + path for path in PAGES), printed.as_uri()):
            page.goto(url)
            if url.endswith("/docs/"):
                page.locator(".opblock-summary-control").first.click()
                page.locator(".opblock-body").first.wait_for()
            elif url.endswith("/__mock/"):
                page.locator("#entries summary").first.click()
            for link in page.locator("a[href^='javascript:']").all():
                link.dispatch_event("click")
            page.wait_for_timeout(300)
            assert page.evaluate("window.pwned") is None
            assert page.locator("img[src='x']").count() == 0
            assert page.title().replace("·", "").strip() != ""
