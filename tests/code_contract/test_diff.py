"""Impact of every change of a contract on consumers and providers; no change is lost."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from code_contract import Contract, ContractError, load, pointers
from code_contract.diff import changes
from tests.code_contract.versions import (
    ANSWER,
    BODY,
    BOTH,
    CLAUSE,
    CONSUMERS,
    ENVELOPE,
    GONE,
    LOOKS,
    NOBODY,
    POST,
    PROVIDERS,
    SOURCE,
    UUID,
    B,
    C,
    edited_by,
    kinds,
    put,
)

# Edit, impact, impact of the reverse edit, pointer, and a part of the message.
EDITS: dict[str, tuple[dict[str, Any], tuple[str, str], tuple[str, str], str, str]] = {
    "minLength of an answer": ({f"{UUID}/minLength": 2}, PROVIDERS, CONSUMERS, f"{UUID}/minLength", "fewer responses"),
    "maxLength of an answer": ({f"{UUID}/maxLength": 9}, PROVIDERS, CONSUMERS, f"{UUID}/maxLength", "fewer responses"),
    "minLength of zero": ({f"{UUID}/maxLength": 9, f"{UUID}/minItems": 0}, PROVIDERS, CONSUMERS, f"{UUID}/minItems", "added: 0"),
    "uniqueItems of an answer": ({f"{UUID}/uniqueItems": True, f"{UUID}/maxLength": 9}, PROVIDERS, CONSUMERS, f"{UUID}/uniqueItems", "fewer responses"),
    "minLength of a request": ({f"{SOURCE}/schema/minLength": 2}, CONSUMERS, PROVIDERS, f"{SOURCE}/schema/minLength", "fewer requests"),
    "maxLength of a request": ({f"{SOURCE}/schema/maxLength": 9}, CONSUMERS, PROVIDERS, f"{SOURCE}/schema/maxLength", "fewer requests"),
    "enum of a request": ({f"{SOURCE}/schema/enum": ["PC"]}, CONSUMERS, PROVIDERS, f"{SOURCE}/schema/enum", "fewer requests"),
    "type loosened": ({f"{UUID}/type": ["string", "null"]}, CONSUMERS, PROVIDERS, f"{UUID}/type", 'now names "null"; more responses'),
    "type to a number": ({f"{ENVELOPE}/properties/code/type": "number"}, CONSUMERS, PROVIDERS, f"{ENVELOPE}/properties/code/type", 'names "number"'),
    "type to another": ({f"{UUID}/type": "integer"}, BOTH, BOTH, f"{UUID}/type", "no longer names"),
    "pattern changed": ({"/components/schemas/Captcha/properties/img/pattern": "^data:"}, BOTH, BOTH, "/components/schemas/Captcha/properties/img/pattern", "other responses"),
    "pattern added": ({f"{UUID}/pattern": "^.+$"}, PROVIDERS, CONSUMERS, f"{UUID}/pattern", "fewer responses"),
    "field required": ({f"{ENVELOPE}/required": ["succFlag", "code", "msg"]}, PROVIDERS, CONSUMERS, f"{ENVELOPE}/required", '"msg"; fewer responses'),
    "field added": ({f"{ENVELOPE}/properties/more": {"type": "string"}}, NOBODY, CONSUMERS, f"{ENVELOPE}/properties/more", "the field 'more' added"),
    "field added to a closed object": ({f"{ENVELOPE}/additionalProperties": False}, PROVIDERS, CONSUMERS, f"{ENVELOPE}/additionalProperties", "fewer responses"),
    "constraint on a known field": ({"/components/schemas/CaptchaEnvelope/allOf/1/properties/msg": {"maxLength": 9}}, PROVIDERS, CONSUMERS, "/components/schemas/CaptchaEnvelope/allOf/1/properties/msg/maxLength", "fewer responses"),
    "schema of allOf added": ({"/components/schemas/CaptchaEnvelope/allOf/-": {"minProperties": 3}}, PROVIDERS, CONSUMERS, "/components/schemas/CaptchaEnvelope/allOf/2/minProperties", "fewer responses"),
    "below not": ({f"{ENVELOPE}/allOf/0/then/properties/data/not/type": ["null", "object"]}, PROVIDERS, CONSUMERS, f"{ENVELOPE}/allOf/0/then/properties/data/not/type", "fewer responses"),
    "condition": ({"/components/schemas/Success/properties/succFlag/const": 1}, BOTH, BOTH, "/components/schemas/Success/properties/succFlag/const", "it decides"),
    "condition added": ({f"{UUID}/if": {"maxLength": 3}, f"{UUID}/then": {"pattern": "x"}}, PROVIDERS, CONSUMERS, f"{UUID}/then/pattern", "fewer responses"),
    "anyOf widened": ({f"{UUID}/anyOf": [{"maxLength": 3}]}, PROVIDERS, CONSUMERS, f"{UUID}/anyOf", "fewer responses"),
    "unknown keyword": ({f"{UUID}/unevaluatedItems": False}, BOTH, BOTH, f"{UUID}/unevaluatedItems", "unknown keyword"),
    "unknown extension": ({f"{UUID}/x-mine": 1}, LOOKS, LOOKS, f"{UUID}/x-mine", "added: 1"),
    "description": ({f"{UUID}/description": "It."}, LOOKS, LOOKS, f"{UUID}/description", "to \"It.\""),
    "version": ({"/info/version": "2.0.0"}, LOOKS, LOOKS, "/info/version", 'from "1.0.0" to "2.0.0"'),
    "example": ({"/components/examples/captcha/value/msg": "ok"}, LOOKS, LOOKS, f"{ANSWER}/examples", '"msg": "ok"'),
    "unused component": ({"/components/schemas/Unused": {"type": "string"}}, LOOKS, LOOKS, "/components/schemas/Unused", "reported there"),
    "component renamed": ({"/components/examples/taken": {"value": 1}}, LOOKS, LOOKS, "/components/examples/taken", "reported there"),
    "required parameter": ({f"{POST}/parameters/-": {"name": "v", "in": "query", "required": True, "schema": {}}}, BOTH, BOTH, f"{POST}/parameters/1", '"v" added, required'),
    "optional parameter": ({f"{POST}/parameters/-": {"name": "v", "in": "query", "schema": {}}}, PROVIDERS, CONSUMERS, f"{POST}/parameters/1", ", optional"),
    "parameter no longer required": ({f"{SOURCE}/required": False}, PROVIDERS, CONSUMERS, f"{SOURCE}/required", "to false"),
    "parameter in other letters": ({f"{SOURCE}/name": "source"}, LOOKS, LOOKS, f"{SOURCE}/name", '"source"'),
    "parameter renamed": ({f"{SOURCE}/name": "Origin"}, BOTH, BOTH, SOURCE, '"Origin" added'),
    "reading confirmed": ({f"{SOURCE}/x-assumption": GONE}, BOTH, NOBODY, f"{SOURCE}/x-assumption", "removed"),
    "reading of a field confirmed": ({f"{UUID}/x-assumption": GONE}, NOBODY, NOBODY, f"{UUID}/x-assumption", "removed"),
    "body": ({f"{POST}/requestBody": BODY}, PROVIDERS, CONSUMERS, f"{POST}/requestBody", "request body added"),
    "status that default covered": ({f"{POST}/responses/404": {"description": "x", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/CaptchaEnvelope"}}}}}, NOBODY, NOBODY, f"{POST}/responses/404", "default covered it"),
    "default removed": ({f"{POST}/responses/default": GONE}, PROVIDERS, CONSUMERS, f"{POST}/responses/default", "fewer responses"),
    "header": ({f"{POST}/responses/200/headers": {"X-Id": {"schema": {}}}}, NOBODY, CONSUMERS, f"{POST}/responses/200/headers/X-Id", "added"),
    "media type": ({f"{POST}/responses/200/content/text~1plain": {}}, CONSUMERS, BOTH, f"{POST}/responses/200/content/text~1plain", "added"),
    "content type line": ({f"{POST}/x-content-type": "text/plain"}, BOTH, BOTH, f"{POST}/x-content-type", "text/plain"),
    "security": ({f"{POST}/security": [{"key": []}]}, BOTH, PROVIDERS, f"{POST}/security", "key"),
    "operation id": ({f"{POST}/operationId": "other"}, NOBODY, NOBODY, f"{POST}/operationId", "generated code"),
    "operation": ({"/paths/~1code/get": {"responses": {}}}, PROVIDERS, CONSUMERS, "/paths/~1code/get", "the operation get added"),
    "path": ({"/paths/~1more": {"get": {"responses": {}}}}, PROVIDERS, CONSUMERS, "/paths/~1more/get", "added"),
    "callbacks": ({f"{POST}/callbacks": {}}, BOTH, BOTH, f"{POST}/callbacks", "unknown keyword"),
    "server added": ({"/servers/-": {"url": "/v2"}}, PROVIDERS, CONSUMERS, "/servers/1", "a server added"),
    "server of an operation": ({f"{POST}/servers": [{"url": "/v2"}]}, BOTH, BOTH, f"{POST}/servers", "added"),
    "anyOf gains a schema": ({f"{UUID}/anyOf": [{"minLength": 1}]}, PROVIDERS, CONSUMERS, f"{UUID}/anyOf", "fewer"),
    "must added": ({f"{UUID}/x-clauses/-": CLAUSE}, PROVIDERS, CONSUMERS, f"{UUID}/x-clauses/6", "made-up-here (MUST) added"),
    "should added": ({f"{UUID}/x-clauses/-": {**CLAUSE, "level": "should"}}, NOBODY, NOBODY, f"{UUID}/x-clauses/6", "(SHOULD) added"),
    "level lowered": ({f"{UUID}/x-clauses/3/level": "should"}, CONSUMERS, PROVIDERS, f"{UUID}/x-clauses/3/level", "uuid-is-unique"),
    "level between advice": ({f"{UUID}/x-clauses/4/level": "info"}, NOBODY, NOBODY, f"{UUID}/x-clauses/4/level", '"info"'),
    "origin": ({f"{UUID}/x-clauses/2/origin": "document"}, NOBODY, NOBODY, f"{UUID}/x-clauses/2/origin", "document"),
    "text": ({f"{UUID}/x-clauses/2/text": "Other."}, LOOKS, LOOKS, f"{UUID}/x-clauses/2/text", "Other."),
    "words": ({f"{UUID}/x-quote": "其他"}, LOOKS, LOOKS, f"{UUID}/x-quote", "其他"),
    "limits": ({f"{POST}/x-clauses/12/limits/seconds": 2}, NOBODY, NOBODY, f"{POST}/x-clauses/12/limits", "seconds"),
    "number written differently": ({f"{UUID}/minLength": 1.0}, LOOKS, LOOKS, f"{UUID}/minLength", "differently"),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_has_its_impact(name: str, contract: Contract) -> None:
    """The impact of the edit and of its reverse, with pointer and message."""
    edits, there, back, pointer, words = EDITS[name]
    other = edited_by(contract, edits)
    found = changes(contract, other)
    assert kinds(found) == there, found
    assert any(each.pointer == pointer and words in each.message for each in found), found
    assert kinds(changes(other, contract)) == back, changes(other, contract)


def test_a_change_is_told_once(contract: Contract) -> None:
    """An edit of a shared schema is one change, at the node where it is written."""
    assert [each.pointer for each in changes(contract, edited_by(contract, {f"{UUID}/minLength": 2}))] == [
        f"{UUID}/minLength"
    ]


def test_requests_and_answers_are_told_apart(contract: Contract) -> None:
    """A schema that a request and an answer share changes for both."""
    shared = {
        f"{POST}/requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Captcha"}}}}
    }
    old = edited_by(contract, shared)
    found = changes(old, edited_by(old, {f"{UUID}/minLength": 2}))
    assert {(each.consumers, each.providers) for each in found} == {(B, C), (C, B)}


def test_a_closed_object_cannot_gain_a_field(contract: Contract) -> None:
    """If additional fields were forbidden, a new response field breaks consumers."""
    old = edited_by(contract, {"/components/schemas/Captcha/additionalProperties": False})
    new = edited_by(old, {"/components/schemas/Captcha/properties/more": {"type": "string"}})
    assert kinds(changes(old, new)) == CONSUMERS


def test_a_removed_field_removes_its_clauses(contract: Contract) -> None:
    """The clauses of a removed field are reported as removed."""
    new = edited_by(contract, {UUID: GONE, "/components/schemas/Captcha/required": ["img"]})
    said = [each.message for each in changes(contract, new)]
    assert any("the field 'uuid' removed" in each for each in said)
    assert any("the clause uuid-is-unique (MUST) removed" in each for each in said)


def test_a_clause_that_moves_is_the_same_clause(contract: Contract) -> None:
    """A moved clause is neither added nor removed; its new location is reported."""
    entry = pointers.find(contract.document, pointers.split(f"{UUID}/x-clauses/3"))
    target = "/components/schemas/Captcha/properties/img/x-clauses/-"
    new = edited_by(contract, {f"{UUID}/x-clauses/3": GONE, target: entry})
    assert [each.message for each in changes(contract, new)] == [
        "the clause uuid-is-unique applies in more places",
        "the clause uuid-is-unique applies in fewer places",
    ]


def nested(depth: int, leaf: dict[str, Any]) -> dict[str, Any]:
    for _ in range(depth):
        leaf = {"properties": {"a": leaf}}
    return leaf


def test_a_deeply_nested_contract_is_rejected(contract: Contract) -> None:
    """A sentence instead of a traceback."""
    old, new = (replace(contract, resolved={"components": {}, "paths": {"/": {"get": {"responses": {"200": {"content": {"a": {
        "schema": nested(300, {"minLength": length})}}}}}}}}) for length in (1, 2))  # fmt: skip
    with pytest.raises(ContractError, match="nested too deeply"):
        changes(old, new)


@pytest.mark.parametrize(("keyword", "more"), [("allOf", PROVIDERS), ("anyOf", CONSUMERS), ("oneOf", BOTH)])
def test_one_more_schema(keyword: str, more: tuple[str, str], contract: Contract) -> None:
    """A further allOf schema narrows, a further anyOf schema widens."""
    old = edited_by(contract, {f"{UUID}/{keyword}": [{"minLength": 3}]})
    assert kinds(changes(old, edited_by(old, {f"{UUID}/{keyword}/-": {"maxLength": 9}}))) == more


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf"])
def test_schemas_in_another_order(keyword: str, contract: Contract) -> None:
    """The order of allOf schemas is cosmetic."""
    schemas = [{"minLength": 1}, {"maxLength": 9}]
    old = edited_by(contract, {f"{UUID}/{keyword}": schemas})
    found = changes(old, edited_by(contract, {f"{UUID}/{keyword}": schemas[::-1]}))
    assert [each.message for each in found] == [f"the schemas of {keyword} reordered"]


def test_clauses_in_another_order(contract: Contract) -> None:
    """The order of clauses is a matter of looks."""
    entries = pointers.find(contract.document, pointers.split(f"{UUID}/x-clauses"))
    new = edited_by(contract, {f"{UUID}/x-clauses": entries[::-1]})
    assert [each.message for each in changes(contract, new)] == ["the clauses are reordered"]


def scalars(node: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, (dict, list)):
        pairs = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in pairs:
            yield from scalars(value, pointers.join(pointer, key))
    else:
        yield pointer, node


def other_than(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    return f"{value} " if isinstance(value, str) else 1 if value is None else value + 1


def refused(document: dict[str, Any], path: Path) -> bool:
    """Return True if load() rejects the document."""
    path.write_text(json.dumps(document), encoding="utf-8")
    try:
        load(path)
    except ContractError:
        return True
    return False


@pytest.mark.slow
def test_no_difference_is_lost(contract: Contract, tmp_path: Path) -> None:
    """Any changed, removed or added scalar of the document is reported."""
    tried = 0
    for pointer, value in list(scalars(contract.document)):
        # A clause or a reference without one of its keys is not valid.
        for edit in (other_than(value), GONE)[: 1 if "/x-clauses/" in pointer or pointer.endswith("$ref") else 2]:
            try:
                other = edited_by(contract, {pointer: edit})
                found = [changes(contract, other), changes(other, contract) if edit is GONE else [None]]
            except ContractError:
                continue
            except (LookupError, TypeError, AttributeError):
                document = copy.deepcopy(contract.document)
                put(document, pointer, edit)
                assert refused(document, tmp_path / "refused.json"), pointer
                continue
            tried += 1
            assert all(found), (pointer, edit)
    assert tried > 500


def test_what_no_rule_knows_is_breaking(contract: Contract) -> None:
    """A keyword or a path that no rule expects is not passed over."""
    other = edited_by(contract, {f"{POST}/whatever": {"not": "known"}})
    assert (B, B) in [(each.consumers, each.providers) for each in changes(contract, other)]
    other = edited_by(contract, {"/paths/~1empty": {}})
    assert kinds(changes(contract, other)) == BOTH


def test_a_loaded_contract_compares_like_a_made_one(edited: Callable[[str, str], Path], contract: Contract) -> None:
    """The contracts edited in memory equal those that load() reads."""
    loaded = load(edited("pattern: '^data:image/png;base64,'", "pattern: '^data:'"))
    made = edited_by(contract, {"/components/schemas/Captcha/properties/img/pattern": "^data:"})
    assert changes(contract, loaded) == changes(contract, made)
