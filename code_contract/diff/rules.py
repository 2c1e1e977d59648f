"""Rules made of other rules: of the keys of a mapping, of optional nodes, of a fixed impact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from code_contract.diff.comparison import (
    BREAKS_BOTH,
    COSMETIC_FOR_BOTH,
    Changes,
    Found,
    Impact,
    NodePair,
    Rule,
    compare,
    keys,
)


def per_keyword(table: Mapping[str, Rule]) -> Rule:
    """Return the rule of a mapping with a rule per key; an unknown extension is cosmetic, another key breaking."""

    def rule(pair: NodePair) -> Iterator[Found]:
        for key in keys(pair):
            yield from compare(pair.child(key), table.get(key) or unknown_keyword(key))

    return rule


def per_name(each: Rule) -> Rule:
    """Return the rule of a mapping of free names, with one rule for each."""

    def rule(pair: NodePair) -> Iterator[Found]:
        for name in keys(pair):
            yield from compare(pair.child(name), each)

    return rule


def fixed_impact(impact: Impact, because: str = "") -> Rule:
    """Return a rule with a fixed impact."""

    def rule(pair: NodePair) -> Iterator[Found]:
        yield pair.described(impact, because)

    return rule


def added_or_removed(added: Impact, removed: Impact, what: str, inside: Rule) -> Rule:
    """Return the rule of an optional node; `what` describes it, with {} for its name."""

    def rule(pair: NodePair) -> Iterator[Found]:
        name = what.format(pair.name)
        if pair.added:
            yield pair.change(added, f"{name} added")
        elif pair.removed:
            yield pair.change(removed, f"{name} removed")
        else:
            yield from inside(pair)

    return rule


def unknown_keyword(key: str) -> Rule:
    """Return the rule of a key that is not in a table."""
    if key.startswith("x-"):
        return cosmetic
    return fixed_impact(BREAKS_BOTH, "unknown keyword, so it counts as breaking")


cosmetic = fixed_impact(COSMETIC_FOR_BOTH)


def nothing(pair: NodePair) -> Iterator[Found]:
    """Apply the rule of a node whose changes are reported elsewhere."""
    yield Changes()
