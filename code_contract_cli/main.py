"""The command `code-contract`: its subcommands, and the conversion of errors to one line and an exit status."""

from __future__ import annotations

import difflib
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module

import click
from click.shell_completion import CompletionItem

from code_contract_cli import interrupts
from code_contract_cli.output import OutputError

COMMANDS = {
    "check": "Check a server against the contract.",
    "load": "Check a server under load, with Locust.",
    "mock": "Serve a mock of the contract.",
    "clauses": "List the clauses with their checks and faults.",
    "faults": "List the faults of the mock.",
    "scenarios": "List the scenarios of the mock.",
    "strength": "Measure which wrong responses the contract notices.",
    "docs": "Generate the API documentation.",
    "diff": "Compare two versions of the contract.",
}


class LazyGroup(click.Group):
    """A group that imports a subcommand when it runs, so that `--help` does not wait for schemathesis."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            near = difflib.get_close_matches(cmd_name, COMMANDS, n=1, cutoff=0.4)
            hint = f"did you mean {near[0]!r}?" if near else f"commands: {', '.join(COMMANDS)}"
            raise click.UsageError(f"unknown command {cmd_name!r}; {hint}")
        command: click.Command = import_module(f"code_contract_cli.{cmd_name}").command
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        found = [CompletionItem(name, help=text) for name, text in COMMANDS.items() if name.startswith(incomplete)]
        return found or click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="code-contract", prog_name="code-contract")
def cli() -> None:
    """The contract of POST /code, a mock server and a conformance suite."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: The command line without the program; None for `sys.argv[1:]`.

    Returns:
        The exit status: that of the subcommand, 2 for wrong usage or an invalid contract, 70 for an unexpected error,
        74 if output cannot be written, 130 (128 + signal) if interrupted, 141 if the reader of stdout has gone.
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot encode ✓ must not end the run.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = cli.main(
            None if arguments is None else list(arguments),
            prog_name="code-contract",
            standalone_mode=False,
        )
        sys.stdout.flush()
        return int(status or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        return _fail(error.format_message(), prefix="")
    except click.exceptions.Exit as error:
        return int(error.exit_code)
    except click.ClickException as error:
        message = error.format_message()
        if message.startswith("Got unexpected extra argument"):
            # Not quoted: these may be the rest of a header without quotes.
            message = "unexpected arguments; put a value that contains spaces in quotes"
        return _fail(message, error.exit_code if isinstance(error, OutputError) else 2)
    except (click.Abort, KeyboardInterrupt):
        return _fail("interrupted", interrupts.exit_status() or 130)
    except BrokenPipeError:
        return 141
    except SystemExit as error:
        # click completes the words of a shell with status 0; if the reader has gone, it ends with 1, a verdict.
        return 141 if error.code else 0
    except OSError as error:
        return _fail(f"{error.filename or 'the output'} cannot be written: {error.strerror}", OutputError.exit_code)
    except BaseException as error:
        if interrupts.exit_status():
            # The interrupt ended an import, and what needed the module fails in its own way.
            return interrupts.exit_status()
        missing = isinstance(error, ModuleNotFoundError) and _missing_extra(error.name)
        if missing:
            return _fail(missing)
        sentence = _user_message(error)
        return _fail_unexpectedly(error) if sentence is None else _fail(sentence)


def main() -> None:
    """Run the command and exit with its status."""
    _open_standard_streams()
    interrupts.install()
    try:
        status = run()
    except BaseException:  # while it handled an error
        if not interrupts.exit_status():
            raise
        status = interrupts.exit_status()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError as error:
            if stream is sys.stdout and status in (0, 1):
                status = 141 if isinstance(error, BrokenPipeError) else OutputError.exit_code
            # Python flushes again at its end, and would report the error with status 120.
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    if interrupts.exit_status():
        # Threads that still wait for a target do not delay the end.
        os._exit(status)
    sys.exit(status)


def _open_standard_streams() -> None:
    """Open the null device in place of closed standard streams, so that no file or socket gets their descriptors."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # Output to a closed stdout is an error, as in the GNU tools; messages are not.
            os.open(os.devnull, os.O_RDWR if number == 2 else os.O_RDONLY)
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8", closefd=False)


def _fail(message: str, status: int = 2, prefix: str = "code-contract: ") -> int:
    from code_contract.text import escape_lines

    # The status counts even if nobody can read the message. A document or a target that it quotes must not control the
    # terminal.
    with suppress(OSError):
        click.echo(f"{prefix}{escape_lines(message)}", err=True)
    return status


def _fail_unexpectedly(error: BaseException) -> int:
    from importlib.metadata import metadata

    from code_contract.text import escape_unprintable

    if os.environ.get("CODE_CONTRACT_DEBUG"):
        traceback.print_exception(error)
    reason = escape_unprintable(f"{type(error).__name__}: {error}"[:300])
    url = metadata("code-contract").get_all("Project-URL", ["Homepage, the project"])[0].partition(", ")[2]
    return _fail(
        f"unexpected error: {reason}; please report it at {url} with the output of CODE_CONTRACT_DEBUG=1",
        70,  # EX_SOFTWARE of sysexits.h
    )


def _missing_extra(module: str | None) -> str | None:
    """Return the sentence about a module of an extra, None for another module."""
    from code_contract_cli import extras

    return extras.message(module) if module in extras.EXTRAS else None


def _user_message(error: BaseException) -> str | None:
    """Return the message of an error that is written for users, None for another error."""
    from code_contract import ContractError

    settings = sys.modules.get("contract_tests.settings")
    if isinstance(error, ContractError):
        return error.with_document()
    return str(error) if settings and isinstance(error, settings.SettingsError) else None
