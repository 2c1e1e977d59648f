"""A report into a file: which kind it is, its suffix says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
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


def check_report_path(path: Path) -> None:
    """Raise SettingsError for a report that could not be written; call it before the target is called, not after."""
    _format(path)
    check_writable(path)


def check_writable(path: Path) -> None:
    """The same of a file of whatever kind."""
    there = path.exists()
    with _sentence(path):
        with path.open("ab"):
            pass
        if not there:
            path.unlink()


def write(path: Path, result: Result) -> None:
    """Write the report that the suffix of `path` asks for. Raises SettingsError where it cannot be written."""
    save(path, _format(path)(result))


def save(path: Path, written: bytes) -> None:
    """Write a file. Raises SettingsError where it cannot be written."""
    with _sentence(path):
        path.write_bytes(written)


@contextmanager
def _sentence(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SettingsError(f"{str(path)!r} cannot be written: {error.strerror}; name another file") from None


def _format(path: Path) -> Callable[[Result], bytes]:
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        known = ", ".join(FORMATS)
        raise SettingsError(f"no report is called {path.name!r}: end its name in one of {known}") from None
