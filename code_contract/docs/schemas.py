"""Schemas as tables, one row per field, with `allOf` merged.

A schema that is used in several places, extends another or is an alternative has a section of its own, to which its
uses lead. So a page grows with its document, and a recursive schema is printed once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from code_contract.docs.fields import (
    Anchors,
    Field,
    LocalizedText,
    SchemaSection,
    Table,
    TypePart,
    alternatives,
    limits,
    name,
    types,
    values_below,
)
from code_contract.pointers import FieldPath

Schema = Mapping[str, Any]

_NULL = {"type": "null"}


class Schemas:
    """The schemas of a page.

    Args:
        components: The schemas of `components/schemas` by name.
        roots: The schema of every parameter, header and body of the page, each as often as it is used.
        anchors: The anchors of the page.
    """

    def __init__(self, components: Mapping[str, Any], roots: Iterable[Any], anchors: Anchors) -> None:
        self._names = {id(node): key for key, node in components.items()}
        self._links: dict[int, TypePart] = {}
        self._linked: dict[int, Schema] = {}
        for node in _separate(roots, self._names):
            if not _is_plain(node):
                key = self._names.setdefault(id(node), str(node.get("title") or "schema"))
                self._links[id(node)] = TypePart(key, anchors.add(f"schema-{key}"))

    def sections(self) -> Iterator[SchemaSection]:
        """Yield the section of every schema that a type leads to, those of their fields included."""
        done: set[int] = set()
        while rest := [node for key, node in self._linked.items() if key not in done]:
            for node in rest:
                done.add(id(node))
                link = self._links[id(node)]
                value, tables = self.field("", [node], is_root=True), self.tables([node], (), is_root=True)
                yield SchemaSection(link.text, link.anchor, name(node, "description"), value, tuple(tables))

    def tables(self, schemas: Iterable[Any], place: FieldPath, *, is_root: bool = False) -> Iterator[Table]:
        """Yield the table of a value that all schemas describe, then the tables of the values in it.

        Args:
            schemas: The schemas.
            place: The path of the value in the body.
            is_root: True to print the fields of a schema that has a section of its own; so are the items of an array.
        """
        fragments, _ = self._merged(schemas, is_root)
        below: dict[str, list[Any]] = {}
        for node in fragments:
            for keyword in ("properties", "patternProperties"):
                for key, schema in node.get(keyword, {}).items():
                    below.setdefault(key, []).append(schema)
        required = {key for node in fragments for key in node.get("required", ())}
        if below:
            holders = [node for node in fragments if "properties" in node or "patternProperties" in node]
            named = next((self._names[id(node)] for node in holders if id(node) in self._names), "")
            label = LocalizedText(
                _first(holders, "title") or named or next((each for each in reversed(place) if each != "*"), ""),
                next((zh for node in holders if (zh := name(node, "title").zh)), ""),
            )
            rows = tuple(self.field(key, found, required=key in required) for key, found in below.items())
            yield Table(place, label, rows)
        for key, found in below.items():
            yield from self.tables(found, (*place, key))
        if items := [each for node in fragments for each in values_below(node)]:
            yield from self.tables(items, (*place, "*"), is_root=is_root and not place)
        for branch in self._alternatives(fragments):
            yield from self.tables([branch], place)

    def field(
        self,
        key: str,
        schemas: Iterable[Any],
        *,
        required: bool = False,
        is_root: bool = False,
    ) -> Field:
        """Return the row of a field that all schemas describe; the first schema with an annotation wins.

        Args:
            key: The name of the field.
            schemas: The schemas.
            required: True if it must be present.
            is_root: True to describe a schema that has a section of its own instead of naming it.
        """
        schemas = list(schemas)
        fragments, shared = self._merged(schemas, is_root)
        branches = self._alternatives(fragments)
        nodes = [*fragments, *shared]
        found = types(nodes) or list(dict.fromkeys(each for branch in branches for each in types([branch])))
        examples = (each for node in nodes for each in (*node.get("examples", ()), node.get("example")))
        return Field(
            name=key,
            title=LocalizedText(
                _first(nodes, "description") or _first(nodes, "title"),
                next((zh for node in nodes if (zh := name(node, "title").zh)), ""),
            ),
            types=tuple(each for each in found if each != "null"),
            type=tuple(self._type(schemas, is_root)),
            nullable=("null" in found and len(found) > 1) or any(_null_branch(node) for node in nodes),
            required=required,
            example=next((each for each in examples if each is not None), None),
            zh_example=next((zh["example"] for node in nodes if "example" in (zh := node.get("x-i18n-zh", {}))), ""),
            zh_description=next((zh for node in nodes if (zh := name(node, "description").zh)), ""),
            limits=tuple(limits(fragments)),
            flags=tuple(
                each for each in ("deprecated", "readOnly", "writeOnly") if any(n.get(each) is True for n in nodes)
            ),
            assumption=next((each for node in nodes if (each := name(node, "x-assumption"))), LocalizedText("")),
        )

    def name_of(self, schema: Any) -> str:
        """Return the name of a schema, "" if it has none."""
        return self._names.get(id(schema), "")

    def _merged(self, schemas: Iterable[Any], is_root: bool) -> tuple[list[Schema], list[Schema]]:
        """Return the schemas that apply to one value, and those of them that have a section of their own."""
        fragments: list[Schema] = []
        shared: list[Schema] = []
        seen: set[int] = set()
        waiting = [each for each in schemas if isinstance(each, dict)][::-1]
        while waiting:
            node = waiting.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            if not is_root and id(node) in self._links:
                shared.append(node)
                continue
            fragments.append(node)
            below = list(node.get("allOf", ()))
            for found in alternatives(node):
                branches = [each for each in found if each != _NULL]
                below += branches if len(branches) == 1 else []
            waiting += [each for each in below if isinstance(each, dict)][::-1]
        return fragments, shared

    def _alternatives(self, fragments: Iterable[Schema]) -> list[Schema]:
        """Return the schemas of which a value fulfils one or some; those that only require fields are limits."""
        found: list[Schema] = []
        for node in fragments:
            for choices in alternatives(node):
                branches = [each for each in choices if isinstance(each, dict) and each != _NULL]
                if len(branches) > 1:
                    found += [each for each in branches if each.keys() - {"required", "not", "title", "description"}]
        return found

    def _type(self, schemas: Iterable[Any], is_root: bool = False) -> list[TypePart]:
        """Return the type of a value in parts."""
        fragments, shared = self._merged(schemas, is_root)
        parts: list[Iterable[TypePart]] = [[self._links[id(node)]] for node in shared]
        self._linked |= {id(node): node for node in shared}
        branches = self._alternatives(fragments)
        if branches:
            parts.append(_joined(" | ", dict.fromkeys(tuple(self._type([each])) for each in branches)))
        elif not shared or any("properties" in node for node in fragments):
            parts.append(self._own_type(fragments, is_root))
        return _joined(" & ", parts)

    def _own_type(self, fragments: list[Schema], is_root: bool) -> list[TypePart]:
        found = [each.capitalize() for each in types(fragments) if each != "null"]
        inner = [each for node in fragments for each in values_below(node)]
        if inner and found in (["Array"], ["Object"]) and not any("properties" in node for node in fragments):
            printed = [self._names[id(node)] for node in inner if id(node) in self._links] if is_root else []
            named = [TypePart(printed[0])] if printed else self._type(inner)
            return [TypePart("Array<" if found == ["Array"] else "Map<String, "), *named, TypePart(">")]
        return [TypePart("/".join(found) or "Any")]


def _joined(sign: str, parts: Iterable[Iterable[TypePart]]) -> list[TypePart]:
    found: list[TypePart] = []
    for part in parts:
        found += [TypePart(sign)] if found else []
        found += part
    return found


def _separate(roots: Iterable[Any], named: Container[int]) -> list[Schema]:
    """Return the schemas that are used in several places, and the named ones that extend others or are alternatives."""
    counts: Counter[int] = Counter()
    nodes: dict[int, Schema] = {}
    waiting = list(roots)[::-1]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, dict):
            continue
        counts[id(node)] += 1
        if id(node) in nodes:
            continue
        nodes[id(node)] = node
        waiting += list(_below(node))[::-1]
        branches = [each for found in alternatives(node) if len(found) - (_NULL in found) > 1 for each in found]
        counts.update(id(each) for each in (*branches, *([node] if "allOf" in node else [])) if id(each) in named)
    return [node for key, node in nodes.items() if counts[key] > 1]


def _below(node: Schema) -> Iterator[Any]:
    for keyword in ("properties", "patternProperties"):
        yield from node.get(keyword, {}).values()
    yield from node.get("allOf", ())
    for branches in alternatives(node):
        yield from branches
    yield from values_below(node)


def _is_plain(node: Schema) -> bool:
    """Return True for a schema without fields and alternatives: it is printed wherever it is used."""
    seen: set[int] = set()
    waiting: list[Any] = [node]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, dict):
            continue
        branches = any(len(found) > 1 for found in alternatives(node))
        if branches or id(node) in seen or any(node.get(key) for key in ("properties", "patternProperties")):
            return False
        seen.add(id(node))
        waiting += _below(node)
    return True


def _null_branch(node: Schema) -> bool:
    return any(_NULL in branches for branches in alternatives(node))


def _first(nodes: Iterable[Schema], key: str) -> str:
    return next((str(node[key]) for node in nodes if node.get(key)), "")
