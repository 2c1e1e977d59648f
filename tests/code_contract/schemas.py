"""Schemas that the sampler must satisfy."""

from __future__ import annotations

from typing import Any

OBJECT: dict[str, Any] = {"type": "object"}
STRING: dict[str, Any] = {"type": "string"}
INTEGER: dict[str, Any] = {"type": "integer"}

SCHEMAS: dict[str, Any] = {
    "true": True,
    "empty": {},
    "nullable": {"type": ["string", "null"]},
    "null": {"type": "null"},
    "not a string": {"not": STRING},
    "lengths": {**STRING, "minLength": 50, "maxLength": 52},
    "one character": {**STRING, "maxLength": 1},
    "base64 within a length": {**STRING, "format": "byte", "minLength": 4},
    "int32 from its greatest value": {**INTEGER, "format": "int32", "minimum": 2147483647},
    "cents between limits": {"type": "number", "multipleOf": 0.01, "minimum": 0.005, "exclusiveMaximum": 0.03},
    "integer multiples of a half": {**INTEGER, "multipleOf": 0.5, "exclusiveMinimum": 3, "exclusiveMaximum": 5},
    "between zero and one": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    "very large": {**INTEGER, "minimum": 10**18},
    "negative": {"type": "number", "minimum": -5, "maximum": -3},
    "limits without a type": {"minimum": 1000, "multipleOf": 7},
    "tuple": {"type": "array", "prefixItems": [INTEGER, STRING], "items": False},
    "contains": {"type": "array", "contains": {"const": 5}, "minContains": 2, "items": INTEGER},
    "unique": {"type": "array", "uniqueItems": True, "minItems": 3, "items": {"enum": ["a", "b", "c"]}},
    "many items": {"type": "array", "minItems": 30, "items": INTEGER},
    "map": {**OBJECT, "additionalProperties": INTEGER, "minProperties": 3},
    "at most one field": {**OBJECT, "properties": {"a": STRING, "b": STRING}, "required": ["b"], "maxProperties": 1},
    "names by pattern": {
        **OBJECT,
        "patternProperties": {"^x-[a-z]+$": STRING},
        "additionalProperties": False,
        "minProperties": 2,
    },
    "required name by pattern": {
        **OBJECT,
        "patternProperties": {"^n": {"const": 1}},
        "additionalProperties": False,
        "required": ["no"],
    },
    "property names": {**OBJECT, "propertyNames": {"pattern": "^[A-Z]{3}$"}, "minProperties": 2},
    "dependent": {**OBJECT, "required": ["a"], "properties": {"a": STRING}, "dependentRequired": {"a": ["z"]}},
    "alternatives by required": {
        **OBJECT,
        "properties": {"a": STRING, "b": STRING},
        "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
    },
    "overlapping alternatives": {"oneOf": [INTEGER, {"type": "number"}, {"type": "boolean"}]},
    "if then else": {
        **OBJECT,
        "properties": {"kind": {"enum": ["x", "y"]}, "v": STRING, "w": INTEGER},
        "required": ["kind"],
        "if": {"properties": {"kind": {"const": "y"}}},
        "then": {"required": ["extra"]},
        "else": {"properties": {"v": False}},
    },
    "allOf": {"allOf": [{**OBJECT, "properties": {"a": INTEGER}, "required": ["a"]}, {"required": ["b"]}]},
    "allOf of alternatives": {
        "allOf": [{"oneOf": [STRING, INTEGER]}, {"oneOf": [INTEGER, {"type": "boolean"}]}, {"minimum": 7}]
    },
    "allOf that allows no further fields": {
        "allOf": [{**OBJECT, "properties": {"a": STRING}, "additionalProperties": False}, {"properties": {"b": STRING}}]
    },
    "unevaluated": {"allOf": [{"properties": {"a": STRING}}], "unevaluatedProperties": False, **OBJECT},
    "examples that violate it": {**STRING, "examples": ["too long"], "default": "longer", "maxLength": 3},
    "an example below that violates it": {**OBJECT, "properties": {"a": {**INTEGER, "examples": ["none"]}}},
}

PATTERNS = [
    r"^[A-Z]{2}\d{4}$",
    r"^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[@$!%*?&])[A-Za-z\d@$!%*?&]{8,}$",
    r"^(?!con$)[a-z]{3}$",
    r"^\p{L}+$",
    r"^[\p{Lu}\d]+$",
    r"^(?<year>\d{4})-\k<year>$",
    r"[^a-z]",
    r"^[^\s/]+/[^\s/]+$",
    r"^#([0-9a-f]{3}|[0-9a-f]{6})$",
    r"^\+?[1-9]\d{1,14}$",
    r"^(\d+\.)?(\d+\.)?(\*|\d+)$",
    r"^[\w.-]+@[\w-]+\.\w{2,}$",
    "^.{20,}$",
    r"^\u0041\x42$",
    "^$",
]

FORMATS = [
    *("date-time", "date", "time", "duration", "uuid", "email", "idn-email", "uri", "uri-reference", "iri"),
    *("iri-reference", "uri-template", "hostname", "idn-hostname", "ipv4", "ipv6", "json-pointer"),
    *("relative-json-pointer", "regex"),
]
