"""Changes of a schema: one rule per keyword, by the values it allows before and after."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from code_contract.diff.clauses import assumption_rule, clauses
from code_contract.diff.comparison import (
    ABSENT,
    BREAKS_NOBODY,
    COSMETIC_FOR_BOTH,
    Change,
    NodePair,
    Rule,
    compare,
    cosmetic,
    keys,
    unknown_keyword,
)
from code_contract.diff.direction import CONDITIONS, Direction, InPlaceSchemas, ReasonedImpact, in_place_subschemas
from code_contract.diff.values import format_value, json_equal

SchemaRule = Callable[[NodePair, InPlaceSchemas], Iterator[Change]]


def schema(pair: NodePair, direction: Direction) -> Iterator[Change]:
    """Yield the changes of a schema of its own value: a body, a parameter, an item."""
    yield from _compare_in_place(
        pair, InPlaceSchemas(direction, tuple(in_place_subschemas(pair.old)), tuple(in_place_subschemas(pair.new)))
    )


def _compare_in_place(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Change]:
    """Yield the changes of one schema among those of the same value; an absent schema allows everything."""
    if pair.new is False or pair.old is False:
        yield pair.described(*(scope.direction.narrowed if pair.new is False else scope.direction.widened))
        return
    if not keys(pair):
        yield from cosmetic(pair)
    for key in keys(pair):
        rule = KEYWORDS.get(key)
        yield from compare(pair.child(key), _in(scope, rule) if rule else unknown_keyword(key))


def _in(scope: InPlaceSchemas, rule: SchemaRule) -> Rule:
    return lambda pair: rule(pair, scope)


def _plain(rule: Callable[[NodePair], Iterator[Change]]) -> SchemaRule:
    return lambda pair, scope: rule(pair)


def _limit_rule(sign: int, absent: float) -> SchemaRule:
    """Return the rule of a limit: a higher limit narrows (1) or widens (-1); `absent` is its default."""

    def rule(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Change]:
        old, new = (absent if value is ABSENT else value for value in (pair.old, pair.new))
        if old == new:
            yield from cosmetic(pair)
        else:
            yield pair.described(*(scope.direction.narrowed if (new - old) * sign > 0 else scope.direction.widened))

    return rule


def _opaque_rule(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Change]:
    """Apply the rule of a keyword of which no value is known to allow more than another."""
    direction = scope.direction
    yield pair.described(
        *(direction.narrowed if pair.added else direction.widened if pair.removed else direction.altered)
    )


def _allowed_values_rule(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Change]:
    """Apply the rule of a keyword that lists allowed values."""
    if pair.added or pair.removed:
        yield from _opaque_rule(pair, scope)
        return
    old, new = (value if isinstance(value, list) else [value] for value in (pair.old, pair.new))
    if pair.name == "type":  # an integer is a number
        old, new = ([*each, "integer"] if "number" in each else each for each in (old, new))
    yield from _list_rule(pair, old, new, scope.direction.narrowed, scope.direction.widened)


def _required(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Change]:
    """Apply the rule of `required`; absent is an empty list."""
    old, new = ([] if value is ABSENT else value for value in (pair.old, pair.new))
    yield from _list_rule(pair, old, new, scope.direction.widened, scope.direction.narrowed)


def _list_rule(
    pair: NodePair, old: list[Any], new: list[Any], lost: ReasonedImpact, gained: ReasonedImpact
) -> Iterator[Change]:
    moves = [(item, "no longer names", lost) for item in old if not _contains(new, item)]
    moves += [(item, "now names", gained) for item in new if not _contains(old, item)]
    for value, verb, (kinds, words) in moves:
        yield pair.change(kinds, f"{pair.name} {verb} {format_value(value)}; {words}")
    if not moves:
        yield from cosmetic(pair)


def _contains(values: list[Any], one: Any) -> bool:
    return any(json_equal(each, one, by_value=True) for each in values)


def _fields(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Change]:
    """Apply the rule of `properties`; a name in another schema of the same value is not a new field."""
    for name in keys(pair):
        field = pair.child(name)
        old, new = (tuple(_field(parts, name)) for parts in (scope.old, scope.new))
        if field.added and not old:
            closed = any(part.get("additionalProperties") is False for part in scope.old)
            yield _property_change(field, "added", scope.direction.widened if closed else scope.direction.field_added)
        elif field.removed and not new:
            yield _property_change(field, "removed", scope.direction.field_removed)
        else:
            yield from compare(field, _in(InPlaceSchemas(scope.direction, old, new), _compare_in_place))


def _property_change(field: NodePair, what: str, verdict: ReasonedImpact) -> Change:
    return field.change(verdict[0], f"the field {field.name!r} {what}; {verdict[1]}")


def _field(parts: tuple[Mapping[str, Any], ...], name: str) -> Iterator[Mapping[str, Any]]:
    for part in parts:
        fields = part.get("properties", {})
        if name in fields:
            yield from in_place_subschemas(fields[name] if isinstance(fields[name], dict) else {"not": {}})


def _subschema_rule(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Change]:
    yield from schema(pair, scope.direction)


def _not(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Change]:
    if pair.added or pair.removed:
        yield from _opaque_rule(pair, scope)
        return
    direction = scope.direction
    turned = replace(
        direction,
        narrowed=direction.widened,
        widened=direction.narrowed,
        field_added=direction.altered,
        field_removed=direction.altered,
    )
    yield from schema(pair, turned)


def _if(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Change]:
    """Apply the rule of `if`; if it is added or removed with then and else, those describe the change."""
    hung = scope.old if pair.added else scope.new
    if (pair.added or pair.removed) and not any("then" in part or "else" in part for part in hung):
        yield pair.described(BREAKS_NOBODY, "then and else describe the change")
    else:
        yield from schema(pair, CONDITIONS)


def _alternatives_rule(lost: str, gained: str, inside: Direction | None = None) -> SchemaRule:
    """Return the rule of alternative schemas, with the impacts of one removed and one added."""

    def rule(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Change]:
        if pair.added or pair.removed:
            yield from _opaque_rule(pair, scope)
            return
        below = replace(scope, direction=inside or scope.direction)
        for branch in (members := list(_paired_items(pair))):
            if branch.added or branch.removed:
                kinds, words = getattr(scope.direction, gained if branch.added else lost)
                yield branch.described(kinds, words, f"a schema of {pair.name}")
            else:
                yield from compare(branch, _in(below, _compare_in_place))
        if not members:
            yield from _reordered(pair)

    return rule


def _all_of(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Change]:
    """Apply the rule of `allOf`; an added or removed schema is compared with an empty one."""
    for branch in (members := list(_paired_items(pair))):
        yield from compare(branch, _in(scope, _compare_in_place))
    if not members:
        yield from _reordered(pair)


def _reordered(pair: NodePair) -> Iterator[Change]:
    yield pair.change(COSMETIC_FOR_BOTH, f"the schemas of {pair.name} reordered")


def _paired_items(pair: NodePair) -> Iterator[NodePair]:
    """Pair the items of two lists: equal ones first, then the others in order."""
    old, new = ([] if value is ABSENT else value for value in (pair.old, pair.new))
    left = list(range(len(old)))
    right = []
    for index, value in enumerate(new):
        twin = next((each for each in left if json_equal(old[each], value)), None)
        if twin is None:
            right.append(index)
        else:
            left.remove(twin)
    for before, after in zip_longest(left, right):
        yield pair.item(before, after)


KEYWORDS: dict[str, SchemaRule] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum"), _limit_rule(1, -math.inf)),
    **dict.fromkeys(("minLength", "minItems", "minProperties"), _limit_rule(1, 0)),
    **dict.fromkeys(
        ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), _limit_rule(-1, math.inf)
    ),
    **dict.fromkeys(("type", "enum"), _allowed_values_rule),
    **dict.fromkeys(("const", "pattern", "format", "multipleOf"), _opaque_rule),
    "required": _required,
    "uniqueItems": _limit_rule(1, False),
    "properties": _fields,
    **dict.fromkeys(("additionalProperties", "items", "propertyNames"), _subschema_rule),
    "allOf": _all_of,
    "anyOf": _alternatives_rule(lost="narrowed", gained="widened"),
    "oneOf": _alternatives_rule(lost="altered", gained="altered", inside=CONDITIONS),
    "not": _not,
    "if": _if,
    **dict.fromkeys(("then", "else"), _compare_in_place),
    "x-clauses": _plain(clauses),
    "x-assumption": _plain(assumption_rule),
    **dict.fromkeys(("title", "description", "$comment", "examples", "example", "externalDocs"), _plain(cosmetic)),
    **dict.fromkeys(("x-i18n-zh", "x-quote", "x-mock"), _plain(cosmetic)),
}
"""Rule of each keyword; any other keyword counts as breaking."""
