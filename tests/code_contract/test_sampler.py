"""The sampler: values that conform to a schema, the same for the same seed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timezone
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from code_contract import load
from code_contract.sampler import Sampler, UnsatisfiableError, component_names
from tests.code_contract.documents import document
from tests.code_contract.schemas import FORMATS, INTEGER, OBJECT, PATTERNS, SCHEMAS, STRING


def recursive(**more: Any) -> dict[str, Any]:
    """A schema with a field of its own kind."""
    node: dict[str, Any] = {**OBJECT, "properties": {"name": STRING}, **more}
    node["properties"]["parent"] = node
    node["properties"]["children"] = {"type": "array", "items": node}
    return node


def levels(value: Any, name: str) -> int:
    return 1 + levels(value[name], name) if isinstance(value, dict) and name in value else 0


@pytest.mark.parametrize("seed", ["a", "b", "c"])
@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_values_conform(schema: Any, seed: str) -> None:
    """A value conforms to the schema by another validator, and is the same for the same seed."""
    found = Sampler({}).sample(schema, seed)
    Draft202012Validator(schema).validate(found)
    assert Sampler({}).sample(schema, seed) == found


@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns(pattern: str) -> None:
    """A text matches a pattern of ECMA-262; `conforms` of jsonschema-rs is the other opinion."""
    found = Sampler({}).sample({**STRING, "pattern": pattern}, "1")
    assert Sampler({}).conforms({**STRING, "pattern": pattern}, found), found


@pytest.mark.parametrize("name", FORMATS)
def test_formats(name: str) -> None:
    """A text conforms to its format, by jsonschema-rs."""
    schema = {**STRING, "format": name}
    found = Sampler({}).sample(schema, "1")
    assert Sampler({}).conforms(schema, found), found
    assert not Sampler({}).conforms(schema, "{ not <> a [")


def test_another_seed_gives_another_value() -> None:
    """Different seeds give different values."""
    schema = {**OBJECT, "properties": {"id": INTEGER, "name": STRING}}
    assert len({json.dumps(Sampler({}).sample(schema, str(seed))) for seed in range(20)}) > 15


def test_values_do_not_depend_on_the_process() -> None:
    """The hash seed of a process has no influence."""
    script = (
        "from code_contract.sampler import Sampler\n"
        "schemas = [{'type': 'string', 'pattern': each} for each in (r'[^a]+', r'\\W\\D\\S', '.+')]\n"
        "print([Sampler({}).sample(each, '1') for each in schemas])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1


def test_all_fields_are_filled() -> None:
    """Optional fields are filled at least three levels deep, and a recursive schema ends."""
    found = Sampler({}).sample(recursive(), "1")
    assert levels(found, "parent") >= 3
    assert found["children"][0]["children"][0]["children"][0]["name"]
    assert len(json.dumps(found)) < 100_000


@pytest.mark.parametrize(
    "link",
    [
        lambda node: {"oneOf": [node, {"type": "null"}]},
        lambda node: {"anyOf": [{"type": "null"}, node]},
        lambda node: {"allOf": [{"anyOf": [node, {"type": "null"}]}]},
        lambda node: {"type": ["array", "null"], "items": node, "minItems": 1},
        lambda node: {"if": {"type": "object"}, "then": node, "type": ["object", "null"]},
    ],
    ids=["oneOf", "anyOf", "allOf", "array", "if"],
)
def test_a_required_link_ends_with_null(link: Any) -> None:
    """A schema that requires a value of its own kind, or null, has values: filled first, then null."""
    node: dict[str, Any] = {**OBJECT, "required": ["value", "next"], "properties": {"value": INTEGER}}
    node["properties"]["next"] = link(node)
    found = Sampler({}).sample(node, "1")
    assert found["next"], "the first level is filled"
    assert Sampler({}).conforms(node, found)


@pytest.mark.parametrize(
    "schema",
    [
        recursive(required=["parent"]),
        {**STRING, "minLength": 10**9},
        {"type": "array", "uniqueItems": True, "minItems": 4, "items": {"enum": [1, 2, 3]}},
        {**INTEGER, "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        {"allOf": [STRING, INTEGER]},
        False,
    ],
    ids=["requires itself", "too long", "too few", "no integer", "two types", "false"],
)
def test_schemas_without_a_value(schema: Any) -> None:
    """A schema that no value conforms to is reported, within bounded time."""
    with pytest.raises(UnsatisfiableError):
        Sampler({}).sample(schema, "1")


def test_examples_come_first() -> None:
    """Constants, examples, defaults and enumerations are used in this order."""
    properties = {
        "const": {"const": "c", "examples": ["e"]},
        "example": {**STRING, "examples": ["e"], "default": "d", "enum": ["d", "e"]},
        "default": {**INTEGER, "default": 7},
        "enum": {"enum": [None, "only"]},
    }
    schema = {**OBJECT, "properties": properties}
    assert Sampler({}).sample(schema, "1") == {"const": "c", "example": "e", "default": 7, "enum": "only"}
    generated = Sampler({}, with_examples=False).sample(
        {**OBJECT, "properties": {"a": {**STRING, "default": "d"}}}, "1"
    )
    assert generated["a"] != "d"


def test_examples_of_parts_are_combined() -> None:
    """The example of one schema of `allOf` supplies its fields; the others are generated."""
    base = {**OBJECT, "properties": {"id": INTEGER}, "examples": [{"id": 7}]}
    found = Sampler({}).sample({"allOf": [base, {"properties": {"name": STRING}}]}, "1")
    assert found["id"] == 7
    assert found["name"]


@pytest.mark.parametrize(("is_request", "expected"), [(True, {"id", "secret"}), (False, {"id", "href"})])
def test_directions(is_request: bool, expected: set[str]) -> None:
    """Requests have no `readOnly` fields, responses no `writeOnly` ones, even required ones (OpenAPI 3.1 §4.8.24.1)."""
    properties = {"id": INTEGER, "href": {**STRING, "readOnly": True}, "secret": {"allOf": [{"writeOnly": True}]}}
    schema = {**OBJECT, "properties": properties, "required": ["id", "href", "secret"]}
    assert Sampler({}, is_request=is_request).sample(schema, "1").keys() == expected


def test_the_direction_of_a_field_is_its_own() -> None:
    """The mark of a field comes before that of the schema that it shares."""
    properties = {"at": {"readOnly": True, "allOf": [{**STRING, "writeOnly": True}]}}
    schema = {**OBJECT, "properties": properties, "required": ["at"]}
    assert "at" in Sampler({}).sample(schema, "1")
    assert "at" not in Sampler({}, is_request=True).sample(schema, "1")


def test_given_fields() -> None:
    """Given fields take the place of generated ones where they conform, at any depth."""
    pet = {**OBJECT, "properties": {"id": INTEGER, "name": STRING, "owner": {**OBJECT, "properties": {"name": STRING}}}}
    given = {"id": 42, "owner": {"name": "Ada"}, "note": "kept"}
    found = Sampler({}).sample(pet, "1", given=given)
    assert (found["id"], found["owner"], found["note"]) == (42, {"name": "Ada"}, "kept")
    wrong = Sampler({}).sample(pet, "1", given={"id": "none", "name": "Rex"})
    assert isinstance(wrong["id"], int)
    assert wrong["name"] == "Rex"
    items = Sampler({}).sample({"type": "array", "items": pet}, "1", given=[{"id": 1}, {"id": 2}, {"id": 3}])
    assert [each["id"] for each in items] == [1, 2, 3]


def test_fields_have_realistic_values() -> None:
    """The name of a field tells what its text is."""
    properties = dict.fromkeys(("email", "avatarUrl", "created_at", "city", "first_name"), STRING)
    found = Sampler({}, datetime(2030, 5, 1, tzinfo=timezone.utc)).sample({**OBJECT, "properties": properties}, "1")
    assert "@" in found["email"]
    assert found["avatarUrl"].startswith("https://")
    assert found["created_at"].startswith("2030-04")
    assert found["city"].istitle()


DISCRIMINATOR = """
components:
  schemas:
    Animal: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}],
             discriminator: {propertyName: kind, mapping: {feline: '#/components/schemas/Cat'}}}
    Base: {type: object, required: [kind], properties: {kind: {type: string}}, discriminator: {propertyName: kind}}
    Cat: {type: object, required: [kind], properties: {kind: {type: string}, claws: {type: integer}}}
    Dog: {type: object, required: [kind], properties: {kind: {type: string}, tail: {type: boolean}}}
    Fish: {allOf: [{$ref: '#/components/schemas/Base'}, {properties: {fins: {type: integer}}}]}
"""


def test_discriminators(tmp_path: Any) -> None:
    """The discriminator has the name of the schema, or that of the mapping (OpenAPI 3.1 §4.8.25)."""
    (tmp_path / "a.yaml").write_text(document(more=DISCRIMINATOR))
    resolved = load(tmp_path / "a.yaml").resolved
    schemas, sampler = resolved["components"]["schemas"], Sampler(component_names(resolved))
    found = [sampler.sample(schemas["Animal"], str(seed)) for seed in range(20)]
    assert {(each["kind"], "claws" in each) for each in found} == {("feline", True), ("Dog", False)}
    assert sampler.sample(schemas["Fish"], "1")["kind"] == "Fish"
