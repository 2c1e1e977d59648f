"""Properties of one direction: a `readOnly` one is not required of requests, a `writeOnly` one not of responses.

OpenAPI 3.0 §4.7.24.2, 3.1 §4.8.24.3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
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


def required_of_responses(schema: Any) -> Callable[..., Iterator[Any]]:
    """Return the keyword `required` for responses, which need no `writeOnly` properties, as jsonschema takes it."""
    from jsonschema import ValidationError

    optional = optional_names(schema, "writeOnly")

    def check(validator: Any, required: Any, instance: Any, schema: Any) -> Iterator[Any]:
        for name in required if isinstance(instance, dict) else ():
            if name not in instance and name not in optional.get(id(schema), ()):
                yield ValidationError(f"{name!r} is a required property")

    return check


def marked_names(schemas: Iterable[Mapping[str, Any]], mark: str) -> set[str]:
    """Return the names of the properties that are marked in any of the schemas of one value."""
    return {
        name
        for schema in schemas
        for name, below in schema.get("properties", {}).items()
        if any(part.get(mark) is True for part in parts(below))
    }


def without_marked(value: Any, schemas: Iterable[Mapping[str, Any]], mark: str) -> Any:
    """Return a value without the properties that are marked in any of its schemas, at any depth.

    Args:
        value: A JSON value; it is returned itself if it has none of them.
        schemas: The schemas that may apply to it.
        mark: "readOnly" for a request, "writeOnly" for a response.
    """
    every = [part for each in schemas for part in parts(each)]
    if isinstance(value, list):
        items = [part["items"] for part in every if isinstance(part.get("items"), Mapping)]
        changed: Any = [without_marked(each, items, mark) for each in value]
        return changed if any(new is not old for new, old in zip(changed, value, strict=True)) else value
    if not isinstance(value, dict):
        return value
    marked, changed = marked_names(every, mark), {}
    for name in value.keys() - marked:
        below = [part["properties"][name] for part in every if name in part.get("properties", {})]
        changed[name] = without_marked(value[name], below, mark)
    is_same = changed.keys() == value.keys() and all(changed[name] is value[name] for name in value)
    return value if is_same else {name: changed[name] for name in value if name in changed}


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
