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
from code_contract.docs.escaping import code, markdown
from code_contract.text import escape_unprintable
from code_contract_cli.options import FILE, Spec

AUDIENCES = ("consumers", "providers")
MAX_OPERATIONS = 3
"""Upper bound of operations that are named beside a change; JSON names all."""
MAX_ROWS = 50
"""Upper bound of the rows of a table in Markdown: a comment on GitHub has at most 65,536 characters."""


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
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="Output format; markdown is for a comment on a merge request.",
)
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
@click.option(
    "--overlay",
    "overlays",
    type=FILE,
    multiple=True,
    metavar="FILE",
    help="OpenAPI Overlay 1.0 document that changes both contracts (repeatable).",
)
def command(old: Path, new: Path | None, audience: str, form: str, overlays: tuple[Path, ...]) -> int:
    """Compare the contract OLD with NEW, or with the packaged contract if NEW is omitted.

    Each change is breaking, compatible or cosmetic for consumers, who call the API, and for providers, who implement it.

    \b
    Exit status: 0 no breaking change; 1 breaking changes; 2 a contract is invalid.
    """
    audiences = AUDIENCES if audience == "both" else (audience,)
    before, after = (Spec(path, overlays, strict=False).load() for path in (old, new or default_path()))
    found = changes(before, after)
    if form == "json":
        # ASCII only, so that text of a document cannot contain control sequences of the terminal.
        click.echo(json.dumps([_row(change, audiences) for change in found], indent=2))
    else:
        lines = _markdown if form == "markdown" else _text
        click.echo("\n".join(lines(found, audiences)))
    return int(any(_worst(change, audiences) == BREAKING for change in found))


def _row(change: Change, audiences: tuple[str, ...]) -> dict[str, Any]:
    row = asdict(change)
    return {key: row[key] for key in (*audiences, "pointer", "message", *(["operations"] if change.operations else []))}


def _worst(change: Change, audiences: tuple[str, ...]) -> str:
    kinds: list[str] = [getattr(change, each) for each in audiences]
    return min(kinds, key=KINDS.index)


def _groups(found: list[Change], audiences: tuple[str, ...]) -> dict[str, list[Change]]:
    return {kind: [change for change in found if _worst(change, audiences) == kind] for kind in KINDS}


def _summary(groups: dict[str, list[Change]]) -> str:
    counts = ", ".join(f"{len(group)} {kind}" for kind, group in groups.items())
    return counts if any(groups.values()) else "no changes"


def _text(found: list[Change], audiences: tuple[str, ...]) -> Iterator[str]:
    groups = _groups(found, audiences)
    for kind, group in groups.items():
        if group:
            yield kind
            for change in group:
                message = escape_unprintable(f"{_pointer(change)}: {change.message}{_reached(change)}")
                yield f"  {_affected(change, kind, audiences):<9}  {message}"
            yield ""
    yield _summary(groups)


def _markdown(found: list[Change], audiences: tuple[str, ...]) -> Iterator[str]:
    """Yield a comment of tables; what breaks nobody is folded."""
    groups = _groups(found, audiences)
    yield f"**Changes of the contract: {_summary(groups)}**"
    for kind, group in groups.items():
        if not group:
            continue
        is_folded = kind != BREAKING
        yield f"\n<details><summary>{len(group)} {kind}</summary>" if is_folded else f"\n#### {kind.capitalize()}"
        yield "\n| affects | place | change |\n| --- | --- | --- |"
        for change in group[:MAX_ROWS]:
            cells = [
                _affected(change, kind, audiences),
                code(_pointer(change)),
                markdown(change.message + _reached(change)),
            ]
            yield f"| {' | '.join(cells)} |"
        if len(group) > MAX_ROWS:
            yield f"\n… and {len(group) - MAX_ROWS} more"
        if is_folded:
            yield "\n</details>"


def _affected(change: Change, kind: str, audiences: tuple[str, ...]) -> str:
    affected = [each for each in audiences if getattr(change, each) == kind]
    return "both" if len(affected) > 1 else affected[0]


def _pointer(change: Change) -> str:
    return change.pointer or "the document"


def _reached(change: Change) -> str:
    """Return the operations that a change of a shared component reaches, "" for another change."""
    if not change.operations or change.pointer.startswith(("/paths/", "/webhooks/")):
        return ""
    names = ", ".join(change.operations[:MAX_OPERATIONS])
    more = len(change.operations) - MAX_OPERATIONS
    return f" (reaches {names}{f' and {more} more' if more > 0 else ''})"
