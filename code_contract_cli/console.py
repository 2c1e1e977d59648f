"""The report of a check on stdout, and what GitHub Actions reads of it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click

from code_contract.text import escape_lines
from contract_tests.message import translate
from contract_tests.reports import github, terminal
from contract_tests.result import Result

MIN_WIDTH, MAX_WIDTH = 40, 120
"""Columns between which the width of a terminal is used."""


def show(result: Result, *, verbose: bool, quiet: bool, closing: str = "") -> None:
    """Print the report; in GitHub Actions, annotations and the summary of the step too.

    Args:
        result: The result of the run.
        verbose: True to show the text of every clause, and every request.
        quiet: True to show failures only.
        closing: A last line for people, "" for none.
    """
    is_github = os.environ.get("GITHUB_ACTIONS") == "true"
    lines = _lines(result, verbose, quiet, closing)
    shown = list(github.inert(lines) if is_github else lines)
    if is_github:
        shown += github.workflow_commands(result)
        _append_summary(result)
    if shown:
        click.echo("\n".join(shown), color=True)


def message(text: str) -> None:
    """Print a line about the run on stderr, whose loss changes nothing."""
    with suppress(OSError):
        click.echo(escape_lines(text), err=True)


def is_coloured() -> bool:
    """Return True for a coloured report: NO_COLOR forbids it, FORCE_COLOR demands it, else a terminal has it."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def width() -> int:
    """Return the columns of lines: those of the terminal, or COLUMNS, within limits."""
    return min(max(shutil.get_terminal_size((terminal.WIDTH, 24)).columns, MIN_WIDTH), MAX_WIDTH)


def _lines(result: Result, verbose: bool, quiet: bool, closing: str) -> Iterator[str]:
    paint = terminal.coloured if is_coloured() else terminal.plain
    if quiet:
        yield from terminal.render_failures(result, paint, width())
        return
    yield from terminal.render(result, paint, verbose, width())
    if closing:
        yield translate(closing, result.lang)


def _append_summary(result: Result) -> None:
    """Append the Markdown report to the summary of the step, within the limit of GitHub."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    try:
        size = Path(path).stat().st_size if Path(path).exists() else 0
        content = github.summary(result, github.MAX_SUMMARY - size - 1)
        with open(path, "ab") as file:
            # What the step has written before may lack the end of its line.
            file.write(b"\n" + content if size and content else content)
        if not content:
            message("code-contract: warning: the step summary has no room left; a report (--report) shows the findings")
    except OSError as error:
        message(f"code-contract: warning: the step summary {path!r} cannot be written: {error.strerror}")
