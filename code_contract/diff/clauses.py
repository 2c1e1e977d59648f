"""Changes of clauses.

A MUST clause binds providers: a new one breaks providers, a removed one breaks consumers. SHOULD and info clauses are
recommendations, which nobody can rely on.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from code_contract import pointers
from code_contract.clauses import Clause
from code_contract.diff.comparison import (
    ABSENT,
    BREAKS_BOTH,
    BREAKS_CONSUMERS,
    BREAKS_NOBODY,
    BREAKS_PROVIDERS,
    COSMETIC_FOR_BOTH,
    Change,
    Comparison,
    Found,
    NodePair,
    compare,
    keys,
)
from code_contract.diff.values import format_value, json_equal
from code_contract.loader import Contract

_BINDING_LEVEL = "must"


def all_clauses(run: Comparison) -> Iterator[Found]:
    """Yield the changes of every clause that is written, wherever it is."""
    every = [*run.old.clauses.values(), *run.new.clauses.values()]
    for name in dict.fromkeys(each.id for each in every if "/x-clauses/" in each.pointer):
        yield from _clause(run, name)


def clauses(pair: NodePair) -> Iterator[Found]:
    """Apply the rule of `x-clauses`: yield the changes of the clauses in either list."""
    if not all(value is ABSENT or isinstance(value, list) for value in (pair.old, pair.new)):
        return
    entries = [entry for value in (pair.old, pair.new) if value is not ABSENT for entry in value]
    changes = [change for name in dict.fromkeys(e["id"] for e in entries) for change in _clause(pair.run, name)]
    yield from changes or [pair.change(COSMETIC_FOR_BOTH, "the clauses are reordered")]


def assumption_rule(pair: NodePair) -> Iterator[Found]:
    """Apply the rule of `x-assumption`: confirming a reading does not change it."""
    yield pair.described(BREAKS_NOBODY if pair.added or pair.removed else COSMETIC_FOR_BOTH)


def _clause(run: Comparison, name: str) -> Iterator[Found]:
    old, new = run.old.clauses.get(name), run.new.clauses.get(name)
    pair = NodePair(
        run,
        _entry(run.old, old),
        _entry(run.new, new),
        old.pointer if old else "",
        new.pointer if new else "",
        f"the clause {name}",
    )
    if old is None or new is None:
        binding = any(each is not None and each.level == _BINDING_LEVEL for each in (old, new))
        kinds = BREAKS_NOBODY if not binding else BREAKS_PROVIDERS if old is None else BREAKS_CONSUMERS
        yield _added_or_removed(pair, kinds)
        return
    for key in [] if json_equal(pair.old, pair.new) else keys(pair):
        rule = partial(_field, name=name, old_level=old.level, new_level=new.level)
        yield from compare(pair.child(key), rule)
    yield from _location_changes(pair, old, new)


def _entry(contract: Contract, clause: Clause | None) -> Any:
    return ABSENT if clause is None else pointers.find(contract.document, pointers.split(clause.pointer))


def _added_or_removed(pair: NodePair, kinds: tuple[str, str]) -> Change:
    entry = pair.old if pair.removed else pair.new
    verb = "added" if pair.added else "removed"
    return pair.change(kinds, f"{pair.name} ({entry['level'].upper()}) {verb}: {format_value(entry['text'])}")


def _field(field: NodePair, name: str, old_level: str, new_level: str) -> Iterator[Found]:
    """Apply the rule of one key of a clause."""
    binding = [level == _BINDING_LEVEL for level in (old_level, new_level)]
    impact = COSMETIC_FOR_BOTH
    if field.name == "level":
        impact = BREAKS_PROVIDERS if binding[1] else BREAKS_CONSUMERS if binding[0] else BREAKS_NOBODY
    elif field.name in ("schema", "limits"):
        impact = BREAKS_BOTH if all(binding) else BREAKS_NOBODY
    elif field.name in ("origin", "keywords"):
        impact = BREAKS_NOBODY
    yield field.described(impact, what=f"{field.name} of the clause {name}")


def _location_changes(pair: NodePair, old: Clause, new: Clause) -> Iterator[Found]:
    """Yield the changes of the locations of a clause, in operations that both contracts have."""
    shared = set(pair.run.old.operations) & set(pair.run.new.operations)
    before, after = ({site for site in each.sites if site.operation_id in shared} for each in (old, new))
    binding = _BINDING_LEVEL in (old.level, new.level)
    if after - before:
        yield pair.change(BREAKS_PROVIDERS if binding else BREAKS_NOBODY, f"{pair.name} applies in more places")
    if before - after:
        yield pair.change(BREAKS_CONSUMERS if binding else BREAKS_NOBODY, f"{pair.name} applies in fewer places")
    node_before, node_after = (each.pointer.rpartition("/x-clauses/")[0] for each in (old, new))
    if before == after and node_before != node_after:
        yield pair.change(COSMETIC_FOR_BOTH, f"{pair.name} moved")
