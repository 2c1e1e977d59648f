"""Changes of a schema: one rule per keyword, by the values it allows before and after."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import zip_longest

from code_contract.diff.clauses import assumption_rule, clauses
from code_contract.diff.comparison import (
    ABSENT,
    BREAKS_NOBODY,
    COSMETIC_FOR_BOTH,
    Change,
    Changes,
    Found,
    NodePair,
    Rule,
    compare,
    keys,
)
from code_contract.diff.direction import CONDITIONS, Direction, InPlaceSchemas, ReasonedImpact, in_place_subschemas
from code_contract.diff.keywords import (
    SchemaRule,
    allowed_values_rule,
    default,
    hidden,
    is_hidden,
    limit_rule,
    opaque_rule,
    required,
    schemas_of_field,
)
from code_contract.diff.rules import cosmetic, fixed_impact, unknown_keyword
from code_contract.diff.values import json_equal


def schema(pair: NodePair, direction: Direction) -> Iterator[Found]:
    """Yield the changes of a schema of its own value: a body, a parameter, an item."""
    old, new = (tuple(in_place_subschemas(node)) for node in (pair.old, pair.new))
    yield _value(pair, InPlaceSchemas(direction, old, new))


def _value(pair: NodePair, scope: InPlaceSchemas) -> Changes:
    """Return the changes of one of the schemas of a value, which are found once for all places that use it."""
    parts = (pair.old, pair.new, None, *scope.old, None, *scope.new)
    known, key = pair.run.schemas, (scope.direction, *map(id, parts))
    if key not in known:
        known[key] = Changes()
        known[key].found += _compare_in_place(pair, scope)
    return known[key]


def _compare_in_place(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Found]:
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


def _plain(rule: Callable[[NodePair], Iterator[Found]]) -> SchemaRule:
    return lambda pair, scope: rule(pair)


def _fields(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Found]:
    """Apply the rule of `properties`; a name in another schema of the same value is not a new field."""
    for name in keys(pair):
        field = pair.child(name)
        old, new = (tuple(schemas_of_field(parts, name)) for parts in (scope.old, scope.new))
        if (is_hidden(old, scope.direction) or not old) and (is_hidden(new, scope.direction) or not new):
            yield Changes()  # in the other direction only
        elif field.added and not old:
            closed = any(part.get("additionalProperties") is False for part in scope.old)
            yield _property_change(field, "added", scope.direction.widened if closed else scope.direction.field_added)
        elif field.removed and not new:
            yield _property_change(field, "removed", scope.direction.field_removed)
        else:
            yield from compare(field, partial(_field_value, scope=InPlaceSchemas(scope.direction, old, new)))


def _field_value(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Found]:
    yield _value(pair, scope)


def _property_change(field: NodePair, what: str, verdict: ReasonedImpact) -> Change:
    return field.change(verdict[0], f"the field {field.name!r} {what}; {verdict[1]}")


def _subschema_rule(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Found]:
    yield from schema(pair, scope.direction)


def _not(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Found]:
    if pair.added or pair.removed:
        yield from opaque_rule(pair, scope)
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


def _if(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Found]:
    """Apply the rule of `if`; if it is added or removed with then and else, those describe the change."""
    hung = scope.old if pair.added else scope.new
    if (pair.added or pair.removed) and not any("then" in part or "else" in part for part in hung):
        yield pair.described(BREAKS_NOBODY, "then and else describe the change")
    else:
        yield from schema(pair, CONDITIONS)


def _alternatives_rule(lost: str, gained: str, inside: Direction | None = None) -> SchemaRule:
    """Return the rule of alternative schemas, with the impacts of one removed and one added."""

    def rule(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Found]:
        if pair.added or pair.removed:
            yield from opaque_rule(pair, scope)
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


_any_of = _alternatives_rule(lost="narrowed", gained="widened")
_inclusive_one_of = _alternatives_rule(lost="altered", gained="altered", inside=CONDITIONS)


def _one_of(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Found]:
    """Apply the rule of `oneOf`; if no value fulfils two alternatives, it is that of `anyOf`."""
    exclusive = all(_has_discriminator(node) for node in (pair.old, pair.new))
    yield from (_any_of if exclusive else _inclusive_one_of)(pair, scope)


def _has_discriminator(branches: object) -> bool:
    """Return True if every alternative requires a field that has a constant of its own in each."""
    if not isinstance(branches, list) or not all(isinstance(each, dict) for each in branches):
        return False
    required = set.intersection(*(set(each.get("required", ())) for each in branches))
    for name in required:
        fields = [each.get("properties", {}).get(name) for each in branches]
        constants = [each["const"] for each in fields if isinstance(each, dict) and "const" in each]
        if len({json.dumps(each, sort_keys=True) for each in constants}) == len(branches):
            return True
    return False


def _all_of(pair: NodePair, scope: InPlaceSchemas) -> Iterator[Found]:
    """Apply the rule of `allOf`; an added or removed schema is compared with an empty one."""
    for branch in (members := list(_paired_items(pair))):
        yield from compare(branch, _in(scope, _compare_in_place))
    if not members:
        yield from _reordered(pair)


def _reordered(pair: NodePair) -> Iterator[Found]:
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
    **dict.fromkeys(("minimum", "exclusiveMinimum"), limit_rule(1, -math.inf)),
    **dict.fromkeys(("minLength", "minItems", "minProperties"), limit_rule(1, 0)),
    **dict.fromkeys(
        ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), limit_rule(-1, math.inf)
    ),
    **dict.fromkeys(("type", "enum"), allowed_values_rule),
    **dict.fromkeys(("const", "pattern", "format", "multipleOf"), opaque_rule),
    "required": required,
    "default": default,
    **dict.fromkeys(("readOnly", "writeOnly"), hidden),
    **dict.fromkeys(("contentEncoding", "contentMediaType", "discriminator", "xml"), opaque_rule),
    "uniqueItems": limit_rule(1, False),
    "properties": _fields,
    **dict.fromkeys(("additionalProperties", "items", "propertyNames"), _subschema_rule),
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
    "if": _if,
    **dict.fromkeys(("then", "else"), _compare_in_place),
    "x-clauses": _plain(clauses),
    "x-assumption": _plain(assumption_rule),
    **dict.fromkeys(("title", "description", "$comment", "examples", "example", "externalDocs"), _plain(cosmetic)),
    "deprecated": _plain(fixed_impact(BREAKS_NOBODY)),
    **dict.fromkeys(("$defs", "definitions"), _plain(cosmetic)),
    **dict.fromkeys(("x-i18n-zh", "x-quote", "x-mock"), _plain(cosmetic)),
}
"""Rule of each keyword; any other keyword counts as breaking."""
