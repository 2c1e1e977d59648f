"""Writing reports to files; the suffix selects the format."""

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
"""The function that renders a report, by suffix."""


def check_report_path(path: Path) -> None:
    """Check before a run that a report can be written to `path`.

    Raises:
        SettingsError: The suffix is unknown, or the file cannot be written.
    """
    _format(path)
    check_writable(path)


def check_writable(path: Path) -> None:
    """Check that a file can be written; an existing one is not changed.

    Raises:
        SettingsError: It cannot.
    """
    existed = path.exists()
    with _os_errors(path):
        with path.open("ab"):
            pass
        if not existed:
            path.unlink()


def write(path: Path, result: Result) -> None:
    """Write the report in the format of the suffix of `path`.

    Raises:
        SettingsError: The suffix is unknown, or the file cannot be written.
    """
    save(path, _format(path)(result))


def save(path: Path, content: bytes) -> None:
    """Write a file.

    Raises:
        SettingsError: The file cannot be written.
    """
    with _os_errors(path):
        path.write_bytes(content)


@contextmanager
def _os_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SettingsError(f"{str(path)!r} cannot be written: {error.strerror}; use another path") from None


def _format(path: Path) -> Callable[[Result], bytes]:
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        known = ", ".join(FORMATS)
        raise SettingsError(f"unknown report format {path.name!r}; use one of the suffixes {known}") from None
