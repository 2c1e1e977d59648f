"""Mutations: changes of a conforming JSON value, each against one keyword of its schema, or where it has none."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from code_contract.errors import UnsatisfiableError
from code_contract.merging import Schema, merged, same, types, unnamed

MAX_SIZE, MAX_ALTERNATIVES = 10_000, 8
"""Characters, items and fields of a mutated value, above which a limit is not exceeded; alternatives inside each other
(`oneOf`, `anyOf`, `if`) that are followed for one value."""
FIRST_ITEM = 0
EXTRA_FIELD = "undocumentedField"
ANY_TEXT = "🦜 any text"

_OTHER_TYPES = {"integer": 12345, "string": "text", "boolean": True, "array": [], "object": {}}
_CANDIDATES = ("🦜", "", " ", "0", "a", "A", "-1", "\n", "~~~~~~~~")

Place = tuple["str | int | frozenset[str]", ...]
"""The steps from the root of a value: the name of a field, FIRST_ITEM of an array, or the first field with none of these names."""
Change = Callable[[Any], Any]
Conforms = Callable[[Any, Any], bool]
"""Returns True if a value (second) conforms to a schema (first)."""


class Mutation(NamedTuple):
    """A change of the value at one place.

    Attributes:
        place: The place.
        kind: The kind, such as "above-maximum".
        change: Returns the new value; None deletes the field.
        sample: The conforming value from which it follows.
    """

    place: Place
    kind: str
    change: Change | None
    sample: Any

    def apply(self, document: Any) -> Any:
        """Return a document with the change in it. Raises LookupError if the document lacks the place."""
        return self._at(document, self.place)

    def _at(self, value: Any, place: Place) -> Any:
        if not place:
            return self.change(value) if self.change else None
        step, rest = place[0], place[1:]
        if isinstance(step, frozenset) and isinstance(value, dict):
            step = next((name for name in value if name not in step), FIRST_ITEM)
        if isinstance(step, int):
            if not isinstance(value, list) or not value:
                raise LookupError("the array has no items")
            return [self._at(value[0], rest), *value[1:]]
        if not isinstance(value, dict) or not isinstance(step, str) or (step not in value and rest):
            raise LookupError("the object has no such field")
        if not rest and self.change is None:
            return {name: each for name, each in value.items() if name != step}
        return {**value, step: self._at(value.get(step, self.sample), rest)}


def mutations(written: Any, value: Any, conforms: Conforms) -> Iterator[Mutation]:
    """Yield the mutations of a value, those of outer values first.

    Args:
        written: Its schema in the resolved document.
        value: A value that conforms to it. Inside a schema that contains itself, only the outer value is mutated.
        conforms: Validates a value.
    """
    waiting: deque[_Visit] = deque([_Visit((), written, value, False, ())])
    while waiting:
        place, written, value, is_named, outer = waiting.popleft()
        schema, parts = _effective(written, value, conforms)
        if is_named:
            yield Mutation(place, "missing", None, value)
        others = [*_OTHER_TYPES.values(), None]
        if len(parts) > 1:  # other alternatives admit other types
            others = [each for each in others if not conforms(written, each)] or others[:1]
        for kind, change in _changes(schema, value, conforms, others):
            yield Mutation(place, kind, change, value)
        if any(part is each for part in parts for each in outer):
            continue
        for step, below, each in _inner(schema, value):
            waiting.append(_Visit((*place, step), below, each, isinstance(step, str), (*outer, *parts)))


class _Visit(NamedTuple):
    """A value to mutate; `outer` are the schemas around it, by which a recursive schema is recognized."""

    place: Place
    written: Any
    value: Any
    is_named: bool
    outer: tuple[Any, ...]


def _inner(schema: Schema, value: Any) -> Iterator[tuple[str | int | frozenset[str], Any, Any]]:
    """Yield step, schema and value of each documented field, of one other field, and of the first item."""
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        yield from ((name, properties[name], each) for name, each in value.items() if name in properties)
        for name in itertools.islice((each for each in value if each not in properties), 1):
            if isinstance(below := unnamed(schema, name), Mapping):
                yield frozenset(properties), below, value[name]
    elif isinstance(value, list) and value:
        yield FIRST_ITEM, [*schema.get("prefixItems", ()), schema.get("items", True)][0], value[0]


def _effective(written: Any, value: Any, conforms: Conforms) -> tuple[Schema, tuple[Any, ...]]:
    """The keywords that apply to a value, and the schemas that state them: its own, and the alternatives it matches."""
    parts = [written] if isinstance(written, Mapping) else []
    found: dict[str, Any] = {"allOf": parts}
    every = tuple(parts)
    try:
        for _ in range(MAX_ALTERNATIVES):
            found = dict(merged(found))
            parts = [*found.pop("allOf", ())]
            for keyword in ("oneOf", "anyOf"):
                branches = found.pop(keyword, ())
                parts += itertools.islice((each for each in branches if conforms(each, value)), 1)
            if "if" in found:
                condition, then, other = (found.pop(each, True) for each in ("if", "then", "else"))
                parts += [condition, then] if conforms(condition, value) else [other]
            parts = [each for each in parts if isinstance(each, Mapping)]
            if not parts:
                break
            found["allOf"] = parts
            every += tuple(parts)
        found.pop("allOf", None)
    except UnsatisfiableError:
        return {}, every
    return found, every


def _changes(schema: Schema, value: Any, conforms: Conforms, others: list[Any]) -> Iterator[tuple[str, Change]]:
    """The changes of one value; `others` are values of the types to which it may be changed."""
    stated = set(types(schema)) | ({"integer"} if "number" in types(schema) else set())
    choices = [schema["const"]] if "const" in schema else schema.get("enum")
    if None in others and "null" not in stated and (stated or choices) and None not in (choices or ()):
        yield "null", _to(None)
    if stated or choices is None:
        taken = stated or {_type_of(value), "null"}
        wrong = (each for each in others if each is not None and _type_of(each) not in taken)
        yield from (("wrong-type", _to(each)) for each in itertools.islice(wrong, 1))
    if choices is not None:
        yield from (("out-of-enum", _to(each)) for each in _outside(choices, value))
    elif isinstance(value, str):
        yield from _of_text(schema, value, conforms)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from _of_number(schema, value)
    elif isinstance(value, list):
        yield from _of_array(schema, value)
    elif isinstance(value, dict):
        yield from _of_object(schema, value, conforms)


def _to(value: Any) -> Change:
    return lambda old: value


def _type_of(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "integer", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")


def _outside(choices: list[Any], value: Any) -> Iterator[Any]:
    candidates = [f"{value}-undocumented"] if isinstance(value, str) else [not value] if value in (True, False) else []
    outside = (each for each in (*candidates, -987654, "undocumented") if not any(same(each, c) for c in choices))
    return itertools.islice(outside, 1)


def _of_text(schema: Schema, value: str, conforms: Conforms) -> Iterator[tuple[str, Change]]:
    lowest, highest = schema.get("minLength", 0), schema.get("maxLength")
    if lowest > 0:
        yield "too-short", lambda old: old[: int(lowest) - 1]
    if highest is not None and highest < MAX_SIZE:
        yield "too-long", lambda old: f"{old}".ljust(int(highest) + 1, "x")
    if "pattern" in schema:
        rule = {"pattern": schema["pattern"]}
        other = next((each for each in (*_CANDIDATES, f"{value}🦜") if not conforms(rule, each)), None)
        if other is not None:
            yield "no-pattern-match", _to(other)
    if "format" in schema:
        rule = {"format": schema["format"]}
        other = next((each for each in _CANDIDATES if not conforms(rule, each)), ANY_TEXT)
        yield "invalid-format", _to(other)
    if "type" in schema and not schema.keys() & {"pattern", "format"}:
        if highest is None:
            yield "any-text", _to(ANY_TEXT * max(1, int(lowest)) if lowest < MAX_SIZE else f"{value}🦜")
        if not lowest:
            yield "empty-text", _to("")


def _of_number(schema: Schema, value: float) -> Iterator[tuple[str, Change]]:
    if "minimum" in schema:
        yield "below-minimum", _to(schema["minimum"] - max(1, abs(schema["minimum"]) // 2))
    if "maximum" in schema:
        yield "above-maximum", _to(schema["maximum"] + max(1, abs(schema["maximum"]) // 2))
    for keyword, kind in (("exclusiveMinimum", "at-exclusive-minimum"), ("exclusiveMaximum", "at-exclusive-maximum")):
        if keyword in schema:
            yield kind, _to(schema[keyword])
    if "multipleOf" in schema:
        multiple = schema["multipleOf"]
        step = 1 if isinstance(multiple, int) and multiple > 1 else multiple / 2
        yield "not-a-multiple", _to(value + step)
    if "type" in schema and not schema.keys() & {"minimum", "exclusiveMinimum"}:
        yield "negative", _to(-abs(value) - 1)


def _of_array(schema: Schema, value: list[Any]) -> Iterator[tuple[str, Change]]:
    lowest, highest = schema.get("minItems", 0), schema.get("maxItems")
    if lowest > 0:
        yield "too-few-items", lambda old: old[: int(lowest) - 1]
    if highest is not None and highest < MAX_SIZE:
        yield "too-many-items", lambda old: list(itertools.islice(itertools.cycle(old or [None]), int(highest) + 1))
    if schema.get("uniqueItems") and value:
        yield "repeated-item", lambda old: [*old, *old[-1:]]
    if "contains" in schema and schema.get("minContains", 1) > 0:
        yield "no-contained-item", _to([])


def _of_object(schema: Schema, value: dict[str, Any], conforms: Conforms) -> Iterator[tuple[str, Change]]:
    lowest, highest = schema.get("minProperties", 0), schema.get("maxProperties")
    if lowest > 0:
        yield "too-few-fields", lambda old: dict(itertools.islice(old.items(), int(lowest) - 1))
    if highest is not None and highest < MAX_SIZE:
        yield "too-many-fields", partial(_grown, size=int(highest) + 1)
    if "propertyNames" in schema:
        names = (each for each in _CANDIDATES if not conforms(schema["propertyNames"], each))
        first = next(iter(value.values()), None)
        yield from (
            ("invalid-field-name", partial(_with, name=each, value=first)) for each in itertools.islice(names, 1)
        )
    extra = unnamed(schema, EXTRA_FIELD)
    if schema.keys() & {"type", "properties"} and (isinstance(extra, bool) or not extra):
        yield "extra-field", partial(_with, name=EXTRA_FIELD, value="undocumented")


def _with(old: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    return {**old, name: value}


def _grown(old: dict[str, Any], size: int) -> dict[str, Any]:
    first = next(iter(old.values()), None)
    return old | {f"{EXTRA_FIELD}{number}": first for number in range(max(0, size - len(old)))}
