"""House rules about files and docstrings that no linter checks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.paths import ROOT

MAX_LINES = 250
FOLDERS = ("code_contract", "mock_server", "contract_tests", "code_contract_cli", "docs", "tests", "benchmarks")
PACKAGES = ("code_contract", "mock_server", "contract_tests", "code_contract_cli")


def docstrings(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and text of every string that stands as a statement: docstrings, also of constants and fields."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Expr(value=ast.Constant(value=str() as text)):
                yield node.lineno, text.strip()


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_file_is_long(folder: str) -> None:
    """A Python file has at most 250 lines."""
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / folder).rglob("*.py")
        if "node_modules" not in path.parts and len(path.read_text("utf-8").splitlines()) > MAX_LINES
    }
    assert found == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_docstrings_begin_with_their_subject(package: str) -> None:
    """No docstring begins with What, Whether, How, Where or Why."""
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text[:60]}"
        for path in sorted((ROOT / package).rglob("*.py"))
        for line, text in docstrings(path)
        if re.match(r"(What|Whether|How|Where|Why)\b", text)
    ]
    assert found == []
