"""Installation of npm packages for tests, which are skipped where there is no npm or no registry."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

INSTALL_TIMEOUT = 240
"""Seconds."""


def install(folder: Path, *packages: str) -> None:
    """Install packages in a folder; without any, those of its package.json."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        # The tests need nothing but Python, as the README says; where there is more, more is tested.
        pytest.skip("no Node.js with npm on this machine")
    command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", *packages]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_TIMEOUT)
    if done.returncode and "ENOTFOUND" in done.stderr + done.stdout:
        # Any other failure of npm fails the test.
        pytest.skip("npm reaches no registry")
    assert done.returncode == 0, done.stdout + done.stderr
