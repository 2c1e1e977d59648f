"""Generator: one attempt at a value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from code_contract import scalars, words
from code_contract.errors import UnsatisfiableError
from code_contract.finite import Validators
from code_contract.merging import Schema, label_of, merged, same, types, unnamed, weight
from code_contract.pattern_text import matching

MAX_FILLED = 4
"""Levels of objects whose optional fields are filled."""
MAX_FILLED_DEPTH, MAX_DEPTH = 16, 40
"""Schemas inside each other whose optional fields are filled, and after which one that requires itself is given up."""
MAX_LISTS = 6  # schemas inside each other whose lists have two items; deeper ones have one
MAX_VALUES, MAX_OPTIONAL_VALUES = 10_000, 4_000
"""Values that one attempt generates, and those after which only required fields are."""
MAX_ATTEMPTS = 6
"""Attempts at an item that differs from the others, and at the name of a field."""
MAX_SIZE = 10_000  # items and fields that a minimum can ask for
NOTHING: Any = object()
"""No given value, which null is."""

_CHOICES = {"const", "default", "enum", "examples", "oneOf", "anyOf", "if"}
_TYPES = ["object", "array", "integer", "boolean", "null"]


class Rules(NamedTuple):
    """The properties of a sampler that its generators follow (see `Sampler`).

    Attributes:
        names: Names of the schemas under components, by identity.
        hidden: The keyword of fields that are left out.
        with_examples: True if examples and defaults come before generated values.
        validators: Validators of the schemas.
    """

    names: Mapping[int, str]
    hidden: str
    with_examples: bool
    validators: Validators


class Generator:
    """One attempt at a sample; if it is careful, each part of the value is checked."""

    def __init__(self, rules: Rules, source: words.Source, is_careful: bool) -> None:
        self._rules = rules
        self._source = source
        self._rng = source.rng
        self._is_careful = is_careful
        self._count = self._depth = self._level = 0
        self._hidden: list[tuple[dict[str, Any], str]] = []

    @property
    def is_exhausted(self) -> bool:
        """True if it has generated all the values that it may."""
        return self._count > MAX_VALUES

    def remove_hidden(self) -> None:
        """Remove the fields that conform to the schema, but do not go in this direction (OpenAPI 3.1 §4.8.24.1)."""
        for holder, name in self._hidden:
            holder.pop(name, None)

    def value(self, written: Any, name: str, given: Any = NOTHING) -> Any:
        """Return the first candidate, or the first that conforms. Raises UnsatisfiableError."""
        self._count += 1
        if written is False or self._depth >= MAX_DEPTH or self._count > MAX_VALUES:
            raise UnsatisfiableError("the schema is false" if written is False else "the schema requires itself")
        self._depth += 1
        try:
            schema: Schema = {} if written is True else merged(written)
            if not self._is_careful and not schema.keys() & _CHOICES and not _is_scalar(given):
                kind = scalars.kinds(schema, self._fills(MAX_FILLED))[0]
                return self._of_type(written, schema, kind, name, given, False)
            problem = None
            for make in self._candidates(written, schema, name, given):
                try:
                    found = make()
                except UnsatisfiableError as error:
                    problem = error
                    continue
                if not self._is_careful or self._rules.validators.conforms(written, found):
                    return found
            raise problem or UnsatisfiableError("no value conforms to a part of the schema")
        finally:
            self._depth -= 1

    def _candidates(self, written: Any, schema: Schema, name: str, given: Any) -> Iterator[Callable[[], Any]]:
        for each in self._stated(schema, given):
            yield partial(lambda found: found, each)
        if "const" in schema or "enum" in schema:
            return
        for keyword in ("oneOf", "anyOf", "if"):
            if keyword in schema:
                for branch in self._branches(schema, keyword):
                    yield partial(self.value, branch, name, given)
                return
        kinds = scalars.kinds(schema, self._fills(MAX_FILLED))
        kinds += _TYPES if self._is_careful and not types(schema) else []
        for kind in kinds if self._is_careful else kinds[:1]:
            for is_lean in (False, False, True) if self._is_careful else (False,):
                yield partial(self._of_type, written, schema, kind, name, given, is_lean)

    def _stated(self, schema: Schema, given: Any) -> list[Any]:
        """The values that the schema itself states, the best first."""
        if "const" in schema:
            return [schema["const"]]
        found = [given] if _is_scalar(given) else []
        if given is NOTHING and self._rules.with_examples and ("examples" in schema or "default" in schema):
            found = [each for each in (*schema.get("examples", ()), schema.get("default")) if each is not None]
            if schema.get("properties"):
                found = [each for each in found if each]  # an empty example of an object with fields is none
        if "enum" in schema:
            choices = [each for each in schema["enum"] if each is not None] or schema["enum"]
            found += self._rng.sample(choices, len(choices))
        return found

    def _branches(self, schema: Schema, keyword: str) -> Iterator[Schema]:
        """Yield the schemas that are alternatives, each with the rest of the schema."""
        rest = {key: each for key, each in schema.items() if key not in (keyword, "discriminator", "then", "else")}
        around = rest.get("allOf", [])
        if keyword == "if":
            yield {**rest, "allOf": [*around, schema["if"], schema.get("then", True)]}
            yield {**rest, "allOf": [*around, schema.get("else", True)]}
            return
        branches = [each for each in schema[keyword] if each is not False and types(each) != ["null"]]
        if (fills := self._fills(MAX_FILLED)) and (self._is_careful or schema.get("discriminator")):
            self._rng.shuffle(branches)
        branches += [each for each in schema[keyword] if types(each) == ["null"]]
        for branch in branches if fills else sorted(branches, key=weight):
            label = label_of(branch, schema.get("discriminator"), self._rules.names)
            if label:
                yield {**rest, "allOf": [*around, {"properties": label}, branch]}
            yield {**rest, "allOf": [*around, branch]}
            if keyword == "oneOf" and isinstance(branch, dict) and not branch.get("properties"):
                # Alternatives that only differ in what they require exclude each other's fields.
                required = {each for other in branches if other is not branch for each in other.get("required", ())}
                absent = dict.fromkeys(sorted(required.difference(branch.get("required", ()))), False)
                yield {**rest, "allOf": [*around, {"properties": absent}, branch]}

    def _fills(self, levels: int) -> bool:
        """Return True if optional values are filled in inside this many levels of objects."""
        has_room = self._depth <= MAX_FILLED_DEPTH and self._count < MAX_OPTIONAL_VALUES
        return has_room and self._level < levels

    def _of_type(self, written: Any, schema: Schema, kind: str, name: str, given: Any, is_lean: bool) -> Any:
        if kind == "object":
            self._level += 1
            try:
                return self._object(written, schema, given if isinstance(given, dict) else {}, is_lean)
            finally:
                self._level -= 1
        if kind == "array":
            return self._array(schema, name, given if isinstance(given, list) else None)
        return scalars.scalar(kind, schema, name, self._source)

    def _object(self, written: Any, schema: Schema, given: dict[str, Any], is_lean: bool) -> dict[str, Any]:
        properties, required = schema.get("properties", {}), list(schema.get("required", ()))
        label = label_of(written, schema.get("discriminator"), self._rules.names)
        limit, fills = schema.get("maxProperties", MAX_SIZE), self._fills(MAX_FILLED + 1) and not is_lean
        waiting = list(dict.fromkeys((*properties, *required, *given)))
        found: dict[str, Any] = {}
        for name in waiting:
            below, is_required = properties[name] if name in properties else unnamed(schema, name), name in required
            is_hidden = self._is_hidden(below)
            wanted = (fills or name in given) and not is_hidden and len(found) < limit
            if name in found or not (wanted or is_required):
                continue
            if name in label and isinstance(below, dict) and not below.keys() & {"enum", "const", "examples"}:
                below = {"allOf": [label[name], below]}
            try:
                found[name] = self.value(below, name, given.get(name, NOTHING))
            except UnsatisfiableError:
                if is_required:
                    raise
                continue
            # Those that come earlier were skipped: only this field requires them.
            further = [each for each in schema.get("dependentRequired", {}).get(name, ()) if each not in found]
            required += further
            waiting += further
            if is_hidden:
                self._hidden.append((found, name))
        self._add_names(schema, found, fills)
        return found

    def _is_hidden(self, schema: Any) -> bool:
        if not isinstance(schema, dict):
            return False
        if schema.get("readOnly") is True or schema.get("writeOnly") is True:
            return schema.get(self._rules.hidden) is True  # its own mark overrides those of allOf
        return any(map(self._is_hidden, schema.get("allOf", ())))

    def _add_names(self, schema: Schema, found: dict[str, Any], fills: bool) -> None:
        """Add fields that have no documented names, as many as are required, and one to a map."""
        shapes, extra = list(schema.get("patternProperties", ())), unnamed(schema, "")
        is_map = not schema.get("properties") and bool(shapes or (isinstance(extra, dict) and extra))
        wanted = min(max(schema.get("minProperties", 0), int(fills and is_map)), MAX_SIZE)
        for attempt in range(wanted + MAX_ATTEMPTS):
            if len(found) >= wanted:
                return
            name = matching(shapes[attempt % len(shapes)], self._rng) if shapes else f"key{attempt + 1}"
            if "propertyNames" in schema and not shapes:
                name = str(self.value({"type": "string", "allOf": [schema["propertyNames"]]}, "key"))
            if name not in found:
                found[name] = self.value(unnamed(schema, name), name)

    def _array(self, schema: Schema, name: str, given: list[Any] | None) -> list[Any]:
        contains = schema.get("minContains", 1) if "contains" in schema else 0
        prefix, items = schema.get("prefixItems", []), schema.get("items", True)
        lowest = size = int(min(max(schema.get("minItems", 0), contains), MAX_SIZE))
        if given is not None:
            size = max(lowest, len(given))
        elif self._fills(MAX_FILLED + 1):
            size = max(lowest, len(prefix) + (0 if prefix and items is True else 2 if self._depth <= MAX_LISTS else 1))
        size = int(min(size, schema.get("maxItems", size)))
        found: list[Any] = []
        attempts = 0
        while len(found) < size and attempts < size + lowest * MAX_ATTEMPTS * 4 + MAX_ATTEMPTS:
            position, attempts = len(found), attempts + 1
            below = prefix[position] if position < len(prefix) else items
            if len(prefix) <= position < len(prefix) + contains:
                below = schema["contains"] if below is True else {"allOf": [below, schema["contains"]]}
            try:
                known = given[position] if given and position < len(given) else NOTHING
                item = self.value(below, words.singular(name), known)
            except UnsatisfiableError:
                if position < lowest:
                    raise
                break
            if not schema.get("uniqueItems") or not any(same(item, each) for each in found):
                found.append(item)
        if len(found) < lowest:
            raise UnsatisfiableError("not enough different items")
        return found


def _is_scalar(given: Any) -> bool:
    return given is not NOTHING and not isinstance(given, (dict, list))
