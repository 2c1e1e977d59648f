"""Properties of one direction: a `readOnly` one is not required of requests, a `writeOnly` one not of responses.

OpenAPI 3.0 §4.7.24.2, 3.1 §4.8.24.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from code_contract.marks import parts

Schemas = tuple[Mapping[str, Any], ...]


def optional_names(schema: Any, mark: str) -> dict[int, set[str]]:
    """Return the names of marked properties by the identity of each schema that may require them.

    Args:
        schema: A schema of the resolved document.
        mark: "readOnly" for a request, "writeOnly" for a response.
    """
    found: dict[int, set[str]] = {}
    waiting: list[Schemas] = [(schema,)] if isinstance(schema, Mapping) else []
    seen = set[tuple[int, ...]]()
    while waiting:
        group = waiting.pop()
        key = tuple(sorted(map(id, group)))
        if key in seen:
            continue
        seen.add(key)
        every = list({id(part): part for each in group for part in parts(each)}.values())
        names = marked_names(every, mark)
        for part in every:
            if names and "required" in part:
                found.setdefault(id(part), set()).update(names)
        waiting.extend(_below(every))
    return found


def marked_names(schemas: Iterable[Mapping[str, Any]], mark: str) -> set[str]:
    """Return the names of the properties that are marked in any of the schemas of one value."""
    return {
        name
        for schema in schemas
        for name, below in schema.get("properties", {}).items()
        if any(part.get(mark) is True for part in parts(below))
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
