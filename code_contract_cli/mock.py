"""`code-contract mock`."""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
from contextlib import nullcontext
from pathlib import Path
from types import FrameType

import click

from code_contract import Contract
from code_contract.text import escape_unprintable
from code_contract_cli import completion, interrupts, mock_values
from code_contract_cli.journal_check import journal_check
from code_contract_cli.options import FILE, EnvironmentCommand, Spec, spec_option
from mock_server import MockServer, ValidationMode, fault
from mock_server.admin import ADMIN_PREFIX
from mock_server.admin.access import InvalidNameError
from mock_server.core.mock import Mock
from mock_server.core.state import State
from mock_server.observability.access_log import FORMATS, LogHandler, access_log, write_line
from mock_server.observability.journal import APP
from mock_server.server.fallback_url import FallbackError
from mock_server.server.loop import SHUTDOWN_TIMEOUT
from mock_server.server.reload import auto_reload
from mock_server.server.tls import TlsError


@click.command("mock", cls=EnvironmentCommand)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    envvar="CODE_CONTRACT_HOST",
    show_envvar=True,
    help="Address to listen on.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=4010,
    show_default=True,
    envvar="CODE_CONTRACT_PORT",
    show_envvar=True,
    help="Port to listen on; 0 picks a free one.",
)
@click.option(
    "--base-path", metavar="PATH", help="Path prefix of the operations.  [default: that of the contract's first server]"
)
@click.option("--seed", metavar="TEXT", help="Produce the same responses on every run, byte for byte.")
@click.option(
    "--secret",
    metavar="TEXT",
    envvar="CODE_CONTRACT_SECRET",
    show_envvar=True,
    help="Key from which challenges are derived; mocks with the same key know each other's answers.  [default: random]",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME",
    help="Apply this fault to every response (repeatable); `code-contract faults` lists the names, as in get-pet.body.name.missing for another document.",
    shell_complete=completion.faults,
)
@click.option(
    "--validate",
    type=click.Choice([mode.value for mode in ValidationMode]),
    default=ValidationMode.DEFAULT.value,
    show_default=True,
    help="How to treat invalid requests: reject (strict), warn, ignore (off), or reject except for a warning where the contract only assumes (default).",
)
@click.option(
    "--log-format",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="Format of the access log on stderr.",
)
@click.option(
    "--reload/--no-reload", default=None, help="Reload the contract when its file changes.  [default: on a terminal]"
)
@click.option("--no-admin", is_flag=True, help="Do not serve the admin API and the page under /__mock/.")
@click.option(
    "--mask",
    multiple=True,
    metavar="NAME",
    help="Mask values of this name in journal and log, besides those of common secrets (repeatable).",
)
@click.option(
    "--allow-host",
    "hosts",
    multiple=True,
    metavar="NAME",
    help="Accept this name in Host for the admin API, besides loopback names and --host (repeatable).",
)
@click.option(
    "--allow-origin",
    "origins",
    multiple=True,
    metavar="ORIGIN",
    help="Let pages of this origin use the admin API, besides those of loopback names (repeatable).",
)
@click.option(
    "--captcha-ttl",
    default="5m",
    show_default=True,
    metavar="DURATION",
    callback=lambda _context, _option, text: mock_values.duration(text),
    help="Time for which a captcha can be answered, such as 90s, 10m or 2h.",
)
@click.option(
    "--fallback",
    metavar="URL",
    help="Pass requests that reach no operation of the contract on to this server.",
)
@click.option("--tls", is_flag=True, help="Serve HTTPS, with a certificate made for this run (needs the extra tls).")
@click.option("--tls-cert", type=FILE, metavar="FILE", help="Serve HTTPS with this certificate and its chain (PEM).")
@click.option("--tls-key", type=FILE, metavar="FILE", help="Key of the certificate (PEM).  [default: --tls-cert]")
@click.option("--once", is_flag=True, help="Exit after one response to an operation.")
@spec_option
def command(
    host: str,
    port: int,
    base_path: str | None,
    seed: str | None,
    secret: str | None,
    faults: tuple[str, ...],
    validate: str,
    log_format: str,
    reload: bool | None,
    no_admin: bool,
    mask: tuple[str, ...],
    hosts: tuple[str, ...],
    origins: tuple[str, ...],
    captcha_ttl: float,
    fallback: str | None,
    tls: bool,
    tls_cert: Path | None,
    tls_key: Path | None,
    once: bool,
    spec: Spec,
) -> int:
    """Serve a mock of every operation of the contract until SIGTERM or Ctrl-C.

    The access log goes to stderr. The page at /__mock/ shows recent captchas with their answers and sets behaviours.

    Each option can also be given in the environment, as in CODE_CONTRACT_SEED=demo for --seed demo.
    """
    if secret is not None and not secret:
        raise click.UsageError("--secret is empty; pass a non-empty text, or omit it for a random one")
    state = State.new(None if secret is None else secret.encode("utf-8", "surrogateescape"), seed, captcha_ttl)
    state.check_journal = journal_check()
    contract = spec.load()
    gc.freeze()  # no collection visits the contract, until a reload replaces it
    prefix = None if base_path is None else mock_values.base_path(base_path)

    def create(contract: Contract) -> Mock:
        mode = ValidationMode(validate)
        always = [fault(name, contract) for name in faults]
        return Mock(contract, faults=always, base_path=prefix, validate=mode, mask=mask, state=state)

    try:
        certificate = mock_values.certificate(tls, tls_cert, tls_key, (host, *hosts))
        server = MockServer(
            create(contract),
            host,
            port,
            admin=not no_admin,
            allowed_hosts=hosts,
            allowed_origins=origins,
            fallback=fallback,
            tls=certificate,
        )
    except (InvalidNameError, FallbackError, TlsError) as error:
        raise click.UsageError(str(error)) from None
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise click.UsageError(
            f"cannot listen on {host!r} port {port}: {reason}; choose another with --host and --port (0 picks a free one)"
        ) from None

    _stop_on_signals(server)
    if once:
        state.observers.append(lambda entry: server.stop() if entry.operation and entry.source == APP else None)
    follow = sys.stderr.isatty() if reload is None else reload
    with access_log(sys.stderr, log_format) as add:
        state.observers.append(add)
        logging.basicConfig(handlers=[LogHandler(add)], level=logging.WARNING)
        if not mock_values.is_loopback(host):
            add(f"code-contract: warning: {host} is reachable from other machines")
        if not no_admin:
            add(f"{server.root_url}{ADMIN_PREFIX}/ shows recent requests and sets behaviours")
        if certificate is not None and certificate.authority is not None:
            authority = certificate.authority
            add(f"trust {authority}, for example with curl --cacert or NODE_EXTRA_CA_CERTS; a browser asks once")
        write_line(f"listening on {escape_unprintable(server.base_url)}", sys.stdout)
        with (
            auto_reload(server, contract.path, create, overlays=spec.overlays, strict=spec.strict)
            if follow
            else nullcontext()
        ):
            server.serve()
    return 0


def _stop_on_signals(server: MockServer) -> None:
    """Stop the server on a signal; exit at once on a second one, or if it has not stopped in time."""
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        if stopping.is_set():
            os._exit(128 + number)
        stopping.set()
        server.stop()
        # A thread that computes would keep Python from exiting.
        watchdog = threading.Timer(SHUTDOWN_TIMEOUT + 1, os._exit, (128 + number,))
        watchdog.daemon = True
        watchdog.start()

    interrupts.handle(stop)
