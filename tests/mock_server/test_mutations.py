"""Mutations of a conforming value: one for each keyword of its schema, and where the schema has none."""

from __future__ import annotations

import pytest

from code_contract import load
from code_contract.finite import Validators
from mock_server.faults import derived
from mock_server.faults.mutations import mutations
from tests.paths import ROOT

KEYWORDS = load(ROOT / "tests" / "data" / "keywords.yaml")


@pytest.mark.parametrize(
    ("place", "kinds"),
    {
        "": "null wrong-type extra-field not-json",
        ".status": "missing null wrong-type out-of-enum",
        ".size": "missing null wrong-type below-minimum above-maximum",
        ".ratio": "null wrong-type at-exclusive-minimum at-exclusive-maximum",
        ".step": "null wrong-type below-minimum not-a-multiple",
        ".code": "missing null wrong-type no-pattern-match",
        ".name": "null wrong-type too-short too-long",
        ".made": "missing null wrong-type invalid-format",
        ".note": "wrong-type",
        ".level": "missing out-of-enum",
        ".labels": "missing null wrong-type too-few-fields too-many-fields invalid-field-name",
        ".labels.*": "null wrong-type",
        ".tags": "missing null wrong-type too-few-items too-many-items repeated-item",
        ".tags[]": "null wrong-type too-short",
        ".parts": "missing null wrong-type no-contained-item",
        ".pair": "missing null wrong-type too-few-items",
        ".pair[]": "null wrong-type",
        ".owner": "missing null wrong-type extra-field",
        ".owner.email": "missing null wrong-type invalid-format",
        ".id": "missing null wrong-type invalid-format",
        ".node": "missing null wrong-type",
        ".node.next": "null wrong-type",
    }.items(),
)
def test_each_keyword_has_a_fault(place: str, kinds: str) -> None:
    """Every keyword of a schema is broken by a fault of its kind, and no other fault breaks the schema."""
    faults = derived.faults_of(KEYWORDS, "getThing").values()
    assert {each.kind for each in faults if each.place == f"body{place}" and each.breaks} == set(kinds.split())


@pytest.mark.parametrize(
    ("place", "kinds"),
    {
        ".ratio": "missing",
        ".note": "missing any-text empty-text",
        ".name": "missing",
        ".tags[]": "any-text",
        ".node": "extra-field",
        ".count": "missing negative",
    }.items(),
)
def test_what_a_schema_leaves_open_breaks_nothing(place: str, kinds: str) -> None:
    """Optional fields, texts of any content, negative numbers and further fields are changed too."""
    faults = derived.faults_of(KEYWORDS, "getThing").values()
    assert {each.kind for each in faults if each.place == f"body{place}" and not each.breaks} == set(kinds.split())


def test_alternatives_admit_other_types() -> None:
    """A value of another alternative of oneOf is no wrong type, and null no fault if an alternative admits it."""
    validators = Validators()
    schema = {"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]}
    found = {each.kind: each.apply(5) for each in mutations(schema, 5, validators.conforms)}
    assert found.keys() == {"wrong-type", "negative"}
    assert not validators.conforms(schema, found["wrong-type"])


@pytest.mark.parametrize("limit", [0, -3, 9, 2.5, 2**63 - 1, -(2**63), 1e300, -1e300])
def test_a_limit_of_any_size_is_exceeded(limit: float) -> None:
    """Also one that is too large for a number with a step of 1."""
    validators = Validators()
    for keyword, kind in (("minimum", "below-minimum"), ("maximum", "above-maximum")):
        schema = {"type": "number", keyword: limit}
        (mutation,) = (each for each in mutations(schema, limit, validators.conforms) if each.kind == kind)
        assert not validators.conforms(schema, mutation.apply(limit))


def test_a_recursive_schema_is_mutated_once() -> None:
    """Inside a schema that contains itself, only the value as a whole is changed."""
    places = {each.place for each in derived.faults_of(KEYWORDS, "getThing").values()}
    assert "body.node.next" in places
    assert not any(each.startswith("body.node.next.") for each in places)
