"""Clauses: the sentences of the contract that an implementation can break, and where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from code_contract import pointers
from code_contract.errors import ContractError
from code_contract.operations import METHODS, FieldPath

LEVELS = ("must", "should", "info")
ORIGINS = ("document", "rfc", "implied", "assumption")

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
_REQUIRED_KEYS = {"id", "section", "level", "origin", "text"}
_KNOWN_KEYS = _REQUIRED_KEYS | {"quotes", "source", "keywords", "schema", "limits"}


@dataclass(frozen=True)
class Section:
    """A part of the document, under which clauses are reported: `title` in English, `zh` in Chinese."""

    id: str
    title: str
    zh: str


@dataclass(frozen=True)
class ClauseLocation:
    """One use of the node a clause stands at: by an operation and, in a response body, at a place."""

    operation_id: str
    place: FieldPath | None = None


@dataclass(frozen=True)
class Clause:
    """One sentence of the contract (`x-clauses`).

    `words` are the document's own; `source` is the RFC, or what was open and how it was read; `keywords` are those
    of the schema node beside it that say the same, `schema` one of its own that says it; `limits` are its numbers;
    `assumption` is that of its node (`x-assumption`), None where nothing is assumed or the reading is confirmed.
    """

    id: str
    section: str
    level: str
    basis: str
    text: str
    pointer: str
    line: int
    quotes: tuple[str, ...] = ()
    source: str | None = None
    keywords: tuple[str, ...] = ()
    schema: Mapping[str, Any] | None = None
    limits: Mapping[str, Any] = field(default_factory=dict)
    assumption: str | None = None
    sites: tuple[ClauseLocation, ...] = ()

    @property
    def checked_by_schema(self) -> bool:
        """Whether the contract's own schema says it all, so that no Python does."""
        return bool(self.keywords) or self.schema is not None


def parse_sections(document: Mapping[str, Any]) -> dict[str, Section]:
    """The parts named under `x-sections`, in order. Raises ContractError where one is incomplete or repeated."""
    parts: dict[str, Section] = {}
    for index, entry in enumerate(document.get("x-sections", [])):
        pointer = pointers.join("/x-sections", index)
        if not isinstance(entry, dict) or set(entry) != {"id", "title", "zh"}:
            raise ContractError("a part has an id, a title and a zh", "write the three", pointer)
        if entry["id"] in parts:
            raise ContractError(f"the section {entry['id']!r} is there twice", "keep one", pointer)
        parts[entry["id"]] = Section(**entry)
    return parts


def parse_clauses(
    document: dict[str, Any], lines: Mapping[str, int], parts: Mapping[str, Section]
) -> dict[str, Clause]:
    """Every clause of an unresolved document by id, in the order of the parts and then of the document.

    Raises ContractError at the first that is malformed, repeated, or stands where no operation leads.
    """
    found: dict[str, Clause] = {}
    for pointer, node in _nodes(document, ""):
        for index, entry in enumerate(node["x-clauses"]):
            at = pointers.join(pointer, "x-clauses", index)
            clause = _clause(entry, node, at, pointer, lines, parts)
            if clause.id in found:
                first = found[clause.id].pointer
                raise ContractError(f"the clause {clause.id!r} is also at {first}", "keep one", at)
            found[clause.id] = clause
    sites = _clause_locations(document)
    for clause in found.values():
        node_pointer = clause.pointer.rpartition("/x-clauses/")[0]
        if node_pointer not in sites:
            raise ContractError(
                f"no operation leads to the clause {clause.id!r}",
                "move it to a node that an operation uses",
                clause.pointer,
            )
        found[clause.id] = replace(clause, sites=tuple(dict.fromkeys(sites[node_pointer])))
    order = {part: position for position, part in enumerate(parts)}
    return dict(sorted(found.items(), key=lambda item: order[item[1].section]))


