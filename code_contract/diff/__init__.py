"""What changed between two versions of a contract, and whom it breaks.

No well-kept library for OpenAPI 3.1 was found in the registries (docs/changes.md), so this is the project's own: it
knows the keywords that the contract uses and those akin to them, and calls breaking whatever else changed. Documents
are compared resolved: a `$ref` is what it names.
"""

from __future__ import annotations

from code_contract.diff.clauses import all_clauses
from code_contract.diff.comparison import BREAKING, COMPATIBLE, COSMETIC, KINDS, Change, Comparison, NodePair, compare
from code_contract.diff.documents import document
from code_contract.errors import ContractError
from code_contract.loader import Contract

__all__ = ["BREAKING", "COMPATIBLE", "COSMETIC", "KINDS", "Change", "changes"]


def changes(old: Contract, new: Contract) -> list[Change]:
    """Every change from `old` to `new`, each once, in the order of the document.

    Raises ContractError where they nest too deep to be compared.
    """
    run = Comparison(old, new)
    try:
        found = [*compare(NodePair(run, old.resolved, new.resolved), document), *all_clauses(run)]
    except RecursionError:
        raise ContractError("the contracts nest too deep to be compared", "flatten them") from None
    return list(dict.fromkeys(found))
