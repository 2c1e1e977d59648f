"""The formats of reports; the suffix of a file selects one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from contract_tests.reports import ctrf, html, junit, markdown
from contract_tests.result import Result
from contract_tests.settings import SettingsError

FORMATS: Mapping[str, Callable[[Result], bytes]] = {
    ".html": html.write,
    ".json": ctrf.write,
    ".md": markdown.write,
    ".xml": junit.write,
}
"""The function that renders a report, by suffix."""


def format_of(path: Path) -> Callable[[Result], bytes]:
    """Return the function that renders the report for a file.

    Raises:
        SettingsError: The suffix is unknown.
    """
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        known = ", ".join(FORMATS)
        raise SettingsError(f"unknown report format {path.name!r}; use one of the suffixes {known}") from None
