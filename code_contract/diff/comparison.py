"""What a comparison is made of: a change, one place in two contracts, and how no difference gets lost.

`compare` asks a rule only where two nodes differ, and a rule that finds nothing to say there is overruled: the
difference counts as breaking. So every difference between two resolved documents is told, whatever the rules forget.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from code_contract import pointers
from code_contract.loader import Contract
from code_contract.text import escape_unprintable

BREAKING, COMPATIBLE, COSMETIC = KINDS = ("breaking", "compatible", "cosmetic")

Impact = tuple[str, str]
"""What a change is for consumers, and for providers."""

BREAKS_BOTH: Impact = (BREAKING, BREAKING)
BREAKS_CONSUMERS: Impact = (BREAKING, COMPATIBLE)
BREAKS_PROVIDERS: Impact = (COMPATIBLE, BREAKING)
BREAKS_NOBODY: Impact = (COMPATIBLE, COMPATIBLE)
COSMETIC_FOR_BOTH: Impact = (COSMETIC, COSMETIC)

LIMIT = 60
"""Characters shown of one value."""

ABSENT: Any = object()
"""Stands where a contract has nothing."""


@dataclass(frozen=True)
class Change:
    """One difference: what it is for `consumers`, which call the API, and for `providers`, which implement it.

    `pointer` is where the node is written in the new document; in the old one, where the new has it no more.
    """

    consumers: str
    providers: str
    pointer: str
    message: str


@dataclass(frozen=True)
class Comparison:
    """One comparison. `seen` are the places, old and new, that were compared."""

    old: Contract
    new: Contract
    seen: set[tuple[str, str]] = field(default_factory=set)


@dataclass(frozen=True)
class NodePair:
    """One place in both contracts: the resolved nodes (MISSING where there is none) and where they are written."""

    run: Comparison
    old: Any
    new: Any
    old_at: str = ""
    new_at: str = ""
    name: str = "the contract"

    def child(self, token: str | int | None, new_token: str | int | None = None) -> NodePair:
        """What the token names in both; where `new_token` is given, it names it in the new one."""
        other = token if new_token is None else new_token
        old, old_at = _step(self.run.old, self.old, self.old_at, token)
        new, new_at = _step(self.run.new, self.new, self.new_at, other)
        return NodePair(self.run, old, new, old_at, new_at, escape_unprintable(str(other)))

    def item(self, old: int | None, new: int | None) -> NodePair:
        """Item `old` of the old list beside item `new` of the new one; None for no item."""
        before, old_at = _step(self.run.old, self.old, self.old_at, old)
        after, new_at = _step(self.run.new, self.new, self.new_at, new)
        return NodePair(self.run, before, after, old_at, new_at, self.name)

    @property
    def added(self) -> bool:
        """Whether only the new contract has it."""
        return self.old is ABSENT

    @property
    def removed(self) -> bool:
        """Whether only the old contract has it."""
        return self.new is ABSENT

    def change(self, kinds: Impact, sentence: str) -> Change:
        """A change here."""
        return Change(*kinds, self.old_at if self.removed else self.new_at, sentence)

    def described(self, kinds: Impact, what: str = "", because: str = "") -> Change:
        """A change here, told by the values before and after."""
        name = what or self.name
        if self.added:
            sentence = f"{name} is new: {format_value(self.new)}"
        elif self.removed:
            sentence = f"{name} is gone: {format_value(self.old)}"
        else:
            sentence = f"{name} was {format_value(self.old)}, is now {format_value(self.new)}"
        return self.change(kinds, f"{sentence}; {because}" if because else sentence)


Rule = Callable[[NodePair], Iterator[Change]]


def compare(pair: NodePair, rule: Rule) -> Iterator[Change]:
    """What `rule` says of a place where the contracts differ; at least one change, if they do."""
    pair.run.seen.add((pair.old_at, pair.new_at))
    if json_equal(pair.old, pair.new):
        return
    if json_equal(pair.old, pair.new, by_value=True):
        yield from _respelled_numbers(pair)
        return
    silent = True
    for change in rule(pair):
        silent = False
        yield change
    if silent:
        yield pair.described(BREAKS_BOTH, because="what this means is not known, so it counts as breaking")


def _respelled_numbers(pair: NodePair) -> Iterator[Change]:
    """The numbers of two nodes of the same value that are written otherwise, such as 1 and 1.0."""
    names = range(len(pair.old)) if isinstance(pair.old, list) else keys(pair)
    for name in names:
        yield from _respelled_numbers(pair.child(name))
    if not names and not json_equal(pair.old, pair.new):
        yield pair.change(COSMETIC_FOR_BOTH, f"{pair.name} is the same number, written otherwise")


def per_keyword(table: Mapping[str, Rule]) -> Rule:
    """The rule of a mapping whose keys have rules. Of other keys, an extension is cosmetic, and any other breaking."""

    def rule(pair: NodePair) -> Iterator[Change]:
        for key in keys(pair):
            yield from compare(pair.child(key), table.get(key) or unknown_keyword(key))

    return rule


def per_name(each: Rule) -> Rule:
    """The rule of a mapping whose names are free: each name has the same rule."""

    def rule(pair: NodePair) -> Iterator[Change]:
        for name in keys(pair):
            yield from compare(pair.child(name), each)

    return rule


def fixed_impact(kinds: Impact, because: str = "") -> Rule:
    """The rule of a key that is always of those kinds."""

    def rule(pair: NodePair) -> Iterator[Change]:
        yield pair.described(kinds, because=because)

    return rule


def unknown_keyword(key: str) -> Rule:
    """The rule of a key that a table does not have."""
    if key.startswith("x-"):
        return cosmetic
    return fixed_impact(BREAKS_BOTH, "this is not a known keyword, so it counts as breaking")


cosmetic = fixed_impact(COSMETIC_FOR_BOTH)


def keys(pair: NodePair) -> list[str]:
    """Every key of either mapping, those of the old one first."""
    both = [node for node in (pair.old, pair.new) if isinstance(node, dict)]
    return list(dict.fromkeys(key for node in both for key in node))


def json_equal(one: Any, other: Any, by_value: bool = False) -> bool:
    """Whether two JSON values are the same: true is no 1, and 1 is no 1.0 unless compared `by_value`."""
    if one != other:  # quick, and to Python true is 1
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return all(json_equal(one[key], other[key], by_value) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return all(json_equal(a, b, by_value) for a, b in zip(one, other, strict=True))
    numbers = by_value and not isinstance(one, bool) and not isinstance(other, bool)
    return numbers or type(one) is type(other)


def format_value(value: Any) -> str:
    """A value on one line, cut, without a character that a terminal would obey."""
    text = json.dumps(value, ensure_ascii=False)
    return escape_unprintable(text if len(text) <= LIMIT else f"{text[:LIMIT]}…")


def _step(contract: Contract, node: Any, at: str, token: str | int | None) -> tuple[Any, str]:
    if token is None:
        return ABSENT, at
    below = ABSENT
    if isinstance(node, dict):
        below = node.get(token, ABSENT)
    elif isinstance(node, list) and isinstance(token, int):
        below = node[token]
    return below, _dereferenced_pointer(contract.document, pointers.join(at, token))


def _dereferenced_pointer(document: dict[str, Any], pointer: str) -> str:
    """Where the node at a pointer is written, behind every `$ref`."""
    passed: set[str] = set()
    while pointer not in passed:
        passed.add(pointer)
        try:
            node = pointers.find(document, pointers.split(pointer))
        except LookupError:
            break
        target = node.get("$ref") if isinstance(node, dict) else None
        if not isinstance(target, str) or not target.startswith("#/"):
            break
        pointer = target[1:]
    return pointer
