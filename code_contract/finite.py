"""Finite schemas: a resolved schema, which may contain itself, as a JSON Schema with `$defs`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from code_contract import grammar, patterns

_ANNOTATIONS = frozenset(
    (
        *("default", "deprecated", "description", "discriminator", "example", "examples", "externalDocs", "readOnly"),
        *("title", "writeOnly", "xml", "$comment", "$defs", "definitions"),
    )
)

MAX_COMPILED = 256
"""Compiled schemas that are kept."""


def finite(schema: Any) -> dict[str, Any]:
    """Return a JSON Schema (2020-12) for the same values, without annotations and extensions.

    Args:
        schema: A schema of a resolved document.
    """
    numbers: dict[int, int] = {}
    waiting: list[Any] = []

    def below(node: Any) -> Any:
        if not isinstance(node, Mapping):
            return node
        if id(node) not in numbers:
            numbers[id(node)] = len(numbers)
            waiting.append(node)
        return {"$ref": f"#/$defs/{numbers[id(node)]}"}

    root, found = below(schema), dict[str, Any]()
    while waiting:
        node = waiting.pop()
        found[str(numbers[id(node)])] = dict(_keywords(node, below))
    return {"$defs": found, "allOf": [root]}


def _keywords(node: Mapping[str, Any], below: Callable[[Any], Any]) -> Any:
    for key, value in node.items():
        child = grammar.child("schema", key)
        if key in _ANNOTATIONS or key.startswith("x-"):
            continue
        if child is None:
            yield key, patterns.portable(value) if key == "pattern" else value
        elif child.form == "one":
            yield key, below(value)
        elif child.form == "list":
            # The discriminator selects one of the schemas, which need not exclude each other (OpenAPI 3.1 §4.8.25).
            is_selected = key == "oneOf" and "discriminator" in node and "anyOf" not in node
            yield "anyOf" if is_selected else key, list(map(below, value))
        else:
            name = patterns.portable if key == "patternProperties" else str
            yield key, {name(each): below(part) for each, part in value.items()}


class _Key:
    """A schema, compared by identity."""

    def __init__(self, schema: Any) -> None:
        self.schema = schema

    def __hash__(self) -> int:
        return id(self.schema)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.schema is self.schema


class Validators:
    """Validators of the schemas of one document, compiled when they are needed."""

    def __init__(self) -> None:
        self._compiled = lru_cache(MAX_COMPILED)(_compile)

    def conforms(self, schema: Any, value: Any) -> bool:
        """Return True if a value conforms to a resolved schema and its formats.

        A schema that jsonschema-rs cannot compile admits every value.
        """
        if isinstance(schema, bool):
            return schema
        try:
            return self._compiled(_Key(schema))(value)
        except (ValueError, OverflowError):  # a lone surrogate, or a number that JSON does not have
            return False


def _compile(key: _Key) -> Callable[[Any], bool]:
    import jsonschema_rs

    schema = finite(key.schema)
    options = patterns.options()
    try:
        return jsonschema_rs.Draft202012Validator(schema, validate_formats=True, pattern_options=options).is_valid
    except ValueError:
        return lambda value: True
