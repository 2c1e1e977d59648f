"""Changes of the operations: their parameters, bodies, responses, servers and security."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from contract.changes.clauses import assumed, clauses
from contract.changes.pairs import (
    BREAKS_BOTH,
    BREAKS_CONSUMERS,
    BREAKS_NOBODY,
    BREAKS_PROVIDERS,
    LOOKS_ONLY,
    MISSING,
    Change,
    Kinds,
    Pair,
    Rule,
    always,
    by_name,
    by_table,
    compare,
    cosmetic,
    keys,
    same,
    shown,
)
from contract.changes.schemas import schema
from contract.changes.senses import ANSWERS, CONDITIONS, REQUESTS, Sense
from contract.operations import METHODS

_compatible = always(BREAKS_NOBODY)
_breaking = always(BREAKS_BOTH)

WORDS: dict[str, Rule] = dict.fromkeys(
    ("title", "summary", "description", "externalDocs", "tags", "example", "examples", "x-zh", "x-words"), cosmetic
)
_COMMON: dict[str, Rule] = {**WORDS, "deprecated": _compatible, "x-clauses": clauses, "x-assumption": assumed}


def comes_and_goes(added: Kinds, removed: Kinds, what: str, inside: Rule) -> Rule:
    """The rule of a thing that may be there or not; `what` names it, with {} for its name."""

    def rule(pair: Pair) -> Iterator[Change]:
        name = what.format(pair.name)
        if pair.added:
            yield pair.change(added, f"{name} is new")
        elif pair.removed:
            yield pair.change(removed, f"{name} is gone")
        else:
            yield from inside(pair)

    return rule


def _needed(more: Kinds, less: Kinds) -> Rule:
    """The rule of `required`: whom it breaks that a thing becomes required, or no longer is."""

    def rule(pair: Pair) -> Iterator[Change]:
        if (pair.old is True) == (pair.new is True):
            yield from cosmetic(pair)
        else:
            yield pair.told(more if pair.new is True else less)

    return rule


def _keyed(each: Rule, key: Callable[[Any], str]) -> Rule:
    """The rule of a list whose items are told apart by a key, not by where they stand."""

    def rule(pair: Pair) -> Iterator[Change]:
        old, new = (_index(value, key) for value in (pair.old, pair.new))
        silent = True
        for name in dict.fromkeys([*old, *new]):
            for change in compare(pair.member(old.get(name), new.get(name)), each):
                silent = False
                yield change
        if silent:
            yield pair.change(LOOKS_ONLY, f"{pair.name} stand in another order")

    return rule


def _index(values: Any, key: Callable[[Any], str]) -> dict[tuple[str, int], int]:
    """The position of each item by its key, and by how many of the same key stand before it."""
    found: dict[tuple[str, int], int] = {}
    for position, value in enumerate([] if values is MISSING else values):
        name = key(value)
        count = sum(1 for known, _ in found if known == name)
        found[name, count] = position
    return found


def _parameter(pair: Pair) -> Iterator[Change]:
    node = pair.old if pair.removed else pair.new
    required = node.get("required") is True
    name = f"the {node['in']} parameter {shown(node['name'])}"
    if pair.added:
        kinds = BREAKS_BOTH if required else BREAKS_PROVIDERS
        yield pair.change(kinds, f"{name} is new, and {'required' if required else 'optional'}")
    elif pair.removed:
        yield pair.change(BREAKS_BOTH if required else BREAKS_CONSUMERS, f"{name} is gone")
    else:
        yield from by_table(_PARAMETER)(pair)


def _parameter_key(node: Any) -> str:
    """Headers are told apart without regard to case (RFC 9110 §5.1)."""
    name = node["name"].lower() if node["in"] == "header" else node["name"]
    return f"{node['in']} {name}"


def _confirmed(pair: Pair) -> Iterator[Change]:
    """The reading of a parameter, once confirmed, is judged: who did without it is refused, and must be."""
    yield pair.told(BREAKS_BOTH if pair.removed else BREAKS_NOBODY if pair.added else LOOKS_ONLY)


def _header(pair: Pair) -> Iterator[Change]:
    node = pair.old if pair.removed else pair.new
    added = BREAKS_PROVIDERS if node.get("required") is True else BREAKS_NOBODY
    yield from comes_and_goes(added, BREAKS_CONSUMERS, "the header {}", by_table(_HEADER))(pair)


def _body(pair: Pair) -> Iterator[Change]:
    node = pair.old if pair.removed else pair.new
    required = node.get("required") is True
    added, removed = (BREAKS_BOTH, BREAKS_BOTH) if required else (BREAKS_PROVIDERS, BREAKS_CONSUMERS)
    yield from comes_and_goes(added, removed, "the request body", by_table(_REQUEST_BODY))(pair)


def _responses(pair: Pair) -> Iterator[Change]:
    """A status that comes or goes is compared with what stood, or stands, for it: its range, or default."""
    for status in keys(pair):
        each = pair.below(status)
        if status.startswith("x-"):
            yield from compare(each, cosmetic)
        elif not each.added and not each.removed:
            yield from compare(each, by_table(_RESPONSE))
        else:
            yield from _status(pair, each, status)


def _status(pair: Pair, each: Pair, status: str) -> Iterator[Change]:
    def stands(key: str) -> bool:
        other = pair.below(key)
        return (other.old if each.added else other.new) is not MISSING

    cover = next(filter(stands, (f"{status[:1]}XX", "default")), None)
    what, verb = f"the response {each.name}", "new" if each.added else "gone"
    if cover is None:
        kinds = BREAKS_CONSUMERS if each.added else BREAKS_PROVIDERS
        words = "more answers are allowed" if each.added else "fewer answers are allowed"
        yield each.change(kinds, f"{what} is {verb}; {words}")
        return
    yield each.change(BREAKS_NOBODY, f"{what} is {verb}; {cover} {'stood' if each.added else 'stands'} for it")
    beside = pair.below(cover, status) if each.added else pair.below(status, cover)
    yield from compare(beside, by_table(_RESPONSE))


def security(pair: Pair) -> Iterator[Change]:
    """An operation without security of its own has that of the document."""
    old, new = (
        contract.resolved.get("security", []) if value is MISSING else value
        for contract, value in ((pair.run.old, pair.old), (pair.run.new, pair.new))
    )
    if same(old, new):
        yield from cosmetic(pair)
    elif not new or {} in new:
        yield pair.told(BREAKS_PROVIDERS, because="calls without credentials are allowed")
    else:
        yield pair.told(BREAKS_BOTH)


def _operation(pair: Pair) -> Iterator[Change]:
    rule = comes_and_goes(BREAKS_PROVIDERS, BREAKS_CONSUMERS, "the operation {}", by_table(_OPERATION))
    yield from rule(pair)


def _media(sense: Sense, added: Kinds, removed: Kinds) -> Rule:
    inside = by_table({**_COMMON, "schema": partial(schema, sense=sense), "encoding": _breaking})
    return by_name(comes_and_goes(added, removed, "the media type {}", inside))


_WIRE: dict[str, Rule] = dict.fromkeys(("style", "explode", "allowReserved", "allowEmptyValue"), _breaking)

_REQUEST_CONTENT = _media(REQUESTS, BREAKS_PROVIDERS, BREAKS_CONSUMERS)
_ANSWER_CONTENT = _media(ANSWERS, BREAKS_CONSUMERS, BREAKS_BOTH)

_PARAMETER: dict[str, Rule] = {
    **_COMMON,
    **_WIRE,
    "name": cosmetic,
    "required": _needed(BREAKS_CONSUMERS, BREAKS_PROVIDERS),
    "schema": partial(schema, sense=REQUESTS),
    "content": _REQUEST_CONTENT,
    "x-assumption": _confirmed,
}
_HEADER: dict[str, Rule] = {
    **_COMMON,
    **_WIRE,
    "required": _needed(BREAKS_PROVIDERS, BREAKS_CONSUMERS),
    "schema": partial(schema, sense=ANSWERS),
    "content": _ANSWER_CONTENT,
}
_REQUEST_BODY: dict[str, Rule] = {
    **_COMMON,
    "content": _REQUEST_CONTENT,
    "required": _needed(BREAKS_CONSUMERS, BREAKS_PROVIDERS),
}
_RESPONSE: dict[str, Rule] = {**_COMMON, "content": _ANSWER_CONTENT, "headers": by_name(_header)}
SERVERS = _keyed(
    comes_and_goes(
        BREAKS_PROVIDERS, BREAKS_CONSUMERS, "a server", by_table({**WORDS, "url": _breaking, "variables": _breaking})
    ),
    lambda node: str(node["url"]),
)


def _own_servers(pair: Pair) -> Iterator[Change]:
    """Servers of a path or an operation take the place of those above."""
    yield from always(BREAKS_BOTH)(pair) if pair.added or pair.removed else SERVERS(pair)


_OPERATION: dict[str, Rule] = {
    **_COMMON,
    "operationId": always(BREAKS_NOBODY, "generated code may name things by it"),
    "parameters": _keyed(_parameter, _parameter_key),
    "requestBody": _body,
    "responses": _responses,
    "security": security,
    "servers": _own_servers,
    "x-content-type": _breaking,
    "x-success": partial(schema, sense=CONDITIONS),
}
PATH: dict[str, Rule] = {
    **_COMMON,
    **dict.fromkeys(METHODS, _operation),
    "parameters": _keyed(_parameter, _parameter_key),
    "servers": _own_servers,
}
