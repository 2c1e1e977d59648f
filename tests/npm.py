"""Installation of npm packages for tests, which are skipped where there is no npm or no registry."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

INSTALL_TIMEOUT = 240
"""Seconds."""


QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}


def call(folder: Path, *command: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder; its tools may be those that npm installed there (`tool`)."""
    return subprocess.run(
        [str(each) for each in command],
        cwd=folder,
        env=os.environ | QUIET | env,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=240,
    )


def tool(folder: Path, name: str) -> Path:
    """The command of an installed package."""
    return folder / "node_modules" / ".bin" / name


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


def project(source: Path, factory: pytest.TempPathFactory) -> Path:
    """Return a new copy of a folder with the packages of its package.json, which are installed once for all workers."""
    root = factory.getbasetemp()
    root = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root
    shared, done = root / f"npm-{source.name}", root / f"npm-{source.name}.done"
    try:
        shared.mkdir()
    except FileExistsError:
        deadline = time.monotonic() + INSTALL_TIMEOUT
        while not done.exists() and time.monotonic() < deadline:
            time.sleep(0.2)
    else:
        try:
            shutil.copy(source / "package.json", shared)
            install(shared)
        finally:
            done.touch()
    if not (shared / "node_modules").is_dir():
        pytest.skip("npm has not installed the packages")
    folder = factory.mktemp(source.name)
    shutil.copytree(source, folder, dirs_exist_ok=True)
    (folder / "node_modules").symlink_to(shared / "node_modules", target_is_directory=True)
    return folder
