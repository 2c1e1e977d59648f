"""`uvx` and `pipx` start check and mock from the built wheel, on a machine with nothing but Python and uv."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment variables with an empty home, so that no tool finds a cache or a configuration of the user."""
    home = tmp_path_factory.mktemp("home")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("UV_CACHE", "XDG_", "PIPX_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return kept | {"PATH": path, "HOME": str(home), "UV_PYTHON": sys.executable, "UV_NO_PROGRESS": "1"}


def test_one_command_checks(wheel: Path, alone: dict[str, str], tmp_path: Path) -> None:
    """`uvx code-contract check` checks the built-in mock."""
    command = ["uvx", "--from", str(wheel), "code-contract", "check", "--samples", "2"]
    done = subprocess.run(command, cwd=tmp_path, env=alone, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "PASSED: " in done.stdout


def test_one_command_mocks(wheel: Path, alone: dict[str, str], tmp_path: Path) -> None:
    """`uvx code-contract mock` serves a captcha and the page."""
    command = ["uvx", "--from", str(wheel), "code-contract", "mock", "--port", "0"]
    process = subprocess.Popen(command, cwd=tmp_path, env=alone, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("listening on ").strip()
        answer = requests.post(f"{url}/code", headers={"Source": "PC"}, json={}, timeout=10)
        assert answer.json()["succFlag"] is True
        assert requests.get(f"{url}/__mock/", timeout=10).status_code == 200
    finally:
        process.terminate()
        process.communicate(timeout=30)


LAUNCHERS = {
    "uvx": (None, ["uvx", "--from", "{wheel}", "code-contract"]),
    "uv tool install": (["uv", "tool", "install", "{wheel}"], ["{home}/.local/bin/code-contract"]),
    "pipx run": (None, ["uvx", "pipx", "run", "--spec", "{wheel}", "code-contract"]),
}


@pytest.mark.parametrize(("install", "start"), LAUNCHERS.values(), ids=LAUNCHERS)
def test_the_command_for_a_missing_extra_cures_it(
    wheel: Path, alone: dict[str, str], tmp_path: Path, install: list[str] | None, start: list[str]
) -> None:
    """`load` names a command; after that command Locust is there."""
    environment = alone | {"HOME": str(tmp_path), "UV_CACHE_DIR": f"{alone['HOME']}/cache"}
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pipx").write_text('#!/bin/sh\nexec uvx pipx "$@"\n', encoding="utf-8")
    (tmp_path / "bin" / "pipx").chmod(0o755)
    environment["PATH"] = f"{tmp_path / 'bin'}{os.pathsep}{environment['PATH']}"

    def run(command: list[str] | str) -> subprocess.CompletedProcess[str]:
        if isinstance(command, list):
            command = [part.format(wheel=wheel, home=tmp_path) for part in command]
        return subprocess.run(
            command, shell=isinstance(command, str), cwd=tmp_path, env=environment,
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    if install:
        assert run(install).returncode == 0
    done = run([*start, "load"])
    assert done.returncode == 2
    message = done.stderr.splitlines()[-1]
    assert message.startswith("code-contract: locust is not installed: ")
    command, anew, _ = message.partition("installed: ")[2].partition(", with the same arguments")
    done = run(command)
    if not anew:
        assert done.returncode == 0, done.stderr
        done = run([*start, "load"])
    # Locust is found, so that the next thing that is missing is the target.
    assert done.stderr.splitlines()[-1].startswith("code-contract: no target"), done.stderr
