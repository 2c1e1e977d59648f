"""The JSON Schema of the extensions: what editors validate by is what the loader validates by."""

from __future__ import annotations

import copy
import json
import re
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry, Resource

from code_contract import (
    ContractError,
    default_path,
    extensions,
    grammar,
    load,
    marks,
    pointers,
    scenarios,
    yaml_reader,
)
from tests.code_contract.documents import HEAD, document
from tests.paths import ROOT

SCHEMA = "code_contract/x-clauses.schema.json"
CONTRACTS = sorted((ROOT / "examples" / "contracts").glob("*.yaml"))
CLAUSE = {"id": "it-holds", "section": "s", "level": "must", "origin": "implied", "text": "It holds."}
SECTIONS = [{"id": "s", "title": "S", "zh": "S"}]


@lru_cache(1)
def editor() -> Draft202012Validator:
    """The validator that an editor makes of the schema and the schemas of OpenAPI that it refers to."""
    folder = files("openapi_spec_validator") / "resources" / "schemas"
    texts = [(folder / f"v3.{minor}" / "schema.json").read_text(encoding="utf-8") for minor in (0, 1, 2)]
    registry = Registry().with_resources(
        (each.id() or "", each) for each in (Resource.from_contents(json.loads(text)) for text in texts)
    )
    return Draft202012Validator(extensions.schema(), registry=registry)


def errors(value: Any) -> list[str]:
    """The errors that an editor shows, with their pointers."""
    found = (best_match([each]) for each in editor().iter_errors(value))
    return [f"{pointers.join('', *each.absolute_path)}: {each.message}" for each in found if each is not None]


def test_the_schema_is_valid() -> None:
    """It is a schema of JSON Schema 2020-12."""
    Draft202012Validator.check_schema(extensions.schema())


def test_the_schema_visits_every_object_of_openapi() -> None:
    """The definitions lead to the same objects as the grammar of the loader."""
    definitions = extensions.schema()["$defs"]
    for kind, children in grammar.CHILDREN.items():
        found = {}
        for key, node in definitions[kind].get("properties", {}).items():
            names = re.findall(r"#/\$defs/([a-z-]+)", json.dumps(node))
            form = "map" if {"additionalProperties", "patternProperties"} & node.keys() else "list"
            if names and names[0] in grammar.CHILDREN:
                found[key] = grammar.Child(names[0], "one" if "$ref" in node or "allOf" in node else form)
        assert found == children, kind
    assert definitions["callback"]["patternProperties"] == {"^(?!x-)": {"$ref": "#/$defs/path-item"}}


def test_constants_of_the_code_are_those_of_the_schema() -> None:
    """The longest delay, the marks and the types of pictures."""
    definitions = extensions.schema()["$defs"]
    assert definitions["scenario"]["properties"]["delay"]["maximum"] == scenarios.MAX_DELAY_SECONDS
    assert definitions["picture"]["properties"]["type"]["enum"] == list(marks.FORMATS)
    for kind in ("schema", "parameter"):
        values = definitions[kind]["properties"]["x-mock"]["enum"]
        assert values == [marks.CHALLENGE_UUID, marks.CHALLENGE_PICTURE, marks.CHALLENGE_ANSWER]


@pytest.mark.parametrize("path", [default_path(), *CONTRACTS], ids=lambda path: path.name)
def test_the_documents_of_this_project_are_valid_in_an_editor(path: Path) -> None:
    """The first comment names the schema, and the document conforms to it and to OpenAPI."""
    found = re.match(r"# yaml-language-server: \$schema=(\S+)\n", path.read_text("utf-8"))
    assert found
    assert (path.parent / found[1]).resolve() == ROOT / SCHEMA
    assert errors(yaml_reader.read(path).document) == []


