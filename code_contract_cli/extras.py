"""The command that installs a missing extra, for the way in which code-contract was started."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

PACKAGE = "code-contract"
EXTRAS = {"locust": ("load", "load"), "trustme": ("tls", "mock")}
"""Optional dependencies, with the extra that installs each, and the command that needs it."""

_UV_CACHE = re.compile(r"(archive|environments)-v\d+")
_UV_RUN_CACHE = re.compile(r"builds-v\d+")

# The first row whose condition holds for `sys.prefix`. Commands that start code-contract anew end with its subcommand.
_LAUNCHERS: tuple[tuple[Callable[[Path], object], tuple[str, ...]], ...] = (
    (lambda prefix: _UV_CACHE.fullmatch(prefix.parent.name), ("uvx", "--from", "{source}", PACKAGE, "{command}")),
    (
        lambda prefix: _UV_RUN_CACHE.fullmatch(prefix.parent.name),
        ("uv", "run", "--with", "{source}", PACKAGE, "{command}"),
    ),
    (lambda prefix: (prefix / "uv-receipt.toml").is_file(), ("uv", "tool", "install", "{source}")),
    (lambda prefix: _is_pipx(prefix) and prefix.parent.name == "venvs", ("pipx", "install", "--force", "{source}")),
    (lambda prefix: _is_pipx(prefix), ("pipx", "run", "--spec", "{source}", PACKAGE, "{command}")),
    (lambda prefix: (prefix.parent / "uv.lock").is_file(), ("uv", "add", "{source}")),
    (lambda prefix: find_spec("pip") is None, ("uv", "pip", "install", "--python", "{python}", "{requirement}")),
    (lambda prefix: _is_first_pip(prefix), ("pip", "install", "{requirement}")),
    (lambda prefix: True, ("{python}", "-m", "pip", "install", "{requirement}")),
)


def message(module: str, prefix: Path | None = None) -> str:
    """Return the sentence about a missing optional dependency, with the command that installs its extra.

    Args:
        module: The module that is missing, a key of `EXTRAS`.
        prefix: The environment of Python. None for `sys.prefix`.
    """
    extra, command_name = EXTRAS[module]
    where = prefix or Path(sys.prefix)
    parts = next(command for condition, command in _LAUNCHERS if condition(where))
    requirement = f"{PACKAGE}[{extra}]"
    values = {
        "command": command_name,
        "python": sys.executable,
        "requirement": requirement,
        "source": f"{requirement}{_direct_url()}",
    }
    command = _quoted([part.format_map(values) for part in parts])
    again = ", with the same arguments" if parts[-1] == "{command}" else ""
    return f"{module} is not installed: {command}{again}"


def _is_pipx(prefix: Path) -> bool:
    return (prefix / "pipx_metadata.json").is_file()


def _is_first_pip(prefix: Path) -> bool:
    """True if `pip` on the search path is that of this environment."""
    found = shutil.which("pip")
    return found is not None and Path(found).parent.parent == prefix


def _direct_url() -> str:
    """Return ` @ URL` (PEP 508) if this distribution was installed from a file or a repository, else an empty text."""
    try:
        origin = json.loads(distribution(PACKAGE).read_text("direct_url.json") or "{}")
    except PackageNotFoundError:
        return ""
    if not origin or origin.get("dir_info", {}).get("editable"):
        return ""
    vcs = origin.get("vcs_info")
    return f" @ {vcs['vcs']}+{origin['url']}@{vcs['commit_id']}" if vcs else f" @ {origin['url']}"


def _quoted(command: list[str]) -> str:
    # The shells of Windows know double quotes only.
    return subprocess.list2cmdline(command) if os.name == "nt" else shlex.join(command)
