"""The command `code-contract`: which subcommands there are, and how errors become one line and an exit status."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

COMMANDS = {
    "check": "Check an implementation of /code against the contract.",
    "mock": "Serve a mock of the contract.",
    "clauses": "List what the contract says, and what judges it.",
    "docs": "Print the reference documentation.",
    "diff": "Tell what changed between two versions of the contract.",
}

EXTRAS = {"locust": "load"}
"""Optional dependencies, with the extra that installs each."""


class LazyGroup(click.Group):
    """Imports a subcommand when it is asked for: `--help` should not wait for schemathesis."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            near = difflib.get_close_matches(cmd_name, COMMANDS, n=1, cutoff=0.4)
            cure = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(COMMANDS)}"
            raise click.UsageError(f"there is no command {cmd_name!r}; {cure}")
        module = import_module(f"code_contract_cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="code-contract", prog_name="code-contract")
def cli() -> None:
    """The contract of POST /code: a mock that answers by it, a suite that judges by it."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 2, with one line on stderr, for wrong usage and wrong contracts."""
    for stream in (sys.stdout, sys.stderr):
        # A verdict must not fail on a terminal that cannot write ✓.
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
        return _fail(error.format_message())
    except (click.Abort, KeyboardInterrupt):
        return _fail("interrupted", 130)
    except BrokenPipeError:
        # The reader has gone (`| head`). Python would complain once more when it closes the stream.
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
    """The entry point."""
    sys.exit(run())


def _fail(message: str, status: int = 2) -> int:
    click.echo(f"code-contract: {message}", err=True)
    return status


def _is_user_error(error: Exception) -> bool:
    """Whether an error is a sentence for people: one of the contract's, or of a run's settings."""
    from code_contract import ContractError

    settings = sys.modules.get("contract_tests.settings")
    return isinstance(error, (ContractError, *([settings.SettingsError] if settings else [])))
