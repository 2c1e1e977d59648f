"""`$dynamicRef`: the schema that a dynamic reference leads to, which depends on the schemas around it.

JSON Schema 2020-12 core §8.2.3.2: of all the schema resources that were entered on the way, the outermost one with a
`$dynamicAnchor` of the name decides. So `Page` can leave its items open, and `PageOfPets` bind them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from code_contract import grammar, pointers, refs
from code_contract.errors import ContractError

Scope = tuple[tuple[str, str], ...]
"""The name and the pointer of each dynamic anchor that is bound, sorted by name."""


class DynamicReferences:
    """The dynamic anchors of a document, and the schemas that depend on them.

    Args:
        document: The document as written.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        schemas = list(_schemas(document))
        self._resources = {pointer for pointer, node in schemas if isinstance(node.get("$id"), str)}
        self._anchors: dict[str, dict[str, str]] = defaultdict(dict)
        for pointer, node in schemas:
            if isinstance(node.get("$dynamicAnchor"), str):
                self._anchors[self._resource(pointer)].setdefault(node["$dynamicAnchor"], pointer)
        self._written = {id(node) for _, node in schemas}
        self._dependents = _dependents(document, schemas)

    def enter(self, schema: dict[str, Any], pointer: str, scope: Scope) -> Scope:
        """Return the scope within a schema, without the anchors that nothing within it refers to.

        Args:
            schema: The schema as written.
            pointer: Its pointer.
            scope: The scope around it.
        """
        bound = sorted({**self._anchors.get(self._resource(pointer), {}), **dict(scope)}.items())
        if id(schema) not in self._written:  # merged of two schemas
            return tuple(bound)
        return tuple(each for each in bound if id(schema) in self._dependents.get(each[0], ()))

    def reference(self, reference: Any, pointer: str, scope: Scope) -> str | None:
        """Return the `$ref` that a `$dynamicRef` stands for, None if it cannot be followed.

        Args:
            reference: The value of `$dynamicRef`.
            pointer: The pointer of its schema.
            scope: The scope within its schema.
        """
        if not isinstance(reference, str) or not reference.startswith("#"):
            return None
        if reference == "#" or reference.startswith("#/"):
            return reference
        name = reference[1:]
        if name not in self._anchors.get(self._resource(pointer), {}):
            return None
        return pointers.to_reference(dict(scope)[name])

    def _resource(self, pointer: str) -> str:
        """Return the pointer of the schema with `$id` that a schema belongs to, "" for the document."""
        while pointer and pointer not in self._resources:
            pointer = pointer.rpartition("/")[0]
        return pointer


def _schemas(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every schema as written, those beside a `$ref` too."""
    waiting = [(pointer, node) for pointer, kind, node in refs.objects(document) if kind == "schema"]
    while waiting:
        pointer, node = waiting.pop()
        yield pointer, node
        if "$ref" in node:
            siblings = {key: value for key, value in node.items() if key != "$ref"}
            found = grammar.objects(siblings, "schema", pointer)
            waiting.extend((at, below) for at, kind, below in found if kind == "schema" and at != pointer)


def _dependents(document: dict[str, Any], schemas: list[tuple[str, dict[str, Any]]]) -> dict[str, set[int]]:
    """Return the ids of the schemas from which a dynamic reference to a name can be reached."""
    above: dict[int, list[dict[str, Any]]] = defaultdict(list)
    by_anchor: dict[str, list[dict[str, Any]]] = defaultdict(list)
    using: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for pointer, node in schemas:
        # Without the `$ref`, whose target is no child.
        children = {key: value for key, value in node.items() if key != "$ref"}
        for at, _, below in grammar.objects(children, "schema", pointer):
            if at != pointer:
                above[id(below)].append(node)
        if "$ref" in node:
            with suppress(ContractError):
                above[id(refs.target(document, node["$ref"], pointer)[1])].append(node)
        if isinstance(node.get("$dynamicAnchor"), str):
            by_anchor[node["$dynamicAnchor"]].append(node)
        if isinstance(node.get("$dynamicRef"), str):
            using[node["$dynamicRef"].removeprefix("#")].append(node)
    for name, nodes in using.items():
        for each in by_anchor[name]:
            above[id(each)].extend(nodes)
    found: dict[str, set[int]] = {}
    for name, nodes in using.items():
        reached: set[int] = set()
        waiting = list(nodes)
        while waiting:
            node = waiting.pop()
            if id(node) not in reached:
                reached.add(id(node))
                waiting.extend(above[id(node)])
        found[name] = reached
    return found
