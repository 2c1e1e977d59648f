"""`code-contract mock`."""

from __future__ import annotations

import ipaddress
import logging
import signal
from pathlib import Path
from types import FrameType

import click

from contract import load
from mock_server import MockServer, create_app, fault


@click.command("mock")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=4010,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
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
@click.option("--spec", type=click.Path(path_type=Path), metavar="FILE", help="Serve this contract.")
def command(
    host: str, port: int, seed: str | None, secret: str | None, faults: tuple[str, ...], spec: Path | None
) -> int:
    """Serve every operation of the contract until SIGTERM or Ctrl-C."""
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    if secret is not None and not secret:
        raise click.UsageError("the secret is empty; give some text, or leave it out for one drawn at random")
    app = create_app(
        load(spec),
        secret=None if secret is None else secret.encode("utf-8", "surrogateescape"),
        seed=seed,
        faults=[fault(name) for name in faults],
    )
    try:
        server = MockServer(app, host, port)
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
    if not _is_loopback(host):
        click.echo(f"code-contract: {host} can be reached from other machines", err=True)
    click.echo(f"listening on {server.base_url}")
    server.serve()
    return 0


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
