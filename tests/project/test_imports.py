"""The import law: between packages, between the folders of a package, and what an import must not load."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.paths import ROOT

PACKAGES = {
    "code_contract": set(),
    "mock_server": {"code_contract"},
    "contract_tests": {"code_contract"},
    "code_contract_cli": {"code_contract", "mock_server", "contract_tests"},
}
"""The packages that each package may import."""

FOLDERS = {
    "mock_server": ("reasons", "response", "captcha", "faults", "observability", "core", "admin", "app", "server"),
    "contract_tests": (
        *(
            "version",
            "options",
            "base_url",
            "credentials",
            "proxy",
            "arguments",
            "escapes",
            "redaction",
            "message",
            "settings",
            "sanitize",
            "http",
            "inputs",
            "verdict",
            "pictures",
            "checks",
            "generated",
            "engine",
        ),
        *("result", "har", "reports", "load", "run", "config", "plugin", "test_clauses", "locustfile"),
    ),
}
"""The folders and modules of a package in order: each may import only those before it."""

NOT_IN_CORE = ("flask.", "asyncio.", "socket.", "selectors.", "uvicorn.", "a2wsgi.", "threading.Timer.", "time.sleep.")


def imports(package: str) -> Iterator[tuple[Path, str]]:
    """Yield each file of a package with the dotted name of everything that it imports or reads of a module."""
    for path in sorted((ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((path, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path} has a relative import"
                yield from ((path, f"{node.module}.{alias.name}") for alias in node.names)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                yield path, f"{node.value.id}.{node.attr}"


def room(package: str, parts: tuple[str, ...]) -> str:
    """Return the folder or module of a package to which a path or a dotted name belongs; "" for the package itself."""
    first = parts[0].removesuffix(".py") if parts else ""
    home = ROOT / package / first
    return first if first != "__init__" and (home.is_dir() or home.with_suffix(".py").is_file()) else ""


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_those_below_it(package: str) -> None:
    """code_contract → {mock_server, contract_tests} → code_contract_cli; nothing imports tests or benchmarks."""
    forbidden = {*PACKAGES, "tests", "benchmarks"} - PACKAGES[package] - {package}
    found = [f"{path} imports {name}" for path, name in imports(package) if name.partition(".")[0] in forbidden]
    assert found == []


@pytest.mark.parametrize("package", FOLDERS)
def test_a_folder_imports_only_those_below_it(package: str) -> None:
    """Every folder and module has a place in the order, and imports only what has an earlier one."""
    order = {name: place for place, name in enumerate(FOLDERS[package])}
    found = set()
    for path, name in imports(package):
        target = room(package, tuple(name.split(".")[1:])) if name.startswith(f"{package}.") else None
        source = room(package, path.relative_to(ROOT / package).parts)
        if source and target is not None and source != target and not order.get(target, 99) < order.get(source, -1):
            found.add(f"{package}: {source} imports {target or package}")
    assert found == set()


def test_code_contract_has_no_import_cycle() -> None:
    """Its modules can be put into an order in which each imports only earlier ones."""
    package = "code_contract"
    edges: dict[str, set[str]] = {}
    for path, name in imports(package):
        source = room(package, path.relative_to(ROOT / package).parts)
        target = room(package, tuple(name.split(".")[1:])) if name.startswith(f"{package}.") else ""
        edges.setdefault(source, set()).update({target} - {source, ""})
    while free := [name for name, needed in edges.items() if not needed & edges.keys()]:
        for name in free:
            del edges[name]
    assert edges == {}


def test_the_core_of_the_mock_waits_for_nothing() -> None:
    """The core imports no Flask, event loop, socket or server, and never sleeps: adapters do that."""
    found = set()
    for path, name in imports("mock_server"):
        folder = room("mock_server", path.relative_to(ROOT / "mock_server").parts)
        if folder in ("core", "captcha", "faults", "response") and f"{name}.".startswith(NOT_IN_CORE):
            found.add(f"mock_server: {folder} uses {name}")
    assert found == set()


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import contract_tests.run", ["flask", "uvicorn", "mock_server", "schemathesis", "hypothesis", "locust"]),
        ("import contract_tests.load", ["locust", "gevent", "flask", "schemathesis"]),
        ("import code_contract_cli.pytest_plugin", ["code_contract", "mock_server", "contract_tests", "click"]),
        ("import mock_server", ["flask", "jsonschema", "requests", "schemathesis", "pytest", "contract_tests"]),
        ("import code_contract_cli.main", ["flask", "requests", "schemathesis", "jsonschema", "yaml", "prance"]),
    ],
    ids=lambda value: value.split()[1] if isinstance(value, str) else "",
)
def test_an_import_loads_nothing_it_does_not_need(statement: str, absent: list[str]) -> None:
    """Each package, imported alone, leaves out the libraries of the others."""
    code = f"import sys; {statement}; print([m for m in {absent!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
