"""Clauses: the testable requirements of the contract (`x-clauses`), and their locations."""

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
    """A section of the document (`x-sections`). Reports group clauses by section; `zh` is the Chinese title."""

    id: str
    title: str
    zh: str


@dataclass(frozen=True)
class ClauseLocation:
    """A location where a clause applies: an operation and, for a response body, a field path."""

    operation_id: str
    place: FieldPath | None = None


@dataclass(frozen=True)
class Clause:
    """One testable requirement (`x-clauses`).

    Attributes:
        id: A proposition in lower-case words.
        section: Id of its section.
        level: "must", "should" or "info" (BCP 14).
        basis: "document", "rfc", "implied" or "assumption" (`origin` in the document).
        text: The requirement in one sentence.
        pointer: JSON pointer of the clause.
        line: Line of the clause in the file.
        quotes: Sentences of the source document that state the requirement.
        source: The RFC, or the open question and the reading chosen.
        keywords: Keywords of the schema beside it that express the requirement.
        schema: A JSON Schema of its own that expresses the requirement.
        limits: Numbers of the requirement, by name.
        assumption: `x-assumption` of its node, None if nothing is assumed or the reading is confirmed.
        sites: Every location where the clause applies.
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
        """True if a schema expresses the requirement, so that no check in Python is needed."""
        return bool(self.keywords) or self.schema is not None


def parse_sections(document: Mapping[str, Any]) -> dict[str, Section]:
    """Return the sections of a document by id, in order.

    Raises:
        ContractError: A section is incomplete or repeated.
    """
    sections: dict[str, Section] = {}
    for index, entry in enumerate(document.get("x-sections", [])):
        pointer = pointers.join("/x-sections", index)
        if not isinstance(entry, dict) or set(entry) != {"id", "title", "zh"}:
            raise ContractError("a section needs id, title and zh", "write these three keys and no others", pointer)
        if entry["id"] in sections:
            raise ContractError(f"the section {entry['id']!r} is repeated", "keep one", pointer)
        sections[entry["id"]] = Section(**entry)
    return sections


def parse_clauses(
    document: dict[str, Any], lines: Mapping[str, int], sections: Mapping[str, Section]
) -> dict[str, Clause]:
    """Return the clauses of a document by id, in the order of the sections, then of the document.

    Args:
        document: The unresolved document.
        lines: Line of each node by JSON pointer.
        sections: Sections by id.

    Raises:
        ContractError: A clause is malformed or repeated, or no operation uses its node.
    """
    found: dict[str, Clause] = {}
    for pointer, node in _nodes(document, ""):
        for index, entry in enumerate(node["x-clauses"]):
            at = pointers.join(pointer, "x-clauses", index)
            clause = _clause(entry, node, at, pointer, lines, sections)
            if clause.id in found:
                first = found[clause.id].pointer
                raise ContractError(f"the clause {clause.id!r} is repeated; the first is at {first}", "keep one", at)
            found[clause.id] = clause
    sites = _clause_locations(document)
    for clause in found.values():
        node_pointer = clause.pointer.rpartition("/x-clauses/")[0]
        if node_pointer not in sites:
            raise ContractError(
                f"no operation uses the node of the clause {clause.id!r}",
                "move it to a node that an operation uses",
                clause.pointer,
            )
        found[clause.id] = replace(clause, sites=tuple(dict.fromkeys(sites[node_pointer])))
    order = {section: position for position, section in enumerate(sections)}
    return dict(sorted(found.items(), key=lambda item: order[item[1].section]))


def _clause(
    entry: Any,
    node: Mapping[str, Any],
    at: str,
    node_pointer: str,
    lines: Mapping[str, int],
    sections: Mapping[str, Section],
) -> Clause:
    if not isinstance(entry, dict) or not set(entry) >= _REQUIRED_KEYS:
        raise ContractError("a clause needs " + ", ".join(sorted(_REQUIRED_KEYS)), "write all of them", at)
    if unknown := sorted(set(entry) - _KNOWN_KEYS):
        raise ContractError(f"unknown key {unknown[0]!r} in a clause", f"use only {', '.join(sorted(_KNOWN_KEYS))}", at)
    name = entry["id"]
    if not isinstance(name, str) or not _ID.fullmatch(name):
        raise ContractError(f"{name!r} is not a valid clause id", "use a proposition in-lower-case-words", at)
    for key, known in (("level", LEVELS), ("origin", ORIGINS), ("section", tuple(sections))):
        if entry[key] not in known:
            raise ContractError(
                f"unknown {key} {entry[key]!r} of the clause {name!r}",
                f"use one of {', '.join(known)}",
                pointers.join(at, key),
            )
    quotes = entry.get("quotes")
    if quotes is None and entry["origin"] == "document" and "x-quote" in node:
        quotes = [node["x-quote"]]
    if entry["origin"] == "document" and not quotes:
        raise ContractError(f"the clause {name!r} has no quotes", "add quotes", at)
    if entry["origin"] in ("rfc", "assumption") and not entry.get("source"):
        raise ContractError(f"the clause {name!r} ({entry['origin']}) has no source", "add source", at)
    for keyword in entry.get("keywords", ()):
        if keyword != "required" and keyword not in node:
            raise ContractError(
                f"the keyword {keyword!r} of {name!r} is not in the schema beside it",
                "add it to the schema, or remove it from the clause",
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
        quotes=tuple(quotes or ()),
        source=entry.get("source"),
        keywords=tuple(entry.get("keywords", ())),
        schema=entry.get("schema"),
        limits=dict(entry.get("limits", {})),
        assumption=node.get("x-assumption"),
    )


def _nodes(node: Any, pointer: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every node that has clauses, with its pointer."""
    if isinstance(node, dict):
        if isinstance(node.get("x-clauses"), list):
            yield pointer, node
        for key, value in node.items():
            yield from _nodes(value, pointers.join(pointer, key))
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _nodes(item, pointers.join(pointer, index))


def _clause_locations(document: dict[str, Any]) -> dict[str, list[ClauseLocation]]:
    """Return the locations of each node by JSON pointer, by following every operation through every `$ref`."""
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
            # A clause at the root of the document applies to every operation.
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
