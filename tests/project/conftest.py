"""The built wheel, installed alone in an environment of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT

PIP = ["-m", "pip", "--disable-pip-version-check", "--quiet"]


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of a new virtual environment."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True, timeout=300)
    return folder / ("Scripts" if sys.platform == "win32" else "bin")


@pytest.fixture(scope="session")
def wheel(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [environment / "python", *PIP, "wheel", "--no-deps", "-w", folder, ROOT]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(environment: Path, wheel: Path) -> Path:
    """The folder of commands of a virtual environment with the built wheel."""
    command = [environment / "python", *PIP, "install", wheel]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return environment
