"""Comparison of two nodes, and the changes it yields.

`compare` applies a rule only where two nodes differ. If the rule yields nothing, the difference counts as breaking, so
no difference between two resolved documents is lost.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from code_contract import pointers, refs
from code_contract.diff.values import format_change, format_value, json_equal
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
        operations: Method and path of each operation that it reaches.
    """

    consumers: str
    providers: str
    pointer: str
    message: str
    operations: tuple[str, ...] = ()

    def reversed(self) -> Change:
        """Return the change of a message that the other side sends."""
        return replace(self, consumers=self.providers, providers=self.consumers)


@dataclass(eq=False)
class Changes:
    """The changes of a schema, or of an operation, wherever it is used; a recursive schema contains its own.

    Attributes:
        found: The changes, and the changes of what it uses.
        operation: Method and path of an operation, "" for a schema.
        is_reversed: True if providers send the requests of the operation.
    """

    found: list[Found] = field(default_factory=list)
    operation: str = ""
    is_reversed: bool = False


Found: TypeAlias = "Change | Changes"


@dataclass(frozen=True)
class Comparison:
    """One comparison.

    Attributes:
        old: The old contract.
        new: The new contract.
        seen: The pointers, old and new, that were compared.
        schemas: The changes of each pair of schemas in each direction, by the identities of all that is compared.
        places: The pointer of each node by its identity: where it was first reached.
        equal: The nodes, old and new, that are equal.
        count: The number of nodes that were compared so far.
    """

    old: Contract
    new: Contract
    seen: set[tuple[str, str]] = field(default_factory=set)
    schemas: dict[tuple[Any, ...], Changes] = field(default_factory=dict)
    places: dict[int, str] = field(default_factory=dict)
    equal: dict[tuple[int, int], bool] = field(default_factory=dict)
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
        old, old_at = _step(self.run, self.run.old, self.old, self.old_at, token)
        new, new_at = _step(self.run, self.run.new, self.new, self.new_at, other)
        return NodePair(self.run, old, new, old_at, new_at, escape_unprintable(str(other)))

    def item(self, old: int | None, new: int | None) -> NodePair:
        """Return item `old` of the old list paired with item `new` of the new one; None for no item."""
        before, old_at = _step(self.run, self.run.old, self.old, self.old_at, old)
        after, new_at = _step(self.run, self.run.new, self.new, self.new_at, new)
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
            message = "{} changed from {} to {}".format(name, *format_change(self.old, self.new))
        return self.change(impact, f"{message}; {because}" if because else message)


Rule = Callable[[NodePair], Iterator[Found]]


def compare(pair: NodePair, rule: Rule) -> Iterator[Found]:
    """Yield the changes of a node by a rule: at least one if the contracts differ."""
    run = pair.run
    run.seen.add((pair.old_at, pair.new_at))
    if _is_equal(pair):
        return
    if json_equal(pair.old, pair.new, by_value=True):
        yield from _respelled_numbers(pair)
        return
    if next(run.count) > MAX_COMPARED:
        raise ContractError(f"more than {MAX_COMPARED} nodes differ", "compare smaller documents")
    yield from list(rule(pair)) or [pair.described(BREAKS_BOTH, "the impact is unknown, so it counts as breaking")]


def _is_equal(pair: NodePair) -> bool:
    nodes = id(pair.old), id(pair.new)
    if nodes not in pair.run.equal:
        pair.run.equal[nodes] = json_equal(pair.old, pair.new)
    return pair.run.equal[nodes]


def _respelled_numbers(pair: NodePair) -> Iterator[Found]:
    """Yield the numbers of two equal nodes that are written differently, such as 1 and 1.0."""
    if json_equal(pair.old, pair.new):
        return
    names = range(len(pair.old)) if isinstance(pair.old, list) else keys(pair)
    for name in names:
        yield from _respelled_numbers(pair.child(name))
    if not names:
        yield pair.change(COSMETIC_FOR_BOTH, f"{pair.name} is the same number, written differently")


def keys(pair: NodePair) -> list[str]:
    """Return the keys of both mappings, those of the old one first."""
    both = [node for node in (pair.old, pair.new) if isinstance(node, dict)]
    return list(dict.fromkeys(key for node in both for key in node))


def _step(run: Comparison, contract: Contract, node: Any, at: str, token: str | int | None) -> tuple[Any, str]:
    if token is None:
        return ABSENT, at
    below = ABSENT
    if isinstance(node, dict):
        below = node.get(token, ABSENT)
    elif isinstance(node, list) and isinstance(token, int):
        below = node[token]
    at = _dereferenced_pointer(contract.document, pointers.join(at, token))
    if isinstance(below, (dict, list)):
        # One node that references lead to, for example beside other keywords, has one place.
        at = run.places.setdefault(id(below), at)
    return below, at


def _dereferenced_pointer(document: dict[str, Any], pointer: str) -> str:
    """Return the pointer where a node is written, after every `$ref`."""
    try:
        node = pointers.find(document, pointers.split(pointer))
    except LookupError:
        return pointer
    if isinstance(node, dict) and len(node) == 1 and str(node.get("$ref")).startswith("#/"):
        return refs.target(document, node["$ref"], pointer)[0]
    return pointer
