"""Requests of the page: they get the responses of any other, and change nothing for the apps under test."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from code_contract import Contract
from tests.conftest import GRANTED
from tests.mock_server.adapters import Adapter, Reply, post

PAGE = GRANTED | {"X-Mock-Source": "page"}


def page(target: Adapter, path: str = "/code", **headers: str) -> Reply:
    return target.send("POST", path, PAGE | headers)


def put(target: Adapter, behaviour: dict[str, Any]) -> None:
    body = json.dumps(behaviour).encode()
    assert target.send("PUT", "/__mock/behaviour", {"Content-Type": "application/json"}, body).status == 200


def listed(target: Adapter, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = target.send("GET", f"/__mock/requests{query}").json()["requests"]
    return found


BEHAVIOURS: dict[str, tuple[dict[str, Any], list[int]]] = {
    "times": ({"code": 503, "times": 2}, [503, 503, 200]),
    "sequence": ({"sequence": [{"scenario": "server-error"}, "ok", "server-error"]}, [500, 200, 500, 200]),
    "every nth": ({"scenario": "flaky"}, [200, 200, 500, 200, 200, 500]),
    "a fault that counts": ({"fault": "flaky-errors"}, [200, 200, 200, 500, 200]),
}


@pytest.mark.parametrize(("behaviour", "statuses"), BEHAVIOURS.values(), ids=BEHAVIOURS)
def test_a_request_of_the_page_uses_up_nothing(target: Adapter, behaviour: dict[str, Any], statuses: list[int]) -> None:
    """Before each request of the app, the page gets the response that the app gets next."""
    put(target, behaviour)
    for status in statuses:
        assert [page(target).status, page(target).status, post(target).status] == [status] * 3


def test_error_after_50_counts_requests_of_apps(target: Adapter) -> None:
    """60 requests of the page and 50 of an app succeed; the next one of either does not."""
    put(target, {"fault": "error-after-50"})
    assert {page(target).status for _ in range(60)} == {200}
    assert {post(target).status for _ in range(50)} == {200}
    assert (page(target).status, post(target).status) == (500, 500)


def test_the_last_challenge_is_that_of_the_app(target: Adapter) -> None:
    """Without a captcha for an app there is none."""
    page(target)
    assert target.send("GET", "/__mock/challenges/last").status == 404
    uuid = post(target).json()["data"]["uuid"]
    page(target)
    assert target.send("GET", "/__mock/challenges/last").json()["uuid"] == uuid


def test_an_answer_of_the_page_leaves_the_captcha_unused(target: Adapter) -> None:
    """The app can still answer it, once."""
    uuid = post(target).json()["data"]["uuid"]
    answer = target.send("GET", f"/__mock/challenges/{uuid}").json()["answer"]
    results = []
    for source in ("page", "page", "app", "page"):
        headers = {"Content-Type": "application/json", "X-Mock-Source": source}
        body = json.dumps({"answer": answer}).encode()
        results.append(target.send("POST", f"/__mock/challenges/{uuid}/answer", headers, body).json()["result"])
    assert results == ["right", "right", "right", "used"]


def test_a_seeded_mock_gives_an_app_the_same_captchas_with_and_without_the_page(
    serve: Callable[..., Adapter], contract: Contract
) -> None:
    """The captchas of the page come from a sequence of their own, which the seed repeats too."""
    one, two = serve(contract, seed="s"), serve(contract, seed="s")
    before = page(one).body
    bodies = [post(one).body for _ in range(2) if page(one)]
    assert bodies == [post(two).body for _ in range(2)]
    assert page(two).body == before
    assert before not in bodies


def test_the_journal_lists_requests_by_source(target: Adapter) -> None:
    """All by default; an unknown source in the query is an error, in the header it is that of an app."""
    post(target)
    page(target)
    target.send("POST", "/code", GRANTED | {"X-Mock-Source": "robot"})
    assert [each["source"] for each in listed(target)] == ["app", "page", "app"]
    assert [each["source"] for each in listed(target, "?source=page")] == ["page"]
    assert [each["source"] for each in listed(target, "?source=app")] == ["app", "app"]
    refused = target.send("GET", "/__mock/requests?source=robot")
    assert (refused.status, refused.json()) == (400, {"error": "source='robot' is not a valid source; use app or page"})


def test_the_metrics_count_requests_of_apps(target: Adapter) -> None:
    """A request of the page is not counted."""

    def counted() -> str:
        name = 'mock_requests_total{operation="getCode",status="200"}'
        lines = target.send("GET", "/__mock/metrics").body.decode().splitlines()
        return next((each for each in lines if each.startswith(name)), "")

    post(target)
    before = counted()
    page(target)
    assert counted() == before
    post(target)
    assert counted() != before


def test_the_header_is_no_part_of_the_exchange(target: Adapter) -> None:
    """It is neither validated nor seen by a fault that rejects unknown headers, and the response is the app's."""
    put(target, {"fault": "unknown-header-rejected"})
    assert target.send("POST", "/code", GRANTED | {"X-Other": "page"}).status == 500
    answer = page(target)
    assert answer.status == 200
    assert "x-mock-source" not in f"{answer.headers} {answer.body!r}".lower()
