"""Whom it breaks that a schema allows fewer values, or more.

In answers, fewer values break who must send them, more values break who must read them; in requests it is the other
way round. Below `not` the two change places; where a schema is only a condition, any change counts for both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from code_contract.diff.comparison import BREAKS_BOTH, BREAKS_CONSUMERS, BREAKS_NOBODY, BREAKS_PROVIDERS, Impact

ReasonedImpact = tuple[Impact, str]


@dataclass(frozen=True)
class Direction:
    """What it means that a schema allows fewer values, more, others, has a new field, or has lost one."""

    narrowed: ReasonedImpact
    widened: ReasonedImpact
    altered: ReasonedImpact
    field_added: ReasonedImpact
    field_removed: ReasonedImpact


ANSWERS = Direction(
    narrowed=(BREAKS_PROVIDERS, "fewer answers are allowed"),
    widened=(BREAKS_CONSUMERS, "more answers are allowed"),
    altered=(BREAKS_BOTH, "other answers are allowed"),
    field_added=(BREAKS_NOBODY, "an answer may carry it"),
    field_removed=(BREAKS_CONSUMERS, "nothing says any more that an answer carries it"),
)
REQUESTS = Direction(
    narrowed=(BREAKS_CONSUMERS, "fewer requests are allowed"),
    widened=(BREAKS_PROVIDERS, "more requests are allowed"),
    altered=(BREAKS_BOTH, "other requests are allowed"),
    field_added=(BREAKS_PROVIDERS, "a request may carry it, and must be understood"),
    field_removed=(BREAKS_CONSUMERS, "a request that carries it need no longer be understood"),
)
_ANY: ReasonedImpact = (BREAKS_BOTH, "it decides what else applies")
CONDITIONS = Direction(_ANY, _ANY, _ANY, _ANY, _ANY)


@dataclass(frozen=True)
class InPlaceSchemas:
    """The sense, and every schema that speaks of the same value, old and new: through allOf, then and the like."""

    sense: Direction
    old: tuple[Mapping[str, Any], ...]
    new: tuple[Mapping[str, Any], ...]


def in_place_subschemas(node: Any) -> Iterator[Mapping[str, Any]]:
    """A schema, and those within it that speak of the same value."""
    if isinstance(node, dict):
        yield node
        for key in ("allOf", "anyOf", "oneOf"):
            for each in node.get(key, ()):
                yield from in_place_subschemas(each)
        for key in ("then", "else"):
            yield from in_place_subschemas(node.get(key))
