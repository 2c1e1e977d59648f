"""OpenAPI for code generators: JSON without `$ref`."""

from __future__ import annotations

import json

from code_contract.loader import Contract


def render_bundle(contract: Contract) -> str:
    """Return the resolved document as JSON."""
    return json.dumps(contract.resolved, ensure_ascii=False, indent=2) + "\n"
