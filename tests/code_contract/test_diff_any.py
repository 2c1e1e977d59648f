"""Changes of other documents: credentials, defaults, directions, shared and recursive schemas."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from code_contract import Contract, load, pointers
from code_contract.diff import Change, changes
from code_contract_cli.main import run
from tests.code_contract.versions import (
    BOTH,
    CONSUMERS,
    ENVELOPE,
    GONE,
    LOOKS,
    NOBODY,
    PROVIDERS,
    edited_by,
    kinds,
    put,
)

REF = {"$ref": "#/components/schemas/Node"}
JSON = {"application/json": {"schema": REF}}


def operation(**more: Any) -> dict[str, Any]:
    return {"responses": {"200": {"description": "ok", "content": JSON}}, **more}


DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "T", "version": "1"},
    "security": [{"key": []}],
    "paths": {
        "/a": {"get": operation(), "post": operation(requestBody={"content": JSON})},
        "/b/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": operation(
                security=[{"key": []}, {"login": ["read"], "key": []}],
                parameters=[
                    {"name": "tags", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
                    {"name": "size", "in": "query", "schema": {"type": "integer", "default": 10}},
                ],
            ),
            "put": operation(),
        },
    },
    "components": {
        "securitySchemes": {
            "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
            "login": {"type": "oauth2", "flows": {"implicit": {"authorizationUrl": "/", "scopes": {"read": "r"}}}},
        },
        "schemas": {
            "Node": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "default": "x"},
                    "id": {"type": "integer", "readOnly": True},
                    "secret": {"type": "string", "writeOnly": True},
                    "children": {"type": "array", "items": REF},
                    "parent": REF,
                },
            }
        },
    },
}
DOCUMENT = json.loads(json.dumps(DOCUMENT))  # no two places share a node
NODE = "/components/schemas/Node"
GET_B = "/paths/~1b~1{id}/get"
SECURITY = f"{GET_B}/security"
Compare = Callable[..., list[Change]]


@pytest.fixture
def compare(tmp_path: Path) -> Compare:
    """Return the changes from DOCUMENT to an edited version of it."""

    def compared(edits: dict[str, Any], old: dict[str, Any] = DOCUMENT) -> list[Change]:
        new = copy.deepcopy(old)
        for pointer, value in edits.items():
            put(new, pointer, value if value is GONE else copy.deepcopy(value))
        for name, document in (("old", old), ("new", new)):
            (tmp_path / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
        return changes(load(tmp_path / "old.json"), load(tmp_path / "new.json"))

    return compared


LOGIN = {"login": ["read"], "key": []}
EDITS: dict[str, tuple[dict[str, Any], tuple[str, str], list[str]]] = {
    "alternative removed": ({SECURITY: [LOGIN]}, BOTH, ['the security alternative "key" removed']),
    "covered alternative removed": ({SECURITY: [{"key": []}]}, LOOKS, []),
    "alternative added": ({f"{SECURITY}/-": {"login": []}}, PROVIDERS, ['security "login" is enough']),
    "other alternative added": ({f"{SECURITY}/-": {"token": []}}, NOBODY, ['the security alternative "token" added']),
    "other alternative instead": ({SECURITY: [{"token": []}]}, BOTH, ['the security alternative "key" removed', '"token" added']),
    "requirement added": ({SECURITY: [{"key": [], "token": []}]}, BOTH, ['security "key" now needs "token" besides']),
    "scope added": ({f"{SECURITY}/1/login/-": "write", f"{SECURITY}/0": GONE}, BOTH, ['security "key" now needs "login" (read, write) besides']),
    "alternatives reordered": ({SECURITY: [LOGIN, {"key": []}]}, LOOKS, []),
    "credentials optional": ({f"{SECURITY}/-": {}}, PROVIDERS, ["requests without credentials are allowed"]),
    "security of the document": ({"/security/0": {"token": []}}, BOTH, ['"key" removed', '"token" added']),
    "own security": ({f"{GET_B}/security": GONE}, LOOKS, []),
    "scheme": ({"/components/securitySchemes/key/name": "X-Other"}, BOTH, ["name"]),
    "description of a scheme": ({"/components/securitySchemes/key/description": "d"}, LOOKS, ["description"]),
    "scope of a scheme removed": ({"/components/securitySchemes/login/flows/implicit/scopes/read": GONE}, CONSUMERS, ["the scope read removed"]),
    "default of a parameter": ({f"{GET_B}/parameters/1/schema/default": 20}, BOTH, ["default changed from 10 to 20; an absent value has another meaning"]),
    "default of a parameter added": ({f"{GET_B}/parameters/0/schema/default": []}, PROVIDERS, ["default added: []"]),
    "default of a parameter removed": ({f"{GET_B}/parameters/1/schema/default": GONE}, CONSUMERS, ["default removed: 10"]),
    "style written out": ({f"{GET_B}/parameters/0/style": "form", f"{GET_B}/parameters/0/explode": True}, LOOKS, ["style", "explode"]),
    "style": ({f"{GET_B}/parameters/0/style": "pipeDelimited"}, BOTH, ["style"]),
    "explode": ({f"{GET_B}/parameters/0/explode": False}, BOTH, ["explode"]),
    "flag written out": ({f"{GET_B}/parameters/0/allowReserved": False}, LOOKS, ["allowReserved"]),
    "parameter of a path": ({"/paths/~1b~1{id}/parameters/0/schema/type": "integer"}, BOTH, ["type no longer names", "now names"]),
    "parameter moved to operations": (
        {"/paths/~1b~1{id}/parameters": GONE, f"{GET_B}/parameters/-": DOCUMENT["paths"]["/b/{id}"]["parameters"][0],
         "/paths/~1b~1{id}/put/parameters": DOCUMENT["paths"]["/b/{id}"]["parameters"]}, LOOKS, ["parameters reordered"]),
    "path": ({"/paths/~1c~1{id}": DOCUMENT["paths"]["/b/{id}"]}, PROVIDERS, ["the operation get added", "the operation put added"]),
    "media type added": ({f"{GET_B}/responses/200/content/text~1csv": {}}, CONSUMERS, ["the media type text/csv added"]),
    "media type removed": ({f"{GET_B}/responses/200/content/application~1json": GONE}, BOTH, ["the media type application/json removed"]),
    "read-only field required": ({f"{NODE}/required/-": "id"}, PROVIDERS, ['required now names "id"; fewer responses']),
    "write-only field required": ({f"{NODE}/required/-": "secret"}, CONSUMERS, ['required now names "secret"; fewer requests']),
    "read-only field added": ({f"{NODE}/properties/at": {"readOnly": True}}, NOBODY, ["the field 'at' added; a response may contain it"]),
    "read-only field removed": ({f"{NODE}/properties/id": GONE}, CONSUMERS, ["the field 'id' removed; it is no longer documented in a response"]),
    "read-only field": ({f"{NODE}/properties/id/type": "string"}, BOTH, ['responses are allowed']),
    "field read-only": ({f"{NODE}/properties/name/readOnly": True}, CONSUMERS, ["readOnly added: true; servers no longer handle it", "readOnly added: true; it has no effect"]),
    "field write-only": ({f"{NODE}/properties/name/writeOnly": True}, CONSUMERS, ["writeOnly added: true; it is no longer documented in a response", "no effect"]),
    "field no longer read-only": ({f"{NODE}/properties/id/readOnly": GONE}, PROVIDERS, ["readOnly removed: true; servers must handle it", "no effect"]),
    "deprecated field": ({f"{NODE}/properties/name/deprecated": True}, NOBODY, ["deprecated"]),
    "webhook added": ({"/webhooks": {"done": {"post": operation()}}}, NOBODY, ["the webhook done added"]),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_has_its_impact(name: str, compare: Compare) -> None:
    """The worst impact of the edit, and what the messages state."""
    edits, impact, words = EDITS[name]
    found = compare(edits)
    assert kinds(found) == impact, found
    for each in words:
        assert any(each in change.message for change in found), found
    assert "impact is unknown" not in str(found)


def test_a_read_only_field_changes_in_responses_only(compare: Compare) -> None:
    """Requests do not have the field."""
    found = compare({f"{NODE}/properties/id/minimum": 1})
    assert [change.message for change in found] == ["minimum added: 1; fewer responses are allowed"]


def test_a_change_of_a_recursive_schema_is_reported_once(compare: Compare) -> None:
    """Once for requests and once for responses, each with the operations that it reaches."""
    found = compare({f"{NODE}/properties/name/maxLength": 9})
    assert [(each.pointer, each.message, each.operations) for each in found] == [
        (f"{NODE}/properties/name/maxLength", "maxLength added: 9; fewer responses are allowed", (
            "GET /a", "POST /a", "GET /b/{id}", "PUT /b/{id}")),
        (f"{NODE}/properties/name/maxLength", "maxLength added: 9; fewer requests are allowed", ("POST /a",)),
    ]  # fmt: skip


def test_operations_are_reached_through_schemas_that_contain_each_other(compare: Compare) -> None:
    """Through every member of a circle, whichever is compared first."""
    circle = copy.deepcopy(DOCUMENT)
    reference = "#/components/schemas/"
    circle["components"]["schemas"] |= {
        "One": {"properties": {"two": {"$ref": f"{reference}Two"}}},
        "Two": {"properties": {"one": {"$ref": f"{reference}One"}, "text": {"type": "string"}}},
        "Three": {"properties": {"one": {"$ref": f"{reference}One"}, "size": {"type": "integer"}}},
    }
    circle["paths"] = {
        f"/{name}": {"get": {"responses": {"200": {"description": "", "content": {"application/json": {"schema": {"$ref": f"{reference}{name}"}}}}}}}
        for name in ("One", "Two", "Three")
    }  # fmt: skip
    found = compare({"/components/schemas/Two/properties/text/maxLength": 9}, circle)
    assert [each.operations for each in found] == [("GET /One", "GET /Two", "GET /Three")]


def test_keywords_beside_a_reference_do_not_repeat_changes(compare: Compare) -> None:
    """The target of a reference is one node, whatever stands beside it."""
    document = copy.deepcopy(DOCUMENT) | {"openapi": "3.1.0"}
    for path in document["paths"].values():
        path["get"]["responses"]["200"]["content"] = {"application/json": {"schema": {**REF, "description": "d"}}}
    found = compare({f"{NODE}/properties/name/maxLength": 9}, document)
    assert [each.pointer for each in found] == [f"{NODE}/properties/name/maxLength"] * 2


def test_the_side_that_sends_a_webhook_is_the_provider(compare: Compare) -> None:
    """Fewer requests break those who send them."""
    hook = {"post": {"requestBody": {"content": {"application/json": {"schema": {"type": "string"}}}}, "responses": {}}}
    document = copy.deepcopy(DOCUMENT) | {"webhooks": {"done": hook}}
    at = "/webhooks/done/post/requestBody/content/application~1json/schema/maxLength"
    found = compare({at: 9}, document)
    assert kinds(found) == PROVIDERS
    assert [each.operations for each in found] == [("POST done",)]


def test_a_moved_file_is_no_change(tmp_path: Path) -> None:
    """A document in two files equals the same document in one."""
    split = copy.deepcopy(DOCUMENT)
    node = json.dumps(DOCUMENT["components"]["schemas"]["Node"])
    split["components"]["schemas"]["Node"] = {"$ref": "node.json"}
    (tmp_path / "node.json").write_text(node.replace("#/components/schemas/Node", "#"), encoding="utf-8")
    (tmp_path / "split.json").write_text(json.dumps(split), encoding="utf-8")
    (tmp_path / "whole.json").write_text(json.dumps(DOCUMENT), encoding="utf-8")
    assert changes(load(tmp_path / "whole.json"), load(tmp_path / "split.json")) == []


def test_the_operations_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The count and the first names beside a shared schema; all in JSON."""
    new = copy.deepcopy(DOCUMENT)
    pointers.find(new, pointers.split(f"{NODE}/properties/name"))["maxLength"] = 9
    paths = [str(tmp_path / name) for name in ("old.json", "new.json")]
    for path, document in zip(paths, (DOCUMENT, new), strict=True):
        Path(path).write_text(json.dumps(document), encoding="utf-8")
    assert run(["diff", *paths]) == 1
    printed = capsys.readouterr().out
    assert "fewer responses are allowed (reaches GET /a, POST /a, GET /b/{id} and 1 more)" in printed
    assert "fewer requests are allowed (reaches POST /a)" in printed
    assert run(["diff", *paths, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)[0]["operations"] == ["GET /a", "POST /a", "GET /b/{id}", "PUT /b/{id}"]


@pytest.mark.parametrize(
    ("kinds_of", "impact"),
    [(("number", "text"), CONSUMERS), (("number", "number"), BOTH), ((1, True), CONSUMERS), ((None, "text"), BOTH)],
    ids=["own constants", "equal constants", "1 and true", "no constant"],
)
def test_one_more_value_of_exclusive_alternatives(
    kinds_of: tuple[Any, Any], impact: tuple[str, str], contract: Contract
) -> None:
    """A change within `oneOf` has its usual impact if a constant tells the alternatives apart, and breaks otherwise."""
    branches = [
        {"required": ["kind"], "properties": {"kind": {"const": kind} if kind else {}, "size": {"maximum": 5}}}
        for kind in kinds_of
    ]
    data = f"{ENVELOPE}/properties/data"
    old = edited_by(contract, {f"{data}/oneOf": branches})
    assert kinds(changes(old, edited_by(old, {f"{data}/oneOf/0/properties/size/maximum": 9}))) == impact
