"""The programs that are measured beside this one: installed once, from npm and PyPI, into a cache folder.

The folder is code-contract-bench in $XDG_CACHE_HOME (~/.cache by default); deleting it has all installed anew.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from processes import progress, run, tool

ROOT = Path(__file__).resolve().parents[1]

# The versions that numbers are compared by. Prism 5.16 asks for Node 24, and is no faster than this one.
NPM = {
    "prism": {"@stoplight/prism-cli": "5.14.2"},
    "openapi-backend": {"openapi-backend": "5.21.2", "express": "5.3.0"},
    "dredd": {"dredd": "14.1.0"},
}
PYPI = {
    "connexion": {"connexion[flask,swagger-ui,uvicorn]": "3.3.0"},
    "servers": {"flask": "3.1.3", "granian": "2.8.7", "waitress": "3.0.2"},
}


def versions(name: str) -> str:
    """What is installed under a name, for the report."""
    pinned = NPM.get(name) or PYPI[name]
    return ", ".join(f"{package.partition('[')[0]} {version}" for package, version in pinned.items())


def npm(name: str) -> Path:
    """The folder node_modules of an npm peer."""
    wanted = [f"{package}@{version}" for package, version in NPM[name].items()]
    tool("node")
    command = [tool("npm"), "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", ".", *wanted]

    def install(folder: Path) -> None:
        _install(command, folder)

    return _cached(name, "\n".join(wanted), install) / "node_modules"


def pypi(name: str) -> Path:
    """The folder bin of a virtual environment with a PyPI peer, of the Python that runs this."""
    return _environment(name, [f"{package}=={version}" for package, version in PYPI[name].items()], "")


def without_accelerators() -> Path:
    """The folder bin of a virtual environment with this checkout's mock, as installed without the extra `fast`."""
    name = f"plain-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]}"
    return _environment(name, ["--editable", str(ROOT)], (ROOT / "pyproject.toml").read_text("utf-8"))


def _environment(name: str, wanted: list[str], also: str) -> Path:
    def install(folder: Path) -> None:
        _install([sys.executable, "-m", "venv", folder], folder)
        _install([folder / "bin" / "python", "-m", "pip", "install", "--quiet", *wanted], folder)

    return _cached(name, "\n".join([sys.version, *wanted, also]), install) / "bin"


def _cached(name: str, recipe: str, install: Callable[[Path], None]) -> Path:
    """The folder of that name in the cache, as the recipe has it: installed anew where it was made by another."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "code-contract-bench"
    folder, done = cache / name, cache / name / ".recipe"
    if not done.is_file() or done.read_text("utf-8") != recipe:
        progress(f"installing {name} into {folder}")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        install(folder)
        done.write_text(recipe, "utf-8")
    return folder


def _install(command: list[str | Path], folder: Path) -> None:
    ended = run(command, 600, folder)
    if ended.status:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{ended.printed[-2000:]}")
