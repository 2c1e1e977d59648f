"""Projects with names like those of this one run their own tests, whether or not this one is installed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SHADOWED = "{} is imported from {}, which shadows the package of code-contract; rename it or run pytest from elsewhere"
OWN_OPTION = """
def pytest_addoption(parser):
    parser.addoption("--base-url", default="theirs")
"""
OWN_TEST = """
def test_option(pytestconfig):
    assert pytestconfig.getoption("--base-url") == "theirs"
"""
PROJECTS = {
    "module": {"mock_server.py": "ANSWER = 42\n"},
    "mock package": {"mock_server/__init__.py": "ANSWER = 42\n"},
    "suite package": {
        "contract_tests/__init__.py": "ANSWER = 42\n",
        "contract_tests/conftest.py": OWN_OPTION,
        "contract_tests/test_theirs.py": OWN_TEST,
    },
}


def project(folder: Path, name: str, test: str) -> Path:
    """Write a project and a test that imports the module of the clashing name. Returns the clashing file."""
    files = [folder / path for path in PROJECTS[name]]
    for path, text in zip(files, PROJECTS[name].values(), strict=True):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    module = files[0].stem if files[0].parent == folder else files[0].parent.name
    (folder / "test_own.py").write_text(f"from {module} import ANSWER\n\n{test}", encoding="utf-8")
    return files[0]


def pytest_run(installed: Path, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """`python -m pytest` puts the current folder first on sys.path."""
    command = [str(installed / "python"), "-m", "pytest", "-p", "no:cacheprovider", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("name", PROJECTS)
def test_their_own_tests_pass(installed: Path, tmp_path: Path, name: str) -> None:
    """The plugin imports no package of this project until it is used."""
    project(tmp_path, name, "def test_own():\n    assert ANSWER == 42\n")
    done = pytest_run(installed, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{2 if name == 'suite package' else 1} passed" in done.stdout


@pytest.mark.parametrize("name", ["module", "mock package"])
def test_the_fixture_names_what_shadows_it(installed: Path, tmp_path: Path, name: str) -> None:
    """`code_mock` fails with one sentence, without a traceback, and the other tests pass."""
    test = "def test_own():\n    assert ANSWER == 42\n\ndef test_page(code_mock):\n    pass\n"
    path = project(tmp_path, name, test)
    done = pytest_run(installed, tmp_path)
    assert done.returncode == 1
    assert SHADOWED.format("mock_server", path) in done.stdout
    assert "1 passed, 1 error" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_the_suite_names_what_shadows_it(installed: Path, tmp_path: Path) -> None:
    """`pytest --pyargs contract_tests --base-url URL` is wrong usage where another package has the name."""
    path = project(tmp_path, "suite package", "def test_own():\n    pass\n")
    (tmp_path / "contract_tests" / "conftest.py").unlink()
    done = pytest_run(installed, tmp_path, "--pyargs", "contract_tests", "--base-url", "http://127.0.0.1:1")
    assert done.returncode == 4
    assert SHADOWED.format("contract_tests", path) in done.stderr


def test_the_fixture_and_the_suite_work_beside_other_names(installed: Path, tmp_path: Path) -> None:
    """A clash with one package leaves what the others offer usable."""
    test = "def test_page(code_mock):\n    assert code_mock.base_url.startswith('http://127.0.0.1:')\n"
    project(tmp_path, "suite package", test)
    done = pytest_run(installed, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
