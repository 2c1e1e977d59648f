"""What is shipped: the wheel, alone in a clean environment; the versions it declares; what the README says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

import mock_server
from code_contract import load
from mock_server import FAULTS
from tests.paths import ROOT


@pytest.mark.slow
def test_the_wheel_works_from_another_folder(installed: Path, tmp_path: Path) -> None:
    """Installed alone, the command checks the mock by the contract that the wheel carries; pytest finds the suite."""
    done = subprocess.run(
        [installed / "code-contract", "check", "--samples", "2"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "conforms" in done.stdout
    found = subprocess.run(
        [installed / "pytest", "--pyargs", "contract_tests", "--collect-only", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert "test_clause[img-is-a-png]" in found.stdout
    # In a checkout too, where a folder of the package's name lies about.
    with mock_server.running() as mock:
        done = subprocess.run(
            [installed / "pytest", "--pyargs", "contract_tests", "--base-url", mock.base_url, "-p", "no:cacheprovider"],
            cwd=ROOT, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "conforms" in done.stdout
    for arguments, said in (
        (["docs", "--format", "html", "-o", "code.html"], ""),
        (["docs", "--check", "code.html"], ""),
        (["diff", str(ROOT / "openapi.yaml")], "no changes"),
        (["mock", "--help"], "--reload"),
    ):
        done = subprocess.run(
            [installed / "code-contract", *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=60
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert said in done.stdout
    page = """
import mock_server
client = mock_server.create_app().test_client()
print(*(client.get(f"/__mock/{path}").status_code for path in ("", "docs/", "openapi.json")))
"""
    done = subprocess.run([installed / "python", "-c", page], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["200"] * 3, done.stderr


@pytest.mark.slow
def test_the_wheel_carries_its_types_and_nothing_of_the_tests(installed: Path) -> None:
    """Four packages with py.typed and the contract; no tests, no docs."""
    code = "import importlib.metadata as m; print(*sorted(map(str, m.files('code-contract'))), sep='\\n')"
    done = subprocess.run([installed / "python", "-c", code], capture_output=True, text=True, timeout=60)
    files = done.stdout.split()
    packages = {name.partition("/")[0] for name in files if not name.startswith((".", "code_contract-"))}
    assert packages == {"contract", "code_contract_cli", "contract_tests", "mock_server"}
    assert {f"{package}/py.typed" for package in packages} <= set(files)
    assert "code_contract/openapi.yaml" in files


def test_the_lowest_versions_are_those_declared() -> None:
    """tests/lowest.txt pins exactly the lower bounds of pyproject.toml, so that tox tests them."""
    declared = dict(re.findall(r'"([a-z0-9-]+)>=([0-9.]+)[^"]*"', (ROOT / "pyproject.toml").read_text("utf-8")))
    for line in (ROOT / "tests" / "lowest.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            name, _, version = line.partition("==")
            assert version == declared[name] or version.startswith(declared[name] + "."), line


def test_the_readme_counts_right() -> None:
    """The number of faults in the README is the number there are."""
    assert f"and {len(FAULTS)} ways" in (ROOT / "README.md").read_text("utf-8")


def test_the_scenarios_are_all_told() -> None:
    """docs/guide/frontend.md names every scenario of the contract."""
    text = (ROOT / "docs" / "guide" / "frontend.md").read_text("utf-8")
    assert [name for name in load().scenarios if f"`{name}`" not in text] == []
