"""The place of a clause as CI systems name it: a path below the root of the checkout, and a line."""

from __future__ import annotations

import os
from pathlib import Path

from code_contract import Clause, Contract, default_path

_ROOTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
"""Environment variables with the root of a checkout, of GitHub and GitLab."""


def place(contract: Contract, clause: Clause) -> tuple[str, int]:
    """Return the path and the line of a clause; a file outside the checkout, such as the packaged one, has its name."""
    path = contract.source.origin(clause.pointer)[0].path
    name = clause.file or contract.path.name
    return _relative(path if path.name == name else contract.path.with_name(name)), max(clause.line, 1)


def document(contract: Contract) -> str:
    """Return the path of the contract, as `place` does."""
    return _relative(contract.path)


def _relative(path: Path) -> str:
    if path == default_path():
        return path.name
    root = next((os.environ[name] for name in _ROOTS if os.environ.get(name)), os.curdir)
    try:
        return path.resolve().relative_to(Path(root).resolve()).as_posix()
    except (OSError, ValueError):
        return path.name
