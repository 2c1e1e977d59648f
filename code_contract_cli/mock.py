"""`code-contract mock`."""

from __future__ import annotations

import ipaddress
import logging
import re
import signal
import socket
import sys
from contextlib import nullcontext
from pathlib import Path
from types import FrameType

import click

from code_contract import load
from mock_server import MockServer, ValidationMode
from mock_server.core.calls import ADMIN_PREFIX
from mock_server.core.state import State
from mock_server.observability.access_log import FORMATS, access_log
from mock_server.server.workers import Service, helped


@click.command("mock")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=4010,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@click.option("--base-path", metavar="PATH", help="Serve below this path, not that of the contract's first server.")
@click.option("--seed", metavar="TEXT", help="Make the run repeatable, byte for byte.")
@click.option(
    "--secret", metavar="TEXT", envvar="CODE_CONTRACT_SECRET", show_envvar=True, help="Key the challenges with this."
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME",
    help="Break a clause this way (repeatable; `code-contract clauses` names them).",
)
@click.option(
    "--validate",
    type=click.Choice(["strict", "warn", "off"]),
    help="Refuse every request against the contract, only warn, or do not look; by default what the contract only assumes warns and all else is refused.",
)
@click.option("--log-format", type=click.Choice(FORMATS), default="text", show_default=True, help="One line a call.")
@click.option("--watch/--no-watch", default=None, help="Follow the contract's file as it changes (on a terminal: yes).")
@click.option("--no-admin", is_flag=True, help="Serve nothing under /__mock/.")
@click.option("--once", is_flag=True, help="Answer one call and end.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes that answer; with more than one, what asks for more than the answer still goes to the first.",
)
@click.option("--spec", type=click.Path(path_type=Path), metavar="FILE", help="Serve this contract.")
def command(
    host: str,
    port: int,
    base_path: str | None,
    seed: str | None,
    secret: str | None,
    faults: tuple[str, ...],
    validate: str | None,
    log_format: str,
    watch: bool | None,
    no_admin: bool,
    once: bool,
    workers: int,
    spec: Path | None,
) -> int:
    """Serve every operation of the contract until SIGTERM or Ctrl-C.

    What it did with a call goes to stderr, a line each. The page at /__mock/ shows the captchas and steers the mock.
    """
    if workers > 1 and not hasattr(socket, "send_fds"):
        raise click.UsageError(
            f"--workers {workers} takes a system on which processes can share connections; leave it out"
        )
    for option, given in (("--seed", seed is not None), ("--once", once)):
        if given and workers > 1:
            raise click.UsageError(
                f"{option} counts the calls of one process, and --workers is {workers}; leave one out"
            )
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    if secret is not None and not secret:
        raise click.UsageError("the secret is empty; give some text, or leave it out for one drawn at random")
    state = State.new(None if secret is None else secret.encode("utf-8", "surrogateescape"), seed)
    service = Service(
        spec=spec,
        secret=state.secret,
        faults=faults,
        base_path=None if base_path is None else _path(base_path),
        validate=ValidationMode(validate or ValidationMode.DEFAULT),
        admin=not no_admin,
        log_format=log_format,
        watch=sys.stderr.isatty() if watch is None else watch,
    )
    contract = load(spec)
    try:
        server = MockServer(service.app(contract, state), host, port)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise click.UsageError(
            f"cannot listen on {host!r} port {port}: {reason}; name another with --host and --port (0 takes a free one)"
        ) from None

    def stop(number: int, frame: FrameType | None) -> None:
        server.stop()

    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), stop)
    if once:
        state.observers.append(lambda entry: server.stop() if entry.operation else None)
    if not _is_loopback(host):
        click.echo(f"code-contract: {host} can be reached from other machines", err=True)
    if not no_admin:
        click.echo(f"{server.root_url}{ADMIN_PREFIX}/ shows the captchas and steers the mock", err=True)
    click.echo(f"listening on {server.base_url}")
    with (
        access_log(sys.stderr, log_format) as line,
        helped(server, service, workers - 1) if workers > 1 else nullcontext(),
        service.watching(server, contract),
    ):
        state.observers.append(line)
        server.serve()
    return 0


def _path(text: str) -> str:
    """A base path: below the root, without a slash at the end."""
    path = text.rstrip("/")
    if path and not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", path):
        raise click.UsageError(f"--base-path {text!r} is no path; write one such as /api/v1")
    if path.startswith(ADMIN_PREFIX):
        raise click.UsageError(f"--base-path {text!r} is where the admin API is; write another")
    return path


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
