"""`code-contract diff`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from code_contract import Contract, ContractError, load
from code_contract.diff import BREAKING, KINDS, Change, changes
from code_contract.text import escape_unprintable

AUDIENCES = ("consumers", "providers")


@click.command("diff")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path), required=False)
@click.option(
    "--for",
    "audience",
    type=click.Choice([*AUDIENCES, "both"]),
    default="both",
    show_default=True,
    help="Tell, and count, what a change is for them.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(old: Path, new: Path | None, audience: str, as_json: bool) -> int:
    """Tell what changed from the contract OLD to NEW (the project's own unless given).

    A change is breaking, compatible or cosmetic: for consumers, who call the API, and for providers, who implement it.

    \b
    Exit status: 0 nothing breaks; 1 something does; 2 a contract cannot be read.
    """
    audiences = AUDIENCES if audience == "both" else (audience,)
    found = changes(_load(old), _load(new))
    if as_json:
        # Escaped beyond ASCII: what a document holds is not for the terminal to obey.
        click.echo(json.dumps([_row(change, audiences) for change in found], indent=2))
    else:
        click.echo("\n".join(_text(found, audiences)))
    return int(any(_worst(change, audiences) == BREAKING for change in found))


def _load(path: Path | None) -> Contract:
    """Of two contracts, an error should say which one it is about."""
    try:
        return load(path)
    except ContractError as error:
        said = str(error) if path is None or str(path) in str(error) else f"{path}: {error}"
        raise click.UsageError(escape_unprintable(said)) from None


def _row(change: Change, audiences: tuple[str, ...]) -> dict[str, str]:
    row = asdict(change)
    return {key: row[key] for key in (*audiences, "pointer", "message")}


def _worst(change: Change, audiences: tuple[str, ...]) -> str:
    kinds: list[str] = [getattr(change, each) for each in audiences]
    return min(kinds, key=KINDS.index)


def _text(found: list[Change], audiences: tuple[str, ...]) -> Iterator[str]:
    counts = []
    for kind in KINDS:
        group = [change for change in found if _worst(change, audiences) == kind]
        counts.append(f"{len(group)} {kind}")
        if group:
            yield kind
            yield from (f"  {_whom(change, kind, audiences):<9}  {_where(change)}" for change in group)
            yield ""
    yield ", ".join(counts) if found else "nothing changed"


def _whom(change: Change, kind: str, audiences: tuple[str, ...]) -> str:
    whom = [each for each in audiences if getattr(change, each) == kind]
    return "both" if len(whom) > 1 else whom[0]


def _where(change: Change) -> str:
    return f"{escape_unprintable(change.pointer) or 'the document'}: {change.message}"
