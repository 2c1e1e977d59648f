"""Changes of what an operation takes and returns: parameters, bodies, responses and headers."""

from __future__ import annotations

from collections.abc import Iterator
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
    Found,
    Impact,
    NodePair,
    Rule,
    compare,
    keys,
)
from code_contract.diff.direction import REQUESTS, RESPONSES, Direction
from code_contract.diff.rules import added_or_removed, cosmetic, fixed_impact, per_keyword, per_name
from code_contract.diff.schemas import schema
from code_contract.diff.values import format_value

compatible = fixed_impact(BREAKS_NOBODY)
breaking = fixed_impact(BREAKS_BOTH)

ANNOTATIONS: dict[str, Rule] = dict.fromkeys(
    ("title", "summary", "description", "externalDocs", "tags", "example", "examples", "x-i18n-zh", "x-quote"), cosmetic
)
COMMON: dict[str, Rule] = {
    **ANNOTATIONS,
    "deprecated": compatible,
    "x-clauses": clauses,
    "x-assumption": assumption_rule,
}


def _required_rule(more: Impact, less: Impact) -> Rule:
    """Return the rule of `required`, with the impacts of becoming required and optional."""

    def rule(pair: NodePair) -> Iterator[Found]:
        if (pair.old is True) == (pair.new is True):
            yield from cosmetic(pair)
        else:
            yield pair.described(more if pair.new is True else less)

    return rule


def _flag(pair: NodePair) -> Iterator[Found]:
    """Apply the rule of a flag that is false by default."""
    yield from cosmetic(pair) if (pair.old is True) == (pair.new is True) else breaking(pair)


def parameter(pair: NodePair) -> Iterator[Found]:
    """Apply the rule of a parameter."""
    node = pair.old if pair.removed else pair.new
    required = node.get("required") is True
    name = f"the {node['in']} parameter {format_value(node['name'])}"
    if pair.added:
        kinds = BREAKS_BOTH if required else BREAKS_PROVIDERS
        yield pair.change(kinds, f"{name} added, {'required' if required else 'optional'}")
    elif pair.removed:
        yield pair.change(BREAKS_BOTH if required else BREAKS_CONSUMERS, f"{name} removed")
    else:
        yield from per_keyword(_PARAMETER | _serialization(pair))(pair)


def _serialization(pair: NodePair) -> dict[str, Rule]:
    """Return the rules of `style` and `explode`, which have defaults (OpenAPI 3.1 §4.8.12.2)."""
    old, new = map(_style, (pair.old, pair.new))
    return dict.fromkeys(("style", "explode"), cosmetic if old == new else breaking)


def _style(node: Any) -> tuple[str, bool]:
    node = {} if node is ABSENT else node
    style = node.get("style", "form" if node.get("in") in ("query", "cookie") else "simple")
    return style, node.get("explode", style == "form")


def _assumption_rule(pair: NodePair) -> Iterator[Found]:
    """Apply the rule of a parameter's assumption: once confirmed, a request without the parameter is rejected."""
    yield pair.described(BREAKS_BOTH if pair.removed else BREAKS_NOBODY if pair.added else COSMETIC_FOR_BOTH)


def _header(pair: NodePair) -> Iterator[Found]:
    node = pair.old if pair.removed else pair.new
    added = BREAKS_PROVIDERS if node.get("required") is True else BREAKS_NOBODY
    inside = per_keyword(_HEADER | _serialization(pair))
    yield from added_or_removed(added, BREAKS_CONSUMERS, "the header {}", inside)(pair)


def body(pair: NodePair) -> Iterator[Found]:
    """Apply the rule of a request body."""
    node = pair.old if pair.removed else pair.new
    required = node.get("required") is True
    added, removed = (BREAKS_BOTH, BREAKS_BOTH) if required else (BREAKS_PROVIDERS, BREAKS_CONSUMERS)
    yield from added_or_removed(added, removed, "the request body", per_keyword(_REQUEST_BODY))(pair)


def responses(pair: NodePair) -> Iterator[Found]:
    """Compare an added or removed status with the response that covers it: its range, or default."""
    for status in keys(pair):
        each = pair.child(status)
        if status.startswith("x-"):
            yield from compare(each, cosmetic)
        elif not each.added and not each.removed:
            yield from compare(each, per_keyword(_RESPONSE))
        else:
            yield from _status(pair, each, status)


def _status(pair: NodePair, each: NodePair, status: str) -> Iterator[Found]:
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


def _media_type_rule(sense: Direction, added: Impact, removed: Impact) -> Rule:
    schemas = dict.fromkeys(("schema", "itemSchema"), partial(schema, direction=sense))
    inside = per_keyword({**COMMON, **schemas, "encoding": breaking})
    return per_name(added_or_removed(added, removed, "the media type {}", inside))


_SERIALIZATION: dict[str, Rule] = dict.fromkeys(("allowReserved", "allowEmptyValue"), _flag)

_REQUEST_CONTENT = _media_type_rule(REQUESTS, BREAKS_PROVIDERS, BREAKS_CONSUMERS)
_RESPONSE_CONTENT = _media_type_rule(RESPONSES, BREAKS_CONSUMERS, BREAKS_BOTH)

_PARAMETER: dict[str, Rule] = {
    **COMMON,
    **_SERIALIZATION,
    "name": cosmetic,
    "required": _required_rule(BREAKS_CONSUMERS, BREAKS_PROVIDERS),
    "schema": partial(schema, direction=REQUESTS),
    "content": _REQUEST_CONTENT,
    "x-assumption": _assumption_rule,
}
_HEADER: dict[str, Rule] = {
    **COMMON,
    **_SERIALIZATION,
    "required": _required_rule(BREAKS_PROVIDERS, BREAKS_CONSUMERS),
    "schema": partial(schema, direction=RESPONSES),
    "content": _RESPONSE_CONTENT,
}
_REQUEST_BODY: dict[str, Rule] = {
    **COMMON,
    "content": _REQUEST_CONTENT,
    "required": _required_rule(BREAKS_CONSUMERS, BREAKS_PROVIDERS),
}
_RESPONSE: dict[str, Rule] = {
    **COMMON,
    "content": _RESPONSE_CONTENT,
    "headers": per_name(_header),
    "links": compatible,
}
