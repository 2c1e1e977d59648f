"""`code-contract diff`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from code_contract import default_path
from code_contract.diff import BREAKING, KINDS, Change, changes
from code_contract.text import escape_unprintable
from code_contract_cli.options import FILE, Spec

AUDIENCES = ("consumers", "providers")
MAX_OPERATIONS = 3
"""Upper bound of operations that are named beside a change; JSON names all."""


@click.command("diff")
@click.argument("old", type=FILE)
@click.argument("new", type=FILE, required=False)
@click.option(
    "--for",
    "audience",
    type=click.Choice([*AUDIENCES, "both"]),
    default="both",
    show_default=True,
    help="Audience whose impact is shown and decides the exit status.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--overlay",
    "overlays",
    type=FILE,
    multiple=True,
    metavar="FILE",
    help="OpenAPI Overlay 1.0 document that changes both contracts (repeatable).",
)
def command(old: Path, new: Path | None, audience: str, as_json: bool, overlays: tuple[Path, ...]) -> int:
    """Compare the contract OLD with NEW, or with the packaged contract if NEW is omitted.

    Each change is breaking, compatible or cosmetic for consumers, who call the API, and for providers, who implement it.

    \b
    Exit status: 0 no breaking change; 1 breaking changes; 2 a contract is invalid.
    """
    audiences = AUDIENCES if audience == "both" else (audience,)
    before, after = (Spec(path, overlays, strict=False).load() for path in (old, new or default_path()))
    found = changes(before, after)
    if as_json:
        # ASCII only, so that text of a document cannot contain control sequences of the terminal.
        click.echo(json.dumps([_row(change, audiences) for change in found], indent=2))
    else:
        click.echo("\n".join(_text(found, audiences)))
    return int(any(_worst(change, audiences) == BREAKING for change in found))


def _row(change: Change, audiences: tuple[str, ...]) -> dict[str, Any]:
    row = asdict(change)
    return {key: row[key] for key in (*audiences, "pointer", "message", *(["operations"] if change.operations else []))}


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
            yield from (f"  {_affected(change, kind, audiences):<9}  {_located(change)}" for change in group)
            yield ""
    yield ", ".join(counts) if found else "no changes"


def _affected(change: Change, kind: str, audiences: tuple[str, ...]) -> str:
    affected = [each for each in audiences if getattr(change, each) == kind]
    return "both" if len(affected) > 1 else affected[0]


def _located(change: Change) -> str:
    line = f"{change.pointer or 'the document'}: {change.message}"
    if change.operations and not change.pointer.startswith(("/paths/", "/webhooks/")):
        names = ", ".join(change.operations[:MAX_OPERATIONS])
        more = len(change.operations) - MAX_OPERATIONS
        line += f" (reaches {names}{f' and {more} more' if more > 0 else ''})"
    return escape_unprintable(line)
