"""A report into a file: which kind it is, its suffix says."""

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
"""Suffix: what makes the bytes of the file."""


def refuse(path: Path) -> None:
    """Raise SettingsError for a report that could not be written; call it before the target is called, not after."""
    _format(path)
    there = path.exists()
    try:
        with path.open("ab"):
            pass
        if not there:
            path.unlink()
    except OSError as error:
        raise SettingsError(f"{str(path)!r} cannot be written: {error.strerror}; name another file") from None


def write(path: Path, result: Result) -> None:
    """Write the report that the suffix of `path` asks for. Raises SettingsError where it cannot be written."""
    written = _format(path)(result)
    try:
        path.write_bytes(written)
    except OSError as error:
        raise SettingsError(f"{str(path)!r} cannot be written: {error.strerror}; name another file") from None


def _format(path: Path) -> Callable[[Result], bytes]:
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        known = ", ".join(FORMATS)
        raise SettingsError(f"no report is called {path.name!r}: end its name in one of {known}") from None
