"""The built wheel, installed alone in an environment of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of a new virtual environment with the built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    bounded = {"check": True, "capture_output": True, "timeout": 300}
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], **bounded)
    scripts = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    pip = [str(scripts / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "wheel", "--no-deps", "-w", str(folder), str(ROOT)], **bounded)
    (wheel,) = folder.glob("*.whl")
    subprocess.run([*pip, "install", str(wheel)], **bounded)
    return scripts
