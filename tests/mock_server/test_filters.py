"""Query parameters that name a field of the items of a list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mock_server.core.mock import Mock
from tests.mock_server.documents import ask, mock_of, value

STATUS: dict[str, Any] = {"type": "string", "enum": ["available", "pending", "sold"]}
PET: dict[str, Any] = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "status": STATUS,
        "sold": {"type": "boolean"},
        "size": {"type": "string", "enum": ["S", "M", "L"]},
    },
}
QUERY: dict[str, Any] = {
    "status": {"type": "array", "items": STATUS},
    "filter[status]": STATUS,
    "size": {"type": "string", "enum": ["S", "M", "L"]},
    "sold": {"type": "boolean"},
    "name": {"type": "string"},
    "id": {"type": "string"},
    "page": {"type": "integer"},
    "limit": {"type": "integer"},
}


def listed(content: dict[str, Any]) -> dict[str, Any]:
    """An operation with the parameters of QUERY."""
    parameters = [{"name": name, "in": "query", "schema": schema} for name, schema in QUERY.items()]
    return {"parameters": parameters, "responses": {"200": {"description": "o", "content": content}}}


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Mock:
    pet = {"$ref": "#/components/schemas/Pet"}
    path = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    detail = {
        "parameters": [path],
        "responses": {"200": {"description": "o", "content": {"application/json": {"schema": pet}}}},
    }
    pets = {"type": "array", "items": pet}
    page = {"type": "object", "properties": {"items": pets, "total": {"type": "integer"}}}
    stated = [{"id": 1, "status": "sold"}, {"id": 2, "status": "pending"}]
    paths = {
        "/pets": {"get": listed({"application/json": {"schema": page}})},
        "/pets/{id}": {"get": detail},
        "/full": {"get": listed({"application/json": {"schema": {**pets, "minItems": 12}}})},
        "/stated": {"get": listed({"application/json": {"schema": pets, "example": stated}})},
    }
    return mock_of(tmp_path_factory.mktemp("filters"), paths, components={"schemas": {"Pet": PET}})


def get(mock: Mock, target: str) -> Any:
    return value(ask(mock, "GET", target))


@pytest.mark.parametrize(
    ("query", "field", "expected"),
    [
        ("status=available", "status", {"available"}),
        ("status=available&status=sold", "status", {"available", "sold"}),
        ("filter[status]=sold", "status", {"sold"}),
        ("filter%5Bstatus%5D=sold", "status", {"sold"}),
        ("size=M", "size", {"M"}),
        ("sold=true", "sold", {True}),
    ],
)
def test_a_field_filters_a_list(mock: Mock, query: str, field: str, expected: set[Any]) -> None:
    """The list has the items of the whole list that pass, in order; the total counts them."""
    every, found = get(mock, "/pets?limit=100")["items"], get(mock, f"/pets?limit=100&{query}")
    assert found["items"] == [each for each in every if each[field] in expected]
    assert 0 < len(found["items"]) == found["total"] < len(every)


def test_filters_and_pages_combine(mock: Mock) -> None:
    """A page is one of the items that pass; an id in another type filters too."""
    every = get(mock, "/pets?limit=100&status=sold")["items"]
    assert get(mock, "/pets?limit=1&page=2&status=sold") == {"items": every[1:2], "total": len(every)}
    assert get(mock, f"/pets?id={every[0]['id']}&status=sold&name={every[0]['name']}")["items"] == every[:1]


def test_a_filter_that_no_item_passes_finds_further_entities(tmp_path: Path) -> None:
    """So that a list is not empty; each entity is the one of its own path. A value of no entity filters nothing."""
    many = {"type": "string", "enum": [f"kind-{number}" for number in range(12)]}
    pet = {**PET, "properties": {**PET["properties"], "kind": many}}
    parameter = {"name": "kind", "in": "query", "schema": many}
    path = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    ref = {"$ref": "#/components/schemas/Pet"}
    contents = [{"application/json": {"schema": each}} for each in ({"type": "array", "items": ref}, ref)]
    first, second = ({"200": {"description": "o", "content": each}} for each in contents)
    paths = {
        "/pets": {"get": {"parameters": [parameter, {**parameter, "name": "name", "schema": {}}], "responses": first}},
        "/pets/{id}": {"get": {"parameters": [path], "responses": second}},
    }
    mock = mock_of(tmp_path, paths, components={"schemas": {"Pet": pet}})
    every = get(mock, "/pets")
    for kind in many["enum"]:
        found = get(mock, f"/pets?kind={kind}")
        assert {each["kind"] for each in found} == {kind}
        assert all(get(mock, f"/pets/{each['id']}") == each for each in found)
    assert get(mock, "/pets?name=nobody") == every


def test_the_schema_and_examples_come_first(mock: Mock) -> None:
    """A filter leaves as many items as the schema requires; of an example, it leaves those that pass, or all."""
    assert len(get(mock, "/full?status=sold&limit=100")) >= 12
    assert [each["id"] for each in get(mock, "/stated?status=pending")] == [2]
    assert [each["id"] for each in get(mock, "/stated?status=available")] == [1, 2]
