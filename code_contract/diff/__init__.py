"""Differences between two versions of a contract, and the sides they break (docs/guide/diff.md).

Documents are compared resolved. A change that no rule knows counts as breaking.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from code_contract import pointers
from code_contract.diff.clauses import all_clauses
from code_contract.diff.comparison import (
    BREAKING,
    COMPATIBLE,
    COSMETIC,
    KINDS,
    Change,
    Comparison,
    Found,
    NodePair,
    compare,
)
from code_contract.diff.documents import document
from code_contract.errors import ContractError
from code_contract.loader import Contract

__all__ = ["BREAKING", "COMPATIBLE", "COSMETIC", "KINDS", "Change", "changes"]


def changes(old: Contract, new: Contract) -> list[Change]:
    """Compare two contracts.

    Returns:
        Every change from `old` to `new`, once each, in the order of the document, with the operations that it reaches.

    Raises:
        ContractError: The documents are nested too deeply.
    """
    comparison = Comparison(old, new, places=dict(_components(old)) | dict(_components(new)))
    try:
        found = [*compare(NodePair(comparison, old.resolved, new.resolved), document), *all_clauses(comparison)]
    except RecursionError:
        raise ContractError("the contracts are nested too deeply", "flatten them") from None
    reached: dict[Change, dict[str, None]] = {}
    for change, operation in _flat(found):
        reached.setdefault(change, {}).update({operation: None} if operation else {})
    return [replace(change, operations=tuple(operations)) for change, operations in reached.items()]


def _flat(found: Iterable[Found], operation: str = "") -> Iterator[tuple[Change, str]]:
    """Yield every change, once for each operation that it reaches, with that operation."""
    waiting, seen = list(found)[::-1], set[int]()
    while waiting:
        each = waiting.pop()
        if isinstance(each, Change):
            yield each, operation
        elif each.operation and not operation:
            for change, name in _flat(each.found, each.operation):
                yield change.reversed() if each.is_reversed else change, name
        elif id(each) not in seen:
            seen.add(id(each))
            waiting += each.found[::-1]


def _components(contract: Contract) -> Iterator[tuple[int, str]]:
    for kind, nodes in contract.resolved.get("components", {}).items():
        if isinstance(nodes, dict):
            yield from ((id(node), pointers.join("/components", kind, name)) for name, node in nodes.items())
