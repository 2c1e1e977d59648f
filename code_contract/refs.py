"""`$ref`: the supported ones, and the document with all of them resolved.

prance resolves references. It would fetch other hosts and files, silently drop siblings of `$ref` (which OpenAPI 3.1
allows), and never finish on a circle; such references are rejected first.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from code_contract import pointers
from code_contract.errors import ContractError

MAX_NODES = 500_000
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
        ContractError: A `$ref` leaves the document, has siblings, points to nothing or forms a circle, the document
            expands to more than MAX_NODES nodes, or a reference is dynamic.
    """
    for pointer, node in nodes(document, ""):
        if "$dynamicRef" in node:
            raise ContractError("$dynamicRef is not supported", "use $ref", pointer)
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
            pointers.find(document, pointers.split(pointers.of_reference(target)))
        except LookupError:
            raise ContractError(f"unresolved $ref {target!r}", "fix the name or add the target", pointer) from None
    try:
        size = _expanded_size(document, document, "", {})
    except RecursionError:
        raise ContractError("the document is nested too deeply", "flatten it") from None
    if size > MAX_NODES:
        raise ContractError(f"expanded, the document has more than {MAX_NODES} nodes", "use fewer $ref")


def _expanded_size(document: dict[str, Any], node: Any, pointer: str, known: dict[str, int | None]) -> int:
    """Return the number of nodes after expansion. `known` has the sizes of targets, None while one is being counted."""
    references = list(_references(node, pointer))
    size = len(references) + _written_size(node)
    for at, reference in references:
        target = pointers.of_reference(reference["$ref"])
        if target not in known:
            known[target] = None
            below = pointers.find(document, pointers.split(target))
            known[target] = _expanded_size(document, below, target, known)
        found = known[target]
        if found is None:
            raise ContractError(f"$ref {reference['$ref']!r} leads back to itself", "break the circle", at)
        size += found
    return size


def _written_size(node: Any) -> int:
    below = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return 1 + sum(map(_written_size, below))


def resolve(document: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return the document with every `$ref` replaced by its target.

    References to the same target share one node, so the result is read-only.

    Args:
        document: A document that `reject_unsupported` accepted.
        path: File of the document.

    Raises:
        ContractError: A reference cannot be resolved.
    """
    from prance.util.resolver import RESOLVE_INTERNAL, RefResolver
    from prance.util.url import ResolutionError

    if any("%" in each["$ref"] for _, each in _references(document, "")):
        # prance does not decode them.
        document = deepcopy(document)
        for _, each in _references(document, ""):
            each["$ref"] = f"#{pointers.of_reference(each['$ref'])}"
    resolver = RefResolver(document, path.resolve().as_uri(), resolve_types=RESOLVE_INTERNAL, reference_cache={})
    try:
        resolver.resolve_references()
    except ResolutionError as error:
        problem = str(error.args[0]).splitlines()[0] if error.args else "unresolvable"
        raise ContractError(f"a $ref cannot be resolved: {problem}", "fix the name") from None
    return dict(resolver.specs)


def _references(node: Any, pointer: str) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((at, each) for at, each in nodes(node, pointer) if "$ref" in each)


def nodes(node: Any, pointer: str, named: bool = False) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every object of keywords with its pointer, without data. The keys of a `named` node are names."""
    if isinstance(node, dict):
        if not named:
            yield pointer, node
        if "$ref" in node and not named:
            return
        for key, value in node.items():
            # `examples` is a list of data in a schema and a mapping of Example Objects elsewhere.
            data = key in _DATA_KEYWORDS or (key == "examples" and isinstance(value, list))
            if named or not data:
                yield from nodes(value, pointers.join(pointer, key), not named and key in _MAP_KEYWORDS)
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from nodes(item, pointers.join(pointer, index))
