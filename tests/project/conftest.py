"""The built wheel, installed alone in an environment of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT

UV = [sys.executable, "-m", "uv", "--quiet"]
BOUNDED = {"check": True, "capture_output": True, "timeout": 300}


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of a new virtual environment with pip."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([*UV, "venv", "--seed", "--python", sys.executable, folder], **BOUNDED)
    return folder / ("Scripts" if sys.platform == "win32" else "bin")


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([*UV, "build", "--wheel", "--python", sys.executable, "-o", folder, ROOT], **BOUNDED)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked source distribution."""
    folder = tmp_path_factory.mktemp("sdist")
    subprocess.run([*UV, "build", "--sdist", "--python", sys.executable, "-o", folder, ROOT], **BOUNDED)
    (archive,) = folder.glob("*.tar.gz")
    shutil.unpack_archive(archive, folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


@pytest.fixture(scope="session")
def installed(environment: Path, wheel: Path) -> Path:
    """The folder of commands of a virtual environment with the built wheel."""
    subprocess.run([*UV, "pip", "install", "--python", environment / "python", wheel], **BOUNDED)
    return environment
