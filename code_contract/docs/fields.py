"""Rows of a table: a field with its type, its limits and its texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from code_contract.pointers import FieldPath

VALIDATION_KEYWORDS = (
    *("const", "enum", "default", "format", "pattern", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minProperties", "maxProperties"),
    *("contentEncoding", "contentMediaType"),
)

Schema = Mapping[str, Any]


class Anchors:
    """The anchors of a page, each once. None has two hyphens in a row, so that two join an anchor and its parts."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._counts = Counter(taken)

    def add(self, text: str) -> str:
        """Return a new anchor that resembles a text."""
        first = found = re.sub(r"[\W-]+", "-", text)
        while self._counts[found]:
            self._counts[first] += 1
            found = f"{first}-{self._counts[first]}"
        self._counts[found] += 1
        return found


@dataclass(frozen=True)
class LocalizedText:
    """A text in English, or in the only language of its document, and in Chinese; "" if missing."""

    en: str
    zh: str = ""

    def __bool__(self) -> bool:
        return bool(self.en or self.zh)


class TypePart(NamedTuple):
    """A piece of a type: its text, and the anchor of the schema that it names, "" for none."""

    text: str
    anchor: str = ""


@dataclass(frozen=True)
class Field:
    """One row of a table.

    Attributes:
        name: Name of the field or parameter.
        title: Its description in English, and its name in Chinese.
        types: JSON types without null.
        type: The type in full, with links to schemas.
        nullable: True if null is allowed besides.
        required: True if it must be present.
        example: Example value, None without one.
        zh_example: Text of the example cell in the source document, if that is not a value.
        zh_description: Its description in Chinese, "" without one.
        limits: Validation keywords and their values.
        flags: Those of `deprecated`, `readOnly`, `writeOnly` that are true.
        assumption: Open question behind the field (`x-assumption`).
        location: Location of a parameter, "" for a field of a body.
    """

    name: str
    title: LocalizedText
    types: tuple[str, ...]
    type: tuple[TypePart, ...]
    nullable: bool
    required: bool
    example: Any
    zh_example: str
    zh_description: str
    limits: tuple[tuple[str, Any], ...]
    flags: tuple[str, ...]
    assumption: LocalizedText
    location: str = ""

    @property
    def meaning(self) -> LocalizedText:
        """Its description; in Chinese its name and its description."""
        return LocalizedText(self.title.en, "：".join(filter(None, (self.title.zh, self.zh_description))))


@dataclass(frozen=True)
class Table:
    """The fields of one object, and its path in the body."""

    place: FieldPath
    title: LocalizedText
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class SchemaSection:
    """A schema that types lead to: its name and anchor, its description, the value it describes, and its tables."""

    name: str
    anchor: str
    description: LocalizedText
    value: Field
    tables: tuple[Table, ...]


def name(node: Schema, key: str, otherwise: str = "") -> LocalizedText:
    """Return a text of a node: `key` in English; the same key of `x-i18n-zh` in Chinese, for a title else `name`."""
    zh = node.get("x-i18n-zh", {})
    chinese = zh.get(key.removeprefix("x-")) or (zh.get("name", "") if key in ("name", "title", "summary") else "")
    return LocalizedText(str(node.get(key) or otherwise), chinese)


def types(nodes: Iterable[Schema]) -> list[str]:
    """Return the types that every schema allows; without `type`, those that the other keywords imply."""
    allowed: list[list[str]] = []
    implied: list[str] = []
    for node in nodes:
        stated = node.get("type", [])
        stated = [stated] if isinstance(stated, str) else list(stated)
        if stated:
            allowed.append(stated)
        implied += _implied_types(node)
    if not allowed:
        return list(dict.fromkeys(implied))
    return [each for each in dict.fromkeys(allowed[0]) if all(each in other for other in allowed)]


def _implied_types(node: Schema) -> Iterator[str]:
    if "properties" in node or isinstance(node.get("additionalProperties"), dict):
        yield "object"
    if "items" in node or "prefixItems" in node:
        yield "array"
    for value in (*node.get("enum", ()), *([node["const"]] if "const" in node else [])):
        yield _JSON_TYPES.get(type(value), "string")


_JSON_TYPES = {bool: "boolean", int: "integer", float: "number", dict: "object", list: "array", type(None): "null"}


def values_below(node: Schema) -> list[Any]:
    """Return the schemas of the items of an array, or of the values of a map."""
    found = [node.get("items"), *node.get("prefixItems", ()), node.get("additionalProperties")]
    return [each for each in found if isinstance(each, dict) and each]


def alternatives(node: Schema) -> Iterator[list[Any]]:
    """Yield the alternatives of a value, except those that only restrict the fields of `allOf` beside them."""
    for keyword in ("oneOf", "anyOf"):
        branches = list(node.get(keyword, ()))
        common = _fields({"allOf": node.get("allOf", ())})
        if branches and not (common and all(_fields(each) and _fields(each) <= common for each in branches)):
            yield branches


def _fields(schema: Any) -> set[str]:
    """Return the names of the fields that a schema and its `allOf` describe."""
    if not isinstance(schema, dict):
        return set()
    return set(schema.get("properties", ())).union(*map(_fields, schema.get("allOf", ())))


def limits(nodes: Iterable[Schema]) -> Iterator[tuple[str, Any]]:
    """Yield the validation keywords of a value and of its items, each with its value."""
    nodes = list(nodes)
    yield from _unique(_keywords(nodes, VALIDATION_KEYWORDS))
    items = [node["items"] for node in nodes if isinstance(node.get("items"), dict)]
    yield from _unique((f"items.{key}", value) for key, value in _keywords(items, VALIDATION_KEYWORDS))
    if any(node.get("additionalProperties") is False for node in nodes):
        yield "additionalProperties", False
    for key, value in _keywords(nodes, ("discriminator",)):
        yield key, value["propertyName"]
    for key, value in _keywords(nodes, ("oneOf", "anyOf")):
        if all(isinstance(each, dict) and each.keys() == {"required"} for each in value):
            yield key, value


def _keywords(nodes: Iterable[Schema], keywords: Iterable[str]) -> Iterator[tuple[str, Any]]:
    for node in nodes:
        yield from ((key, node[key]) for key in keywords if key in node)


def _unique(pairs: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    seen: set[str] = set()
    for key, value in pairs:
        if f"{key} {value!r}" not in seen:
            seen.add(f"{key} {value!r}")
            yield key, value