WRONG: dict[str, tuple[str, Any, str]] = {
    "key of a clause": ("/paths/~1code/post/x-clauses/0/severity", 1, "x-clauses/0: Additional properties"),
    "level": ("/x-clauses/0/level", "shall", "/x-clauses/0/level: 'shall' is not one of"),
    "id": ("/x-clauses/0/id", "8259", "/x-clauses/0/id: '8259' does not match"),
    "origin": ("/components/schemas/Envelope/x-clauses/0/origin", "taste", "origin: 'taste' is not one of"),
    "source of a clause": ("/x-clauses/1/source", None, "'source' is a required property"),
    "key of a section": ("/x-sections/0/name", "a", "/x-sections/0: Additional properties"),
    "key of a scenario": ("/components/x-scenarios/slow/dealy", 1, "/x-scenarios/slow: Additional properties"),
    "delay": ("/components/x-scenarios/slow/delay", 61, "/components/x-scenarios/slow/delay: 61 is greater"),
    "status": ("/components/examples/refused/x-status", "200", "x-status: '200' is not of type 'integer'"),
    "header": ("/components/examples/refused/x-headers", {"a b": ""}, "x-headers: 'a b' does not match"),
    "mark": ("/components/schemas/Captcha/properties/uuid/x-mock", "uuid", "x-mock: 'uuid' is not one of"),
    "OpenAPI": ("/paths/~1code/post/responses/200/description", None, "'description' is a required property"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_an_editor_shows_a_wrong_value(name: str) -> None:
    """The error is at the value, or at its object if a key is wrong or missing."""
    pointer, value, message = WRONG[name]
    wrong = copy.deepcopy(load().document)
    *above, key = pointers.split(pointer)
    if value is None:
        del pointers.find(wrong, above)[key]
    else:
        pointers.find(wrong, above)[key] = value
    assert [each for each in errors(wrong) if message in each]


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_an_editor_validates_each_version_of_openapi(version: str) -> None:
    """A document without `info` is invalid in each version, in its own words."""
    value: dict[str, Any] = {"openapi": version, "info": {"title": "T", "version": "1"}, "paths": {}}
    assert errors(value) == []
    del value["info"]
    assert any("'info' is a required property" in each for each in errors(value))


def write(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


@pytest.mark.parametrize("reference", ["more.json#/A", "#/x-shared/A"])
def test_an_extension_is_validated_wherever_a_reference_leads(tmp_path: Path, reference: str) -> None:
    """In another file, and at a place for which OpenAPI has no object."""
    clause = dict(CLAUSE)
    schema = {"type": "string", "x-clauses": [clause]}
    response = {"description": "", "content": {"text/plain": {"schema": {"$ref": reference}}}}
    value = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "x-sections": SECTIONS,
        "paths": {"/a": {"get": {"responses": {"200": response}}}},
    }
    if reference.startswith("#"):
        value["x-shared"] = {"A": schema}
    write(tmp_path / "more.json", {"A": schema})
    assert "it-holds" in load(write(tmp_path / "a.json", value)).clauses
    del clause["text"]
    write(tmp_path / "more.json", {"A": schema})
    with pytest.raises(ContractError, match="A/x-clauses/0: the clause 'it-holds' has no text; add text"):
        load(write(tmp_path / "a.json", value))


@pytest.mark.parametrize("member", ["components: null", "components: {schemas: [1]}", "webhooks: [1]", "servers: null"])
def test_clauses_of_a_slightly_invalid_document_are_read(tmp_path: Path, member: str) -> None:
    """Whatever violates OpenAPI is left out; the clauses of the rest apply."""
    path = tmp_path / "openapi.yaml"
    clauses = f"x-sections: {json.dumps(SECTIONS)}\nx-clauses: {json.dumps([CLAUSE])}\n"
    body = "      requestBody: {content: null}\n      parameters: [null, 1]\n      tags: null\n"
    path.write_text(document("{properties: null, allOf: 1, items: []}", f"{body}{clauses}{member}\n"), "utf-8")
    contract = load(path)
    assert [each.operation_id for each in contract.clauses["it-holds"].sites] == ["a"]


def test_clauses_that_no_operation_uses_are_refused(tmp_path: Path) -> None:
    """Also where OpenAPI has no object, whose clauses are not validated."""
    path = tmp_path / "openapi.yaml"
    path.write_text(f"{HEAD}paths: {{}}\ntags: [{{name: a, x-clauses: [{{}}]}}]\n", "utf-8")
    with pytest.raises(ContractError, match="/tags/0/x-clauses: no operation uses the node of these clauses; move"):
        load(path)


VALUES: tuple[object, ...] = (None, True, 5, 1e400, "x", "\ud800", [], [[5]], {}, {"a": {"b": 5}})
PLACES = [
    "/x-sections", "/x-sections/0", "/x-sections/0/id", "/x-clauses", "/x-clauses/0", "/info/x-document",
    *(f"/x-clauses/0/{key}" for key in (*CLAUSE, "quotes", "source", "keywords", "schema", "limits", "other")),
    *(f"/components/x-scenarios{each}" for each in ("", "/a", "/a/example", "/a/delay", "/a/every_nth", "/a/summary")),
    *(f"/components/examples/a/{each}" for each in ("x-status", "x-headers", "x-headers/A")),
    *(f"/paths/~1a/get/{key}" for key in ("x-content-type", "x-success", "x-success/properties", "x-clauses")),
    *(f"/paths/~1a/get/parameters/0/{key}" for key in ("x-source", "x-mock", "x-assumption", "x-quote", "x-i18n-zh")),
    *(f"/components/schemas/A/{each}" for each in ("x-mock", "x-picture", "x-picture/width", "x-clauses")),
]  # fmt: skip


def refusal(path: Path) -> str:
    """Return the message with which a document is refused, "" if it is read."""
    try:
        load(path)
    except ContractError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("pointer", PLACES)
def test_any_value_of_an_extension_is_read_or_one_sentence(tmp_path: Path, pointer: str) -> None:
    """Whatever its type, a value at its place never ends in another error."""
    response = {"description": "", "content": {"text/plain": {"schema": {"$ref": "#/components/schemas/A"}}}}
    parameter = {"name": "q", "in": "query", "schema": {"type": "string"}, "example": "x"}
    template = {
        "openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "x-sections": SECTIONS, "x-clauses": [CLAUSE],
        "paths": {"/a": {"get": {"x-success": {}, "parameters": [parameter], "responses": {"200": response}}}},
        "components": {
            "examples": {"a": {"value": 1, "x-headers": {}}},
            "schemas": {"A": {"type": "string", "x-picture": {}}},
            "x-scenarios": {"a": {"summary": "s", "zh": "s"}},
        },
    }  # fmt: skip
    *above, key = pointers.split(pointer)
    for value in VALUES:
        changed = copy.deepcopy(template)
        container = pointers.find(changed, above)
        container[int(key) if isinstance(container, list) else key] = value
        path = write(tmp_path / "openapi.json", changed)
        assert "\n" not in refusal(path)
