"""Clauses that a document takes over: derived from what it states, or those of the packaged contract in general."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from code_contract import pictures
from code_contract.clauses import Clause, Section, in_order
from code_contract.derived import CONFORMITY_CLAUSE, DerivedClause
from code_contract.locations import ClauseLocation
from code_contract.operations import Operation
from code_contract.yaml_reader import ParsedDocument


class Packaged(NamedTuple):
    """The clauses and sections of the packaged contract."""

    clauses: Mapping[str, Clause]
    sections: Mapping[str, Section]


def with_derived_clauses(
    packaged: Packaged,
    by_id: Mapping[str, Operation],
    implied: Mapping[str, DerivedClause],
    own: Mapping[str, Section],
    found: dict[str, Clause],
    sections: dict[str, Section],
) -> tuple[dict[str, Clause], dict[str, Section]]:
    """Add the derived clauses and their sections, unless the document writes that responses conform to it."""
    written = found.get(CONFORMITY_CLAUSE)
    covered = {site.operation_id for site in written.sites} if written else set()
    added: dict[str, Clause] = {name: each for name, each in implied.items() if each.operation.id not in covered}
    if not added:
        return found, sections
    sites = tuple(ClauseLocation(name) for name in by_id if name not in covered)
    for each in packaged.clauses.values():
        if each.pointer.startswith("/x-clauses/") and each.id not in found:
            added[each.id] = replace(each, pointer="", line=0, sites=sites)
    known = {**packaged.sections, **own}
    sections = {**sections, **{each.section: known[each.section] for each in added.values()}}
    return in_order(found | added, sections), sections


def with_picture_clauses(
    packaged: Packaged,
    source: ParsedDocument,
    by_id: Mapping[str, Operation],
    found: dict[str, Clause],
    sections: dict[str, Section],
) -> tuple[dict[str, Clause], dict[str, Section]]:
    """Add the clauses of marked pictures and their sections, unless the contract has such clauses of its own."""
    if any(entry["id"] in found for entry in pictures.entries()) or not any(each.pictures for each in by_id.values()):
        return found, sections
    added = pictures.clauses_of_pictures(by_id.values(), packaged.clauses, source)
    sections = sections | {each.section: packaged.sections[each.section] for each in added.values()}
    return in_order(found | added, sections), sections
