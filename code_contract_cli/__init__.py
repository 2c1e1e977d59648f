"""One command over the three: `code-contract check | mock | clauses | docs | diff`.

The law of this folder: it turns words into calls and outcomes into exit statuses, and decides nothing itself.
"""

from code_contract_cli.main import main, run

__all__ = ["main", "run"]
