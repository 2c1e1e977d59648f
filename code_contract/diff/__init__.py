"""Differences between two versions of a contract, and the sides they break (docs/guide/diff.md).

Documents are compared resolved. A change that no rule knows counts as breaking.
"""

from __future__ import annotations

from code_contract.diff.clauses import all_clauses
from code_contract.diff.comparison import BREAKING, COMPATIBLE, COSMETIC, KINDS, Change, Comparison, NodePair, compare
from code_contract.diff.documents import document
from code_contract.errors import ContractError
from code_contract.loader import Contract

__all__ = ["BREAKING", "COMPATIBLE", "COSMETIC", "KINDS", "Change", "changes"]


def changes(old: Contract, new: Contract) -> list[Change]:
    """Compare two contracts.

    Returns:
        Every change from `old` to `new`, once each, in the order of the document.

    Raises:
        ContractError: The documents are nested too deeply.
    """
    comparison = Comparison(old, new)
    try:
        found = [*compare(NodePair(comparison, old.resolved, new.resolved), document), *all_clauses(comparison)]
    except RecursionError:
        raise ContractError("the contracts are nested too deeply", "flatten them") from None
    return list(dict.fromkeys(found))
