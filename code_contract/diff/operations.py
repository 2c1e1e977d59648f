"""Changes of the operations: their parameters, bodies, responses, servers and security."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from code_contract.diff.clauses import assumption_rule, clauses
from code_contract.diff.comparison import (
    ABSENT,
    BREAKS_BOTH,
    BREAKS_CONSUMERS,
    BREAKS_NOBODY,
    BREAKS_PROVIDERS,
    COSMETIC_FOR_BOTH,
    Change,
    Impact,
    NodePair,
    Rule,
    compare,
    cosmetic,
    fixed_impact,
    keys,
    per_keyword,
    per_name,
)
from code_contract.diff.direction import CONDITIONS, REQUESTS, RESPONSES, Direction
from code_contract.diff.schemas import schema
from code_contract.diff.values import format_value, json_equal
from code_contract.grammar import METHODS

_compatible = fixed_impact(BREAKS_NOBODY)
_breaking = fixed_impact(BREAKS_BOTH)

ANNOTATIONS: dict[str, Rule] = dict.fromkeys(
    ("title", "summary", "description", "externalDocs", "tags", "example", "examples", "x-i18n-zh", "x-quote"), cosmetic
)
_COMMON: dict[str, Rule] = {
    **ANNOTATIONS,
    "deprecated": _compatible,
    "x-clauses": clauses,
    "x-assumption": assumption_rule,
}


def added_or_removed(added: Impact, removed: Impact, what: str, inside: Rule) -> Rule:
    """Return the rule of an optional node; `what` describes it, with {} for its name."""

    def rule(pair: NodePair) -> Iterator[Change]:
        name = what.format(pair.name)
        if pair.added:
            yield pair.change(added, f"{name} added")
        elif pair.removed:
            yield pair.change(removed, f"{name} removed")
        else:
            yield from inside(pair)

    return rule


def _required_rule(more: Impact, less: Impact) -> Rule:
    """Return the rule of `required`, with the impacts of becoming required and optional."""

    def rule(pair: NodePair) -> Iterator[Change]:
        if (pair.old is True) == (pair.new is True):
            yield from cosmetic(pair)
        else:
            yield pair.described(more if pair.new is True else less)

    return rule


def _list_by_key(each: Rule, key: Callable[[Any], str]) -> Rule:
    """Return the rule of a list whose items are identified by a key, not by position."""

    def rule(pair: NodePair) -> Iterator[Change]:
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


def _parameter(pair: NodePair) -> Iterator[Change]:
    node = pair.old if pair.removed else pair.new
    required = node.get("required") is True
    name = f"the {node['in']} parameter {format_value(node['name'])}"
    if pair.added:
        kinds = BREAKS_BOTH if required else BREAKS_PROVIDERS
        yield pair.change(kinds, f"{name} added, {'required' if required else 'optional'}")
    elif pair.removed:
        yield pair.change(BREAKS_BOTH if required else BREAKS_CONSUMERS, f"{name} removed")
    else:
        yield from per_keyword(_PARAMETER)(pair)


def _parameter_key(node: Any) -> str:
    """Return the identity of a parameter; header names are case-insensitive (RFC 9110 §5.1)."""
    name = node["name"].lower() if node["in"] == "header" else node["name"]
    return f"{node['in']} {name}"


def _assumption_rule(pair: NodePair) -> Iterator[Change]:
    """Apply the rule of a parameter's assumption: once confirmed, a request without the parameter is rejected."""
    yield pair.described(BREAKS_BOTH if pair.removed else BREAKS_NOBODY if pair.added else COSMETIC_FOR_BOTH)


def _header(pair: NodePair) -> Iterator[Change]:
    node = pair.old if pair.removed else pair.new
    added = BREAKS_PROVIDERS if node.get("required") is True else BREAKS_NOBODY
    yield from added_or_removed(added, BREAKS_CONSUMERS, "the header {}", per_keyword(_HEADER))(pair)


def _body(pair: NodePair) -> Iterator[Change]:
    node = pair.old if pair.removed else pair.new
    required = node.get("required") is True
    added, removed = (BREAKS_BOTH, BREAKS_BOTH) if required else (BREAKS_PROVIDERS, BREAKS_CONSUMERS)
    yield from added_or_removed(added, removed, "the request body", per_keyword(_REQUEST_BODY))(pair)


def _responses(pair: NodePair) -> Iterator[Change]:
    """Compare an added or removed status with the response that covers it: its range, or default."""
    for status in keys(pair):
        each = pair.child(status)
        if status.startswith("x-"):
            yield from compare(each, cosmetic)
        elif not each.added and not each.removed:
            yield from compare(each, per_keyword(_RESPONSE))
        else:
            yield from _status(pair, each, status)


