"""Direction of a schema: the sides that a narrower or a wider schema breaks.

In responses, fewer values break providers and more values break consumers; in requests it is the reverse. `not` swaps
the two. A schema that is only a condition breaks both sides by any change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from code_contract.diff.comparison import BREAKS_BOTH, BREAKS_CONSUMERS, BREAKS_NOBODY, BREAKS_PROVIDERS, Impact

ReasonedImpact = tuple[Impact, str]


@dataclass(frozen=True)
class Direction:
    """Impacts of a schema that allows fewer values, more, or others, and of a field added or removed.

    `default` has the impacts of a default value that is added, removed and changed.
    `hides` is the keyword of fields that messages in this direction do not have, "" for none.
    """

    narrowed: ReasonedImpact
    widened: ReasonedImpact
    altered: ReasonedImpact
    field_added: ReasonedImpact
    field_removed: ReasonedImpact
    default: tuple[Impact, Impact, Impact]
    hides: str


RESPONSES = Direction(
    narrowed=(BREAKS_PROVIDERS, "fewer responses are allowed"),
    widened=(BREAKS_CONSUMERS, "more responses are allowed"),
    altered=(BREAKS_BOTH, "other responses are allowed"),
    field_added=(BREAKS_NOBODY, "a response may contain it"),
    field_removed=(BREAKS_CONSUMERS, "it is no longer documented in a response"),
    default=(BREAKS_NOBODY, BREAKS_NOBODY, BREAKS_NOBODY),
    hides="writeOnly",
)
REQUESTS = Direction(
    narrowed=(BREAKS_CONSUMERS, "fewer requests are allowed"),
    widened=(BREAKS_PROVIDERS, "more requests are allowed"),
    altered=(BREAKS_BOTH, "other requests are allowed"),
    field_added=(BREAKS_PROVIDERS, "servers must handle it"),
    field_removed=(BREAKS_CONSUMERS, "servers no longer handle it"),
    default=(BREAKS_PROVIDERS, BREAKS_CONSUMERS, BREAKS_BOTH),
    hides="readOnly",
)
_ANY: ReasonedImpact = (BREAKS_BOTH, "it decides which other schemas apply")
CONDITIONS = Direction(_ANY, _ANY, _ANY, _ANY, _ANY, (BREAKS_NOBODY, BREAKS_NOBODY, BREAKS_NOBODY), "")


@dataclass(frozen=True)
class InPlaceSchemas:
    """All schemas of one value, old and new (in-place applicators, JSON Schema 2020-12 §10), and their direction."""

    direction: Direction
    old: tuple[Mapping[str, Any], ...]
    new: tuple[Mapping[str, Any], ...]


def in_place_subschemas(node: Any) -> Iterator[Mapping[str, Any]]:
    """Yield a schema and the in-place subschemas within it."""
    if isinstance(node, dict):
        yield node
        for key in ("allOf", "anyOf", "oneOf"):
            for each in node.get(key, ()):
                yield from in_place_subschemas(each)
        for key in ("then", "else"):
            yield from in_place_subschemas(node.get(key))
