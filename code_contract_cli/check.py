"""`code-contract check`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from code_contract import Contract
from code_contract_cli import interrupts, output
from code_contract_cli.options import FILE, Spec, settings_options, spec_option
from contract_tests import config as config_file
from contract_tests.engine.collector import Progress
from contract_tests.har import reader, writer
from contract_tests.reports import terminal, writers
from contract_tests.run import CheckInterruptedError, check, check_recording
from contract_tests.settings import OPTIONS, Settings

_LOG_INTERVAL = 60.0
"""Seconds between two lines of progress in a log."""
_LIVE_ONLY_OPTIONS = OPTIONS.keys() - {"strict", "reference_url"} | {"wait", "save_har"}


@click.command("check")
@click.argument("base_url", required=False)
@settings_options(OPTIONS)
@click.option("--only", multiple=True, metavar="CLAUSE", help="Check only this clause (repeatable).")
@click.option(
    "--config", type=FILE, metavar="FILE", help="TOML file with settings.  [default: the nearest pyproject.toml]"
)
@click.option(
    "--wait",
    type=click.FloatRange(0, 3600),
    default=0.0,
    metavar="S",
    help="Wait up to S seconds for the target to start.",
)
@spec_option
@click.option(
    "--report",
    "reports",
    type=FILE,
    multiple=True,
    metavar="FILE",
    help="Write a report: .html, .md, .json (CTRF) or .xml (JUnit) (repeatable).",
)
@click.option("--save-har", type=FILE, metavar="FILE", help="Save all requests and responses as HAR 1.2.")
@click.option(
    "--replay",
    type=FILE,
    metavar="FILE.har",
    help="Check a recording offline: one of --save-har, or an export of browser devtools.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show the text of every clause, and every request.")
def command(
    base_url: str | None,
    only: tuple[str, ...],
    config: Path | None,
    wait: float,
    spec: Spec,
    reports: tuple[Path, ...],
    save_har: Path | None,
    replay: Path | None,
    verbose: bool,
    **given: Any,
) -> int:
    """Check the server at BASE_URL, such as https://host/api/v1, against the contract.

    Without BASE_URL, check the base_url of [tool.code-contract] in the nearest pyproject.toml, or else the built-in
    mock. With --replay, check the recorded requests below BASE_URL and send none.

    \b
    Exit status: 0 passed; 1 a MUST clause failed;
    2 usage error or invalid contract; 3 the target could not be checked;
    70 unexpected error; 74 output cannot be written; 130, 143 interrupted.
    """
    if replay is not None:
        _reject_live_options()
    formats = [(path, writers.format_of(path)) for path in reports]
    output.check_writable([*reports, *([save_har] if save_har else [])])
    config = config or config_file.find()
    contract = spec.configured(config_file.documents(config)).load()
    for name in only:
        contract.clause(name)
    configured = {} if config is None else config_file.read(config, contract)
    target = configured.pop("base_url", None)
    target = base_url or target
    recording = None if replay is None else reader.read(replay, contract, base_url)
    with _running(contract, recording.base_url if recording else target) as url:
        settings = Settings.from_options(contract, url, given | {"only": frozenset(only)}, configured)
        if settings.soak and save_har is not None:
            raise click.UsageError("--save-har keeps every response, a soak does not; omit one of them")
        try:
            if recording is not None:
                result = check_recording(contract, settings, recording)
            else:
                with _progress(settings.soak_seconds) as progress:
                    result = check(contract, settings, progress, keep_bodies=save_har is not None, wait=wait)
        except CheckInterruptedError as interrupted:
            result = interrupted.result
    with interrupts.deferred():
        result = replace(result, signal_status=interrupts.exit_status())
        forms = [*formats, *([(save_har, writer.write)] if save_har else [])]
        try:
            output.save_all([(path, partial(form, result)) for path, form in forms])
            if interrupts.exit_status() != result.signal_status:
                # A signal came while they were written; they show the exit status.
                result = replace(result, signal_status=interrupts.exit_status())
                output.save_all([(path, partial(form, result)) for path, form in forms])
        finally:
            paint = terminal.coloured if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else terminal.plain
            click.echo("\n".join(terminal.render(result, paint, verbose)), color=True)
            if target is None and recording is None:
                click.echo("This was the built-in mock. To check your server: code-contract check https://host/path")
    return result.exit_status


def _reject_live_options() -> None:
    """Reject the options about requests, because a replay sends none."""
    context = click.get_current_context()
    for parameter in context.command.params:
        given = context.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE
        if parameter.name in _LIVE_ONLY_OPTIONS and given:
            raise click.UsageError(f"{parameter.opts[0]} applies to live requests; omit it with --replay")


@contextmanager
def _running(contract: Contract, base_url: str | None) -> Iterator[str]:
    """Yield the base URL given, or that of a mock that runs meanwhile."""
    if base_url is not None:
        yield base_url
        return
    from mock_server import running

    with running(contract=contract) as mock:
        yield mock.base_url


@contextmanager
def _progress(soak: float) -> Iterator[Progress | None]:
    """Yield a function that shows the progress: on one line of a terminal; of a soak, else on a line a minute."""
    is_terminal = sys.stderr.isatty()
    if not is_terminal and not soak:
        yield None
        return
    begun = last = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        text = f"{done} requests, {now - begun:.0f} of {soak:g} s" if soak else f"{done} of {total} requests"
        if is_terminal:
            sys.stderr.write(f"\r{text}\x1b[K")
        elif now - last >= _LOG_INTERVAL:
            last = now
            sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    try:
        yield show
    finally:
        if is_terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
