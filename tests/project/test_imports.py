"""The law of the rooms: who may import whom."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.paths import ROOT

ALLOWED = {
    "code_contract": set(),
    "mock_server": {"code_contract"},
    "contract_tests": {"code_contract"},
    "code_contract_cli": {"code_contract", "mock_server", "contract_tests"},
}


def imports(package: str) -> Iterator[tuple[str, str]]:
    """Every module that a package imports, with the file that does."""
    for path in sorted((ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield str(path.relative_to(ROOT)), alias.name
            elif isinstance(node, ast.ImportFrom):
                yield str(path.relative_to(ROOT)), node.module or ""


@pytest.mark.parametrize("package", ALLOWED)
def test_a_room_imports_only_what_stands_below_it(package: str) -> None:
    """openapi.yaml → contract → {mock_server, contract_tests} → code_contract_cli, and no arrow back or across."""
    for path, module in imports(package):
        top = module.partition(".")[0]
        if top in ALLOWED and top != package:
            assert top in ALLOWED[package], f"{path} imports {module}"


@pytest.mark.parametrize("package", ALLOWED)
def test_no_room_imports_the_tests(package: str) -> None:
    """Nothing that is shipped needs tests/ or benchmarks/."""
    assert not [path for path, module in imports(package) if module.partition(".")[0] in ("tests", "benchmarks")]


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import contract_tests.run", ["flask", "uvicorn", "mock_server", "schemathesis", "hypothesis", "locust"]),
        ("import contract_tests.load", ["locust", "gevent", "flask", "schemathesis"]),
        ("import code_contract_cli.pytest_plugin", ["code_contract", "mock_server", "contract_tests", "click"]),
        ("import mock_server", ["requests", "schemathesis", "pytest", "contract_tests"]),
        ("import code_contract_cli.main", ["flask", "requests", "schemathesis", "jsonschema", "yaml", "prance"]),
    ],
    ids=lambda value: value.split()[1] if isinstance(value, str) else "",
)
def test_an_import_waits_for_nothing_it_does_not_need(statement: str, absent: list[str]) -> None:
    """A team that only checks needs no Flask; one that only mocks does not wait for schemathesis."""
    code = f"import sys; {statement}; print([m for m in {absent!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
