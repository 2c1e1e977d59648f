"""OpenAPI for generators: the contract as JSON without a `$ref`."""

from __future__ import annotations

import json

from code_contract.loader import Contract


def bundle(contract: Contract) -> str:
    """The resolved document."""
    return json.dumps(contract.resolved, ensure_ascii=False, indent=2) + "\n"
