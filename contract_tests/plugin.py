"""The pytest plugin: the options of `pytest --pyargs contract_tests --base-url URL`.

It is loaded by every pytest session of the environment, so it only names options; all else is imported by the suite.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import pytest

# fmt: off
OPTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("source", {"metavar": "VALUE", "help": "what the documented source parameter is sent as"}),
    ("header", {"metavar": "'NAME: VALUE'", "action": "append", "default": [], "help": "a header for every call"}),
    ("samples", {"metavar": "N", "type": int, "help": "calls to make of an operation"}),
    ("concurrency", {"metavar": "N", "type": int, "help": "calls made at the same time, at most"}),
    ("timeout", {"metavar": "S", "type": float, "help": "seconds for one call"}),
    ("deadline", {"metavar": "S", "type": float, "help": "seconds for all calls"}),
    ("strict", {"action": "store_true", "default": None, "help": "should-clauses fail too"}),
    ("ca-bundle", {"metavar": "FILE", "help": "certificates to trust"}),
    ("insecure", {"action": "store_true", "default": None, "help": "trust any certificate"}),
    ("spec", {"metavar": "FILE", "help": "another contract"}),
)
# fmt: on


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("code-contract", "conformance to the contract of /code")
    # pytest-base-url has an option of this name and meaning; two of one name stop pytest.
    if find_spec("pytest_base_url") is None:
        group.addoption("--base-url", metavar="URL", help="where /code hangs: https://host/path")
    for name, settings in OPTIONS:
        group.addoption(f"--contract-{name}", **settings)
