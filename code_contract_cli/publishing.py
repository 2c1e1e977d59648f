"""The end of a check: files are written, and the report is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from code_contract_cli import console, interrupts, output
from contract_tests.message import Message, translate
from contract_tests.result import Result

Form = Callable[[Result], bytes]
"""Renders a result."""


def publish(
    result: Result,
    forms: Iterable[tuple[Path, Form]],
    verbose: bool,
    quiet: bool,
    closing: str,
    messages: Mapping[Path, str],
) -> int:
    """Write the files, then show the report; return the exit status.

    Args:
        result: The result of the run.
        forms: The files, each with the function that renders it.
        verbose: True to show the text of every clause, and every request.
        quiet: True to show failures only.
        closing: A last line for people, "" for none.
        messages: The lines about some of the files; the others get "wrote PATH".

    Raises:
        OutputError: A file cannot be written; the others are, and the report is shown.
    """
    result = replace(result, signal_status=interrupts.exit_status())
    saved: list[Path] = []
    try:
        saved = output.save_all([(path, partial(form, result)) for path, form in forms])
        if interrupts.exit_status() != result.signal_status:
            # A signal came while they were written; they show the exit status.
            result = replace(result, signal_status=interrupts.exit_status())
            saved = output.save_all([(path, partial(form, result)) for path, form in forms])
    finally:
        console.show(result, verbose=verbose, quiet=quiet, closing=closing)
        if not quiet:
            for path in dict.fromkeys((*saved, *messages)):
                console.message(translate(messages.get(path, Message("wrote {}", path)), result.lang))
    return result.exit_status
