"""`$ref`: which are allowed, and the document with all of them resolved.

prance resolves. What it would fetch (another host, another file), drop in silence (siblings of `$ref`, which
OpenAPI 3.1 allows) or never finish (circles) is refused before it is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from code_contract import pointers
from code_contract.errors import ContractError

MAX_NODES = 2_000_000

# Below these keys stands data, where "$ref" is a word like any other.
_DATA_KEYWORDS = {"example", "value", "default", "const", "enum", "x-i18n-zh", "x-document"}

# The keys below these are names: of fields, of statuses, of components.
_MAP_KEYWORDS = {
    *("properties", "patternProperties", "$defs", "dependentSchemas"),
    *("paths", "responses", "content", "headers", "links", "callbacks", "encoding", "variables", "webhooks"),
    *("schemas", "parameters", "examples", "requestBodies", "securitySchemes", "pathItems"),
}


def reject_unsupported(document: dict[str, Any]) -> None:
    """Raise ContractError at the first `$ref` that would be read wrongly."""
    for pointer, node in _references(document, ""):
        target = node["$ref"]
        if not isinstance(target, str) or not target.startswith("#/"):
            raise ContractError(
                f"$ref {target!r} leads out of this document",
                "copy what it names into components/ and refer to #/components/…",
                pointer,
            )
        if len(node) > 1:
            siblings = ", ".join(sorted(key for key in node if key != "$ref"))
            raise ContractError(
                f"{siblings} beside $ref would be dropped in silence",
                "move it to what $ref names, or use allOf",
                pointer,
            )
        try:
            pointers.find(document, pointers.split(target[1:]))
        except LookupError:
            raise ContractError(f"$ref {target!r} names nothing", "mend the name or add it", pointer) from None


def resolve(document: dict[str, Any], path: Path) -> dict[str, Any]:
    """`document` without a `$ref`, for reading only: places that refer to the same share a node, so that what many
    operations use costs once.

    Raises ContractError where references go in a circle, or write out to more than MAX_NODES nodes.
    """
    from prance.util.resolver import RESOLVE_INTERNAL, RefResolver
    from prance.util.url import ResolutionError

    resolver = RefResolver(document, path.resolve().as_uri(), resolve_types=RESOLVE_INTERNAL, reference_cache={})
    try:
        resolver.resolve_references()
    except ResolutionError as error:
        problem = str(error.args[0]).splitlines()[0] if error.args else "unresolvable"
        raise ContractError(f"a $ref cannot be resolved: {problem}", "break the circle, or mend the name") from None
    resolved: dict[str, Any] = resolver.specs
    try:
        size = _expanded_size(resolved, {})
    except RecursionError:
        raise ContractError("its $ref nest too deep to be read", "flatten it") from None
    if size > MAX_NODES:
        raise ContractError(f"written out, it has more than {MAX_NODES} nodes", "use fewer $ref")
    return resolved


def _expanded_size(node: Any, known: dict[int, int]) -> int:
    """How many nodes a node would be, written out. Each is looked at once, however often it is used: a few lines of
    references can write out to more than any machine holds."""
    if not isinstance(node, (dict, list)):
        return 1
    if id(node) not in known:
        below = node.values() if isinstance(node, dict) else node
        known[id(node)] = 1 + sum(_expanded_size(each, known) for each in below)
    return known[id(node)]


def _references(node: Any, pointer: str, named: bool = False) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every node that is a reference. The keys of a node that is `named` are names, whatever words they are."""
    if isinstance(node, dict):
        if "$ref" in node and not named:
            yield pointer, node
            return
        for key, value in node.items():
            # `examples` is a list of data in a schema and a mapping of Example Objects elsewhere.
            data = key in _DATA_KEYWORDS or (key == "examples" and isinstance(value, list))
            if named or not data:
                yield from _references(value, pointers.join(pointer, key), not named and key in _MAP_KEYWORDS)
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _references(item, pointers.join(pointer, index))
