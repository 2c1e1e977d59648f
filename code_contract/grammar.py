"""Grammar of OpenAPI documents, versions 3.0 to 3.2: the kind of the object at each key.

A `$ref` means something in some objects and is data in others, and a key such as `default` is a keyword in a schema and
the name of a field below `properties`. Both follow from the kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from code_contract import pointers

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
"""Keys of a Path Item Object that are operations; `query` since OpenAPI 3.2."""


class Child(NamedTuple):
    """The value of a key: an object of a kind ("one"), a list of them, or a map from names to them."""

    kind: str
    form: str = "one"


def _maps(**kinds: str) -> dict[str, Child]:
    return {key: Child(kind, "map") for key, kind in kinds.items()}


def _lists(*keys: str, kind: str) -> dict[str, Child]:
    return dict.fromkeys(keys, Child(kind, "list"))


def _ones(*keys: str, kind: str) -> dict[str, Child]:
    return dict.fromkeys(keys, Child(kind))


_VALUE = {**_ones("schema", kind="schema"), **_maps(content="media-type", examples="example")}

CHILDREN: dict[str, dict[str, Child]] = {
    "document": {
        **_maps(paths="path-item", webhooks="path-item"),
        **_ones("info", kind="info"),
        **_ones("components", kind="components"),
        **_lists("servers", kind="server"),
        **_lists("security", kind="security-requirement"),
    },
    "info": {},
    "server": _maps(variables="server-variable"),
    "server-variable": {},
    "security-requirement": {},
    "components": _maps(
        schemas="schema",
        responses="response",
        parameters="parameter",
        examples="example",
        requestBodies="request-body",
        headers="header",
        securitySchemes="security-scheme",
        links="link",
        callbacks="callback",
        pathItems="path-item",
        mediaTypes="media-type",
    ),
    "path-item": {
        **_ones(*METHODS, kind="operation"),
        **_maps(additionalOperations="operation"),
        **_lists("parameters", kind="parameter"),
    },
    "operation": {
        **_lists("parameters", kind="parameter"),
        **_lists("security", kind="security-requirement"),
        **_ones("requestBody", kind="request-body"),
        **_maps(responses="response", callbacks="callback"),
        **_ones("x-success", kind="schema"),
    },
    "parameter": _VALUE,
    "header": _VALUE,
    "request-body": _maps(content="media-type"),
    "response": _maps(headers="header", content="media-type", links="link"),
    "media-type": {
        **_ones("schema", "itemSchema", kind="schema"),
        **_maps(examples="example", encoding="encoding"),
    },
    "encoding": _maps(headers="header"),
    "callback": {},
    "example": {},
    "link": {},
    "clause": _ones("schema", kind="schema"),
    "security-scheme": {},
    "schema": {
        **_maps(properties="schema", patternProperties="schema", dependentSchemas="schema"),
        **_maps(**{"$defs": "schema", "definitions": "schema"}),
        **_lists("allOf", "anyOf", "oneOf", "prefixItems", kind="schema"),
        **_ones("items", "contains", "additionalProperties", "propertyNames", kind="schema"),
        **_ones("unevaluatedItems", "unevaluatedProperties", "contentSchema", kind="schema"),
        **_ones("not", "if", "then", "else", kind="schema"),
    },
}
"""The children of each kind of object. Every other value is data."""

_EXTENSIONS = _lists("x-clauses", kind="clause")


def children(kind: str, node: dict[str, Any]) -> Iterator[tuple[str, Child]]:
    """Yield the keys of an object whose values have kinds, with these."""
    if kind == "callback":
        yield from ((key, Child("path-item")) for key in node if not key.startswith("x-"))
        return
    known = CHILDREN[kind] | _EXTENSIONS
    yield from ((key, known[key]) for key in node if key in known)


def objects(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield every object of a document as written: its JSON pointer, its kind, and the object."""
    waiting: list[tuple[str, str, Any]] = [("", "document", document)]
    while waiting:
        pointer, kind, node = waiting.pop()
        if not isinstance(node, dict):
            continue
        yield pointer, kind, node
        if "$ref" in node:
            continue
        for key, child in children(kind, node):
            at, value = pointers.join(pointer, key), node[key]
            if child.form == "one":
                waiting.append((at, child.kind, value))
            elif isinstance(value, dict if child.form == "map" else list):
                each = value.items() if isinstance(value, dict) else enumerate(value)
                waiting.extend((pointers.join(at, name), child.kind, below) for name, below in each)
