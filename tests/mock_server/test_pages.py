"""Lists of the mock: their pages, the fields and headers about a page, and their end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest

from mock_server.core.mock import Mock
from tests.mock_server.documents import ask
from tests.mock_server.shop import BASE, DOCUMENT, checked, get


@pytest.fixture(scope="module")
def mock() -> Mock:
    return Mock(DOCUMENT, seed="1")


def pages_by_offset(mock: Mock) -> Iterator[list[Any]]:
    for offset in range(0, 100, 3):
        yield get(mock, "pets", f"/pets?limit=3&offset={offset}")


def pages_by_number(mock: Mock) -> Iterator[list[Any]]:
    for number in range(1, 100):
        yield get(mock, "petsOfOwner", f"/owners/7/pets?page={number}&per_page=3")["data"]


def pages_from_zero(mock: Mock) -> Iterator[list[Any]]:
    for number in range(100):
        yield get(mock, "jobs", f"/jobs?page={number}&size=3")["content"]


def pages_by_cursor(mock: Mock) -> Iterator[list[Any]]:
    target = "/orders?limit=3"
    while True:
        body = get(mock, "orders", target)
        yield body["items"]
        if not body["has_more"]:
            assert body.get("next_cursor") is None
            yield []
        target = f"/orders?limit=3&cursor={body['next_cursor']}"


def pages_by_link(mock: Mock) -> Iterator[list[Any]]:
    target = BASE + "/owners/7/pets?per_page=3"
    while True:
        reply = ask(mock, "GET", target)
        yield json.loads(reply.body)["data"]
        if 'rel="next"' not in reply.headers["Link"]:
            yield []
        target = reply.headers["Link"].partition(">")[0][1:]


@pytest.mark.parametrize("walk", [pages_by_offset, pages_by_number, pages_from_zero, pages_by_cursor, pages_by_link])
def test_lists_end(mock: Mock, walk: Any) -> None:
    """The pages of a list have its entities, each once, in order; the last one may be shorter, then there are none."""
    found = []
    for page in walk(mock):
        if not page:
            break
        assert len(found) % 3 == 0
        assert len(page) <= 3
        found += page
    whole = {
        pages_by_offset: lambda: get(mock, "pets", "/pets?limit=50"),
        pages_from_zero: lambda: get(mock, "jobs", "/jobs?size=100")["content"],
        pages_by_cursor: lambda: get(mock, "orders", "/orders?limit=100")["items"],
    }.get(walk, lambda: get(mock, "petsOfOwner", "/owners/7/pets?per_page=100")["data"])()
    assert len(found) >= 3
    assert found == whole


def test_fields_and_headers_about_the_page(mock: Mock) -> None:
    """Totals, numbers and flags agree with the list."""
    total = len(get(mock, "petsOfOwner", "/owners/7/pets?per_page=100")["data"])
    reply = ask(mock, "GET", BASE + "/owners/7/pets?page=1&per_page=2")
    body = checked(mock, reply, "petsOfOwner")
    pages = -(-total // 2)
    expected = {"total": total, "page": 1, "per_page": 2, "total_pages": pages, "has_more": True}
    assert {name: body["meta"][name] for name in expected} == expected
    assert dict(parse_qsl(body["meta"]["next"].partition("?")[2])) == {"page": "2", "per_page": "2"}
    assert reply.headers["X-Total-Count"] == str(total)
    last = get(mock, "petsOfOwner", f"/owners/7/pets?page={pages}&per_page=2")["meta"]
    assert (last["has_more"], last["next"], last["page"]) == (False, None, pages)
    jobs = get(mock, "jobs", "/jobs?page=0&size=2")
    assert (jobs["first"], jobs["last"], jobs["number"], jobs["numberOfElements"]) == (True, False, 0, 2)


def test_pages_have_the_documented_size_by_default(mock: Mock) -> None:
    """Without a parameter for the size, its default applies."""
    assert len(get(mock, "petsOfOwner", "/owners/7/pets")["data"]) == 4
    assert len(get(mock, "orders", "/orders")["items"]) == 3


def test_limits_of_the_schema_come_first(mock: Mock) -> None:
    """A list has as many items as its schema asks for."""
    assert len(get(mock, "limited", "/limited")) == len(get(mock, "limited", "/limited?offset=100")) == 2
    assert get(mock, "pets", "/pets?limit=0") == []
    assert get(mock, "pets", "/pets?limit=3&offset=1000") == []
