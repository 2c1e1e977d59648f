"""The form of the active behaviour and presets of the page, in Chromium."""

from __future__ import annotations

import re
import subprocess
import time
from typing import Any

import pytest
import requests

from mock_server import MockServer
from tests.mock_server.page_driver import behaviour, call, copied, put

pytest.importorskip("playwright")
from playwright.sync_api import Page, Route, expect

pytestmark = pytest.mark.slow


BEHAVIOURS: list[tuple[Any, dict[str, str]]] = [
    ({"scenario": "refused"}, {"scenario": "refused", "code": "", "fault": ""}),
    ({"code": 503, "times": 3}, {"code": "503", "times": "3", "scenario": ""}),
    ({"example": "refused", "fault": "img-crc"}, {"example": "refused", "fault": "img-crc", "scenario": ""}),
    ({"delay": "0.2-1.5"}, {"delay": "0.2-1.5", "scenario": "ok"}),
]


def test_the_form_shows_what_curl_sets(page: Page, mock: MockServer) -> None:
    """Live and at load: each field has the value of the active behaviour, and Reset restores the default."""
    for value, fields in BEHAVIOURS:
        put(mock, value)
        for name, text in fields.items():
            expect(page.locator(f"#{name}")).to_have_value(text)
    page.reload()
    for name, text in BEHAVIOURS[-1][1].items():
        expect(page.locator(f"#{name}")).to_have_value(text)
    expect(page.locator("#live")).to_have_text("Live")
    page.get_by_role("button", name="Reset").click()
    expect(page.locator("#active")).to_have_text("Default behaviour.")
    assert behaviour(mock) == {}
    expect(page.locator("#scenario")).to_have_value("ok")


def test_a_change_keeps_what_curl_has_set(page: Page, mock: MockServer) -> None:
    """Also what was set after the form was read, and what is left of a number of requests."""
    put(mock, {"scenario": "refused", "times": 3})
    expect(page.locator("#times")).to_have_value("3")
    call(mock)
    expect(page.locator("#times")).to_have_value("2")
    page.get_by_label("Delay (seconds)").fill("0.01")
    page.get_by_label("Delay (seconds)").press("Tab")
    expect(page.locator("#active")).to_contain_text("delay")
    assert behaviour(mock) == {"scenario": "refused", "times": 2, "delay": 0.01}
    page.get_by_label("Status code").fill("503")
    put(mock, {"fault": "img-crc"})
    page.get_by_label("Status code").press("Tab")
    expect(page.locator("#active")).to_contain_text("503")
    assert behaviour(mock) == {"fault": "img-crc", "code": 503}


def test_an_old_response_does_not_undo_an_event(page: Page, mock: MockServer) -> None:
    """The form was read before the behaviour was set, and the response arrives after the event."""
    reads = []

    def overtake(route: Route) -> None:
        response = route.fetch()
        reads.append(route.request.url)
        # The second one belongs to the stream that is open.
        if len(reads) == 2:
            put(mock, {"scenario": "refused"})
            time.sleep(0.3)
        route.fulfill(response=response)

    page.route("**/__mock/behaviour", overtake)
    page.reload()
    expect(page.locator("#active")).to_contain_text("refused")
    page.wait_for_timeout(200)
    expect(page.locator("#active")).to_contain_text("refused")
    assert len(reads) == 2


def test_a_change_leaves_the_behaviours_of_clients(page: Page, mock: MockServer) -> None:
    """An empty form is the scenario ok, and no reset of all clients; a client's own form sets its own behaviour."""
    put(mock, {"code": 503}, "anna")
    page.get_by_label("Scenario").select_option("refused")
    expect(page.locator("#active")).to_contain_text("refused")
    page.get_by_label("Scenario").select_option("ok")
    expect(page.locator("#active")).to_contain_text("ok")
    assert behaviour(mock, "anna") == {"code": 503}
    page.get_by_label("Client (X-Mock-Client)").fill("anna")
    page.get_by_label("Client (X-Mock-Client)").press("Tab")
    expect(page.locator("#code")).to_have_value("503")
    page.get_by_label("Times").fill("2")
    page.get_by_label("Times").press("Tab")
    expect(page.locator("#active")).to_contain_text('"times":2')
    assert behaviour(mock, "anna") == {"code": 503, "times": 2}
    assert behaviour(mock) == {"scenario": "ok"}


