"""Audit the dependencies with pip-audit, where the package index has advisories: `python tests/audit.py`."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request

INDEX = "https://pypi.org/pypi/requests/2.31.0/json"
"""A release with published advisories, in the format that pip-audit reads."""


def has_advisories() -> bool:
    """Return True if the index reports the advisories of a release that has some."""
    try:
        with urllib.request.urlopen(INDEX, timeout=10) as response:
            return bool(json.load(response).get("vulnerabilities"))
    except (OSError, ValueError):
        return False


if __name__ == "__main__":
    if not has_advisories():
        sys.exit(print("pip-audit skipped: the package index has no advisories"))
    command = [sys.executable, "-m", "pip_audit", "--progress-spinner", "off", "."]
    sys.exit(subprocess.run(command, timeout=300).returncode)
