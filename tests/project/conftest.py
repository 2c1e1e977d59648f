"""The built wheel, installed alone in an environment of its own."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from tests.paths import ROOT

Made = TypeVar("Made")


def once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Made]) -> Made:
    """Return what `make` makes in a folder: one for all processes of pytest-xdist, since it is expensive."""
    from filelock import FileLock  # of the slow tests alone

    root = tmp_path_factory.getbasetemp()
    folder = (root.parent if "PYTEST_XDIST_WORKER" in os.environ else root) / name
    kept = folder.with_suffix(".pickle")
    with FileLock(folder.with_suffix(".lock"), timeout=300):
        if not kept.exists():
            folder.mkdir()
            kept.write_bytes(pickle.dumps(make(folder)))
    made: Made = pickle.loads(kept.read_bytes())
    return made


UV = [sys.executable, "-m", "uv", "--quiet"]
BOUNDED = {"check": True, "capture_output": True, "timeout": 300}


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of a new virtual environment with pip."""
    return once(tmp_path_factory, "environment", new_environment)


def new_environment(folder: Path) -> Path:
    """Make a virtual environment with pip, and return its folder of commands."""
    subprocess.run([*UV, "venv", "--seed", "--python", sys.executable, folder / "venv"], **BOUNDED)
    return folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel."""

    def build(folder: Path) -> Path:
        subprocess.run([*UV, "build", "--wheel", "--python", sys.executable, "-o", folder, ROOT], **BOUNDED)
        return next(folder.glob("*.whl"))

    return once(tmp_path_factory, "wheel", build)


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked source distribution."""

    def build(folder: Path) -> Path:
        subprocess.run([*UV, "build", "--sdist", "--python", sys.executable, "-o", folder, ROOT], **BOUNDED)
        archive = next(folder.glob("*.tar.gz"))
        shutil.unpack_archive(archive, folder, filter="data")
        return folder / archive.name.removesuffix(".tar.gz")

    return once(tmp_path_factory, "source", build)


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of a virtual environment with the built wheel."""

    def install(folder: Path) -> Path:
        commands = new_environment(folder)
        subprocess.run([*UV, "pip", "install", "--python", commands / "python", wheel], **BOUNDED)
        return commands

    return once(tmp_path_factory, "installed", install)