def test_a_sequence_is_shown_as_steps(page: Page, mock: MockServer) -> None:
    """The current step is marked; steps are added and removed."""
    put(mock, {"sequence": ["refused", {"scenario": "ok", "delay": 0.01}, "ok"]})
    steps = page.locator("#steps li")
    expect(steps).to_have_count(3)
    expect(steps.nth(1)).to_contain_text("delay=0.01, scenario=ok")
    expect(page.locator("[aria-current=step]")).to_contain_text("refused")
    call(mock)
    expect(page.locator("[aria-current=step]")).to_contain_text("delay=0.01, scenario=ok")
    expect(steps.first).to_have_class("done")
    expect(page.locator("#delay")).to_be_disabled()
    page.get_by_label("Next step").select_option("rate-limited")
    page.get_by_role("button", name="Add step").click()
    expect(steps).to_have_count(4)
    page.get_by_role("button", name="Remove step 1").click()
    expect(steps).to_have_count(3)
    assert behaviour(mock) == {"sequence": [{"scenario": "ok", "delay": 0.01}, "ok", "rate-limited"]}
    page.get_by_label("Scenario").select_option("refused")
    expect(steps).to_have_count(0)
    assert behaviour(mock) == {"scenario": "refused"}


def test_a_fault_and_an_example_are_steps_too(page: Page, mock: MockServer) -> None:
    """So that a page can show what an app does after a lost connection."""
    for label in ("fault=reset", "example=empty-data", "ok"):
        page.get_by_label("Next step").select_option(label=label)
        page.get_by_role("button", name="Add step").click()
        expect(page.locator("#steps li", has_text=label)).to_have_count(1)
    assert behaviour(mock) == {"sequence": [{"fault": "reset"}, {"example": "empty-data"}, "ok"]}


def test_only_the_next_call_fails(page: Page, mock: MockServer) -> None:
    """By what the form shows, or by the first failure of the contract."""
    page.get_by_role("button", name="Fail the next call only").click()
    expect(page.locator("#times")).to_have_value("1")
    assert [call(mock).json()["succFlag"] for _ in range(2)] == [False, True]
    expect(page.locator("#active")).to_have_text("Default behaviour.")
    put(mock, {"code": 503})
    page.get_by_role("button", name="Fail the next call only").click()
    expect(page.locator("#times")).to_have_value("1")
    assert [call(mock).status_code for _ in range(2)] == [503, 200]
    put(mock, {"sequence": ["ok", "rate-limited"]})
    expect(page.locator("#steps li")).to_have_count(2)
    call(mock)
    page.get_by_role("button", name="Fail the next call only").click()
    expect(page.locator("#steps li").first).to_contain_text("refused")
    assert behaviour(mock) == {"sequence": ["refused", "rate-limited"]}


def test_faults_are_searched_by_words(page: Page, mock: MockServer) -> None:
    """Each has the clause that it breaks; the keyboard chooses one."""
    field = page.get_by_role("combobox", name="Fault")
    field.click()
    faults = requests.get(f"{mock.root_url}/__mock/options", timeout=5).json()["faults"]
    sections = {each["section"]["en"] for each in faults if each["section"]}
    assert len(sections) > 3
    for section in sections:
        expect(page.locator("#fault-list").get_by_role("group", name=section, exact=True)).to_be_visible()
    field.fill("crc wrong")
    chosen = page.get_by_role("option", name="img-crc")
    expect(chosen).to_contain_text("png-crcs-are-correct")
    field.press("ArrowDown")
    field.press("Enter")
    expect(page.locator("#active")).to_contain_text('"fault":"img-crc"')
    field.fill("nothing like this")
    expect(page.locator("#fault-list").get_by_role("option")).to_have_count(0)
    field.press("Escape")
    expect(field).to_have_value("img-crc")
    field.fill("")
    field.press("Tab")
    expect(page.locator("#active")).not_to_contain_text("fault")


