"""`$ref`: the supported ones, and the document with all of them resolved.

prance resolves references. It would fetch other hosts and files, silently drop siblings of `$ref` (which OpenAPI 3.1
allows), and never finish on a circle; such references are rejected first.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from code_contract import pointers
from code_contract.errors import ContractError

MAX_NODES = 2_000_000
"""Upper bound of nodes in a document with its references expanded."""

# The values of these keys are data, in which "$ref" has no meaning.
_DATA_KEYWORDS = {"example", "value", "default", "const", "enum", "x-i18n-zh", "x-document"}

# The values of these keys map names (fields, statuses, components) to nodes.
_MAP_KEYWORDS = {
    *("properties", "patternProperties", "$defs", "dependentSchemas"),
    *("paths", "responses", "content", "headers", "links", "callbacks", "encoding", "variables", "webhooks"),
    *("schemas", "parameters", "examples", "requestBodies", "securitySchemes", "pathItems"),
}


def reject_unsupported(document: dict[str, Any]) -> None:
    """Reject references that cannot be resolved correctly.

    Raises:
        ContractError: A `$ref` leaves the document, has siblings, or points to nothing.
    """
    for pointer, node in _references(document, ""):
        target = node["$ref"]
        if not isinstance(target, str) or not target.startswith("#/"):
            raise ContractError(
                f"$ref {target!r} points outside this document",
                "copy the target into components/ and refer to #/components/…",
                pointer,
            )
        if len(node) > 1:
            siblings = ", ".join(sorted(key for key in node if key != "$ref"))
            raise ContractError(
                f"{siblings} beside $ref would be ignored",
                "move it to the target of $ref, or use allOf",
                pointer,
            )
        try:
            pointers.find(document, pointers.split(target[1:]))
        except LookupError:
            raise ContractError(f"unresolved $ref {target!r}", "fix the name or add the target", pointer) from None


def resolve(document: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return the document with every `$ref` replaced by its target.

    References to the same target share one node, so the result is read-only.

    Args:
        document: A document that `reject_unsupported` accepted.
        path: File of the document.

    Raises:
        ContractError: References form a circle, or expand to more than MAX_NODES nodes.
    """
    from prance.util.resolver import RESOLVE_INTERNAL, RefResolver
    from prance.util.url import ResolutionError

    resolver = RefResolver(document, path.resolve().as_uri(), resolve_types=RESOLVE_INTERNAL, reference_cache={})
    try:
        resolver.resolve_references()
    except ResolutionError as error:
        problem = str(error.args[0]).splitlines()[0] if error.args else "unresolvable"
        raise ContractError(f"a $ref cannot be resolved: {problem}", "break the circle, or fix the name") from None
    resolved: dict[str, Any] = resolver.specs
    try:
        size = _expanded_size(resolved, {})
    except RecursionError:
        raise ContractError("$ref nesting is too deep", "flatten the document") from None
    if size > MAX_NODES:
        raise ContractError(f"expanded, the document has more than {MAX_NODES} nodes", "use fewer $ref")
    return resolved


def _expanded_size(node: Any, known: dict[int, int]) -> int:
    """Return the number of nodes after expansion; each shared node is visited once."""
    if not isinstance(node, (dict, list)):
        return 1
    if id(node) not in known:
        below = node.values() if isinstance(node, dict) else node
        known[id(node)] = 1 + sum(_expanded_size(each, known) for each in below)
    return known[id(node)]


def _references(node: Any, pointer: str, named: bool = False) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every reference with its pointer. The keys of a `named` node are names, not keywords."""
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
