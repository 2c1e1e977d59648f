"""Clauses: the testable requirements of the contract (`x-clauses`), and their locations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from code_contract import pointers
from code_contract.errors import ContractError, UnknownNameError
from code_contract.locations import ClauseLocation, find_locations
from code_contract.yaml_reader import ParsedDocument


@dataclass(frozen=True)
class Section:
    """A section of the document (`x-sections`). Reports group clauses by section; `zh` is the Chinese title, if any."""

    id: str
    title: str
    zh: str = ""

    @property
    def heading(self) -> str:
        """The titles in both languages."""
        return f"{self.title}  {self.zh}".rstrip()


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
        line: Line of the clause in its file.
        quotes: Sentences of the source document that state the requirement.
        source: The RFC, or the open question and the reading chosen.
        keywords: Keywords of the schema beside it that express the requirement.
        schema: A JSON Schema of its own that expresses the requirement.
        limits: Numbers and names of the requirement, by name.
        assumption: `x-assumption` of its node, None if nothing is assumed or the reading is confirmed.
        sites: Every location where the clause applies.
        file: Name of the file, such as that of an overlay; "" for that of the contract.
        zh: The requirement in Chinese, "" without one.
        source_zh: The source in Chinese, "" for a standard.
        assumption_zh: The assumption in Chinese, "" without one.
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
    file: str = ""
    zh: str = ""
    source_zh: str = ""
    assumption_zh: str = ""

    @property
    def checked_by_schema(self) -> bool:
        """True if a schema expresses the requirement, so that no check in Python is needed."""
        return bool(self.keywords) or self.schema is not None


Derived = TypeVar("Derived", bound=Clause)


def parse_sections(document: Mapping[str, Any]) -> dict[str, Section]:
    """Return the sections of a document by id, in order.

    Raises:
        ContractError: A section is repeated.
    """
    sections: dict[str, Section] = {}
    for index, entry in enumerate(document.get("x-sections", [])):
        if entry["id"] in sections:
            at = pointers.join("/x-sections", index)
            raise ContractError(f"the section {entry['id']!r} is repeated", "keep one", at)
        sections[entry["id"]] = Section(**entry)
    return sections


def parse_clauses(
    source: ParsedDocument, sections: Mapping[str, Section], derived: Mapping[str, Clause]
) -> dict[str, Clause]:
    """Return the clauses of a document by id, in the order of the sections, then of the document.

    Args:
        source: The unresolved document.
        sections: Sections by id.
        derived: Derived clauses by id. An entry with the id of one changes its level or its text, and is not among the
            result.

    Raises:
        ContractError: A clause is repeated or inconsistent, or no operation uses its node.
    """
    found: dict[str, Clause] = {}
    nodes = list(_nodes(source.document, "")) if source.may_extend("x-clauses") else []
    sites = find_locations(source.document) if nodes else {}
    for pointer, node in nodes:
        if pointer not in sites:
            # Only nodes that operations use have been validated (extensions.validate).
            raise ContractError(
                "no operation uses the node of these clauses",
                "move them to a node that an operation uses",
                pointers.join(pointer, "x-clauses"),
            )
        for index, entry in enumerate(node["x-clauses"]):
            at = pointers.join(pointer, "x-clauses", index)
            if entry["id"] in derived:
                continue
            if "section" not in entry:
                raise UnknownNameError("derived clause", entry["id"], derived, at)
            clause = _clause(entry, node, at, source.place(at), sections)
            if clause.id in found:
                first = found[clause.id].pointer
                raise ContractError(f"the clause {clause.id!r} is repeated; the first is at {first}", "keep one", at)
            found[clause.id] = replace(clause, sites=tuple(dict.fromkeys(sites[pointer])))
    return in_order(found, sections)


def in_order(clauses: Mapping[str, Clause], sections: Iterable[str]) -> dict[str, Clause]:
    """Return clauses in the order of their sections."""
    order = {section: position for position, section in enumerate(sections)}
    return dict(sorted(clauses.items(), key=lambda item: order[item[1].section]))


def changed_clauses(source: ParsedDocument, derived: Mapping[str, Derived]) -> dict[str, Derived]:
    """Return the derived clauses whose level or text the document changes, changed."""
    found: dict[str, Derived] = {}
    for pointer, node in _nodes(source.document, ""):
        for index, entry in enumerate(node["x-clauses"]):
            clause = derived.get(entry["id"])
            if clause is not None:
                at = pointers.join(pointer, "x-clauses", index)
                # A text that the document writes has no derived translation.
                texts = {"text": entry["text"], "zh": entry.get("zh", "")} if "text" in entry else {}
                path, line = source.place(at)
                found[clause.id] = replace(clause, level=entry["level"], file=path.name, line=line, **texts)
    return found


def _clause(
    entry: Mapping[str, Any],
    node: Mapping[str, Any],
    at: str,
    place: tuple[Path, int],
    sections: Mapping[str, Section],
) -> Clause:
    name = entry["id"]
    if entry["section"] not in sections:
        raise ContractError(
            f"unknown section {entry['section']!r} of the clause {name!r}",
            f"use one of {', '.join(sections)}" if sections else "add it to x-sections",
            pointers.join(at, "section"),
        )
    quotes = entry.get("quotes")
    if quotes is None and entry["origin"] == "document" and "x-quote" in node:
        quotes = [node["x-quote"]]
    if entry["origin"] == "document" and not quotes:
        raise ContractError(f"the clause {name!r} has no quotes", "add quotes", at)
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
        line=place[1],
        file=place[0].name,
        quotes=tuple(quotes or ()),
        source=entry.get("source"),
        zh=entry.get("zh", ""),
        source_zh=entry.get("source-zh", ""),
        assumption_zh=node.get("x-i18n-zh", {}).get("assumption", ""),
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
