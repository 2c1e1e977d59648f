"""Coherence of the responses of the mock: entities, lists and their pages, writes, times. Nothing is stored."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from mock_server.core.mock import Mock
from mock_server.core.state import State
from mock_server.core.violations import ValidationMode
from tests.mock_server.documents import ask
from tests.mock_server.shop import BASE, DOCUMENT, JSON, checked, get, send

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)
"""The time of a mock with a seed."""


@pytest.fixture(scope="module")
def mock() -> Mock:
    return Mock(DOCUMENT, seed="3")


@pytest.mark.parametrize("prefer", ["", "dynamic=true"])
@pytest.mark.parametrize(
    ("operation_id", "target", "expected"),
    [
        ("pet", "/pets/42", {"id": 42}),
        ("petOfOwner", "/owners/7/pets/42", {"id": 42, "owner_id": 7}),
        ("job", "/jobs/nightly", {"slug": "nightly"}),
        ("book", "/books/42", {"id": 42}),
        ("showOrder", "/orders/11111111-1111-4111-8111-111111111111", {"uuid": "11111111-1111-4111-8111-111111111111"}),
    ],
)
def test_path_parameters_identify_the_entity(
    mock: Mock, operation_id: str, target: str, expected: dict[str, Any], prefer: str
) -> None:
    """The entity has the values of the path, with the types of its schema."""
    found = get(mock, operation_id, target, prefer)
    found = found.get("data", found)
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize("prefer", ["", "dynamic=true"])
@pytest.mark.parametrize(
    ("operation_id", "target", "place", "detail_id", "detail", "key"),
    [
        ("pets", "/pets", "", "pet", "/pets/{}", "id"),
        ("petsOfOwner", "/owners/7/pets", "data", "petOfOwner", "/owners/7/pets/{}", "id"),
        ("orders", "/orders", "items", "showOrder", "/orders/{}", "uuid"),
        ("jobs", "/jobs", "content", "job", "/jobs/{}", "slug"),
        ("books", "/books", "", "book", "/books/{}", "id"),
        ("albums", "/albums", "", "album", "/albums/{}", "id"),
    ],
)
def test_an_item_of_a_list_is_the_entity_of_its_path(
    mock: Mock, operation_id: str, target: str, place: str, detail_id: str, detail: str, key: str, prefer: str
) -> None:
    """The detail has each field of the item, with its value; items differ."""
    body = get(mock, operation_id, target, prefer)
    items = body[place] if place else body
    assert len(items) >= 3
    assert len({each[key] for each in items}) == len(items)
    assert len({str({**each, key: None}) for each in items}) > 1
    for item in items:
        found = get(mock, detail_id, detail.format(str(item[key]).replace(" ", "%20")), prefer)
        found = found.get("data", found)
        assert {name: found[name] for name in item} == item


def test_lists_of_different_parents_differ(mock: Mock) -> None:
    """The pets of two owners have different ids, and the id of their owner."""
    first, second = (get(mock, "petsOfOwner", f"/owners/{each}/pets")["data"] for each in (1, 2))
    assert {each["id"] for each in first}.isdisjoint(each["id"] for each in second)
    assert {each["owner_id"] for each in second} == {2}


def test_the_same_seed_has_the_same_world() -> None:
    """Two mocks with one seed agree in any order of requests; another seed has other entities."""
    targets = ["/pets", "/pets/42", "/owners/7/pets?page=2", "/orders", "/jobs?size=2"]
    first, second, third = Mock(DOCUMENT, seed="1"), Mock(DOCUMENT, seed="1"), Mock(DOCUMENT, seed="2")
    expected = [ask(first, "GET", BASE + each).body for each in targets]
    assert [ask(second, "GET", BASE + each).body for each in reversed(targets)] == expected[::-1]
    assert all(ask(third, "GET", BASE + each).body != body for each, body in zip(targets, expected, strict=True))


def test_a_created_entity_has_what_was_sent(mock: Mock) -> None:
    """It is completed; read-only fields are generated and write-only ones absent."""
    sent = {"id": 5, "name": "Bo", "chip": "x", "toys": [{"label": "a"}, {"label": "b"}, {"label": "c"}], "more": 1}
    found = send(mock, "addPet", "/pets", sent)
    assert found["name"] == "Bo"
    assert [each["label"] for each in found["toys"]] == ["a", "b", "c"]
    assert all(isinstance(each["id"], int) for each in found["toys"])
    assert found["owner_id"]
    assert found["home"]["city"]
    assert not {"chip", "more"} & found.keys()
    assert found["id"] != 5
    assert send(mock, "addPet", "/pets", {"name": "Al"})["id"] != found["id"]
    assert send(mock, "addPet", "/pets", sent) == found


def test_forms_are_given_back_with_types(mock: Mock) -> None:
    """A field of a form has the type of the schema."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    found = checked(mock, ask(mock, "POST", BASE + "/pets", headers, b"name=Bo&owner_id=5"), "addPet")
    assert (found["name"], found["owner_id"]) == ("Bo", 5)