def test_an_invalid_value_is_reported(page: Page, mock: MockServer) -> None:
    """In the language of the page, where the reader is; and the form shows the behaviour again."""
    page.set_viewport_size({"width": 390, "height": 600})
    page.get_by_label("Delay (seconds)").fill("61")
    page.get_by_label("Delay (seconds)").press("Tab")
    expect(page.get_by_role("alert")).to_have_text(re.compile("^The delay is not valid; use at most 60 seconds"))
    expect(page.get_by_role("alert")).to_be_in_viewport()
    expect(page.locator("#delay")).to_have_value("")
    page.get_by_label("Language").select_option("zh")
    for field, values in {"code": ("99", "204", "700"), "times": ("0", "1.5"), "delay": ("5s", "1-2-3", "-1")}.items():
        for value in values:
            page.locator(f"#{field}").fill(value)
            page.locator(f"#{field}").press("Tab")
            expect(page.get_by_role("alert")).to_contain_text("无效")
            expect(page.locator(f"#{field}")).to_have_value("")
    assert behaviour(mock) == {}
    page.locator("#delay").fill("0-0.01")
    page.locator("#delay").press("Tab")
    expect(page.get_by_role("alert")).to_be_hidden()
    assert behaviour(mock) == {"delay": "0-0.01"}


def test_the_curl_command_sets_what_the_form_shows(page: Page, mock: MockServer) -> None:
    """Run in a shell after a reset, it sets the same behaviour, for the same client."""
    url = f"{mock.root_url}/__mock/behaviour"
    for client in ("", "anna's", "安娜"):
        page.get_by_label("Client (X-Mock-Client)").fill(client)
        page.get_by_label("Client (X-Mock-Client)").press("Tab")
        page.get_by_label("Scenario").select_option("rate-limited")
        expect(page.locator("#active")).to_contain_text("rate-limited")
        command = copied(page, "Copy curl")
        mock.reset()
        subprocess.run(["sh", "-c", command], check=True, capture_output=True, timeout=10)
        found = requests.get(url, params={"__client": client} if client else {}, timeout=5).json()["behaviour"]
        assert found == {"scenario": "rate-limited"}
        assert (behaviour(mock) == {}) == bool(client)
        mock.reset()
        expect(page.locator("#active")).to_have_text("Default behaviour.")


def test_a_link_carries_a_preset(page: Page, mock: MockServer) -> None:
    """It applies on load and when the hash changes, once: reloading the page does not set it again."""
    root = f"{mock.root_url}/__mock/"
    page.goto(f"{root}#scenario=rate-limited&client=anna")
    expect(page.locator("#scenario")).to_have_value("rate-limited")
    expect(page.locator("#client")).to_have_value("anna")
    assert (behaviour(mock, "anna"), behaviour(mock)) == ({"scenario": "rate-limited"}, {})
    assert copied(page, "Copy link") == f"{root}#scenario=rate-limited&client=anna"
    put(mock, {"code": 503}, "anna")
    page.reload()
    expect(page.locator("#code")).to_have_value("503")
    page.goto("about:blank")
    page.goto(f"{root}#code=503&times=2&delay=0.01")
    expect(page.locator("#times")).to_have_value("2")
    assert behaviour(mock) == {"code": 503, "times": 2, "delay": 0.01}
    page.goto("about:blank")
    page.goto(f"{root}#sequence=refused,ok")
    expect(page.locator("#steps li")).to_have_count(2)
    page.evaluate("location.hash = '#fault=img-crc'")
    expect(page.locator("#fault")).to_have_value("img-crc")
    page.evaluate("location.hash = '#scenario=nothing'")
    expect(page.get_by_role("alert")).to_contain_text("unknown scenario")
