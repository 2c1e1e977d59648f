"""`code-contract check`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from contract import Contract, load
from contract_tests.collect import Progress
from contract_tests.reports import files, junit, text
from contract_tests.run import check
from contract_tests.settings import Settings, parse_base_url, parse_header


@click.command("check")
@click.argument("base_url", required=False)
@click.option(
    "--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="Send this header with every call (repeatable)."
)
@click.option("--source", metavar="VALUE", help="Name this source; the contract's example by default, '' for none.")
@click.option("--samples", type=int, default=32, show_default=True, metavar="N", help="Calls of an operation.")
@click.option(
    "--concurrency", type=int, default=8, show_default=True, metavar="N", help="Calls at the same time, at most."
)
@click.option("--timeout", type=float, default=10.0, show_default=True, metavar="S", help="Seconds for one call.")
@click.option("--deadline", type=float, default=45.0, show_default=True, metavar="S", help="Seconds for all calls.")
@click.option("--only", multiple=True, metavar="CLAUSE", help="Judge this clause only (repeatable).")
@click.option("--strict", is_flag=True, help="Fail for should-clauses too.")
@click.option("--ca-bundle", metavar="FILE", help="Trust these certificates (PEM).")
@click.option("--insecure", is_flag=True, help="Trust any certificate.")
@click.option("--spec", type=click.Path(path_type=Path), metavar="FILE", help="Judge by this contract.")
@click.option(
    "--junitxml", type=click.Path(path_type=Path), metavar="FILE", help="Write JUnit XML, one case per clause."
)
@click.option("--report", "reports", type=click.Path(path_type=Path), multiple=True, metavar="FILE", help="Write a report: .html, .md, .json (CTRF) or .xml (JUnit), by its suffix (repeatable).")
@click.option("-v", "--verbose", is_flag=True, help="Show every clause's sentence and every call.")
def command(
    base_url: str | None,
    headers: tuple[str, ...],
    source: str | None,
    samples: int,
    concurrency: int,
    timeout: float,
    deadline: float,
    only: tuple[str, ...],
    strict: bool,
    ca_bundle: str | None,
    insecure: bool,
    spec: Path | None,
    junitxml: Path | None,
    reports: tuple[Path, ...],
    verbose: bool,
) -> int:
    """Check the implementation at BASE_URL (where /code hangs, such as https://host/api/v1).

    Without BASE_URL the built-in mock is started and checked.

    \b
    Exit status: 0 it conforms; 1 a must-clause is broken;
    2 wrong usage or contract; 3 the target could not be judged.
    """
    contract = load(spec)
    if junitxml is not None:
        _writable(junitxml)
    for path in reports:
        files.refuse(path)
    with _target(contract, base_url) as target:
        url, credentials = parse_base_url(target, contract)
        settings = Settings(
            base_url=url,
            headers=tuple(map(parse_header, headers)) + credentials,
            source=source,
            samples=samples,
            concurrency=concurrency,
            timeout=timeout,
            deadline=deadline,
            only=frozenset(only),
            strict=strict,
            ca_bundle=ca_bundle,
            insecure=insecure,
        )
        for name in sorted(settings.only):
            contract.clause(name)
        with _progress() as progress:
            result = check(contract, settings, progress)
    paint = text.coloured if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else text.plain
    click.echo("\n".join(text.lines(result, paint, verbose)), color=True)
    if base_url is None:
        click.echo("This was the built-in mock. To check yours: code-contract check https://host/path")
    if junitxml is not None:
        junitxml.write_bytes(junit.write(result))
    for path in reports:
        files.write(path, result)
    return result.exit_status


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


def _writable(path: Path) -> None:
    """Refuse a report that could not be written before the target is called, not after."""
    try:
        with path.open("ab"):
            pass
    except OSError as error:
        raise click.UsageError(f"{str(path)!r} cannot be written: {error.strerror}; name another file") from None
