"""The document with every reference replaced by its target.

Nothing is expanded: all references to a target share one node, and a recursive schema contains itself. So a document
takes time and memory in proportion to its size, whatever its references.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from code_contract import grammar, pointers, repairs
from code_contract.dynamic_references import DynamicReferences, Scope
from code_contract.errors import ContractError, Problems
from code_contract.refs import target

MAX_ALTERNATIVES = 50_000
"""Schemas that apply to one value, through `allOf`, `anyOf` and others."""

_NOT_APPLIED = ("$ref", "$defs", "$comment", *repairs.IDENTIFIERS)
"""Keywords beside a `$ref` that constrain nothing: the schema is the one that it refers to."""
_IN_PLACE = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else")


def resolve(document: dict[str, Any], problems: Problems) -> dict[str, Any]:
    """Return the document with every `$ref` replaced by its target, in terms of OpenAPI 3.1; read-only.

    Args:
        document: The document as written, of OpenAPI 3.0, 3.1 or 3.2.
        problems: Receives what the document violates; whatever cannot be read is left out.

    Raises:
        ContractError: A reference cannot be resolved, or its schemas form a circle that applies to one value.
    """
    found: Problems = []
    resolver = _Resolver(document, found, None)
    resolved = resolver.resolve()
    if any(each.pointer.endswith("/$dynamicRef") for each in found):
        # Few documents have one, and to find the anchors takes a walk through the whole document.
        found = []
        resolver = _Resolver(document, found, DynamicReferences(document))
        resolved = resolver.resolve()
    problems += found
    _reject_endless(resolver.schemas())
    return resolved


def component_names(resolved: Mapping[str, Any]) -> dict[int, str]:
    """Return the names of the schemas under components, by identity."""
    return {id(node): name for name, node in resolved.get("components", {}).get("schemas", {}).items()}


class _Resolver:
    def __init__(self, document: dict[str, Any], problems: Problems, dynamic: DynamicReferences | None) -> None:
        self._document = document
        self._dynamic = dynamic
        self._is_3_0 = str(document.get("openapi", "")).startswith("3.0")
        self._reader = repairs.Reader(problems, self._target, self._is_3_0)
        self._nodes: dict[tuple[int, str, Scope], Any] = {}
        self._waiting: list[tuple[str, str, dict[str, Any], Scope, dict[str, Any]]] = []
        # Objects that are not in the document; they are kept, so that an id stays unique.
        self._merged: list[dict[str, Any]] = []

    def resolve(self) -> dict[str, Any]:
        root: dict[str, Any] = self._node("document", self._document, "")
        while self._waiting:
            pointer, kind, written, scope, node = self._waiting.pop()
            self._fill(node, kind, written, pointer, scope)
        return root

    def _target(self, written: dict[str, Any], pointer: str) -> Any:
        """Return the object that a written object is read as, without the keywords beside its `$ref`."""
        while isinstance(written, dict) and "$ref" in written:
            pointer, written = target(self._document, written["$ref"], pointer)
        return written

    def _node(self, kind: str, written: Any, pointer: str, scope: Scope = ()) -> Any:
        """Return the node of a written object, which is filled later; the same one for every reference to it."""
        if not isinstance(written, dict):
            return written
        if self._dynamic is not None and kind == "schema":
            scope = self._dynamic.enter(written, pointer, scope)
        key = id(written), kind, scope
        if key not in self._nodes:
            self._nodes[key] = None  # a dynamic reference that leads back to here would not end
            self._nodes[key] = self._new_node(kind, written, pointer, scope)
        return self._nodes[key]

    def _new_node(self, kind: str, written: dict[str, Any], pointer: str, scope: Scope) -> Any:
        if kind == "schema" and "$dynamicRef" in written:
            written = self._as_reference(written, pointer, scope)
        if "$ref" in written:
            at, below = target(self._document, written["$ref"], pointer)
            siblings = {} if self._is_3_0 else {key: each for key, each in written.items() if key not in _NOT_APPLIED}
            if not siblings or not isinstance(below, dict):
                return self._node(kind, below, at, scope)
            written = self._merge(kind, at, below, siblings, written["$ref"])
        node: dict[str, Any] = {}
        self._waiting.append((pointer, kind, written, scope, node))
        return node

    def _as_reference(self, written: dict[str, Any], pointer: str, scope: Scope) -> dict[str, Any]:
        """Return a schema with a `$ref` instead of a `$dynamicRef` that can be followed."""
        ref = self._dynamic.reference(written["$dynamicRef"], pointer, scope) if self._dynamic else None
        if ref is None:
            return written
        at, below = target(self._document, ref, pointer)
        if isinstance(below, dict) and self._is_open(below, at, scope):
            return written
        rest = {key: value for key, value in written.items() if key != "$dynamicRef"}
        if "$ref" in rest:
            rest["allOf"] = [{"$ref": rest.pop("$ref")}, *rest.get("allOf", ())]
        rest["$ref"] = ref
        self._merged.append(rest)
        return rest

    def _is_open(self, written: dict[str, Any], pointer: str, scope: Scope) -> bool:
        """Return True if a schema is the one whose node is sought, or refers to it."""
        assert self._dynamic is not None  # noqa: S101 - a dynamic reference was followed
        key = id(written), "schema", self._dynamic.enter(written, pointer, scope)
        return self._nodes.get(key, written) is None

    def _merge(self, kind: str, at: str, below: dict[str, Any], siblings: dict[str, Any], ref: Any) -> dict[str, Any]:
        """Keywords beside `$ref` apply too in a schema (JSON Schema core §8.2.3.1); elsewhere they override."""
        if kind == "schema":
            merged = siblings | {"allOf": [{"$ref": ref}, *siblings.get("allOf", ())]}
        else:
            merged = below | siblings
            if "$ref" in below:
                at, further = target(self._document, below["$ref"], at)
                merged = {**further, **{key: each for key, each in merged.items() if key != "$ref"}}
        self._merged.append(merged)
        return merged

    def _fill(self, node: dict[str, Any], kind: str, written: dict[str, Any], pointer: str, scope: Scope) -> None:
        for key, value in self._reader.readable(kind, written, pointer).items():
            child = grammar.child(kind, key)
            if child is None:
                node[key] = value
                continue
            at = pointers.join(pointer, key)
            if child.form == "one":
                node[key] = self._node(child.kind, value, at, scope)
            elif child.form == "map":
                node[key] = {
                    name: self._node(child.kind, each, pointers.join(at, name), scope) for name, each in value.items()
                }
            else:
                node[key] = [self._node(child.kind, each, pointers.join(at, i), scope) for i, each in enumerate(value)]

    def schemas(self) -> Iterator[dict[str, Any]]:
        """Yield every schema once."""
        found = {
            id(node): node for (_, kind, _), node in self._nodes.items() if kind == "schema" and isinstance(node, dict)
        }
        return iter(found.values())


def _reject_endless(schemas: Iterator[dict[str, Any]]) -> None:
    """Reject schemas that apply to one value without end, or more than MAX_ALTERNATIVES of them."""
    sizes: dict[int, int] = {}
    for root in schemas:
        if not any(keyword in root for keyword in _IN_PLACE):
            sizes[id(root)] = 1
        path = [] if id(root) in sizes else [(root, _in_place(root))]
        around = {id(root)}
        while path:
            node, rest = path[-1]
            below = next(rest, None)
            if below is None:
                sizes[id(node)] = 1 + sum(sizes[id(each)] for each in _in_place(node))
                if sizes[id(node)] > MAX_ALTERNATIVES:
                    raise ContractError(f"more than {MAX_ALTERNATIVES} schemas apply to one value", "use fewer $ref")
                around.discard(id(node))
                path.pop()
            elif id(below) in around:
                raise ContractError("a schema leads back to itself without a field between", "break the circle")
            elif id(below) not in sizes:
                around.add(id(below))
                path.append((below, _in_place(below)))


def _in_place(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for keyword in _IN_PLACE:
        if keyword in schema:
            value = schema[keyword]
            yield from (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict))
