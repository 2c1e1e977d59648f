"""The command that installs a missing extra."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from code_contract_cli import extras

pytestmark = pytest.mark.skipif(os.name == "nt", reason="quotes as in a POSIX shell")


def with_file(path: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("{}", encoding="utf-8")

    return write


STARTED = {
    "uvx": ("cache/uv/archive-v0/3awxA1C2", None, "uvx --from 'code-contract[load]' code-contract load"),
    "uv run --with": (
        "cache/uv/builds-v0/.tmpsxFvwP",
        None,
        "uv run --with 'code-contract[load]' code-contract load",
    ),
    "uv tool install": (
        "uv/tools/code-contract",
        "uv/tools/code-contract/uv-receipt.toml",
        "uv tool install 'code-contract[load]'",
    ),
    "pipx install": (
        "pipx/venvs/code-contract",
        "pipx/venvs/code-contract/pipx_metadata.json",
        "pipx install --force 'code-contract[load]'",
    ),
    "pipx run": (
        "cache/pipx/412a96c70a8b221",
        "cache/pipx/412a96c70a8b221/pipx_metadata.json",
        "pipx run --spec 'code-contract[load]' code-contract load",
    ),
    "uv project": ("project/.venv", "project/uv.lock", "uv add 'code-contract[load]'"),
}
"""By way of starting: the folder of the environment, a file that marks it, and the command."""


@pytest.mark.parametrize(("folder", "mark", "command"), STARTED.values(), ids=STARTED)
def test_the_command_is_for_the_way_in_which_it_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, mark: str | None, command: str
) -> None:
    """Each launcher leaves an environment that is recognized; one that starts anew takes the same arguments."""
    monkeypatch.setattr(extras, "_direct_url", lambda: "")
    prefix = tmp_path / folder
    prefix.mkdir(parents=True)
    if mark:
        with_file(mark)(tmp_path)
    again = ", with the same arguments" if command.endswith(" load") else ""
    assert extras.message("locust", prefix) == f"locust is not installed: {command}{again}"


@pytest.mark.parametrize(
    ("pip", "on_path", "command"),
    [
        (True, True, "pip install 'code-contract[load]'"),
        (True, False, f"{shlex.quote(sys.executable)} -m pip install 'code-contract[load]'"),
        (False, False, f"uv pip install --python {shlex.quote(sys.executable)} 'code-contract[load]'"),
    ],
    ids=["active", "not active", "without pip"],
)
def test_the_command_in_a_virtual_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pip: bool, on_path: bool, command: str
) -> None:
    """`pip` is named alone only if it is that of the environment, and not at all in one that `uv venv` made."""
    prefix = tmp_path / "venv"
    other = tmp_path / "other" / "bin" / "pip"
    found = prefix / "bin" / "pip" if on_path else other
    monkeypatch.setattr(extras, "find_spec", lambda name: SimpleNamespace() if pip else None)
    monkeypatch.setattr(extras.shutil, "which", lambda name: str(found))
    assert extras.message("locust", prefix) == f"locust is not installed: {command}"


ORIGINS = {
    "registry": (None, ""),
    "wheel": ({"url": "file:///tmp/code_contract-0.1.0.whl", "archive_info": {}}, " @ file:///tmp/code_contract-0.1.0.whl"),
    "repository": (
        {"url": "https://host/code-contract.git", "vcs_info": {"vcs": "git", "commit_id": "4f1c"}},
        " @ git+https://host/code-contract.git@4f1c",
    ),
    "editable": ({"url": "file:///src", "dir_info": {"editable": True}}, ""),
}  # fmt: skip


@pytest.mark.parametrize(("origin", "source"), ORIGINS.values(), ids=ORIGINS)
def test_the_command_installs_from_where_code_contract_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, origin: dict[str, object] | None, source: str
) -> None:
    """A wheel or a repository that was installed is named, as direct_url.json (PEP 610) records it."""
    text = None if origin is None else json.dumps(origin)
    monkeypatch.setattr(extras, "distribution", lambda name: SimpleNamespace(read_text=lambda file: text))
    shown = extras.message("locust", tmp_path / "archive-v0" / "x")
    _, _, requirement, *_ = shlex.split(shown.partition(": ")[2])
    assert requirement == f"code-contract[load]{source}"
