"""`$dynamicRef`: generic schemas, which the schemas around them bind (JSON Schema 2020-12 core §8.2.3.2)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from code_contract import Contract, ContractError, load
from mock_server import create_app

PAGE = {
    "$id": "https://example.com/Page",
    "type": "object",
    "required": ["data"],
    "properties": {"data": {"type": "array", "minItems": 2, "items": {"$dynamicRef": "#item"}}},
    "$defs": {"item": {"$dynamicAnchor": "item", "not": {}}},
}
TREE = {
    "$id": "https://example.com/Tree",
    "$dynamicAnchor": "node",
    "type": "object",
    "properties": {"value": {}, "children": {"type": "array", "items": {"$dynamicRef": "#node"}}},
}
NUMBERS = {
    "$id": "https://example.com/Numbers",
    "$dynamicAnchor": "node",
    "$ref": "#/components/schemas/Tree",
    "required": ["value"],
    "properties": {"value": {"type": "integer"}},
}
PET = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "minLength": 1}}}


def page_of(item: str) -> dict[str, Any]:
    """A page whose items are bound to a schema."""
    return {
        "$id": f"https://example.com/{item}s",
        "$ref": "#/components/schemas/Page",
        "$defs": {"item": {"$dynamicAnchor": "item", "$ref": f"#/components/schemas/{item}"}},
    }


def contract(path: Path, schemas: dict[str, Any], **responses: Any) -> Contract:
    """A contract with one operation for each schema of a response, whose id is the name of the parameter."""
    paths = {
        f"/{name}": {
            "get": {
                "operationId": name,
                "responses": {"200": {"description": "ok", "content": {"application/json": {"schema": schema}}}},
            }
        }
        for name, schema in responses.items()
    }
    info = {"title": "Pets", "version": "1"}
    document = {"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": schemas}}
    file = path / "openapi.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return load(file)


def schema_of(found: Contract, name: str) -> Any:
    """The resolved schema of an operation's response."""
    return found.resolved["paths"][f"/{name}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]


def test_two_pages_bind_their_items_apart(tmp_path: Path) -> None:
    """The items of a page are the nodes of the components themselves, so that an entity is the same everywhere."""
    schemas = {"Page": PAGE, "Pet": PET, "Tag": {"type": "string", "enum": ["a", "b"]}}
    found = contract(tmp_path, schemas, pets=page_of("Pet"), tags=page_of("Tag"))
    assert found.problems == ()
    components = found.resolved["components"]["schemas"]
    assert schema_of(found, "pets")["properties"]["data"]["items"] is components["Pet"]
    assert schema_of(found, "tags")["properties"]["data"]["items"] is components["Tag"]
    assert components["Page"]["properties"]["data"]["items"] == {"not": {}}
    client = create_app(found).test_client()
    assert all(each["name"] for each in client.get("/pets").get_json()["data"])
    assert set(client.get("/tags").get_json()["data"]) <= {"a", "b"}


def test_an_extended_tree_is_extended_at_every_depth(tmp_path: Path) -> None:
    """The outermost anchor decides, however deep the reference stands; the plain tree stays as it is."""
    schemas = {"Tree": TREE, "Numbers": NUMBERS}
    refs = {name.lower(): {"$ref": f"#/components/schemas/{name}"} for name in schemas}
    found = contract(tmp_path, schemas, **refs)
    value = {"value": 1, "children": [{"value": 2, "children": [{"value": "x"}]}]}
    assert Draft202012Validator(schema_of(found, "tree")).is_valid(value)
    assert not Draft202012Validator(schema_of(found, "numbers")).is_valid(value)
    value["children"][0]["children"][0]["value"] = 3  # type: ignore[index]
    assert Draft202012Validator(schema_of(found, "numbers")).is_valid(value)


@pytest.mark.parametrize("reference", ["#/components/schemas/Pet", "#pet"])
def test_a_reference_without_another_anchor_is_a_plain_one(tmp_path: Path, reference: str) -> None:
    """A pointer, and an anchor that nothing around it overrides, lead where `$ref` would."""
    found = contract(tmp_path, {"Pet": PET | {"$dynamicAnchor": "pet"}}, pet={"$dynamicRef": reference, "title": "A"})
    assert found.problems == ()
    assert not Draft202012Validator(schema_of(found, "pet")).is_valid({"name": ""})


@pytest.mark.parametrize(
    "schema",
    [
        {"$dynamicRef": "#nowhere"},
        {"$dynamicRef": 5},
        {"$dynamicRef": "https://example.com/#pet"},
        {"$dynamicAnchor": "self", "$dynamicRef": "#self"},
    ],
)
def test_a_reference_that_cannot_be_followed_is_ignored(tmp_path: Path, schema: dict[str, Any]) -> None:
    """It is reported with its pointer, and the operation is served."""
    found = contract(tmp_path, {}, pet=schema | {"type": "string"})
    assert [each.pointer.rpartition("/")[2] for each in found.problems][:1] == ["$dynamicRef"]
    assert isinstance(create_app(found).test_client().get("/pet").get_json(), str)


def test_a_circle_that_applies_to_one_value_is_rejected(tmp_path: Path) -> None:
    """As a circle of `$ref` is."""
    schemas = {"Back": {"$dynamicRef": "#self"}}
    with pytest.raises(ContractError, match="leads back to itself"):
        contract(
            tmp_path, schemas, pet={"$dynamicAnchor": "self", "$ref": "#/components/schemas/Back", "type": "string"}
        )
