"""The version of this project."""

from __future__ import annotations

from importlib import metadata


def version() -> str:
    """Return the installed version, or "dev" if the project is not installed."""
    try:
        return metadata.version("code-contract")
    except metadata.PackageNotFoundError:
        return "dev"
