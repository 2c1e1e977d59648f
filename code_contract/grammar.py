"""Grammar of OpenAPI documents, versions 3.0 to 3.2: the kind of the object at each key.

A `$ref` means something in some objects and is data in others, and a key such as `default` is a keyword in a schema and
the name of a field below `properties`. Both follow from the kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from code_contract import pointers
from code_contract.errors import ContractError, Problem, Problems

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

_VERSION = re.compile(r"3\.[012](\..+)?")
_EXTENSIONS = _lists("x-clauses", kind="clause")
_EXPRESSION = Child("path-item")


def require_supported_version(document: Mapping[str, Any], problems: Problems) -> None:
    """Raise ContractError unless a document has a version of this grammar.

    Args:
        document: The document.
        problems: Receives a problem for a version without its third part, such as the number 3.1.
    """
    version = document.get("openapi", document.get("swagger"))
    if str(version).startswith("2"):
        raise ContractError(
            f"version {version} is not supported", "convert it to OpenAPI 3 with swagger2openapi (npm)", "/swagger"
        )
    found = _VERSION.fullmatch(str(version))
    if found is None:
        raise ContractError(f"openapi: {version!r} is not supported", "use OpenAPI 3.0, 3.1 or 3.2", "/openapi")
    if not isinstance(version, str) or not found[1]:
        problems.append(Problem("/openapi", f"the version {version!r} is read as '{version}.0'"))


def child(kind: str, key: str) -> Child | None:
    """Return the child of a kind of object at a key, None if the value is data."""
    if kind == "callback":
        return None if key.startswith("x-") else _EXPRESSION
    return CHILDREN[kind].get(key) or _EXTENSIONS.get(key)


def operations(item: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...], Any]]:
    """Yield the operations of a Path Item Object: the method as written, the keys that lead to it, the operation."""
    yield from ((method, (method,), item[method]) for method in METHODS if method in item)
    further = item.get("additionalOperations", {}).items()
    yield from ((method, ("additionalOperations", method), each) for method, each in further)


def objects(node: Any, kind: str = "document", pointer: str = "") -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield an object as written, and every object within it: its JSON pointer, its kind, and the object.

    Args:
        node: The object, such as a document.
        kind: Its kind.
        pointer: Its JSON pointer.
    """
    waiting: list[tuple[str, str, Any]] = [(pointer, kind, node)]
    while waiting:
        pointer, kind, node = waiting.pop()
        if not isinstance(node, dict):
            continue
        yield pointer, kind, node
        if "$ref" in node:
            continue
        for key, value in node.items():
            found = child(kind, key)
            if found is None:
                continue
            at = pointers.join(pointer, key)
            if found.form == "one":
                waiting.append((at, found.kind, value))
            elif isinstance(value, dict if found.form == "map" else list):
                each = value.items() if isinstance(value, dict) else enumerate(value)
                waiting.extend((pointers.join(at, name), found.kind, below) for name, below in each)
