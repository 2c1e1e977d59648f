"""OpenAPI for code generators: the document in one file, as JSON."""

from __future__ import annotations

from code_contract.loader import Contract
from code_contract.text import printable_json


def render_bundle(contract: Contract) -> str:
    """Return the document as JSON."""
    return printable_json(contract.document, 2) + "\n"