def _status(pair: NodePair, each: NodePair, status: str) -> Iterator[Change]:
    def stands(key: str) -> bool:
        other = pair.child(key)
        return (other.old if each.added else other.new) is not ABSENT

    cover = next(filter(stands, (f"{status[:1]}XX", "default")), None)
    what, verb = f"the response {each.name}", "added" if each.added else "removed"
    if cover is None:
        kinds = BREAKS_CONSUMERS if each.added else BREAKS_PROVIDERS
        reason = "more responses are allowed" if each.added else "fewer responses are allowed"
        yield each.change(kinds, f"{what} {verb}; {reason}")
        return
    yield each.change(BREAKS_NOBODY, f"{what} {verb}; {cover} {'covered' if each.added else 'covers'} it")
    beside = pair.child(cover, status) if each.added else pair.child(status, cover)
    yield from compare(beside, per_keyword(_RESPONSE))


def security(pair: NodePair) -> Iterator[Change]:
    """Apply the rule of `security`; an operation without its own inherits that of the document."""
    old, new = (
        contract.resolved.get("security", []) if value is ABSENT else value
        for contract, value in ((pair.run.old, pair.old), (pair.run.new, pair.new))
    )
    if json_equal(old, new):
        yield from cosmetic(pair)
    elif not new or {} in new:
        yield pair.described(BREAKS_PROVIDERS, "requests without credentials are allowed")
    else:
        yield pair.described(BREAKS_BOTH)


def _operation(pair: NodePair) -> Iterator[Change]:
    rule = added_or_removed(BREAKS_PROVIDERS, BREAKS_CONSUMERS, "the operation {}", per_keyword(_OPERATION))
    yield from rule(pair)


def _media_type_rule(sense: Direction, added: Impact, removed: Impact) -> Rule:
    inside = per_keyword({**_COMMON, "schema": partial(schema, direction=sense), "encoding": _breaking})
    return per_name(added_or_removed(added, removed, "the media type {}", inside))


_SERIALIZATION: dict[str, Rule] = dict.fromkeys(("style", "explode", "allowReserved", "allowEmptyValue"), _breaking)

_REQUEST_CONTENT = _media_type_rule(REQUESTS, BREAKS_PROVIDERS, BREAKS_CONSUMERS)
_RESPONSE_CONTENT = _media_type_rule(RESPONSES, BREAKS_CONSUMERS, BREAKS_BOTH)

_PARAMETER: dict[str, Rule] = {
    **_COMMON,
    **_SERIALIZATION,
    "name": cosmetic,
    "required": _required_rule(BREAKS_CONSUMERS, BREAKS_PROVIDERS),
    "schema": partial(schema, direction=REQUESTS),
    "content": _REQUEST_CONTENT,
    "x-assumption": _assumption_rule,
}
_HEADER: dict[str, Rule] = {
    **_COMMON,
    **_SERIALIZATION,
    "required": _required_rule(BREAKS_PROVIDERS, BREAKS_CONSUMERS),
    "schema": partial(schema, direction=RESPONSES),
    "content": _RESPONSE_CONTENT,
}
_REQUEST_BODY: dict[str, Rule] = {
    **_COMMON,
    "content": _REQUEST_CONTENT,
    "required": _required_rule(BREAKS_CONSUMERS, BREAKS_PROVIDERS),
}
_RESPONSE: dict[str, Rule] = {**_COMMON, "content": _RESPONSE_CONTENT, "headers": per_name(_header)}
SERVERS = _list_by_key(
    added_or_removed(
        BREAKS_PROVIDERS,
        BREAKS_CONSUMERS,
        "a server",
        per_keyword({**ANNOTATIONS, "url": _breaking, "variables": _breaking}),
    ),
    lambda node: str(node["url"]),
)


def _servers_override(pair: NodePair) -> Iterator[Change]:
    """Apply the rule of servers below the document; they override those above."""
    yield from fixed_impact(BREAKS_BOTH)(pair) if pair.added or pair.removed else SERVERS(pair)


_OPERATION: dict[str, Rule] = {
    **_COMMON,
    "operationId": fixed_impact(BREAKS_NOBODY, "generated code may use it as a name"),
    "parameters": _list_by_key(_parameter, _parameter_key),
    "requestBody": _body,
    "responses": _responses,
    "security": security,
    "servers": _servers_override,
    "x-content-type": _breaking,
    "x-success": partial(schema, direction=CONDITIONS),
}
PATH: dict[str, Rule] = {
    **_COMMON,
    **dict.fromkeys(METHODS, _operation),
    "parameters": _list_by_key(_parameter, _parameter_key),
    "servers": _servers_override,
}
