"""Merging: the schemas of `allOf` as one schema, from which a value can be generated."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from code_contract import patterns
from code_contract.errors import UnsatisfiableError

Schema = Mapping[str, Any]

COMPOUND = ("object", "array")
"""The types of values that have values inside."""


def merged(schema: Schema) -> Schema:
    """Return a schema without `allOf`, as far as its parts can be merged.

    Args:
        schema: A schema of a resolved document.

    Returns:
        A schema for the same values, in which `allOf` only has what one schema cannot have twice, such as `oneOf`.

    Raises:
        UnsatisfiableError: The parts exclude each other.
    """
    if "allOf" not in schema:
        return schema
    parts = [{key: each for key, each in schema.items() if key != "allOf"}]
    for part in schema["allOf"]:
        if part is False:
            raise UnsatisfiableError("a schema of allOf is false")
        if part is not True:
            parts.append(dict(merged(part)))
    several = sum(bool(each.keys() & _STRUCTURE) for each in parts) > 1
    found: dict[str, Any] = {}
    for part in parts:
        found = _both(found, _with_spread_example(part) if several else part)
    return found


_STRUCTURE = {"properties", "oneOf", "anyOf", "required", "additionalProperties"}
_ONCE = ("oneOf", "anyOf", "if", "not")
_BESIDE = {"oneOf": ("discriminator",), "anyOf": ("discriminator",), "if": ("then", "else")}


def _with_spread_example(part: dict[str, Any]) -> dict[str, Any]:
    """The example of one part does not have the fields of the others: it becomes examples of fields."""
    examples = part.pop("examples", None) or [part.pop("default", None)]
    part.pop("default", None)
    properties = part.get("properties", {})
    if not isinstance(examples[0], dict):
        return part
    spread = {name: {"examples": [examples[0][name]], "allOf": [each]} for name, each in properties.items()
              if name in examples[0]}  # fmt: skip
    return {**part, "properties": {**properties, **spread}} if spread else part


def _both(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    found = {**second, **first}
    rest = [*first.get("allOf", ()), *second.get("allOf", ())]
    for key in _ONCE:
        if key in first and key in second:
            rest.append({each: second[each] for each in (key, *_BESIDE.get(key, ())) if each in second})
    for key in first.keys() & second.keys() & _RULES.keys():
        found[key] = _RULES[key](first[key], second[key])
    found |= {"properties": _properties(first, second)} if "properties" in found else {}
    return {**found, "allOf": rest} if rest else found


def _properties(first: Schema, second: Schema) -> dict[str, Any]:
    """Properties of both; those that one of the two does not allow are false."""
    found = _by_name(first.get("properties", {}), second.get("properties", {}))
    for part in (first, second):
        if part.get("additionalProperties") is False and "patternProperties" not in part:
            found |= dict.fromkeys((name for name in found if name not in part.get("properties", {})), False)
    return found


def _by_name(first: Schema, second: Schema) -> dict[str, Any]:
    return {**first, **{name: _schema(first[name], each) if name in first else each for name, each in second.items()}}


def _schema(first: Any, second: Any) -> Any:
    if first is second or second is True:
        return first
    if first is True:
        return second
    return False if False in (first, second) else {"allOf": [first, second]}


def label_of(written: Any, discriminator: Any, names: Mapping[int, str]) -> dict[str, Schema]:
    """Return the property by which a schema is recognized, as a constant; empty if unknown (OpenAPI 3.1 §4.8.25).

    Args:
        written: The schema.
        discriminator: The discriminator, None if there is none.
        names: Names of the schemas under components, by identity.
    """
    if not isinstance(discriminator, dict):
        return {}
    parts = [written, *(written.get("allOf", ()) if isinstance(written, dict) else ())]
    own = next((names[id(each)] for each in parts if id(each) in names), None)
    if own is None:
        return {}
    mapping = discriminator.get("mapping")
    items = mapping.items() if isinstance(mapping, dict) else ()
    label = next((each for each, target in items if str(target).rpartition("/")[2] == own), own)
    return {discriminator["propertyName"]: {"const": label}}


def types(schema: Any) -> list[str]:
    """Return the types that a schema names."""
    stated = schema.get("type", []) if isinstance(schema, dict) else []
    return [stated] if isinstance(stated, str) else list(stated)


def unnamed(schema: Schema, name: str) -> Any:
    """Return the schema of a field that is not among the properties."""
    shapes = schema.get("patternProperties")
    found = [below for pattern, below in shapes.items() if patterns.matches(pattern, name)] if shapes else []
    return {"allOf": found} if found else schema.get("additionalProperties", schema.get("unevaluatedProperties", True))


def _type(first: Any, second: Any) -> list[str]:
    firsts, seconds = types({"type": first}), types({"type": second})
    common = [each for each in firsts if each in seconds or (each == "integer" and "number" in seconds)]
    common += ["integer"] if "number" in firsts and "integer" in seconds and "integer" not in common else []
    if not common:
        raise UnsatisfiableError(f"no value is both {first} and {second}")
    return common


def same(first: Any, second: Any) -> bool:
    """Return True if two JSON values are equal; true is not 1 (JSON Schema core §4.2.2)."""
    return isinstance(first, bool) == isinstance(second, bool) and bool(first == second)


def _enum(first: list[Any], second: list[Any]) -> list[Any]:
    common = [each for each in first if any(same(each, other) for other in second)]
    if not common:
        raise UnsatisfiableError("the enumerations have no common value")
    return common


def _const(first: Any, second: Any) -> Any:
    if not same(first, second):
        raise UnsatisfiableError("a value cannot equal two constants")
    return first


def _union(first: Any, second: Any) -> list[Any]:
    return list(dict.fromkeys((*first, *second)))


def _multiple(first: Any, second: Any) -> Any:
    return math.lcm(first, second) if isinstance(first, int) and isinstance(second, int) else max(first, second)


_RULES: dict[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("items", "additionalProperties", "propertyNames", "contains", "unevaluatedProperties"), _schema),
    **dict.fromkeys(("patternProperties", "dependentSchemas"), _by_name),
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"), min),
    **dict.fromkeys(("uniqueItems", "readOnly", "writeOnly"), bool.__or__),
    "required": _union,
    "type": _type,
    "enum": _enum,
    "const": _const,
    "multipleOf": _multiple,
}
"""The keywords that two schemas can share, with the value that both ask for."""


def weight(schema: Any) -> tuple[bool, int]:
    """Return the order of alternatives where values are to be small: scalars, then by what they require."""
    if not isinstance(schema, dict):
        return False, 0
    return not set(types(schema)[:1]).difference(COMPOUND), len(schema.get("required", ()))
