"""Changes of the clauses. A must is a promise of providers to consumers: a new one binds providers, a lost one leaves
consumers without it. Should and info are advice, which nobody can count on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from contract import pointers
from contract.changes.pairs import (
    BREAKS_BOTH,
    BREAKS_CONSUMERS,
    BREAKS_NOBODY,
    BREAKS_PROVIDERS,
    LOOKS_ONLY,
    MISSING,
    Change,
    Pair,
    Run,
    compare,
    keys,
    same,
    shown,
)
from contract.clauses import Clause
from contract.loading import Contract

_PROMISE = "must"


def all_clauses(run: Run) -> Iterator[Change]:
    """The changes of every clause, wherever it stands."""
    for name in dict.fromkeys([*run.old.clauses, *run.new.clauses]):
        yield from _clause(run, name)


def clauses(pair: Pair) -> Iterator[Change]:
    """The rule of `x-clauses`: the changes of the clauses that stand in either list."""
    if not all(value is MISSING or isinstance(value, list) for value in (pair.old, pair.new)):
        return
    entries = [entry for value in (pair.old, pair.new) if value is not MISSING for entry in value]
    silent = True
    for name in dict.fromkeys(entry["id"] for entry in entries):
        for change in _clause(pair.run, name):
            silent = False
            yield change
    if silent:
        yield pair.change(LOOKS_ONLY, "the clauses stand in another order")


def assumed(pair: Pair) -> Iterator[Change]:
    """The rule of `x-assumption`: to confirm a reading, or to doubt it, changes nothing of what is read."""
    yield pair.told(BREAKS_NOBODY if pair.added or pair.removed else LOOKS_ONLY)


def _clause(run: Run, name: str) -> Iterator[Change]:
    old, new = run.old.clauses.get(name), run.new.clauses.get(name)
    pair = Pair(
        run,
        _entry(run.old, old),
        _entry(run.new, new),
        old.pointer if old else "",
        new.pointer if new else "",
        f"the clause {name}",
    )
    if old is None or new is None:
        promise = any(each is not None and each.level == _PROMISE for each in (old, new))
        kinds = BREAKS_NOBODY if not promise else BREAKS_PROVIDERS if old is None else BREAKS_CONSUMERS
        yield _told(pair, kinds)
        return
    for key in [] if same(pair.old, pair.new) else keys(pair):
        rule = partial(_field, name=name, old_level=old.level, new_level=new.level)
        yield from compare(pair.below(key), rule)
    yield from _places(pair, old, new)


def _entry(contract: Contract, clause: Clause | None) -> Any:
    return MISSING if clause is None else pointers.find(contract.document, pointers.split(clause.pointer))


def _told(pair: Pair, kinds: tuple[str, str]) -> Change:
    entry = pair.old if pair.removed else pair.new
    verb = "is new" if pair.added else "is gone"
    return pair.change(kinds, f"{pair.name} ({entry['level']}) {verb}: {shown(entry['text'])}")


def _field(field: Pair, name: str, old_level: str, new_level: str) -> Iterator[Change]:
    """What the change of one entry of a clause means."""
    key, what = field.name, f"{field.name} of the clause {name}"
    if key == "level":
        kinds = BREAKS_PROVIDERS if new_level == _PROMISE else BREAKS_CONSUMERS
        yield field.told(kinds if _PROMISE in (old_level, new_level) else BREAKS_NOBODY, what)
    elif key in ("schema", "limits"):
        promise = old_level == new_level == _PROMISE
        yield field.told(BREAKS_BOTH if promise else BREAKS_NOBODY, what)
    elif key in ("origin", "keywords"):
        yield field.told(BREAKS_NOBODY, what)
    else:
        yield field.told(LOOKS_ONLY, what)


def _places(pair: Pair, old: Clause, new: Clause) -> Iterator[Change]:
    """Where a clause is asked, by the operations that both contracts have."""
    shared = set(pair.run.old.operations) & set(pair.run.new.operations)
    before, after = ({site for site in each.sites if site.operation_id in shared} for each in (old, new))
    promise = _PROMISE in (old.level, new.level)
    if after - before:
        yield pair.change(BREAKS_PROVIDERS if promise else BREAKS_NOBODY, f"{pair.name} is asked in more places")
    if before - after:
        yield pair.change(BREAKS_CONSUMERS if promise else BREAKS_NOBODY, f"{pair.name} is asked in fewer places")
    node_before, node_after = (each.pointer.rpartition("/x-clauses/")[0] for each in (old, new))
    if before == after and node_before != node_after:
        yield pair.change(LOOKS_ONLY, f"{pair.name} stands elsewhere")
