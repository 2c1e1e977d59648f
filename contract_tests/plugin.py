"""The options of `pytest --pyargs contract_tests --base-url URL`.

The plugin of `code_contract_cli` registers this module when the command line names the suite.
"""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.settings import OPTIONS

PREFIX = "contract_"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("code-contract", "conformance to the contract")
    # Another plugin, such as pytest-base-url, or a conftest.py may have this option with the same meaning.
    if parser.parse_known_and_unknown_args(["--base-url=x"])[1]:
        group.addoption("--base-url", metavar="URL", help="Base URL of the target: https://host[:port][/path].")
    group.addoption("--contract-spec", metavar="FILE", help="OpenAPI document to check against.")
    overlay = "OpenAPI Overlay 1.0 document that changes the document (repeatable)."
    group.addoption("--contract-overlay", metavar="FILE", action="append", default=[], help=overlay)
    for name, option in OPTIONS.items():
        if name != "reference_url":
            group.addoption(f"--contract-{option.flag}", dest=PREFIX + name, **option.argparse)


def given_options(config: pytest.Config) -> dict[str, Any]:
    """Return the values of the options, by the field names of `Settings`; None for an option that is not given."""
    return {name: config.getoption(PREFIX + name, None) for name in OPTIONS if name != "reference_url"}
