"""Changes of the operations: their parameters, servers and security, and those of webhooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from code_contract.diff.comparison import (
    ABSENT,
    BREAKS_CONSUMERS,
    BREAKS_NOBODY,
    BREAKS_PROVIDERS,
    COSMETIC_FOR_BOTH,
    Changes,
    Found,
    NodePair,
    Rule,
    compare,
    keys,
)
from code_contract.diff.direction import CONDITIONS
from code_contract.diff.messages import ANNOTATIONS, COMMON, body, breaking, parameter, responses
from code_contract.diff.rules import added_or_removed, fixed_impact, nothing, per_keyword, unknown_keyword
from code_contract.diff.schemas import schema
from code_contract.diff.security import security
from code_contract.diff.values import json_equal
from code_contract.grammar import METHODS


def path(pair: NodePair) -> Iterator[Found]:
    """Apply the rule of a Path Item Object."""
    for key in [] if pair.added or pair.removed else keys(pair):
        if key not in (*METHODS, "additionalOperations", "parameters"):
            yield from compare(pair.child(key), _PATH.get(key) or unknown_keyword(key))
    for method, operation in _operations(pair):
        if operation.added:
            found: list[Found] = [operation.change(BREAKS_PROVIDERS, f"the operation {method} added")]
        elif operation.removed:
            found = [operation.change(BREAKS_CONSUMERS, f"the operation {method} removed")]
        else:
            found = list(_operation(pair, operation))
        yield Changes(found, f"{method.upper()} {pair.name}")


def webhook(pair: NodePair) -> Iterator[Found]:
    """Apply the rule of a webhook, in which providers send the requests and consumers respond."""
    for method, operation in _operations(pair):
        label = f"{method.upper()} {pair.name}"
        if operation.added or operation.removed:
            impact, verb = (BREAKS_NOBODY, "added") if operation.added else (BREAKS_CONSUMERS, "removed")
            yield Changes([operation.change(impact, f"the webhook {pair.name} {verb}")], label)
        else:
            yield Changes(list(_operation(pair, operation)), label, is_reversed=True)


def _operations(pair: NodePair) -> Iterator[tuple[str, NodePair]]:
    further = pair.child("additionalOperations")
    found = {method: pair.child(method) for method in METHODS}
    found |= {method: further.child(method) for method in keys(further)}
    for method, operation in found.items():
        if not (operation.added and operation.removed):
            yield method, operation


def _operation(item: NodePair, pair: NodePair) -> Iterator[Found]:
    """Yield the changes of an operation of a path item that both contracts have."""
    yield from compare(pair, per_keyword(_OPERATION))
    old, new = (_parameters(item, pair, is_new) for is_new in (False, True))
    changes: list[Found] = []
    for name in dict.fromkeys([*old, *new]):
        before, after = old.get(name), new.get(name)
        both = NodePair(
            pair.run,
            before.old if before else ABSENT,
            after.new if after else ABSENT,
            before.old_at if before else "",
            after.new_at if after else "",
            name[0],
        )
        changes += compare(both, parameter)
    own = pair.child("parameters")
    if not changes and not json_equal(own.old, own.new):
        changes.append(pair.change(COSMETIC_FOR_BOTH, "parameters reordered"))
    yield from changes


def _parameters(item: NodePair, operation: NodePair, is_new: bool) -> dict[tuple[str, int], NodePair]:
    """Return the parameters of an operation in one contract: those of the path item, overridden by its own."""
    found = {}
    for each in (item.child("parameters"), operation.child("parameters")):
        for name, index in _index(each.new if is_new else each.old, _parameter_key).items():
            found[name] = each.item(None, index) if is_new else each.item(index, None)
    return found


def _list_by_key(each: Rule, key: Callable[[Any], str]) -> Rule:
    """Return the rule of a list whose items are identified by a key, not by position."""

    def rule(pair: NodePair) -> Iterator[Found]:
        old, new = (_index(value, key) for value in (pair.old, pair.new))
        items = (pair.item(old.get(name), new.get(name)) for name in dict.fromkeys([*old, *new]))
        changes = [change for item in items for change in compare(item, each)]
        yield from changes or [pair.change(COSMETIC_FOR_BOTH, f"{pair.name} reordered")]

    return rule


def _index(values: Any, key: Callable[[Any], str]) -> dict[tuple[str, int], int]:
    """Return the position of each item by its key and its rank among items of that key."""
    found: dict[tuple[str, int], int] = {}
    for position, value in enumerate([] if values is ABSENT else values):
        name = key(value)
        count = sum(1 for known, _ in found if known == name)
        found[name, count] = position
    return found


def _parameter_key(node: Any) -> str:
    """Return the identity of a parameter; header names are case-insensitive (RFC 9110 §5.1)."""
    name = node["name"].lower() if node["in"] == "header" else node["name"]
    return f"{node['in']} {name}"


SERVERS = _list_by_key(
    added_or_removed(
        BREAKS_PROVIDERS,
        BREAKS_CONSUMERS,
        "a server",
        per_keyword({**ANNOTATIONS, "url": breaking, "variables": breaking}),
    ),
    lambda node: str(node["url"]),
)


def _servers_override(pair: NodePair) -> Iterator[Found]:
    """Apply the rule of servers below the document; they override those above."""
    yield from breaking(pair) if pair.added or pair.removed else SERVERS(pair)


_OPERATION: dict[str, Rule] = {
    **COMMON,
    "operationId": fixed_impact(BREAKS_NOBODY, "generated code may use it as a name"),
    "parameters": nothing,
    "requestBody": body,
    "responses": responses,
    "security": security,
    "servers": _servers_override,
    "x-content-type": breaking,
    "x-success": partial(schema, direction=CONDITIONS),
}
_PATH: dict[str, Rule] = {**COMMON, "servers": _servers_override}
