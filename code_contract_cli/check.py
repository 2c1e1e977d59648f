"""`code-contract check`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from code_contract import Contract
from code_contract_cli import completion, interrupts, output, parity
from code_contract_cli.options import (
    FILE,
    TEXT,
    URL_VARIABLE,
    EnvironmentCommand,
    NumberRange,
    Spec,
    config_option,
    given_options,
    settings_options,
    spec_option,
)
from code_contract_cli.progress import progress
from code_contract_cli.publishing import Form, publish
from contract_tests import config as config_file
from contract_tests import message
from contract_tests.engine import comparison
from contract_tests.har import reader, writer
from contract_tests.reports import badge as badges
from contract_tests.reports import statement as statements
from contract_tests.reports import writers
from contract_tests.run import CheckInterruptedError, check, check_recording
from contract_tests.settings import OPTIONS, Settings

if TYPE_CHECKING:
    from code_contract_cli.waivers import WaiverUpdate
    from contract_tests.result import Result

_MOCK_LINE = "This was the built-in mock. To check your server: code-contract check https://host/path"
_LIVE_ONLY_OPTIONS = OPTIONS.keys() - {"strict", "reference_url"} | {"wait", "save_har"}

GROUPS = {
    "Target": ("headers", "source", "auth", "values", "proxy", "ca_bundle", "cert", "cert_key", "insecure", "wait"),
    "Requests": ("samples", "budget", "soak", "concurrency", "rate", "timeout", "deadline", "allow_writes", "replay"),
    "Contract and settings": ("spec", "overlay", "strict_spec", "config"),
    "Verdict": ("only", "strict", "baseline", "update_waivers", "mock_parity"),
    "Output": ("reports", "statement", "badge", "save_har", "reference_url", "verbose", "quiet", "lang"),
}
"""The groups of the options in the help text."""


@click.command("check", cls=EnvironmentCommand, groups=GROUPS)
@click.argument("base_url", required=False, envvar=URL_VARIABLE)
@settings_options(OPTIONS)
@click.option(
    "--only",
    type=TEXT,
    multiple=True,
    metavar="CLAUSE",
    help="Check only this clause (repeatable).",
    shell_complete=completion.clauses,
)
@config_option
@click.option(
    "--wait",
    type=NumberRange(0, 3600),
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
    help="Write a report: .html, .md, .json (CTRF), .xml (JUnit), .codequality.json (GitLab) or .sarif (repeatable).",
    shell_complete=completion.reports,
)
@click.option(
    "--baseline", type=FILE, metavar="FILE", help="CTRF report of an earlier run; only what did not fail in it fails."
)
@click.option("--update-waivers", is_flag=True, help="Write waivers for what fails now, and remove those not needed.")
@click.option("--mock-parity", is_flag=True, help="Compare with the built-in mock in what the contract leaves open.")
@click.option("--statement", type=FILE, metavar="FILE.json", help="Write a conformance statement.")
@click.option("--badge", type=FILE, metavar="FILE.svg", help="Write a badge.")
@click.option("--save-har", type=FILE, metavar="FILE", help="Save all requests and responses as HAR 1.2.")
@click.option(
    "--replay",
    type=FILE,
    metavar="FILE.har",
    help="Check a recording offline: one of --save-har, or an export of browser devtools.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show the text of every clause, and every request.")
@click.option("-q", "--quiet", is_flag=True, help="Show failures only.")
@click.option(
    "--lang",
    type=click.Choice(message.LANGUAGES),
    help="Language of the output and of HTML and Markdown.  [default: that of LC_ALL, LC_MESSAGES or LANG]",
)
def command(
    base_url: str | None,
    only: tuple[str, ...],
    config: Path | None,
    wait: float,
    spec: Spec,
    reports: tuple[Path, ...],
    baseline: Path | None,
    update_waivers: bool,
    mock_parity: bool,
    statement: Path | None,
    badge: Path | None,
    save_har: Path | None,
    replay: Path | None,
    verbose: bool,
    quiet: bool,
    lang: str | None,
    **given: Any,
) -> int:
    """Check the server at BASE_URL, such as https://host/api/v1, against the contract.

    Without BASE_URL, check the base_url of the settings, or else the built-in mock. With --replay, check the recorded
    requests below BASE_URL and send none.

    Each option can also be given in the environment, as in CODE_CONTRACT_SAMPLES=64 for --samples 64, and BASE_URL in
    CODE_CONTRACT_URL; several values of one option are lines. The order is: command line, environment, settings
    (the nearest code-contract.toml, or pyproject.toml with [tool.code-contract]), default.

    \b
    Exit status: 0 passed; 1 a MUST clause failed;
    2 usage error or invalid contract; 3 the target could not be checked;
    70 unexpected error; 74 output cannot be written; 130, 143 interrupted.
    """
    if replay is not None:
        _reject_live_options()
    lang = lang or message.default_language()
    if verbose and quiet:
        raise click.UsageError("--verbose and --quiet exclude each other; omit one of them")
    config = config or config_file.find()
    spec = spec.configured(config_file.documents(config))
    forms: list[tuple[Path, Form]] = [(path, writers.format_of(path)) for path in reports]
    forms += [(statement, partial(statements.write, overlays=spec.overlays))] if statement else []
    forms += [(badge, badges.write)] if badge else []
    forms += [(save_har, writer.write)] if save_har else []
    output.check_writable([*(path for path, _ in forms), *([config or config_file.DEFAULT] if update_waivers else ())])
    earlier = None if baseline is None else comparison.read(baseline)
    contract = spec.load()
    for name in only:
        contract.clause(name)
    configured = {} if config is None else config_file.read(config, contract)
    target = configured.pop("base_url", None)
    target = base_url or target
    recording = None if replay is None else reader.read(replay, contract, base_url)
    with _running(contract, recording.base_url if recording else target) as url:
        options = given_options(given) | {"only": frozenset(only)}
        settings = Settings.from_options(contract, url, options, configured)
        if update_waivers and settings.strict:
            raise click.UsageError("a strict run ignores waivers; omit --strict or --update-waivers")
        keep_bodies = save_har is not None or mock_parity
        if settings.soak and keep_bodies:
            option = "--save-har" if save_har else "--mock-parity"
            raise click.UsageError(f"{option} keeps every response, a soak does not; omit one of them")
        try:
            if recording is not None:
                result = check_recording(contract, settings, recording)
            else:
                with progress(settings.soak_seconds, quiet, lang) as shown:
                    result = check(contract, settings, shown, keep_bodies=keep_bodies, wait=wait)
            result = parity.compared(result) if mock_parity else result
        except CheckInterruptedError as interrupted:
            result = interrupted.result
    with interrupts.deferred():
        result = replace(result, lang=lang)
        change = _updated_waivers(config, result) if update_waivers else None
        if change is not None:
            result = change.applied(result)
            forms += [(change.path, change.write)] if change.content else []
        closing = "" if target or recording else _MOCK_LINE
        result = replace(result, baseline=earlier)
        return publish(result, forms, verbose, quiet, closing, {change.path: change.message} if change else {})


def _updated_waivers(config: Path | None, result: Result) -> WaiverUpdate | None:
    # TOML Kit takes a twelfth of the time in which a check starts.
    from code_contract_cli.waivers import updated

    return updated(config, result)


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
