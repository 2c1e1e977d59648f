"""`code-contract load`."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from code_contract_cli.options import (
    URL_VARIABLE,
    EnvironmentCommand,
    NumberRange,
    Spec,
    config_option,
    given_options,
    settings_options,
    spec_option,
)
from contract_tests import config as config_file
from contract_tests.load import handover
from contract_tests.settings import OPTIONS, Settings

START = """
import runpy, signal
signal.signal(signal.SIGINT, signal.SIG_DFL)
runpy.run_module("locust", run_name="__main__", alter_sys=True)
"""
"""Starts Locust, whose imports an interrupt would end with a traceback and status 1; the locustfile restores it."""
LOCUSTFILE = Path(handover.__file__).parents[1] / "locustfile.py"

# Requests are limited by users and run time instead of samples and deadline.
_NAMES = (
    *("headers", "values", "auth", "source", "timeout", "allow_writes", "strict"),
    *("proxy", "ca_bundle", "cert", "cert_key", "insecure"),
)
_SETTINGS = {name: OPTIONS[name] for name in _NAMES}

_LOCUST = (
    click.option("-u", "--users", type=click.IntRange(1), default=10, metavar="N", help="Concurrent users; each sends one request per second.", show_default=True),
    click.option("-r", "--spawn-rate", type=NumberRange(0.01), default=10, metavar="N", help="Users to start per second.", show_default=True),
    click.option("-t", "--run-time", metavar="TIME", help="Duration, such as 90s, 10m or 1h30m.  [default: 1m; no limit with --web]"),
    click.option("--web", is_flag=True, help="Start the web interface of Locust instead of the run."),
    click.option("--web-host", default="127.0.0.1", metavar="HOST", help="Address of the web interface.", show_default=True),
    click.option("--web-port", type=int, default=8089, metavar="PORT", help="Port of the web interface.", show_default=True),
    click.option("--processes", type=int, metavar="N", help="Worker processes on this machine; -1 for one per CPU."),
    click.option("--master", is_flag=True, help="Coordinate workers on other machines."),
    click.option("--worker", is_flag=True, help="Send requests for a master; needs the same settings as the master."),
    click.option("--master-host", metavar="HOST", help="Address of the master, for --worker.  [default: 127.0.0.1]"),
    click.option("--master-port", type=int, metavar="PORT", help="Port of the master, for --worker.  [default: 5557]"),
    click.option("--expect-workers", type=click.IntRange(1), metavar="N", help="Workers to wait for, for --master."),
    click.option("--html", metavar="FILE", help="Write the report of Locust."),
    click.option("--csv", metavar="PREFIX", help="Write the statistics of Locust as CSV files."),
    click.option("--json", is_flag=True, help="Print the statistics of Locust as JSON to stdout."),
)  # fmt: skip


def _locust_options(function: Any) -> Any:
    for option in reversed(_LOCUST):
        function = option(function)
    return function


@click.command("load", cls=EnvironmentCommand)
@click.argument("base_url", required=False, envvar=URL_VARIABLE)
@_locust_options
@settings_options(_SETTINGS)
@config_option
@spec_option
@click.argument("locust_arguments", nargs=-1, type=click.UNPROCESSED, metavar="[-- LOCUST_OPTIONS...]")
def command(
    base_url: str | None, config: Path | None, spec: Spec, locust_arguments: tuple[str, ...], **given: Any
) -> int:
    """Check the server at BASE_URL under load, with Locust.

    Every response to the baseline request is checked. The run is headless unless --web is given. Options after -- are
    those of `locust --help`. Needs the extra: pip install 'code-contract[load]'.

    \b
    Exit status: 0 passed; 1 a MUST clause or a request failed;
    2 usage error or invalid contract; 3 the target could not be checked.
    """
    if find_spec("locust") is None:
        raise ModuleNotFoundError(name="locust")
    config = config or config_file.find()
    spec = spec.configured(config_file.documents(config))
    contract = spec.load()
    configured = {} if config is None else config_file.read(config, contract)
    target = configured.pop("base_url", None)
    target = base_url or target
    if target is None:
        raise click.UsageError("no target; use code-contract load https://host/path")
    options = given_options({name: given.pop(name) for name in _SETTINGS})
    settings = Settings.from_options(contract, target, options, configured)
    arguments = [sys.executable, "-c", START, "-f", str(LOCUSTFILE), "--host", settings.base_url]
    arguments += [*_arguments(given), *locust_arguments]
    environment = os.environ | {handover.VARIABLE: handover.dump(settings, spec.path, spec.overlays)}
    # Locust must be imported before any module that uses sockets, so it gets a new process. On POSIX that replaces this
    # one: signals reach Locust, and secrets given as options leave the process list.
    if sys.platform != "win32":
        sys.stdout.flush()
        os.execve(sys.executable, arguments, environment)  # noqa: S606 - without a shell
    return subprocess.call(arguments, env=environment)


def _arguments(given: dict[str, Any]) -> list[str]:
    """Return the arguments of Locust for the options of this command."""
    web, worker = given.pop("web"), given["worker"]
    if not web:
        given["headless"] = True
        given["run_time"] = given["run_time"] or "1m"
    if not web or worker:
        given["web_host"] = given["web_port"] = None
    if worker:
        given |= dict.fromkeys(("users", "spawn_rate", "run_time"))
    if given["processes"] and not given["master"] and not worker:
        # The workers are on this machine, and Locust does not encrypt.
        given["master_bind_host"] = "127.0.0.1"
    flags = {f"--{name.replace('_', '-')}": value for name, value in given.items() if value not in (None, False)}
    return [part for flag, value in flags.items() for part in ([flag] if value is True else [flag, str(value)])]
