"""Rules of the keywords of a schema that have no schemas in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from code_contract.diff.comparison import ABSENT, BREAKS_NOBODY, Found, NodePair
from code_contract.diff.direction import Direction, InPlaceSchemas, ReasonedImpact, in_place_subschemas
from code_contract.diff.rules import cosmetic
from code_contract.diff.values import format_value, json_equal

_NOTHING: Mapping[str, Any] = {"not": {}}

SchemaRule = Callable[[NodePair, InPlaceSchemas], Iterator[Found]]


def limit_rule(sign: int, absent: float) -> SchemaRule:
    """Return the rule of a limit: a higher limit narrows (1) or widens (-1); `absent` is its default."""

    def rule(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Found]:
        old, new = (absent if value is ABSENT else value for value in (pair.old, pair.new))
        if old == new:
            yield from cosmetic(pair)
        else:
            yield pair.described(*(scope.direction.narrowed if (new - old) * sign > 0 else scope.direction.widened))

    return rule


def opaque_rule(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Found]:
    """Apply the rule of a keyword of which no value is known to allow more than another."""
    direction = scope.direction
    yield pair.described(
        *(direction.narrowed if pair.added else direction.widened if pair.removed else direction.altered)
    )


def allowed_values_rule(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Found]:
    """Apply the rule of a keyword that lists allowed values."""
    if pair.added or pair.removed:
        yield from opaque_rule(pair, scope)
        return
    old, new = (value if isinstance(value, list) else [value] for value in (pair.old, pair.new))
    if pair.name == "type":  # an integer is a number
        old, new = ([*each, "integer"] if "number" in each else each for each in (old, new))
    yield from _list_rule(pair, old, new, scope.direction.narrowed, scope.direction.widened)


def default(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Found]:
    """Apply the rule of `default`: what a server reads in a request that lacks the value."""
    added, removed, changed = scope.direction.default
    reason = "an absent value has another meaning" if scope.direction.hides == "readOnly" else ""
    yield pair.described(added if pair.added else removed if pair.removed else changed, reason)


def hidden(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Found]:
    """Apply the rule of `readOnly` and `writeOnly`: messages of one direction do not have the field."""
    if (pair.old is True) == (pair.new is True):
        yield from cosmetic(pair)
    elif scope.direction.hides in ("", pair.name):
        yield pair.described(*(scope.direction.field_removed if pair.new is True else scope.direction.field_added))
    else:
        yield pair.described(BREAKS_NOBODY, "it has no effect in this direction")


def is_hidden(parts: Iterable[Mapping[str, Any]], direction: Direction) -> bool:
    """Return True if messages in a direction do not have a field of these schemas."""
    return any(part.get(direction.hides) is True for part in parts)


def required(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Found]:
    """Apply the rule of `required`; absent is an empty list, and a hidden field is not required."""
    old, new = (
        [
            name
            for name in ([] if value is ABSENT else value)
            if not is_hidden(schemas_of_field(parts, name), scope.direction)
        ]
        for value, parts in ((pair.old, scope.old), (pair.new, scope.new))
    )
    yield from _list_rule(pair, old, new, scope.direction.widened, scope.direction.narrowed)


def _list_rule(
    pair: NodePair, old: list[Any], new: list[Any], lost: ReasonedImpact, gained: ReasonedImpact
) -> Iterator[Found]:
    moves = [(item, "no longer names", lost) for item in old if not _contains(new, item)]
    moves += [(item, "now names", gained) for item in new if not _contains(old, item)]
    for value, verb, (kinds, words) in moves:
        yield pair.change(kinds, f"{pair.name} {verb} {format_value(value)}; {words}")
    if not moves:
        yield from cosmetic(pair)


def _contains(values: list[Any], one: Any) -> bool:
    return any(json_equal(each, one, by_value=True) for each in values)


def schemas_of_field(parts: tuple[Mapping[str, Any], ...], name: str) -> Iterator[Mapping[str, Any]]:
    """Yield the schemas of a field of a value that all parts describe."""
    for part in parts:
        fields = part.get("properties", {})
        if name in fields:
            yield from in_place_subschemas(fields[name] if isinstance(fields[name], dict) else _NOTHING)
