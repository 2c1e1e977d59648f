"""Changes of a schema: by each keyword, whether it allows fewer values or more."""

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
    format_value,
    json_equal,
    keys,
    unknown_keyword,
)
from code_contract.diff.direction import CONDITIONS, Direction, InPlaceSchemas, ReasonedImpact, in_place_subschemas

SchemaRule = Callable[[NodePair, InPlaceSchemas], Iterator[Change]]


def schema(pair: NodePair, sense: Direction) -> Iterator[Change]:
    """The changes of a schema for values of its own: a body, a parameter, an item."""
    yield from _compare_in_place(
        pair, InPlaceSchemas(sense, tuple(in_place_subschemas(pair.old)), tuple(in_place_subschemas(pair.new)))
    )


def _compare_in_place(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Change]:
    """The changes of one schema among those that speak of the same value. None allows everything, as true does."""
    if pair.new is False or pair.old is False:
        verdict = scope.sense.narrowed if pair.new is False else scope.sense.widened
        yield pair.described(verdict[0], because=verdict[1])
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
    """The rule of a keyword that bounds: more of it allows fewer values (1) or more (-1); `absent` is none at all."""

    def rule(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Change]:
        old, new = (absent if value is ABSENT else value for value in (pair.old, pair.new))
        if old == new:
            yield from cosmetic(pair)
        else:
            kinds, words = scope.sense.narrowed if (new - old) * sign > 0 else scope.sense.widened
            yield pair.described(kinds, because=words)

    return rule


def _opaque_rule(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Change]:
    """The rule of a keyword that allows what fits it, and of whose values none can be told to allow more."""
    sense = scope.sense
    kinds, words = sense.narrowed if pair.added else sense.widened if pair.removed else sense.altered
    yield pair.described(kinds, because=words)


def _boolean_rule(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Change]:
    """The rule of a keyword that demands something where it is true."""
    if (pair.old is True) == (pair.new is True):
        yield from cosmetic(pair)
    else:
        kinds, words = scope.sense.narrowed if pair.new is True else scope.sense.widened
        yield pair.described(kinds, because=words)


def _allowed_values_rule(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Change]:
    """The rule of a keyword that lists what is allowed."""
    if pair.added or pair.removed:
        yield from _opaque_rule(pair, scope)
        return
    old, new = (value if isinstance(value, list) else [value] for value in (pair.old, pair.new))
    if pair.name == "type":  # an integer is a number
        old, new = ([*each, "integer"] if "number" in each else each for each in (old, new))
    yield from _list_rule(pair, old, new, scope.sense.narrowed, scope.sense.widened)


def _required(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Change]:
    """The rule of a keyword that lists what is demanded; none is an empty list."""
    old, new = ([] if value is ABSENT else value for value in (pair.old, pair.new))
    yield from _list_rule(pair, old, new, scope.sense.widened, scope.sense.narrowed)


def _list_rule(
    pair: NodePair, old: list[Any], new: list[Any], lost: ReasonedImpact, gained: ReasonedImpact
) -> Iterator[Change]:
    moves = [(gone, "no longer names", lost) for gone in old if not _contains(new, gone)]
    moves += [(come, "now names", gained) for come in new if not _contains(old, come)]
    for value, verb, (kinds, words) in moves:
        yield pair.change(kinds, f"{pair.name} {verb} {format_value(value)}; {words}")
    if not moves:
        yield from cosmetic(pair)


def _contains(values: list[Any], one: Any) -> bool:
    return any(json_equal(each, one, by_value=True) for each in values)


def _fields(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Change]:
    """The rule of `properties`. A name that another schema of the same value knows is no new field."""
    for name in keys(pair):
        field = pair.child(name)
        old, new = (tuple(_field(parts, name)) for parts in (scope.old, scope.new))
        if field.added and not old:
            closed = any(part.get("additionalProperties") is False for part in scope.old)
            yield _property_change(field, "is new", scope.sense.widened if closed else scope.sense.field_added)
        elif field.removed and not new:
            yield _property_change(field, "is gone", scope.sense.field_removed)
        else:
            yield from compare(field, _in(InPlaceSchemas(scope.sense, old, new), _compare_in_place))


def _property_change(field: NodePair, what: str, verdict: ReasonedImpact) -> Change:
    return field.change(verdict[0], f"the field {field.name!r} {what}; {verdict[1]}")


def _field(parts: tuple[Mapping[str, Any], ...], name: str) -> Iterator[Mapping[str, Any]]:
    for part in parts:
        fields = part.get("properties", {})
        if name in fields:
            yield from in_place_subschemas(fields[name] if isinstance(fields[name], dict) else {"not": {}})


def _subschema_rule(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Change]:
    yield from schema(pair, scope.sense)


def _not(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Change]:
    if pair.added or pair.removed:
        yield from _opaque_rule(pair, scope)
        return
    sense = scope.sense
    turned = replace(
        sense, narrowed=sense.widened, widened=sense.narrowed, field_added=sense.altered, field_removed=sense.altered
    )
    yield from schema(pair, turned)


def _if(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Change]:
    """Where a condition comes or goes with all that hangs on it, then and else say what changed."""
    hung = scope.old if pair.added else scope.new
    if (pair.added or pair.removed) and not any("then" in part or "else" in part for part in hung):
        yield pair.described(BREAKS_NOBODY, because="what hangs on it stands in then and else")
    else:
        yield from schema(pair, CONDITIONS)


def _alternatives_rule(lost: str, gained: str, inside: Direction | None = None) -> SchemaRule:
    """The rule of a list of schemas of which one is to fit: the effects of one that goes, and of one that comes."""

    def rule(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Change]:
        if pair.added or pair.removed:
            yield from _opaque_rule(pair, scope)
            return
        below = replace(scope, sense=inside or scope.sense)
        for branch in (members := list(_paired_items(pair))):
            if branch.added or branch.removed:
                kinds, words = getattr(scope.sense, gained if branch.added else lost)
                yield branch.described(kinds, f"a schema of {pair.name}", words)
            else:
                yield from compare(branch, _in(below, _compare_in_place))
        if not members:
            yield from _reordered(pair)

    return rule


def _all_of(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Change]:
    """A schema that comes or goes is compared with one that says nothing."""
    for branch in (members := list(_paired_items(pair))):
        yield from compare(branch, _in(scope, _compare_in_place))
    if not members:
        yield from _reordered(pair)


def _reordered(pair: NodePair) -> Iterator[Change]:
    yield pair.change(COSMETIC_FOR_BOTH, f"the schemas of {pair.name} stand in another order")


def _paired_items(pair: NodePair) -> Iterator[NodePair]:
    """The items of two lists side by side: those that are the same, then the others in order."""
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


_WORDS = ("title", "description", "examples", "example", "$comment", "externalDocs", "x-i18n-zh", "x-quote", "x-mock")

KEYWORDS: dict[str, SchemaRule] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum"), _limit_rule(1, -math.inf)),
    **dict.fromkeys(("minLength", "minItems", "minProperties"), _limit_rule(1, 0)),
    **dict.fromkeys(
        ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), _limit_rule(-1, math.inf)
    ),
    **dict.fromkeys(("type", "enum"), _allowed_values_rule),
    **dict.fromkeys(("const", "pattern", "format", "multipleOf"), _opaque_rule),
    "required": _required,
    "uniqueItems": _boolean_rule,
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
    **dict.fromkeys(_WORDS, _plain(cosmetic)),
}
"""How the change of each keyword is told; a keyword that is not here counts as breaking."""
