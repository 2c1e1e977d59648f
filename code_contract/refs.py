"""`$ref`: the target of a reference, and the objects that references lead to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from code_contract import grammar, pointers
from code_contract.errors import ContractError


def target(document: dict[str, Any], reference: Any, pointer: str) -> tuple[str, Any]:
    """Return the pointer and the node that a `$ref` leads to, through further ones.

    Args:
        document: The document as written.
        reference: The value of `$ref`.
        pointer: The pointer of the object with `$ref`.

    Raises:
        ContractError: It leaves the document, points to nothing or leads back to itself.
    """
    passed: set[str] = set()
    while True:
        if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
            problem = f"$ref {reference!r:.200} points outside the folder of this document"
            raise ContractError(problem, "copy the target into components/ and refer to #/components/…", pointer)
        if reference in passed:
            raise ContractError(f"$ref {reference!r} leads back to itself", "break the circle", pointer)
        passed.add(reference)
        found = pointers.of_reference(reference)
        try:
            node = pointers.find(document, pointers.split(found))
        except LookupError:
            raise ContractError(
                f"unresolved $ref {reference!r:.200}", "fix the name or add the target", pointer
            ) from None
        if not isinstance(node, dict) or "$ref" not in node or len(node) > 1:
            return found, node
        reference = node["$ref"]


def objects(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield every object of a document as written, and those that its references lead to, each once for its kind.

    A reference may lead to where the grammar expects no object, such as another file (bundle.FILES).
    """
    seen: set[tuple[int, str]] = set()
    references: dict[tuple[Any, str], str] = {}
    starts: list[tuple[str, str, Any]] = [("", "document", document)]
    while starts:
        start, kind_of_start, root = starts.pop()
        for pointer, kind, node in grammar.objects(root, kind_of_start, start):
            if (id(node), kind) in seen:
                continue
            seen.add((id(node), kind))
            if isinstance(node.get("$ref"), str):
                references.setdefault((node["$ref"], kind), pointer)
            yield pointer, kind, node
        if not starts:
            for (reference, kind), pointer in references.items():
                # A reference that cannot be followed is reported by `resolve`.
                with suppress(ContractError):
                    at, below = target(document, reference, pointer)
                    if (id(below), kind) not in seen:
                        starts.append((at, kind, below))
            references.clear()
