"""Reasons for the errors of JSON Schema in requests."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mock_server.core.json_reader import BoundedValidator
from mock_server.core.schema_reasons import schema_reason

KEYWORDS: dict[str, tuple[Any, Any, str]] = {
    "type": ({"type": "integer"}, "x", "wrong-type"),
    "types": ({"type": ["integer", "null"]}, "x", "wrong-type"),
    "enum": ({"enum": [1, "a"]}, "x", "not-in-enum"),
    "const": ({"const": 1}, "x", "not-const"),
    "pattern": ({"pattern": "^a"}, "x", "no-match"),
    "minLength": ({"minLength": 2}, "x", "too-short"),
    "minLength 1": ({"minLength": 1}, "", "empty"),
    "maxLength": ({"maxLength": 1}, "xy", "too-long"),
    "maxLength 0": ({"maxLength": 0}, "x", "not-empty"),
    "minItems": ({"minItems": 2}, [1], "too-short"),
    "minItems 1": ({"minItems": 1}, [], "empty"),
    "maxItems": ({"maxItems": 1}, [1, 2], "too-long"),
    "maxItems 0": ({"maxItems": 0}, [1], "not-empty"),
    "minProperties": ({"minProperties": 2}, {"a": 1}, "too-few-properties"),
    "minProperties 1": ({"minProperties": 1}, {}, "empty"),
    "maxProperties": ({"maxProperties": 1}, {"a": 1, "b": 2}, "too-many-properties"),
    "maxProperties 0": ({"maxProperties": 0}, {"a": 1}, "not-empty"),
    "minimum": ({"minimum": 3}, 2, "below-minimum"),
    "maximum": ({"maximum": 3}, 4, "above-maximum"),
    "exclusiveMinimum": ({"exclusiveMinimum": 3}, 3, "not-above"),
    "exclusiveMaximum": ({"exclusiveMaximum": 3}, 3, "not-below"),
    "multipleOf": ({"multipleOf": 0.5}, 0.3, "not-a-multiple"),
    "required": ({"required": ["a", "b"]}, {"a": 1}, "required"),
    "dependentRequired": ({"dependentRequired": {"a": ["a", "b"]}}, {"a": 1}, "dependent"),
    "additionalProperties": ({"properties": {"a": True}, "additionalProperties": False}, {"b": 1}, "additional"),
    "additional names": ({"additionalProperties": False}, {"a": 1, "b": 1}, "additional-several"),
    "unevaluatedProperties": ({"properties": {"a": True}, "unevaluatedProperties": False}, {"b": 1}, "unevaluated"),
    "unevaluated names": ({"unevaluatedProperties": False}, {"a": 1, "b": 1}, "unevaluated-several"),
    "contains": ({"contains": {"type": "string"}}, [1], "none-contained"),
    "maxContains": ({"contains": {"type": "integer"}, "maxContains": 1}, [1, 2], "too-many-contained"),
    "anyOf": ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "x", "no-alternative"),
    "oneOf": ({"oneOf": [{"type": "integer"}, {"type": "null"}]}, "x", "no-alternative"),
    "false": ({"properties": {"a": False}}, {"a": 1}, "nothing-allowed"),
}
"""Keywords whose sentences are those of jsonschema."""
OWN: dict[str, tuple[Any, Any, str, str]] = {
    "format": ({"format": "date"}, "x", "wrong-format", "'x' is not a valid date"),
    "uniqueItems": ({"uniqueItems": True}, [1, 1], "not-unique", "the array has equal items"),
    "oneOf": ({"oneOf": [{}, {}, False]}, 1, "several-alternatives", "1 is valid under 2 schemas of oneOf"),
    "not": ({"not": {}}, 1, "excluded", "1 is valid under the schema that `not` excludes"),
    "items": (
        {"prefixItems": [{}], "items": False},
        [1, 2],
        "too-many-items",
        "[1, 2] has more items than the 1 that are allowed",
    ),
    "minContains": (
        {"contains": {"type": "integer"}, "minContains": 2},
        [1],
        "too-few-contained",
        "Too few items match the given schema (expected at least 2)",
    ),
    "unevaluatedItems": (
        {"unevaluatedItems": False},
        [1],
        "keyword",
        "violates the keyword 'unevaluatedItems' of its schema",
    ),
    "a long value": ({"maxLength": 1}, "x" * 200, "too-long", f"'{'x' * 118}… is too long"),
    "long names": (
        {"additionalProperties": False},
        {"x" * 200: 1},
        "additional",
        f"Additional properties are not allowed ('{'x' * 118}… was unexpected)",
    ),
}


@pytest.mark.parametrize(("schema", "value", "code"), KEYWORDS.values(), ids=KEYWORDS)
def test_an_error_of_a_keyword_has_the_words_of_jsonschema(schema: Any, value: Any, code: str) -> None:
    """They are built of its data. A secret is not quoted, but names of properties are."""
    (error,) = BoundedValidator(schema).errors(value, 5)
    reason, hidden = schema_reason(error, False), schema_reason(error, True)
    assert (reason.code, reason) == (code, next(Draft202012Validator(schema).iter_errors(value)).message)
    assert hidden.code in ("keyword", "required", "dependent", "additional", "additional-several")


@pytest.mark.parametrize(("schema", "value", "code", "text"), OWN.values(), ids=OWN)
def test_an_error_of_a_keyword_has_our_words(schema: Any, value: Any, code: str, text: str) -> None:
    """Those of jsonschema would quote too much, or need what the error does not have."""
    (error,) = BoundedValidator(schema).errors(value, 5)
    assert (schema_reason(error, False).code, schema_reason(error, False)) == (code, text)
