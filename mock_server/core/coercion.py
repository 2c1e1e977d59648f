"""Types values that are sent as text: parameters, and the fields of forms. Their schema tells what a text means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from code_contract import patterns
from code_contract.marks import parts
from mock_server.core.json_reader import BoundedValidator, JsonError, TooComplexError, read_json
from mock_server.core.percent_encoding import unprotect

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,400})(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,4})?")
_TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "NoneType": "null"}

Schemas = tuple[Mapping[str, Any], ...]
"""Schemas of which any may apply to a value."""


class Coercion:
    """Types texts by their schemas, whose types it keeps. Safe to use from several threads.

    Args:
        names: Names of the schemas under components by identity.
    """

    def __init__(self, names: Mapping[int, str]) -> None:
        self._names = names
        self._types: dict[int, frozenset[str]] = {}
        self._below: dict[tuple[tuple[int, ...], str | None], Schemas] = {}
        self._validators: dict[int, BoundedValidator] = {}

    def types(self, schemas: Schemas) -> frozenset[str]:
        """Return the types that values may have; empty if every type."""
        return frozenset().union(*map(self._types_of, schemas))

    def is_scalar(self, schemas: Schemas) -> bool:
        """Return True if values are neither arrays nor objects."""
        return self.types(schemas).isdisjoint(("array", "object"))

    def validator(self, schema: Mapping[str, Any]) -> BoundedValidator:
        """Return the validator of a schema."""
        found = self._validators.get(id(schema))
        if found is None:
            found = self._validators[id(schema)] = BoundedValidator(schema, None, self._names)
        return found

    def below(self, schemas: Schemas, name: str | None) -> Schemas:
        """Return the schemas of a property, or (None) of the items of an array."""
        key = tuple(map(id, schemas)), name
        found = self._below.get(key)
        if found is None:
            if len(self._below) > 1000:  # names come from clients
                self._below.clear()
            every = {id(each): each for schema in schemas for part in parts(schema) for each in _children(part, name)}
            found = self._below[key] = tuple(every.values())
        return found

    def typed(self, value: Any, schemas: Schemas) -> Any:
        """Return a value with its texts typed.

        Args:
            value: A text, or a list or a dictionary of them.
            schemas: The schemas of the value.
        """
        if isinstance(value, dict):
            found = {unprotect(name): each for name, each in value.items()}
            types = self.types(schemas)
            if "array" in types and "object" not in types and list(found) == [str(each) for each in range(len(found))]:
                return self.typed(list(found.values()), schemas)  # items by their indices, as many clients write them
            return {name: self.typed(each, self.below(schemas, name)) for name, each in found.items()}
        if isinstance(value, list):
            return [self.typed(each, self.below(schemas, None)) for each in value]
        candidates = list(_candidates(unprotect(value), self.types(schemas)))
        if len(candidates) > 1:
            return next((each for each in candidates if self.is_valid(each, schemas)), candidates[0])
        return candidates[0] if candidates else unprotect(value)

    def is_valid(self, value: Any, schemas: Schemas) -> bool:
        """Return True if a value conforms to one of the schemas."""
        try:
            return any(self.validator(each).first_error(value) is None for each in schemas)
        except TooComplexError:
            return False

    def _types_of(self, schema: Mapping[str, Any]) -> frozenset[str]:
        if id(schema) not in self._types:
            self._types[id(schema)] = frozenset(_types_of(schema))
        return self._types[id(schema)]


def _types_of(schema: Mapping[str, Any]) -> Iterator[str]:
    if "type" in schema:
        stated = schema["type"]
        yield from [stated] if isinstance(stated, str) else stated
        return
    listed = [schema["const"]] if "const" in schema else schema.get("enum", ())
    yield from (_TYPES.get(type(each).__name__, "string") for each in listed)
    for keyword in ("properties", "additionalProperties", "patternProperties"):
        if isinstance(schema.get(keyword), Mapping):
            yield "object"
    if "items" in schema or "prefixItems" in schema:
        yield "array"
    for keyword in ("allOf", "anyOf", "oneOf"):
        for each in schema.get(keyword, ()):
            if isinstance(each, Mapping):
                yield from _types_of(each)


def _children(part: Mapping[str, Any], name: str | None) -> Iterator[Mapping[str, Any]]:
    if name is None:
        found = [part.get("items"), *part.get("prefixItems", ())]
    elif name in part.get("properties", {}):
        found = [part["properties"][name]]
    else:
        matching = [each for key, each in part.get("patternProperties", {}).items() if patterns.matches(key, name)]
        found = matching or [part.get("additionalProperties")]
    yield from (each for each in found if isinstance(each, Mapping))


def _candidates(text: str, types: frozenset[str]) -> Iterator[Any]:
    """Yield the values that a text may stand for, the most specific type first."""
    if not types.isdisjoint(("integer", "number")) and _NUMBER.fullmatch(text):
        with suppress(JsonError):
            yield read_json(text.encode())
    if "boolean" in types and text in ("true", "false"):
        yield text == "true"
    if "null" in types and text in ("null", ""):
        yield None
    if not types.isdisjoint(("object", "array")) and text.startswith(("{", "[")):
        with suppress(JsonError):
            yield read_json(text.encode("utf-8", "surrogatepass"))
    if "string" in types:
        yield text