def test_location_of_a_created_entity(mock: Mock) -> None:
    """`Location` is the path of the entity, absolute if the schema asks for it, also without a body."""
    reply = ask(mock, "POST", BASE + "/pets", JSON, b'{"name": "Bo"}')
    assert reply.headers["Location"] == f"{BASE}/pets/{json.loads(reply.body)['id']}"
    reply = ask(mock, "POST", BASE + "/orders", JSON, b'{"status": "paid"}')
    data = checked(mock, reply, "order")["data"]
    assert data["status"] == "paid"
    assert reply.headers["Location"] == f"https://shop.example{BASE}/orders/{data['uuid']}"
    assert ask(mock, "POST", BASE + "/jobs").headers["Location"].startswith(f"{BASE}/jobs/")


def test_a_wrapped_body_is_given_back(mock: Mock) -> None:
    """The entity may be sent as it is, or wrapped like the response."""
    for body in ({"status": "paid", "note": "x"}, {"data": {"status": "paid", "note": "x"}}):
        found = send(mock, "order", "/orders", body)["data"]
        assert (found["status"], found["note"]) == ("paid", "x")


@pytest.mark.parametrize("operation_id", ["changePet", "replacePet"])
def test_changes_keep_the_entity(mock: Mock, operation_id: str) -> None:
    """A changed entity has its id, what was sent, and else its own fields."""
    before = get(mock, "pet", "/pets/42")
    found = send(mock, operation_id, "/pets/42", {"name": "Bo", "home": {"city": "Rome"}})
    assert found == {**before, "name": "Bo", "home": {**before["home"], "city": "Rome"}}


def test_a_null_removes_a_field(mock: Mock) -> None:
    """A null in a PATCH removes the field, if it is not a value of it and not required (RFC 7396 §1)."""
    before = get(mock, "pet", "/pets/42")
    found = send(mock, "changePet", "/pets/42", {"home": {"city": None}, "toys": None, "nick": None})
    kept = {name: each for name, each in before.items() if name != "toys"}
    assert found == {**kept, "home": {"street": before["home"]["street"]}, "nick": None}


def test_actions_and_removals_show_the_entity(mock: Mock) -> None:
    """A response with the same schema below the path of an entity has that entity."""
    before = get(mock, "pet", "/pets/42")
    assert checked(mock, ask(mock, "POST", BASE + "/pets/42/feed"), "feed") == before
    assert checked(mock, ask(mock, "DELETE", BASE + "/pets/42"), "removePet") == before


def test_values_that_violate_the_response_are_not_given_back() -> None:
    """The response conforms; other fields that were sent are in it."""
    headers = {**JSON, "Prefer": "dynamic=true"}
    relaxed = Mock(DOCUMENT, seed="1", validate=ValidationMode.OFF)
    reply = ask(relaxed, "POST", BASE + "/pets", headers, b'{"name": "' + b"x" * 30 + b'", "owner_id": 5}')
    found = checked(relaxed, reply, "addPet")
    assert len(found["name"]) <= 20
    assert found["owner_id"] == 5


def test_a_response_without_an_entity_gives_back_too(mock: Mock) -> None:
    """Fields of the request that the response has are in it, except secrets."""
    found = send(mock, "login", "/login", {"user": "Ada", "error": "excluded by the schema", "password": "hunter2"})
    assert found["user"] == "Ada"
    assert "error" not in found
    assert "hunter2" not in json.dumps(found)


def test_examples_come_first(mock: Mock) -> None:
    """An example is sent with the id of the request, or what was sent; one that is asked for by name as it is."""
    assert get(mock, "book", "/books/1") == {"id": 1, "title": "Emma"}
    assert get(mock, "book", "/books/2") == {"id": 2, "title": "Middlemarch"}
    assert get(mock, "album", "/albums/42") == {"id": 42, "title": "Blue"}
    assert get(mock, "book", "/books/42") == {"id": 42, "title": "Emma"}
    assert get(mock, "book", "/books/42", "example=dune") == {"id": 9, "title": "Dune"}
    assert send(mock, "addBook", "/books", {"title": "It"}) == {"id": 1, "title": "It"}
    assert [each["id"] for each in get(mock, "books", "/books")] == [1, 2, 3]
    assert [each["id"] for each in get(mock, "books", "/books?limit=2&page=2")] == [3]


@pytest.mark.parametrize("seed", ["1", None])
def test_times(seed: str | None) -> None:
    """Times are relative to now, or to a fixed day with a seed; what is created is older than its update."""
    mock = Mock(DOCUMENT, seed=seed)
    now = NOW if seed else datetime.now(timezone.utc)
    for order in get(mock, "orders", "/orders?limit=20")["items"]:
        found = get(mock, "showOrder", f"/orders/{order['uuid']}")["data"]
        created, updated, expires = (
            datetime.fromisoformat(found[name].replace("Z", "+00:00"))
            for name in ("created_at", "updated_at", "expires_at")
        )
        assert now - timedelta(days=32) < created <= updated <= now < expires
    for job in get(mock, "jobs", "/jobs?size=20")["content"]:
        assert now.timestamp() - 32 * 86_400 < job["startedAt"] < now.timestamp() < job["endsAt"]


def test_mocks_with_one_secret_agree() -> None:
    """Times are relative to the start of the day, so that mocks that were started at different times agree."""
    now = State.new(secret=b"x").clock.today()
    assert now.strftime("%H:%M:%S.%f") == "00:00:00.000000"
    first, second = Mock(DOCUMENT, secret=b"x"), Mock(DOCUMENT, secret=b"x")
    assert ask(first, "GET", BASE + "/orders").body == ask(second, "GET", BASE + "/orders").body
