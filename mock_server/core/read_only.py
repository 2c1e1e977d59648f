"""`readOnly` in requests: such a property should not be sent, so a request need not have it (OpenAPI 3.1 §4.8.24.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from code_contract.marks import parts

Schemas = tuple[Mapping[str, Any], ...]


def optional_names(schema: Mapping[str, Any]) -> dict[int, set[str]]:
    """Return the names of read-only properties by the identity of each schema that may require them."""
    found: dict[int, set[str]] = {}
    waiting: list[Schemas] = [(schema,)]
    seen = set[tuple[int, ...]]()
    while waiting:
        group = waiting.pop()
        key = tuple(sorted(map(id, group)))
        if key in seen:
            continue
        seen.add(key)
        every = list({id(part): part for each in group for part in parts(each)}.values())
        names = read_only_names(every)
        for part in every:
            if names and "required" in part:
                found.setdefault(id(part), set()).update(names)
        waiting.extend(_below(every))
    return found


def read_only_names(schemas: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the names of the properties that are read-only in any of the schemas of one value."""
    return {
        name
        for schema in schemas
        for name, below in schema.get("properties", {}).items()
        if any(part.get("readOnly") is True for part in parts(below))
    }


def _below(every: list[Mapping[str, Any]]) -> Iterator[Schemas]:
    """The schemas of each value inside, those of a property together."""
    properties: dict[str, Schemas] = {}
    for part in every:
        for name, below in part.get("properties", {}).items():
            properties[name] = (*properties.get(name, ()), below)
        further = [part.get("items"), part.get("additionalProperties"), *part.get("prefixItems", ())]
        further += part.get("patternProperties", {}).values()
        yield from ((each,) for each in further if isinstance(each, Mapping))
    yield from (tuple(each for each in group if isinstance(each, Mapping)) for group in properties.values())
