"""Changes of a schema: by each keyword, whether it allows fewer values or more."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from contract.changes.clauses import assumed, clauses
from contract.changes.pairs import (
    BREAKS_NOBODY,
    LOOKS_ONLY,
    MISSING,
    Change,
    Pair,
    Rule,
    compare,
    cosmetic,
    keys,
    same,
    shown,
    unlisted,
)
from contract.changes.senses import CONDITIONS, Scope, Sense, Verdict, together

SchemaRule = Callable[[Pair, Scope], Iterator[Change]]


def schema(pair: Pair, sense: Sense) -> Iterator[Change]:
    """The changes of a schema for values of its own: a body, a parameter, an item."""
    yield from _here(pair, Scope(sense, tuple(together(pair.old)), tuple(together(pair.new))))


def _here(pair: Pair, scope: Scope) -> Iterator[Change]:
    """The changes of one schema among those that speak of the same value. None allows everything, as true does."""
    if pair.new is False or pair.old is False:
        verdict = scope.sense.fewer if pair.new is False else scope.sense.more
        yield pair.told(verdict[0], because=verdict[1])
        return
    if not keys(pair):
        yield from cosmetic(pair)
    for key in keys(pair):
        rule = KEYWORDS.get(key)
        yield from compare(pair.below(key), _in(scope, rule) if rule else unlisted(key))


def _in(scope: Scope, rule: SchemaRule) -> Rule:
    return lambda pair: rule(pair, scope)


def _plain(rule: Callable[[Pair], Iterator[Change]]) -> SchemaRule:
    return lambda pair, scope: rule(pair)


def _bound(sign: int, absent: float) -> SchemaRule:
    """The rule of a keyword that bounds: more of it allows fewer values (1) or more (-1); `absent` is none at all."""

    def rule(pair: Pair, scope: Scope) -> Iterator[Change]:
        old, new = (absent if value is MISSING else value for value in (pair.old, pair.new))
        if old == new:
            yield from cosmetic(pair)
        else:
            kinds, words = scope.sense.fewer if (new - old) * sign > 0 else scope.sense.more
            yield pair.told(kinds, because=words)

    return rule


def _exact(pair: Pair, scope: Scope) -> Iterator[Change]:
    """The rule of a keyword that allows what fits it, and of whose values none can be told to allow more."""
    sense = scope.sense
    kinds, words = sense.fewer if pair.added else sense.more if pair.removed else sense.others
    yield pair.told(kinds, because=words)


def _flag(pair: Pair, scope: Scope) -> Iterator[Change]:
    """The rule of a keyword that demands something where it is true."""
    if (pair.old is True) == (pair.new is True):
        yield from cosmetic(pair)
    else:
        kinds, words = scope.sense.fewer if pair.new is True else scope.sense.more
        yield pair.told(kinds, because=words)


def _values(pair: Pair, scope: Scope) -> Iterator[Change]:
    """The rule of a keyword that lists what is allowed."""
    if pair.added or pair.removed:
        yield from _exact(pair, scope)
        return
    old, new = (value if isinstance(value, list) else [value] for value in (pair.old, pair.new))
    if pair.name == "type":  # an integer is a number
        old, new = ([*each, "integer"] if "number" in each else each for each in (old, new))
    yield from _listed(pair, old, new, scope.sense.fewer, scope.sense.more)


def _required(pair: Pair, scope: Scope) -> Iterator[Change]:
    """The rule of a keyword that lists what is demanded; none is an empty list."""
    old, new = ([] if value is MISSING else value for value in (pair.old, pair.new))
    yield from _listed(pair, old, new, scope.sense.more, scope.sense.fewer)


def _listed(pair: Pair, old: list[Any], new: list[Any], lost: Verdict, gained: Verdict) -> Iterator[Change]:
    moves = [(gone, "no longer names", lost) for gone in old if not _holds(new, gone)]
    moves += [(come, "now names", gained) for come in new if not _holds(old, come)]
    for value, verb, (kinds, words) in moves:
        yield pair.change(kinds, f"{pair.name} {verb} {shown(value)}; {words}")
    if not moves:
        yield from cosmetic(pair)


def _holds(values: list[Any], one: Any) -> bool:
    return any(same(each, one, by_value=True) for each in values)


def _fields(pair: Pair, scope: Scope) -> Iterator[Change]:
    """The rule of `properties`. A name that another schema of the same value knows is no new field."""
    for name in keys(pair):
        field = pair.below(name)
        old, new = (tuple(_field(parts, name)) for parts in (scope.old, scope.new))
        if field.added and not old:
            closed = any(part.get("additionalProperties") is False for part in scope.old)
            yield _told_field(field, "is new", scope.sense.more if closed else scope.sense.field_added)
        elif field.removed and not new:
            yield _told_field(field, "is gone", scope.sense.field_removed)
        else:
            yield from compare(field, _in(Scope(scope.sense, old, new), _here))


def _told_field(field: Pair, what: str, verdict: Verdict) -> Change:
    return field.change(verdict[0], f"the field {field.name!r} {what}; {verdict[1]}")


def _field(parts: tuple[Mapping[str, Any], ...], name: str) -> Iterator[Mapping[str, Any]]:
    for part in parts:
        fields = part.get("properties", {})
        if name in fields:
            yield from together(fields[name] if isinstance(fields[name], dict) else {"not": {}})


def _below(pair: Pair, scope: Scope) -> Iterator[Change]:
    yield from schema(pair, scope.sense)


def _not(pair: Pair, scope: Scope) -> Iterator[Change]:
    if pair.added or pair.removed:
        yield from _exact(pair, scope)
        return
    sense = scope.sense
    turned = replace(sense, fewer=sense.more, more=sense.fewer, field_added=sense.others, field_removed=sense.others)
    yield from schema(pair, turned)


def _if(pair: Pair, scope: Scope) -> Iterator[Change]:
    """Where a condition comes or goes with all that hangs on it, then and else say what changed."""
    hung = scope.old if pair.added else scope.new
    if (pair.added or pair.removed) and not any("then" in part or "else" in part for part in hung):
        yield pair.told(BREAKS_NOBODY, because="what hangs on it stands in then and else")
    else:
        yield from schema(pair, CONDITIONS)


def _branches(lost: str, gained: str, inside: Sense | None = None) -> SchemaRule:
    """The rule of a list of schemas of which one is to fit: the effects of one that goes, and of one that comes."""

    def rule(pair: Pair, scope: Scope) -> Iterator[Change]:
        if pair.added or pair.removed:
            yield from _exact(pair, scope)
            return
        below = replace(scope, sense=inside or scope.sense)
        for branch in (members := list(_members(pair))):
            if branch.added or branch.removed:
                kinds, words = getattr(scope.sense, gained if branch.added else lost)
                yield branch.told(kinds, f"a schema of {pair.name}", words)
            else:
                yield from compare(branch, _in(below, _here))
        if not members:
            yield from _reordered(pair)

    return rule


def _all_of(pair: Pair, scope: Scope) -> Iterator[Change]:
    """A schema that comes or goes is compared with one that says nothing."""
    for branch in (members := list(_members(pair))):
        yield from compare(branch, _in(scope, _here))
    if not members:
        yield from _reordered(pair)


def _reordered(pair: Pair) -> Iterator[Change]:
    yield pair.change(LOOKS_ONLY, f"the schemas of {pair.name} stand in another order")


def _members(pair: Pair) -> Iterator[Pair]:
    """The items of two lists side by side: those that are the same, then the others in order."""
    old, new = ([] if value is MISSING else value for value in (pair.old, pair.new))
    left = list(range(len(old)))
    right = []
    for index, value in enumerate(new):
        twin = next((each for each in left if same(old[each], value)), None)
        if twin is None:
            right.append(index)
        else:
            left.remove(twin)
    for before, after in zip_longest(left, right):
        yield pair.member(before, after)


_WORDS = ("title", "description", "examples", "example", "$comment", "externalDocs", "x-zh", "x-words", "x-mock")

KEYWORDS: dict[str, SchemaRule] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum"), _bound(1, -math.inf)),
    **dict.fromkeys(("minLength", "minItems", "minProperties"), _bound(1, 0)),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), _bound(-1, math.inf)),
    **dict.fromkeys(("type", "enum"), _values),
    **dict.fromkeys(("const", "pattern", "format", "multipleOf"), _exact),
    "required": _required,
    "uniqueItems": _flag,
    "properties": _fields,
    **dict.fromkeys(("additionalProperties", "items", "propertyNames"), _below),
    "allOf": _all_of,
    "anyOf": _branches(lost="fewer", gained="more"),
    "oneOf": _branches(lost="others", gained="others", inside=CONDITIONS),
    "not": _not,
    "if": _if,
    **dict.fromkeys(("then", "else"), _here),
    "x-clauses": _plain(clauses),
    "x-assumption": _plain(assumed),
    **dict.fromkeys(_WORDS, _plain(cosmetic)),
}
"""How the change of each keyword is told; a keyword that is not here counts as breaking."""
