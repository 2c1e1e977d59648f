"""Locations of clauses: the operations that use a node of the document, and the field paths in their bodies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from code_contract import grammar, pointers, refs
from code_contract.errors import ContractError
from code_contract.pointers import FieldPath

MAX_LOCATIONS = 500_000
"""Nodes of responses that are visited, each at every place where it is used."""


@dataclass(frozen=True)
class ClauseLocation:
    """A location where a clause applies: an operation and, for a response body, a field path."""

    operation_id: str
    place: FieldPath | None = None


def find_locations(document: dict[str, Any]) -> dict[str, list[ClauseLocation]]:
    """Return the locations of each node by JSON pointer, by following every operation through every `$ref`."""
    sites: dict[str, list[ClauseLocation]] = {}
    count = 0

    def names(node: dict[str, Any], key: str) -> Any:
        value = node.get(key)
        return value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()

    def follow(pointer: str) -> tuple[str, dict[str, Any]]:
        node = pointers.find(document, pointers.split(pointer))
        if isinstance(node, dict) and "$ref" in node:
            pointer, node = refs.target(document, node["$ref"], pointer)
        return pointer, node if isinstance(node, dict) else {}

    def schema(start: str, operation_id: str, place: FieldPath | None, seen: frozenset[str]) -> None:
        pointer, node = follow(start)
        if pointer in seen:
            return
        nonlocal count
        count += 1
        if count > MAX_LOCATIONS:
            raise ContractError(f"clauses may apply at more than {MAX_LOCATIONS} places", "use fewer $ref")
        sites.setdefault(pointer, []).append(ClauseLocation(operation_id, place))
        seen |= {pointer}
        for keyword in ("allOf", "anyOf", "oneOf"):
            for index in names(node, keyword):
                schema(pointers.join(pointer, keyword, index), operation_id, place, seen)
        for keyword in ("then", "else"):
            if keyword in node:
                schema(pointers.join(pointer, keyword), operation_id, place, seen)
        for name in names(node, "properties"):
            below = None if place is None else (*place, name)
            schema(pointers.join(pointer, "properties", name), operation_id, below, seen)
        if isinstance(node.get("items"), dict):
            below = None if place is None else (*place, "*")
            schema(pointers.join(pointer, "items"), operation_id, below, seen)

    def content(start: str, operation_id: str, place: FieldPath | None) -> None:
        pointer, node = follow(start)
        sites.setdefault(pointer, []).append(ClauseLocation(operation_id))
        for media_type in names(node, "content"):
            below = pointers.join(pointer, "content", media_type)
            if "schema" in follow(below)[1]:
                schema(pointers.join(below, "schema"), operation_id, place, frozenset())

    for path in names(document, "paths"):
        path_pointer, item = follow(pointers.join("/paths", path))
        for method, keys, _ in grammar.operations(item):
            pointer, operation = follow(pointers.join(path_pointer, *keys))
            operation_id = operation.get("operationId", f"{method} {path}")
            # A clause at the root of the document applies to every operation.
            for above in ("", path_pointer, pointer):
                sites.setdefault(above, []).append(ClauseLocation(operation_id))
            for owner, owned in ((path_pointer, item), (pointer, operation)):
                for index in names(owned, "parameters"):
                    parameter = follow(pointers.join(owner, "parameters", index))[0]
                    sites.setdefault(parameter, []).append(ClauseLocation(operation_id))
            if "requestBody" in operation:
                content(pointers.join(pointer, "requestBody"), operation_id, None)
            for status in names(operation, "responses"):
                content(pointers.join(pointer, "responses", status), operation_id, ())
    return sites
