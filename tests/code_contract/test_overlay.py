"""Overlays (OpenAPI Overlay Specification 1.0.0): what they change, where it is reported, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from code_contract import ContractError, load, overlay, pointers, yaml_reader

SECTIONS = [{"id": "pets", "title": "Pets", "zh": "宠物"}]
PET: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "tags": [{"name": "a"}, {"name": "b"}, {"name": "c"}],
    "paths": {
        "/pets": {
            "get": {
                "operationId": "listPets",
                "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}}],
                "responses": {"200": {"description": "Pets."}},
            },
            "post": {"operationId": "addPet", "responses": {"201": {"description": "Added."}}},
        }
    },
}


def clause(name: str) -> dict[str, str]:
    return {"id": name, "section": "pets", "level": "must", "origin": "implied", "text": "It holds."}


def write(path: Path, value: object) -> Path:
    text = json.dumps(value) if path.suffix == ".json" else yaml.safe_dump(value, sort_keys=False)
    path.write_text(text, encoding="utf-8")
    return path


def overlaid(folder: Path, *actions: dict[str, Any], **more: Any) -> Path:
    info = {"title": "Changes", "version": "1"}
    return write(folder / "overlay.yaml", {"overlay": "1.0.0", "info": info, **more, "actions": list(actions)})


def changed(folder: Path, *actions: dict[str, Any]) -> dict[str, Any]:
    """The document after the actions."""
    source = yaml_reader.read(write(folder / "pets.json", PET))
    return overlay.apply([overlay.read(overlaid(folder, *actions))], source).document


APPLIED: dict[str, tuple[list[dict[str, Any]], str, Any]] = {
    "an object is merged recursively": (
        [{"target": "$", "update": {"info": {"title": "New", "x-a": {"b": 1}}}}],
        "/info", {"title": "New", "version": "1", "x-a": {"b": 1}},
    ),
    "an entry is appended to an array": (
        [{"target": "$.tags", "update": {"name": "d"}}],
        "/tags", [{"name": name} for name in "abcd"],
    ),
    "an array is appended to an array of the same name": (
        [{"target": "$", "update": {"tags": [{"name": "d"}, {"name": "e"}]}}],
        "/tags", [{"name": name} for name in "abcde"],
    ),
    "every selected node is updated": (
        [{"target": "$.paths.*[?@.operationId]", "update": {"deprecated": True}}],
        "/paths/~1pets/post", {**PET["paths"]["/pets"]["post"], "deprecated": True},
    ),
    "a node that is selected twice is updated once": (
        [{"target": "$['tags', 'tags']", "update": {"name": "d"}}],
        "/tags", [{"name": name} for name in "abcd"],
    ),
    "a filter selects array items": (
        [{"target": "$.paths.*.get.parameters[?@.name == 'limit' && @.in == 'query']", "update": {"schema": {"maximum": 9}}}],
        "/paths/~1pets/get/parameters/0/schema", {"type": "integer", "maximum": 9},
    ),
    "several array items are removed": (
        [{"target": "$.tags[?@.name != 'b']", "remove": True}], "/tags", [{"name": "b"}],
    ),
    "an object and what is in it are removed": (
        [{"target": "$..responses", "remove": True}, {"target": "$.paths['/pets'].post", "remove": True}],
        "/paths/~1pets", {"get": {key: each for key, each in PET["paths"]["/pets"]["get"].items() if key != "responses"}},
    ),
    "a primitive is removed": ([{"target": "$.info.title", "remove": True}], "/info", {"version": "1"}),
    "remove comes before update": (
        [{"target": "$.tags[0]", "update": {"name": "z"}, "remove": True}], "/tags", [{"name": "b"}, {"name": "c"}],
    ),
    "an action sees the one before it": (
        [{"target": "$.tags", "remove": True}, {"target": "$", "update": {"tags": [{"name": "z"}]}}],
        "/tags", [{"name": "z"}],
    ),
    "null leaves an object and an array as they are": (
        [{"target": "$", "update": {"info": None, "tags": None}}], "/tags", PET["tags"],
    ),
    "an update that is an array is one entry": (
        [{"target": "$.tags", "update": []}], "/tags", [*PET["tags"], []],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", APPLIED)
def test_an_overlay_changes_the_document(tmp_path: Path, name: str) -> None:
    """The rest of the document stays as it is."""
    actions, pointer, value = APPLIED[name]
    assert pointers.find(changed(tmp_path, *actions), pointers.split(pointer)) == value


def test_overlays_are_applied_in_order(tmp_path: Path) -> None:
    """The second sees what the first one has added; the files stay as they are."""
    write(tmp_path / "pets.json", PET)
    first = overlaid(tmp_path, {"target": "$.info", "update": {"x-a": {"b": 1}}}).rename(tmp_path / "first.yaml")
    second = overlaid(tmp_path, {"target": "$.info['x-a']", "update": {"b": 2, "c": 3}})
    contract = load(tmp_path / "pets.json", overlays=[first, str(second)])
    assert contract.document["info"]["x-a"] == {"b": 2, "c": 3}
    assert json.loads((tmp_path / "pets.json").read_text("utf-8")) == PET


REJECTED: dict[str, tuple[dict[str, Any], str]] = {
    "no JSONPath": ({"target": "$.paths[["}, "/actions/0/target: the target '$.paths[[' is not a JSONPath: "),
    "a name with a hyphen": ({"target": "$.x-a"}, "; put names in brackets, as in $.paths['/pets'].get['x-clauses']"),
    "a target without $": ({"target": "paths"}, "/actions/0/target: target of the action is 'paths'; use a JSONPath"),
    "nested parentheses": ({"target": f"$[?{'(' * 500}@.a{')' * 400}]"}, "is not a JSONPath: "),
    "an unknown function": ({"target": "$[?size(@) > 1]"}, "is not a JSONPath: "),
    "a primitive": ({"target": "$.info.title", "update": "x"}, "/actions/0/update: the target selects 'Pets', which is"),
    "an array for an object": ({"target": "$.info", "update": []}, "update is an array, but the target selects an obj"),
    "an object for an array": (
        {"target": "$", "update": {"tags": {}}}, "/actions/0/update/tags: update has an object where the document has an",
    ),
    "a string for an object": ({"target": "$", "update": {"info": "x"}}, "/info: update has 'x' where the document has an"),
    "an object for a string": ({"target": "$.info", "update": {"title": {}}}, "an object where the document has 'Pets'"),
    "the document": ({"target": "$", "remove": True}, "/actions/0: the whole document cannot be removed; select a part"),
    "a misspelled key": ({"target": "$", "updates": {}}, "/actions/0: unknown action key 'updates'; did you mean 'update'"),
    "no target": ({"update": {}}, "/actions/0: the action has no target; add target"),
    "remove as text": ({"target": "$.info", "remove": "yes"}, "/actions/0/remove: remove of the action is 'yes'; use true"),
}  # fmt: skip


@pytest.mark.parametrize("name", REJECTED)
def test_a_wrong_action_is_refused(tmp_path: Path, name: str) -> None:
    """One sentence names the overlay, the pointer in it, and the fix."""
    action, message = REJECTED[name]
    path = overlaid(tmp_path, action)
    with pytest.raises(ContractError) as caught:
        load(write(tmp_path / "pets.json", PET), overlays=[path])
    assert caught.value.with_document().startswith(f"{path}: /actions/0")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


WRONG: dict[str, tuple[object, str]] = {
    "an OpenAPI document": (PET, "/overlay: overlay: None is not supported; use overlay: 1.0.0"),
    "another version": ({"overlay": "1.1.0"}, "/overlay: overlay: '1.1.0' is not supported"),
    "a number": ({"overlay": 1.0}, "/overlay: overlay: 1.0 is not supported"),
    "no actions": ({"overlay": "1.0.0", "info": {"title": "a", "version": "1"}}, "the overlay has no actions; add actions"),
    "no title": ({"overlay": "1.0.0", "info": {"version": "1"}, "actions": [{"target": "$"}]}, "/info: the info has no title"),
    "a list": ([], "is not a mapping"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_file_that_is_not_an_overlay_is_refused(tmp_path: Path, name: str) -> None:
    """The sentence names the file and the defect."""
    value, message = WRONG[name]
    path = write(tmp_path / "overlay.yaml", value)
    with pytest.raises(ContractError) as caught:
        load(write(tmp_path / "pets.json", PET), overlays=[path])
    assert str(path) in caught.value.with_document()
    assert message in str(caught.value)


def test_an_unreadable_overlay_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"none\.yaml cannot be read"):
        load(overlays=[tmp_path / "none.yaml"])


def test_an_overlay_is_bounded(tmp_path: Path) -> None:
    """Selected nodes, added values and the depth of the document have limits."""
    numbers = write(tmp_path / "pets.json", {**PET, "x-a": [{}] * (overlay.MAX_MATCHES + 1)})
    with pytest.raises(ContractError, match="the target selects more than 10000 nodes; split"):
        load(numbers, overlays=[overlaid(tmp_path, {"target": "$['x-a'][*]", "update": {}})])
    with pytest.raises(ContractError, match="the overlay adds more than 1000000 values"):
        load(numbers, overlays=[overlaid(tmp_path, {"target": "$['x-a'][:9999]", "update": {"x": [0] * 101}})])
    deep: Any = {}
    for _ in range(100):
        deep = {"x": deep}
    nested = overlaid(
        tmp_path, {"target": "$", "update": {"x-b": deep}}, {"target": f"$['x-b']{'.x' * 99}", "update": deep}
    )
    with pytest.raises(ContractError, match="/actions: the document is nested deeper than 128 levels"):
        load(write(tmp_path / "pets.json", PET), overlays=[nested])


def test_what_an_overlay_does_not_do_is_a_problem(tmp_path: Path) -> None:
    """A target that selects nothing, and an action without effect; strict loading refuses them."""
    spec = write(tmp_path / "pets.json", PET)
    path = overlaid(tmp_path, {"target": "$.paths['/cats']", "update": {}}, {"target": "$.info"})
    nothing, neither = load(spec, overlays=[path]).problems
    assert str(nothing) == f"{path}: /actions/0/target: the target \"$.paths['/cats']\" selects nothing"
    assert str(neither) == f"{path}: /actions/1: the action has neither update nor remove; it changes nothing"
    with pytest.raises(ContractError, match="selects nothing; correct it"):
        load(spec, overlays=[path], strict=True)


def test_the_document_that_an_overlay_extends_is_the_default(tmp_path: Path) -> None:
    """`extends` is relative to the overlay; another document is used with a warning, one of another host is not read."""
    spec = write(tmp_path / "my pets.json", PET)
    path = overlaid(tmp_path, {"target": "$.info", "update": {"title": "New"}}, extends="./my%20pets.json")
    contract = load(overlays=[path])
    assert (contract.path.resolve(), contract.title, contract.problems) == (spec, "New", ())
    other = write(tmp_path / "other.json", PET)
    (problem,) = load(other, overlays=[path]).problems
    assert "/extends: the overlay is written for" in str(problem)
    for extends in ("https://example.com/pets.json", "file:///pets.json", "http://[", "#a"):
        path = overlaid(tmp_path, {"target": "$.info", "update": {"title": "New"}}, extends=extends)
        assert load(spec, overlays=[path]).problems == ()
        with pytest.raises(ContractError, match=r"/extends: the document .* is not a local file; save it"):
            load(overlays=[path])


def test_the_packaged_contract_with_an_overlay_is_validated(tmp_path: Path) -> None:
    """Only the packaged contract itself is trusted."""
    path = overlaid(tmp_path, {"target": "$.components.examples.captcha.value", "update": {"succFlag": 1}})
    problems = load(overlays=[path]).problems
    assert any("the example 'captcha' violates its schema" in each.text for each in problems)
    remove = overlaid(tmp_path, {"target": "$.paths['/code'].post['x-success']", "remove": True})
    assert load(overlays=[remove]).operations["getCode"].success_schema is None
