"""The wheel in a clean environment, the declared versions, and numbers in the documentation."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest

import mock_server
from code_contract import load
from mock_server.faults import applicable
from tests.paths import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


SAMPLE = (
    "code_contract/test_extensions.py",
    "contract_tests/test_svg.py",
    "mock_server/test_routing.py",
    "project/test_ci_docs.py",
    "project/test_readme.py::test_ci_runs_the_test_command",
)


@pytest.mark.slow
def test_the_wheel_works_from_another_folder(installed: Path, tmp_path: Path) -> None:
    """The command checks the built-in mock against the packaged contract, and pytest finds the suite."""
    done = subprocess.run(
        [installed / "code-contract", "check", "--samples", "2"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "PASSED: " in done.stdout
    found = subprocess.run(
        [installed / "pytest", "--pyargs", "contract_tests", "--collect-only", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert "test_clause[img-is-a-png]" in found.stdout
    # Also in a checkout, which has folders with the names of the packages.
    with mock_server.running() as mock:
        done = subprocess.run(
            [installed / "pytest", "--pyargs", "contract_tests", "--base-url", mock.base_url, "-p", "no:cacheprovider"],
            cwd=ROOT, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASSED: " in done.stdout
    for arguments, said in (
        (["docs", "--format", "html", "-o", "code.html"], ""),
        (["docs", "--check", "code.html"], ""),
        (["diff", str(ROOT / "openapi.yaml")], "no changes"),
        (["clauses", "--spec", str(ROOT / "examples" / "contracts" / "ruoyi.yaml")], "img-is-carried-as-documented"),
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
    assert packages == {"code_contract", "code_contract_cli", "contract_tests", "mock_server"}
    assert {f"{package}/py.typed" for package in packages} <= set(files)
    assert "code_contract/openapi.yaml" in files


@pytest.mark.slow
def test_the_tests_pass_from_the_sdist_alone(source: Path) -> None:
    """The source distribution has all that its tests read; some of each folder run in it, on its own packages."""
    tests = [f"tests/{name}" for name in SAMPLE]
    # -m puts the folder first on the path, before an editable installation of a checkout.
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    code = "import code_contract, mock_server, contract_tests; print(code_contract.__file__)"
    done = subprocess.run([sys.executable, "-c", code], cwd=source, capture_output=True, text=True, timeout=60)
    assert Path(done.stdout.strip()).is_relative_to(source)


def test_the_lowest_versions_are_those_declared() -> None:
    """tests/lowest.txt pins the lower bound of every dependency, and nothing else, so that tox tests them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = [*project["project"]["optional-dependencies"].values(), project["dependency-groups"]["test"]]
    declared = "\n".join(chain(project["project"]["dependencies"], *groups))
    bounds = re.findall(r"^([a-z0-9-]+)>=([0-9.]+)", declared, re.M)
    pins = dict(re.findall(r"^([a-z0-9-]+)==([0-9.]+)$", (ROOT / "tests" / "lowest.txt").read_text("utf-8"), re.M))
    assert pins.keys() == dict(bounds).keys()
    for name, bound in bounds:
        assert f"{pins[name]}.".startswith(f"{bound}."), name


def test_the_readme_counts_right() -> None:
    """The number of faults in the README is the number that the packaged contract has."""
    assert f"and {len(applicable(load()))} ways" in (ROOT / "README.md").read_text("utf-8")


def test_the_scenarios_are_all_told() -> None:
    """docs/guide/frontend.md names every scenario of the contract."""
    text = (ROOT / "docs" / "guide" / "frontend.md").read_text("utf-8")
    assert [name for name in load().scenarios if f"`{name}`" not in text] == []


@pytest.mark.slow
def test_the_readme_has_absolute_links_in_the_wheel(installed: Path) -> None:
    """The long description that PyPI renders has no relative link or picture."""
    code = "import importlib.metadata as m; print(m.metadata('code-contract').get_payload())"
    command = [installed / "python", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    targets = re.findall(r"\]\(([^)]*)\)", done.stdout)
    assert len(targets) > 10
    assert [target for target in targets if not target.startswith("https://")] == []
