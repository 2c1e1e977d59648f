"""The version of this project."""

from __future__ import annotations

from importlib import metadata


def version() -> str:
    """The version that is installed; "dev" where the project runs from its sources."""
    try:
        return metadata.version("code-contract")
    except metadata.PackageNotFoundError:
        return "dev"
