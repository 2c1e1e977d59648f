"""The formats of reports; the suffix of a file selects one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from contract_tests.reports import codequality, ctrf, html, junit, markdown, sarif
from contract_tests.result import Result
from contract_tests.settings import SettingsError

FORMATS: Mapping[str, Callable[[Result], bytes]] = {
    ".html": html.write,
    ".json": ctrf.write,
    ".md": markdown.write,
    ".xml": junit.write,
    ".codequality.json": codequality.write,
    ".sarif": sarif.write,
}
"""The function that renders a report, by suffix; of two that match, the longer one applies."""


def format_of(path: Path) -> Callable[[Result], bytes]:
    """Return the function that renders the report for a file.

    Raises:
        SettingsError: The suffix is unknown.
    """
    name = path.name.lower()
    # A name that is nothing but a suffix is that of a hidden file.
    found = [suffix for suffix in FORMATS if name.endswith(suffix) and path.suffix]
    if not found:
        known = ", ".join(FORMATS)
        raise SettingsError(f"unknown report format {path.name!r}; use one of the suffixes {known}")
    return FORMATS[max(found, key=len)]
