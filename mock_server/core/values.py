"""Values: parts of a JSON value, put into another one that has to conform to a schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from code_contract import FieldPath
from code_contract.marks import parts
from code_contract.sampler import Sampler, UnsatisfiableError
from mock_server.core.places import items_of, properties

Assignment = tuple[FieldPath, Any]
"""A place in a value, and the value to put there."""


def put(value: Any, place: FieldPath, part: Any) -> Any:
    """Return a copy of a value with a part at a place; objects on the way are made."""
    if not place:
        return part
    holder = value if isinstance(value, dict) else {}
    return {**holder, place[0]: put(holder.get(place[0]), place[1:], part)}


def without(value: Any, place: FieldPath) -> Any:
    """Return a copy of a value without the part at a place."""
    if not isinstance(value, dict) or place[0] not in value:
        return value
    if len(place) > 1:
        return {**value, place[0]: without(value[place[0]], place[1:])}
    return {name: each for name, each in value.items() if name != place[0]}


def leaves(value: Any, place: FieldPath = ()) -> Iterator[Assignment]:
    """Yield the places in a value that are neither objects nor inside of arrays."""
    if isinstance(value, dict) and (value or not place):
        for name, below in value.items():
            yield from leaves(below, (*place, name))
    else:
        yield place, value


def assign(
    sampler: Sampler, schema: Any, seed: str, base: Any, assignments: Sequence[Assignment], *, completes: bool = False
) -> Any:
    """Return a value with assignments, those that it can have if it is to conform to its schema.

    Args:
        sampler: Completes the value.
        schema: The schema.
        seed: The seed of fields that are generated.
        base: A value that conforms.
        assignments: The places and their values.
        completes: True to generate all other fields, also in the items of lists.
    """
    wanted = base
    for place, part in assignments:
        wanted = put(wanted, place, part)
    if not completes and sampler.conforms(schema, wanted):
        return wanted
    try:
        return sampler.sample(schema, seed, given=wanted)
    except UnsatisfiableError:
        found = base
        for place, part in assignments:
            changed = put(found, place, part)
            found = changed if sampler.conforms(schema, changed) else found
        return found


def echoed(schema: Any, value: Any, keeps_unknown: bool = False) -> Any:
    """Return the parts of a value that both directions have: no read-only, write-only and binary ones.

    Args:
        schema: The schema of the value.
        value: The value.
        keeps_unknown: True to keep fields that the schema does not name.
    """
    if isinstance(value, list):
        items = items_of(schema) or {}
        return [echoed(items, each, keeps_unknown or not properties(items)) for each in value]
    if not isinstance(value, dict):
        return value
    inside = properties(schema)
    keeps_unknown = keeps_unknown or not inside
    return {
        name: echoed(inside.get(name, {}), below, keeps_unknown)
        for name, below in value.items()
        if (name in inside or keeps_unknown) and not _is_one_way(inside.get(name))
    }


def _is_one_way(schema: Any) -> bool:
    return any(
        each.get("readOnly") is True or each.get("writeOnly") is True or each.get("format") == "binary"
        for each in parts(schema)
    )
