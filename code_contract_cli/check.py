"""`code-contract check`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from code_contract import Contract, load
from contract_tests import config as config_file
from contract_tests.engine.collector import Progress
from contract_tests.har import reader as recordings
from contract_tests.har import writer as har_report
from contract_tests.reports import junit
from contract_tests.reports import terminal as text
from contract_tests.reports import writers as files
from contract_tests.run import check, judge_recording, wait_for
from contract_tests.settings import Settings, parse_base_url, parse_header

_LIVE_ONLY_OPTIONS = frozenset(
    {"headers", "source", "samples", "concurrency", "timeout", "deadline", "wait", "ca_bundle", "insecure", "har"}
)


@click.command("check")
@click.argument("base_url", required=False)
@click.option(
    "--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="Send this header with every call (repeatable)."
)
@click.option("--source", metavar="VALUE", help="Name this source; the contract's example by default, '' for none.")
@click.option("--samples", type=int, metavar="N", help="Calls of an operation (32).")
@click.option("--concurrency", type=int, metavar="N", help="Calls at the same time, at most (8).")
@click.option("--timeout", type=float, metavar="S", help="Seconds for one call (10).")
@click.option("--deadline", type=float, metavar="S", help="Seconds for all calls (45).")
@click.option("--only", multiple=True, metavar="CLAUSE", help="Judge this clause only (repeatable).")
@click.option("--strict", is_flag=True, help="Fail for should-clauses too, and let no waiver count.")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Take settings from this TOML file, not from the nearest pyproject.toml.",
)
@click.option(
    "--wait",
    type=click.FloatRange(0, 3600),
    default=0.0,
    metavar="S",
    help="Wait so long for a target that is still starting.",
)
@click.option("--ca-bundle", metavar="FILE", help="Trust these certificates (PEM).")
@click.option("--insecure", is_flag=True, help="Trust any certificate.")
@click.option("--spec", type=click.Path(path_type=Path), metavar="FILE", help="Judge by this contract.")
@click.option(
    "--junitxml", type=click.Path(path_type=Path), metavar="FILE", help="Write JUnit XML, one case per clause."
)
@click.option(
    "--report",
    "reports",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="Write a report: .html, .md, .json (CTRF) or .xml (JUnit), by its suffix (repeatable).",
)
@click.option("--har", type=click.Path(path_type=Path), metavar="FILE", help="Save all calls as HAR 1.2.")
@click.option(
    "--from",
    "recorded",
    type=click.Path(path_type=Path),
    metavar="FILE.har",
    help="Make no call: judge those of a recording, by --har or a browser's developer tools.",
)
@click.option(
    "--docs-url",
    metavar="URL",
    help="Where the page of `code-contract docs --format html` is published; HTML reports link to it.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show every clause's sentence and every call.")
def command(
    base_url: str | None,
    headers: tuple[str, ...],
    source: str | None,
    samples: int | None,
    concurrency: int | None,
    timeout: float | None,
    deadline: float | None,
    only: tuple[str, ...],
    strict: bool,
    config: Path | None,
    wait: float,
    ca_bundle: str | None,
    insecure: bool,
    spec: Path | None,
    junitxml: Path | None,
    reports: tuple[Path, ...],
    har: Path | None,
    recorded: Path | None,
    docs_url: str | None,
    verbose: bool,
) -> int:
    """Check the implementation at BASE_URL (where /code hangs, such as https://host/api/v1).

    Without BASE_URL the one in [tool.code-contract] of the nearest pyproject.toml is checked; without that, the built-in
    mock. With --from, only the recorded calls below BASE_URL are judged.

    \b
    Exit status: 0 it conforms; 1 a must-clause is broken;
    2 wrong usage or contract; 3 the target could not be judged.
    """
    if recorded is not None:
        _reject_live_options()
    contract = load(spec)
    for path in filter(None, (junitxml, har)):
        files.check_writable(path)
    for path in reports:
        files.check_report_path(path)
    told = _configured(config, contract)
    configured = told.pop("base_url", None)
    asked = base_url or configured
    given = {
        "source": source,
        "samples": samples,
        "concurrency": concurrency,
        "timeout": timeout,
        "deadline": deadline,
        "ca_bundle": ca_bundle,
        "docs_url": docs_url,
        "strict": strict or None,
    }
    recording = None if recorded is None else recordings.read(recorded, contract, base_url)
    with _target(contract, recording.base_url if recording else asked) as target:
        url, credentials = parse_base_url(target, contract)
        own = tuple(map(parse_header, headers)) + credentials
        named = {name.lower() for name, _ in own}
        told_headers = tuple(pair for pair in told.pop("headers", ()) if pair[0].lower() not in named)
        settings = Settings(
            base_url=url,
            headers=own + told_headers,
            only=frozenset(only),
            insecure=insecure,
            **(told | {key: value for key, value in given.items() if value is not None}),
        )
        for name in sorted(settings.only):
            contract.clause(name)
        if wait:
            wait_for(contract, settings, wait)
        if recording is not None:
            result = judge_recording(contract, settings, recording)
        else:
            with _progress() as progress:
                result = check(contract, settings, progress, whole=har is not None)
    paint = text.coloured if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else text.plain
    click.echo("\n".join(text.render(result, paint, verbose)), color=True)
    if asked is None and recording is None:
        click.echo("This was the built-in mock. To check yours: code-contract check https://host/path")
    if junitxml is not None:
        files.save(junitxml, junit.write(result))
    if har is not None:
        files.save(har, har_report.write(result))
    for path in reports:
        files.write(path, result)
    return result.exit_status


def _reject_live_options() -> None:
    """Refuse the options that say how calls are made, where a recording is judged and none is."""
    context = click.get_current_context()
    for parameter in context.command.params:
        if (
            parameter.name in _LIVE_ONLY_OPTIONS
            and context.get_parameter_source(parameter.name) is ParameterSource.COMMANDLINE
        ):
            raise click.UsageError(f"{parameter.opts[0]} is for calls, and --from makes none; leave one of them out")


def _configured(config: Path | None, contract: Contract) -> dict[str, Any]:
    """The settings of --config, else of the nearest pyproject.toml that has some."""
    path = config or config_file.find(Path.cwd())
    return {} if path is None else config_file.read(path, contract)


@contextmanager
def _target(contract: Contract, base_url: str | None) -> Iterator[str]:
    """The base URL given, or that of a mock which runs as long."""
    if base_url is not None:
        yield base_url
        return
    from mock_server import running

    with running(contract=contract) as mock:
        yield mock.base_url


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """A line that counts the calls, on a terminal only, and is gone at the end."""
    if not sys.stderr.isatty():
        yield None
        return

    def show(done: int, total: int) -> None:
        sys.stderr.write(f"\r{done} of {total} calls\x1b[K")
        sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