def _clause(
    entry: Any,
    node: Mapping[str, Any],
    at: str,
    node_pointer: str,
    lines: Mapping[str, int],
    parts: Mapping[str, Section],
) -> Clause:
    if not isinstance(entry, dict) or not set(entry) >= _REQUIRED_KEYS:
        raise ContractError("a clause has " + ", ".join(sorted(_REQUIRED_KEYS)), "write them all", at)
    if unknown := sorted(set(entry) - _KNOWN_KEYS):
        raise ContractError(f"a clause has no {unknown[0]!r}", f"use {sorted(_KNOWN_KEYS)}", at)
    name = entry["id"]
    if not isinstance(name, str) or not _ID.fullmatch(name):
        raise ContractError(f"{name!r} is no clause id", "write a proposition in-lower-case-words", at)
    for key, known in (("level", LEVELS), ("origin", ORIGINS), ("section", tuple(parts))):
        if entry[key] not in known:
            raise ContractError(
                f"the {key} {entry[key]!r} of {name!r} does not exist",
                f"use one of {', '.join(known)}",
                pointers.join(at, key),
            )
    words = entry.get("quotes")
    if words is None and entry["origin"] == "document" and "x-quote" in node:
        words = [node["x-quote"]]
    if entry["origin"] == "document" and not words:
        raise ContractError(f"{name!r} quotes no words of the document", "add quotes", at)
    if entry["origin"] in ("rfc", "assumption") and not entry.get("source"):
        raise ContractError(f"{name!r} ({entry['origin']}) names no source", "add source", at)
    for keyword in entry.get("keywords", ()):
        if keyword != "required" and keyword not in node:
            raise ContractError(
                f"the keyword {keyword!r} of {name!r} is not in the schema beside it",
                "add it to the schema, or take it from the clause",
                pointers.join(at, "keywords"),
            )
    return Clause(
        id=name,
        section=entry["section"],
        level=entry["level"],
        basis=entry["origin"],
        text=entry["text"],
        pointer=at,
        line=lines.get(at, lines.get(node_pointer, 0)),
        quotes=tuple(words or ()),
        source=entry.get("source"),
        keywords=tuple(entry.get("keywords", ())),
        schema=entry.get("schema"),
        limits=dict(entry.get("limits", {})),
        assumption=node.get("x-assumption"),
    )


def _nodes(node: Any, pointer: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every node of the document that carries clauses."""
    if isinstance(node, dict):
        if isinstance(node.get("x-clauses"), list):
            yield pointer, node
        for key, value in node.items():
            yield from _nodes(value, pointers.join(pointer, key))
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _nodes(item, pointers.join(pointer, index))


def _clause_locations(document: dict[str, Any]) -> dict[str, list[ClauseLocation]]:
    """By JSON pointer, where each operation comes by, following every `$ref`."""
    sites: dict[str, list[ClauseLocation]] = {}

    def follow(pointer: str) -> tuple[str, dict[str, Any]]:
        node = pointers.find(document, pointers.split(pointer))
        while isinstance(node, dict) and "$ref" in node:
            pointer = node["$ref"][1:]
            node = pointers.find(document, pointers.split(pointer))
        return pointer, node if isinstance(node, dict) else {}

    def schema(start: str, operation_id: str, place: FieldPath | None, seen: frozenset[str]) -> None:
        pointer, node = follow(start)
        if pointer in seen:
            return
        sites.setdefault(pointer, []).append(ClauseLocation(operation_id, place))
        seen |= {pointer}
        for keyword in ("allOf", "anyOf", "oneOf"):
            for index in range(len(node.get(keyword, ()))):
                schema(pointers.join(pointer, keyword, index), operation_id, place, seen)
        for keyword in ("then", "else"):
            if keyword in node:
                schema(pointers.join(pointer, keyword), operation_id, place, seen)
        for name in node.get("properties", {}):
            below = None if place is None else (*place, name)
            schema(pointers.join(pointer, "properties", name), operation_id, below, seen)
        if isinstance(node.get("items"), dict):
            below = None if place is None else (*place, "*")
            schema(pointers.join(pointer, "items"), operation_id, below, seen)

    def content(start: str, operation_id: str, place: FieldPath | None) -> None:
        pointer, node = follow(start)
        sites.setdefault(pointer, []).append(ClauseLocation(operation_id))
        for media_type in node.get("content", {}):
            below = pointers.join(pointer, "content", media_type)
            if "schema" in follow(below)[1]:
                schema(pointers.join(below, "schema"), operation_id, place, frozenset())

    for path in document.get("paths", {}):
        path_pointer, item = follow(pointers.join("/paths", path))
        for method in METHODS:
            if method not in item:
                continue
            pointer, operation = follow(pointers.join(path_pointer, method))
            operation_id = operation.get("operationId", f"{method} {path}")
            # A clause at the root of the document is one of every operation.
            for above in ("", path_pointer, pointer):
                sites.setdefault(above, []).append(ClauseLocation(operation_id))
            for owner, owned in ((path_pointer, item), (pointer, operation)):
                for index in range(len(owned.get("parameters", ()))):
                    parameter = follow(pointers.join(owner, "parameters", index))[0]
                    sites.setdefault(parameter, []).append(ClauseLocation(operation_id))
            if "requestBody" in operation:
                content(pointers.join(pointer, "requestBody"), operation_id, None)
            for status in operation.get("responses", {}):
                content(pointers.join(pointer, "responses", status), operation_id, ())
    return sites
