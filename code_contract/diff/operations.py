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
    format_value,
    json_equal,
    keys,
    per_keyword,
    per_name,
)
from code_contract.diff.direction import ANSWERS, CONDITIONS, REQUESTS, Direction
from code_contract.diff.schemas import schema
from code_contract.operations import METHODS

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
    """The rule of a thing that may be there or not; `what` names it, with {} for its name."""

    def rule(pair: NodePair) -> Iterator[Change]:
        name = what.format(pair.name)
        if pair.added:
            yield pair.change(added, f"{name} is new")
        elif pair.removed:
            yield pair.change(removed, f"{name} is gone")
        else:
            yield from inside(pair)

    return rule


def _required_rule(more: Impact, less: Impact) -> Rule:
    """The rule of `required`: whom it breaks that a thing becomes required, or no longer is."""

    def rule(pair: NodePair) -> Iterator[Change]:
        if (pair.old is True) == (pair.new is True):
            yield from cosmetic(pair)
        else:
            yield pair.described(more if pair.new is True else less)

    return rule


def _list_by_key(each: Rule, key: Callable[[Any], str]) -> Rule:
    """The rule of a list whose items are told apart by a key, not by where they stand."""

    def rule(pair: NodePair) -> Iterator[Change]:
        old, new = (_index(value, key) for value in (pair.old, pair.new))
        silent = True
        for name in dict.fromkeys([*old, *new]):
            for change in compare(pair.item(old.get(name), new.get(name)), each):
                silent = False
                yield change
        if silent:
            yield pair.change(COSMETIC_FOR_BOTH, f"{pair.name} stand in another order")

    return rule


def _index(values: Any, key: Callable[[Any], str]) -> dict[tuple[str, int], int]:
    """The position of each item by its key, and by how many of the same key stand before it."""
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
        yield pair.change(kinds, f"{name} is new, and {'required' if required else 'optional'}")
    elif pair.removed:
        yield pair.change(BREAKS_BOTH if required else BREAKS_CONSUMERS, f"{name} is gone")
    else:
        yield from per_keyword(_PARAMETER)(pair)


def _parameter_key(node: Any) -> str:
    """Headers are told apart without regard to case (RFC 9110 §5.1)."""
    name = node["name"].lower() if node["in"] == "header" else node["name"]
    return f"{node['in']} {name}"


def _assumption_rule(pair: NodePair) -> Iterator[Change]:
    """The reading of a parameter, once confirmed, is judged: who did without it is refused, and must be."""
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
    """A status that comes or goes is compared with what stood, or stands, for it: its range, or default."""
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
    what, verb = f"the response {each.name}", "new" if each.added else "gone"
    if cover is None:
        kinds = BREAKS_CONSUMERS if each.added else BREAKS_PROVIDERS
        words = "more answers are allowed" if each.added else "fewer answers are allowed"
        yield each.change(kinds, f"{what} is {verb}; {words}")
        return
    yield each.change(BREAKS_NOBODY, f"{what} is {verb}; {cover} {'stood' if each.added else 'stands'} for it")
    beside = pair.child(cover, status) if each.added else pair.child(status, cover)
    yield from compare(beside, per_keyword(_RESPONSE))


def security(pair: NodePair) -> Iterator[Change]:
    """An operation without security of its own has that of the document."""
    old, new = (
        contract.resolved.get("security", []) if value is ABSENT else value
        for contract, value in ((pair.run.old, pair.old), (pair.run.new, pair.new))
    )
    if json_equal(old, new):
        yield from cosmetic(pair)
    elif not new or {} in new:
        yield pair.described(BREAKS_PROVIDERS, because="calls without credentials are allowed")
    else:
        yield pair.described(BREAKS_BOTH)


def _operation(pair: NodePair) -> Iterator[Change]:
    rule = added_or_removed(BREAKS_PROVIDERS, BREAKS_CONSUMERS, "the operation {}", per_keyword(_OPERATION))
    yield from rule(pair)


def _media_type_rule(sense: Direction, added: Impact, removed: Impact) -> Rule:
    inside = per_keyword({**_COMMON, "schema": partial(schema, sense=sense), "encoding": _breaking})
    return per_name(added_or_removed(added, removed, "the media type {}", inside))


_SERIALIZATION: dict[str, Rule] = dict.fromkeys(("style", "explode", "allowReserved", "allowEmptyValue"), _breaking)

_REQUEST_CONTENT = _media_type_rule(REQUESTS, BREAKS_PROVIDERS, BREAKS_CONSUMERS)
_ANSWER_CONTENT = _media_type_rule(ANSWERS, BREAKS_CONSUMERS, BREAKS_BOTH)

_PARAMETER: dict[str, Rule] = {
    **_COMMON,
    **_SERIALIZATION,
    "name": cosmetic,
    "required": _required_rule(BREAKS_CONSUMERS, BREAKS_PROVIDERS),
    "schema": partial(schema, sense=REQUESTS),
    "content": _REQUEST_CONTENT,
    "x-assumption": _assumption_rule,
}
_HEADER: dict[str, Rule] = {
    **_COMMON,
    **_SERIALIZATION,
    "required": _required_rule(BREAKS_PROVIDERS, BREAKS_CONSUMERS),
    "schema": partial(schema, sense=ANSWERS),
    "content": _ANSWER_CONTENT,
}
_REQUEST_BODY: dict[str, Rule] = {
    **_COMMON,
    "content": _REQUEST_CONTENT,
    "required": _required_rule(BREAKS_CONSUMERS, BREAKS_PROVIDERS),
}
_RESPONSE: dict[str, Rule] = {**_COMMON, "content": _ANSWER_CONTENT, "headers": per_name(_header)}
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
    """Servers of a path or an operation take the place of those above."""
    yield from fixed_impact(BREAKS_BOTH)(pair) if pair.added or pair.removed else SERVERS(pair)


_OPERATION: dict[str, Rule] = {
    **_COMMON,
    "operationId": fixed_impact(BREAKS_NOBODY, "generated code may name things by it"),
    "parameters": _list_by_key(_parameter, _parameter_key),
    "requestBody": _body,
    "responses": _responses,
    "security": security,
    "servers": _servers_override,
    "x-content-type": _breaking,
    "x-success": partial(schema, sense=CONDITIONS),
}
PATH: dict[str, Rule] = {
    **_COMMON,
    **dict.fromkeys(METHODS, _operation),
    "parameters": _list_by_key(_parameter, _parameter_key),
    "servers": _servers_override,
}
