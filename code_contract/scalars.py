"""Strings, numbers and booleans that conform to a schema."""

from __future__ import annotations

import base64
import math
from fractions import Fraction
from typing import Any

from code_contract import patterns, words
from code_contract.errors import UnsatisfiableError
from code_contract.merging import COMPOUND, Schema, types
from code_contract.pattern_text import matching
from code_contract.words import Source

MAX_LENGTH = 10_000
"""Characters that a minimum can ask for."""

_INTEGERS = {"int8": 8, "int16": 16, "int32": 32, "int64": 64}
_UNSIGNED = {"uint8": 8, "uint16": 16, "uint32": 32, "uint64": 64}
_UNEVEN = {"multipleOf", "exclusiveMinimum", "exclusiveMaximum"}
_IMPLIED = {
    "object": ("properties", "additionalProperties", "required", "minProperties", "patternProperties"),
    "array": ("items", "prefixItems", "minItems", "contains", "uniqueItems"),
    "number": ("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"),
}


def kinds(schema: Schema, fills: bool = True) -> list[str]:
    """Return the types of the values to generate: all but null if there are others, and one if none is stated.

    Args:
        schema: The schema.
        fills: False if values are to be small: null comes before an object or an array.
    """
    stated = types(schema)
    if not stated:
        return [next((kind for kind, keys in _IMPLIED.items() if any(key in schema for key in keys)), "string")]
    found = [each for each in stated if each != "null"] or stated
    is_null = not fills and found[0] in COMPOUND and "null" in stated
    return ["null", *found] if is_null else found


def scalar(kind: str, schema: Schema, name: str, source: Source) -> Any:
    """Return a value of a type.

    Args:
        kind: "string", "integer", "number", "boolean" or "null".
        schema: The schema.
        name: The name of the value.
        source: The source of words and numbers.

    Raises:
        UnsatisfiableError: The limits exclude each other, or no text matches the pattern.
    """
    if kind == "string":
        return _string(schema, name, source)
    if kind in ("integer", "number"):
        return _number(schema, name, source, kind == "integer")
    return source.rng.random() < 0.5 if kind == "boolean" else None


def _string(schema: Schema, name: str, source: Source) -> str:
    lowest, highest = int(schema.get("minLength", 0)), schema.get("maxLength", math.inf)
    if lowest > min(highest, MAX_LENGTH):
        raise UnsatisfiableError(f"no text has {lowest} characters or more")
    found = words.formatted(str(schema.get("format", "")), source._replace(name=name))
    text = words.text(name, source) if found is None else found
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        is_match = lowest <= len(text) <= highest and patterns.matches(pattern, text)
        return text if is_match else matching(pattern, source.rng, lowest, highest)
    if schema.get("contentEncoding") in ("base64", "base64url") and found is None:
        return base64.b64encode(text.encode()).decode()
    while len(text) < lowest:
        text += f" {source.word()}"
    return text if len(text) <= highest else text[: int(highest)].strip().ljust(lowest, "a")


def _number(schema: Schema, name: str, source: Source, is_integer: bool) -> float:
    low, high = _limits(schema)
    if low > high:
        raise UnsatisfiableError("the limits of a number exclude each other")
    start, end = words.number_range(name, source.now)
    start, end = max(start, low), min(end, high)
    if start > end:
        start = max(low, high - 100) if math.isfinite(high) else low
        end = min(high, start + 100)
    if is_integer and not schema.keys() & _UNEVEN and math.ceil(start) <= math.floor(end):
        return source.rng.randint(math.ceil(start), math.floor(end))
    unit = _unit(schema, is_integer)
    if unit:
        return _multiple(unit, (start, end), (low, high), schema, source)
    between = source.rng.uniform(start, end)
    for digits in (2, 6, 12):
        found = round(between, digits)
        if low <= found <= high and found not in _excluded(schema):
            return found
    return (start + end) / 2


def _unit(schema: Schema, is_integer: bool) -> Fraction | None:
    """The number of which the value is a multiple, None for any number."""
    stated = schema.get("multipleOf")
    unit = Fraction(str(stated)) if stated and math.isfinite(stated) else None
    if is_integer:
        # The multiples of p/q that are integers are those of p.
        return Fraction(unit.numerator if unit else 1)
    return unit


def _multiple(
    unit: Fraction, wanted: tuple[float, float], limits: tuple[float, float], schema: Schema, source: Source
) -> float:
    for start, end in (wanted, limits):
        first = math.ceil(Fraction(start) / unit) if math.isfinite(start) else None
        last = math.floor(Fraction(end) / unit) if math.isfinite(end) else None
        first = last - 1000 if first is None and last is not None else first or 0
        last = first + 1000 if last is None else last
        first += _product(first, unit) in _excluded(schema)
        last -= _product(last, unit) in _excluded(schema)
        if first <= last:
            return _product(source.rng.randint(first, last), unit)
    raise UnsatisfiableError("no multiple is within the limits")


def _product(count: int, unit: Fraction) -> float:
    found = count * unit
    return found.numerator if found.denominator == 1 else float(found)


def _limits(schema: Schema) -> tuple[float, float]:
    low = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf))
    high = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf))
    name = schema.get("format")
    if name in _INTEGERS:
        low, high = max(low, -(2 ** (_INTEGERS[name] - 1))), min(high, 2 ** (_INTEGERS[name] - 1) - 1)
    elif name in _UNSIGNED:
        low, high = max(low, 0), min(high, 2 ** _UNSIGNED[name] - 1)
    return low, high


def _excluded(schema: Schema) -> tuple[Any, Any]:
    return schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
