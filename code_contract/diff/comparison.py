"""Comparison of two nodes, and the changes it yields.

`compare` applies a rule only where two nodes differ. If the rule yields nothing, the difference counts as breaking, so
no difference between two resolved documents is lost.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from code_contract import pointers, refs
from code_contract.diff.values import format_value, json_equal
from code_contract.errors import ContractError
from code_contract.loader import Contract
from code_contract.text import escape_unprintable

BREAKING, COMPATIBLE, COSMETIC = KINDS = ("breaking", "compatible", "cosmetic")

Impact = tuple[str, str]
"""Impact on consumers, and on providers."""

BREAKS_BOTH: Impact = (BREAKING, BREAKING)
BREAKS_CONSUMERS: Impact = (BREAKING, COMPATIBLE)
BREAKS_PROVIDERS: Impact = (COMPATIBLE, BREAKING)
BREAKS_NOBODY: Impact = (COMPATIBLE, COMPATIBLE)
COSMETIC_FOR_BOTH: Impact = (COSMETIC, COSMETIC)

MAX_COMPARED = 200_000
"""Upper bound of nodes that are compared by a rule, each at every place where it is used."""

ABSENT: Any = object()
"""Marks a node that one contract lacks."""


@dataclass(frozen=True)
class Change:
    """One difference.

    Attributes:
        consumers: Impact on clients: "breaking", "compatible" or "cosmetic".
        providers: Impact on servers.
        pointer: JSON pointer in the new document, or in the old one for a removed node.
        message: The change in one sentence.
    """

    consumers: str
    providers: str
    pointer: str
    message: str


@dataclass(frozen=True)
class Comparison:
    """One comparison.

    Attributes:
        old: The old contract.
        new: The new contract.
        seen: The pointers, old and new, that were compared.
        open: The nodes, old and new, that are being compared; a recursive schema leads back to one.
        count: The number of nodes that were compared so far.
    """

    old: Contract
    new: Contract
    seen: set[tuple[str, str]] = field(default_factory=set)
    open: set[tuple[int, int]] = field(default_factory=set)
    count: Iterator[int] = field(default_factory=itertools.count)


@dataclass(frozen=True)
class NodePair:
    """A node in both contracts (ABSENT if one lacks it), with the pointers where it is written."""

    run: Comparison
    old: Any
    new: Any
    old_at: str = ""
    new_at: str = ""
    name: str = "the contract"

    def child(self, token: str | int | None, new_token: str | int | None = None) -> NodePair:
        """Return the child at a token, or at `new_token` in the new contract."""
        other = token if new_token is None else new_token
        old, old_at = _step(self.run.old, self.old, self.old_at, token)
        new, new_at = _step(self.run.new, self.new, self.new_at, other)
        return NodePair(self.run, old, new, old_at, new_at, escape_unprintable(str(other)))

    def item(self, old: int | None, new: int | None) -> NodePair:
        """Return item `old` of the old list paired with item `new` of the new one; None for no item."""
        before, old_at = _step(self.run.old, self.old, self.old_at, old)
        after, new_at = _step(self.run.new, self.new, self.new_at, new)
        return NodePair(self.run, before, after, old_at, new_at, self.name)

    @property
    def added(self) -> bool:
        """True if only the new contract has the node."""
        return self.old is ABSENT

    @property
    def removed(self) -> bool:
        """True if only the old contract has the node."""
        return self.new is ABSENT

    def change(self, impact: Impact, message: str) -> Change:
        """Return a change of this node."""
        return Change(*impact, self.old_at if self.removed else self.new_at, message)

    def described(self, impact: Impact, because: str = "", what: str = "") -> Change:
        """Return a change of this node that names the values before and after."""
        name = what or self.name
        if self.added:
            message = f"{name} added: {format_value(self.new)}"
        elif self.removed:
            message = f"{name} removed: {format_value(self.old)}"
        else:
            message = f"{name} changed from {format_value(self.old)} to {format_value(self.new)}"
        return self.change(impact, f"{message}; {because}" if because else message)


Rule = Callable[[NodePair], Iterator[Change]]


def compare(pair: NodePair, rule: Rule) -> Iterator[Change]:
    """Yield the changes of a node by a rule: at least one if the contracts differ."""
    run, nodes = pair.run, (id(pair.old), id(pair.new))
    run.seen.add((pair.old_at, pair.new_at))
    if nodes in run.open or json_equal(pair.old, pair.new):
        return
    if json_equal(pair.old, pair.new, by_value=True):
        yield from _respelled_numbers(pair)
        return
    if next(run.count) > MAX_COMPARED:
        raise ContractError(f"more than {MAX_COMPARED} nodes differ", "compare smaller documents")
    unknown = "the impact is unknown, so it counts as breaking"
    if isinstance(pair.old, (dict, list)) and isinstance(pair.new, (dict, list)):
        run.open.add(nodes)
    yield from list(rule(pair)) or [pair.described(BREAKS_BOTH, unknown)]
    run.open.discard(nodes)


def _respelled_numbers(pair: NodePair) -> Iterator[Change]:
    """Yield the numbers of two equal nodes that are written differently, such as 1 and 1.0."""
    if json_equal(pair.old, pair.new):
        return
    names = range(len(pair.old)) if isinstance(pair.old, list) else keys(pair)
    for name in names:
        yield from _respelled_numbers(pair.child(name))
    if not names:
        yield pair.change(COSMETIC_FOR_BOTH, f"{pair.name} is the same number, written differently")


def per_keyword(table: Mapping[str, Rule]) -> Rule:
    """Return the rule of a mapping with a rule per key; an unknown extension is cosmetic, another key breaking."""

    def rule(pair: NodePair) -> Iterator[Change]:
        for key in keys(pair):
            yield from compare(pair.child(key), table.get(key) or unknown_keyword(key))

    return rule


def per_name(each: Rule) -> Rule:
    """Return the rule of a mapping of free names, with one rule for each."""

    def rule(pair: NodePair) -> Iterator[Change]:
        for name in keys(pair):
            yield from compare(pair.child(name), each)

    return rule


def fixed_impact(impact: Impact, because: str = "") -> Rule:
    """Return a rule with a fixed impact."""

    def rule(pair: NodePair) -> Iterator[Change]:
        yield pair.described(impact, because)

    return rule


def unknown_keyword(key: str) -> Rule:
    """Return the rule of a key that is not in a table."""
    if key.startswith("x-"):
        return cosmetic
    return fixed_impact(BREAKS_BOTH, "unknown keyword, so it counts as breaking")


cosmetic = fixed_impact(COSMETIC_FOR_BOTH)


def keys(pair: NodePair) -> list[str]:
    """Return the keys of both mappings, those of the old one first."""
    both = [node for node in (pair.old, pair.new) if isinstance(node, dict)]
    return list(dict.fromkeys(key for node in both for key in node))


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
    """Return the pointer where a node is written, after every `$ref`."""
    try:
        node = pointers.find(document, pointers.split(pointer))
    except LookupError:
        return pointer
    if isinstance(node, dict) and len(node) == 1 and str(node.get("$ref")).startswith("#/"):
        return refs.target(document, node["$ref"], pointer)[0]
    return pointer
