"""The command `code-contract`: its subcommands, and the conversion of errors to one line and an exit status."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

COMMANDS = {
    "check": "Check a server against the contract.",
    "load": "Check a server under load, with Locust.",
    "mock": "Serve a mock of the contract.",
    "clauses": "List the clauses with their checks and faults.",
    "docs": "Generate the API documentation.",
    "diff": "Compare two versions of the contract.",
}

EXTRAS = {"locust": "load"}
"""Optional dependencies, with the extra that installs each."""


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
        The exit status: that of the subcommand, 2 for wrong usage or an invalid contract, 130 if interrupted, 141 if
        the reader of stdout has gone.
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
        click.echo(error.format_message(), err=True)
        return 2
    except click.exceptions.Exit as error:
        return int(error.exit_code)
    except click.ClickException as error:
        message = error.format_message()
        if message.startswith("Got unexpected extra argument"):
            # Not quoted: these may be the rest of a header without quotes.
            message = "unexpected arguments; put a value that contains spaces in quotes"
        return _fail(message)
    except (click.Abort, KeyboardInterrupt):
        return _fail("interrupted", 130)
    except BrokenPipeError:
        # The reader has gone (`| head`). Without this, Python reports the error again when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except ModuleNotFoundError as error:
        if error.name not in EXTRAS:
            raise
        return _fail(f"{error.name} is not installed: pip install 'code-contract[{EXTRAS[error.name]}]'")
    except Exception as error:
        if _is_user_error(error):
            return _fail(str(error))
        raise


def main() -> None:
    """Run the command and exit with its status."""
    sys.exit(run())


def _fail(message: str, status: int = 2) -> int:
    from code_contract.text import escape_unprintable

    # The message may quote a document or a target, which must not control the terminal.
    click.echo(f"code-contract: {escape_unprintable(message)}", err=True)
    return status


def _is_user_error(error: Exception) -> bool:
    """True for errors whose message is written for users."""
    from code_contract import ContractError

    settings = sys.modules.get("contract_tests.settings")
    return isinstance(error, (ContractError, *([settings.SettingsError] if settings else [])))
