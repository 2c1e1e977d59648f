"""Clauses of marked pictures (pictures.yaml), for contracts that write none of their own about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from code_contract import pointers, refs
from code_contract.clauses import Clause
from code_contract.locations import ClauseLocation
from code_contract.marks import CHALLENGE_UUID, PictureMark
from code_contract.operations import Operation
from code_contract.yaml_reader import ParsedDocument


@lru_cache(1)
def entries() -> tuple[Mapping[str, Any], ...]:
    """Return the entries of pictures.yaml, in order."""
    return tuple(yaml.safe_load(Path(__file__).with_name("pictures.yaml").read_bytes()))


def clauses_of_pictures(
    operations: Iterable[Operation],
    packaged: Mapping[str, Clause],
    source: ParsedDocument,
) -> dict[str, Clause]:
    """Return the clauses that apply to the marked pictures of operations, by id.

    Args:
        operations: The operations of a contract.
        packaged: The clauses of the packaged contract.
        source: The unresolved document of the operations.
    """
    # A picture that is the whole body is at no field of it.
    pictures = [(each, place, mark) for each in operations for place, mark in each.pictures.items()]
    sites = [(ClauseLocation(each.id, place or None), mark) for each, place, mark in pictures]
    ids = [
        (ClauseLocation(each.id, place), mark)
        for each, _, mark in pictures
        for place, kind in each.mock_fields.items()
        if kind == CHALLENGE_UUID
    ]
    found = {}
    for entry in entries():
        marked = ids if entry.get("mark") == CHALLENGE_UUID else sites
        applicable = [(site, mark) for site, mark in marked if _applies(entry, mark)]
        if applicable:
            pointer = _as_written(source.document, applicable[0][1].pointer)
            place = source.place(pointer)
            clause = packaged.get(entry["id"]) or _clause(entry)
            clause = replace(
                clause,
                basis="rfc" if clause.basis == "rfc" else "implied",
                text=entry.get("text", clause.text),
                zh=entry.get("zh", clause.zh),
                quotes=(),
                pointer=pointer,
                line=place[1],
                file=place[0].name,
                sites=tuple(site for site, _ in applicable),
            )
            found[clause.id] = clause
    return found


def _applies(entry: Mapping[str, Any], mark: PictureMark) -> bool:
    formats, carriers = entry.get("formats"), entry.get("carriers")
    return (formats is None or mark.format in formats) and (carriers is None or mark.carrier.value in carriers)


def _clause(entry: Mapping[str, Any]) -> Clause:
    return Clause(entry["id"], entry["section"], entry["level"], "implied", entry["text"], "", 0, zh=entry["zh"])


def _as_written(document: dict[str, Any], resolved: str) -> str:
    """Return the pointer of a node in the unresolved document, whose `$ref` the resolved pointer does not name."""
    node: Any = document
    pointer = ""
    for token in pointers.split(resolved):
        node, pointer = pointers.find(node, [token]), pointers.join(pointer, token)
        if isinstance(node, dict) and "$ref" in node:
            pointer, node = refs.target(document, node["$ref"], pointer)
    return pointer
