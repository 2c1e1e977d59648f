"""Whom it breaks that a schema allows fewer values, or more.

In answers, fewer values break who must send them, more values break who must read them; in requests it is the other
way round. Below `not` the two change places; where a schema is only a condition, any change counts for both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contract.changes.pairs import BREAKS_BOTH, BREAKS_CONSUMERS, BREAKS_NOBODY, BREAKS_PROVIDERS, Kinds

Verdict = tuple[Kinds, str]


@dataclass(frozen=True)
class Sense:
    """What it means that a schema allows fewer values, more, others, has a new field, or has lost one."""

    fewer: Verdict
    more: Verdict
    others: Verdict
    field_added: Verdict
    field_removed: Verdict


ANSWERS = Sense(
    fewer=(BREAKS_PROVIDERS, "fewer answers are allowed"),
    more=(BREAKS_CONSUMERS, "more answers are allowed"),
    others=(BREAKS_BOTH, "other answers are allowed"),
    field_added=(BREAKS_NOBODY, "an answer may carry it"),
    field_removed=(BREAKS_CONSUMERS, "nothing says any more that an answer carries it"),
)
REQUESTS = Sense(
    fewer=(BREAKS_CONSUMERS, "fewer requests are allowed"),
    more=(BREAKS_PROVIDERS, "more requests are allowed"),
    others=(BREAKS_BOTH, "other requests are allowed"),
    field_added=(BREAKS_PROVIDERS, "a request may carry it, and must be understood"),
    field_removed=(BREAKS_CONSUMERS, "a request that carries it need no longer be understood"),
)
_ANY: Verdict = (BREAKS_BOTH, "it decides what else applies")
CONDITIONS = Sense(_ANY, _ANY, _ANY, _ANY, _ANY)


@dataclass(frozen=True)
class Scope:
    """The sense, and every schema that speaks of the same value, old and new: through allOf, then and the like."""

    sense: Sense
    old: tuple[Mapping[str, Any], ...]
    new: tuple[Mapping[str, Any], ...]


def together(node: Any) -> Iterator[Mapping[str, Any]]:
    """A schema, and those within it that speak of the same value."""
    if isinstance(node, dict):
        yield node
        for key in ("allOf", "anyOf", "oneOf"):
            for each in node.get(key, ()):
                yield from together(each)
        for key in ("then", "else"):
            yield from together(node.get(key))
