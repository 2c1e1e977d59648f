"""Schemas as tables, one row per field, with `allOf`, `anyOf` and `oneOf` merged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from code_contract.pointers import FieldPath

VALIDATION_KEYWORDS = (
    *("const", "enum", "format", "pattern", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
)

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class LocalizedText:
    """A text in English and in Chinese; "" if missing."""

    en: str
    zh: str


@dataclass(frozen=True)
class Field:
    """One row of a table.

    Attributes:
        name: Name of the field or parameter.
        title: Its description.
        types: JSON types without null.
        nullable: True if null is allowed besides.
        required: True if it must be present.
        example: Example value, None without one.
        zh_example: Text of the example cell in the source document, if that is not a value.
        limits: Validation keywords and their values.
        assumption: Open question behind the field (`x-assumption`).
        location: Location of a parameter, "" for a field of a body.
    """

    name: str
    title: LocalizedText
    types: tuple[str, ...]
    nullable: bool
    required: bool
    example: Any
    zh_example: str
    limits: tuple[tuple[str, Any], ...]
    assumption: str | None
    location: str


@dataclass(frozen=True)
class Table:
    """The fields of one object, and its path in the body."""

    place: FieldPath
    title: LocalizedText
    fields: tuple[Field, ...]


def name(node: Schema, key: str, otherwise: str = "") -> LocalizedText:
    """Return the name of a node: `key` in English; the same key, or `name`, of `x-i18n-zh` in Chinese."""
    zh = node.get("x-i18n-zh", {})
    return LocalizedText(node.get(key) or otherwise, zh.get(key) or zh.get("name", ""))


def tables(schemas: Iterable[Any], place: FieldPath, seen: frozenset[int] = frozenset()) -> Iterator[Table]:
    """Yield the table of a value that all schemas describe, then the tables of the objects nested in it.

    Args:
        schemas: The schemas.
        place: The path of the value in the body.
        seen: The identities of the schemas around the value: a recursive schema has one table.
    """
    fragments = [(node, certain) for node, certain in _in_place_subschemas(schemas) if id(node) not in seen]
    seen |= {id(node) for node, _ in fragments}
    below: dict[str, list[Any]] = {}
    required: set[str] = set()
    for node, certain in fragments:
        for key, schema in node.get("properties", {}).items():
            below.setdefault(key, []).append(schema)
        if certain:
            required.update(node.get("required", ()))
    if below:
        holders = [node for node, _ in fragments if "properties" in node]
        title = LocalizedText(
            _first(holders, "title") or (place[-1] if place else ""),
            next((zh for node in holders if (zh := name(node, "title").zh)), ""),
        )
        yield Table(place, title, tuple(field_row(key, below[key], required=key in required) for key in below))
    for key, found in below.items():
        yield from tables(found, (*place, key), seen)
    items = [node["items"] for node, _ in fragments if isinstance(node.get("items"), dict)]
    if items:
        yield from tables(items, (*place, "*"), seen)


def field_row(key: str, schemas: Iterable[Any], *, required: bool, location: str = "", example: Any = None) -> Field:
    """Return the row of a field that all schemas describe; the first schema with an annotation wins."""
    fragments = list(_in_place_subschemas(schemas))
    nodes = [node for node, _ in fragments]
    types = _types(fragments)
    if example is None:
        examples = (each for node in nodes for each in (*node.get("examples", ()), node.get("example")))
        example = next((each for each in examples if each is not None), None)
    return Field(
        name=key,
        title=LocalizedText(
            _first(nodes, "description") or _first(nodes, "title"),
            next((zh for node in nodes if (zh := name(node, "title").zh)), ""),
        ),
        types=tuple(each for each in types if each != "null"),
        nullable="null" in types and len(types) > 1,
        required=required,
        example=example,
        zh_example=next((zh["example"] for node in nodes if "example" in (zh := node.get("x-i18n-zh", {}))), ""),
        limits=tuple((keyword, node[keyword]) for node in nodes for keyword in VALIDATION_KEYWORDS if keyword in node),
        assumption=_first(nodes, "x-assumption") or None,
        location=location,
    )


def _in_place_subschemas(schemas: Iterable[Any], certain: bool = True) -> Iterator[tuple[Schema, bool]]:
    """Yield every schema of one value, and True if it always applies (a branch of `anyOf` may not)."""
    for schema in schemas:
        if isinstance(schema, dict):
            yield schema, certain
            yield from _in_place_subschemas(schema.get("allOf", ()), certain)
            for keyword in ("anyOf", "oneOf"):
                yield from _in_place_subschemas(schema.get(keyword, ()), False)


def _types(fragments: Iterable[tuple[Schema, bool]]) -> list[str]:
    """Return the types that every certain fragment, and any of the uncertain ones, allows."""
    always: list[list[str]] = []
    sometimes: list[str] = []
    for node, certain in fragments:
        stated = node.get("type", [])
        stated = [stated] if isinstance(stated, str) else list(stated)
        if stated and certain:
            always.append(stated)
        elif stated:
            sometimes += stated
    if sometimes:
        always.append(sometimes)
    return [each for each in dict.fromkeys(always[0]) if all(each in other for other in always)] if always else []


def _first(nodes: Iterable[Schema], key: str) -> str:
    return next((str(node[key]) for node in nodes if node.get(key)), "")
