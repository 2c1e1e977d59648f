"""`code-contract scenarios`."""

from __future__ import annotations

from dataclasses import asdict

import click

from code_contract.text import escape_unprintable, printable_json
from code_contract_cli.options import Spec, spec_option


@click.command("scenarios")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@spec_option
def command(as_json: bool, spec: Spec) -> int:
    """List the scenarios that the mock can play, each with its example, delay and frequency."""
    listed = [asdict(each) for each in spec.load().scenarios.values()]
    if as_json:
        click.echo(printable_json(listed, 2))
        return 0
    width = max((len(row["name"]) for row in listed), default=0)
    for row in listed:
        details = {
            "example": row["example"],
            "delay": f"{row['delay']:g} s" if row["delay"] else None,
            "one in": row["every_nth"] if row["every_nth"] > 1 else None,
        }
        shown = ", ".join(f"{label} {value}" for label, value in details.items() if value)
        click.echo(escape_unprintable(f"{row['name']:<{width}}  {shown or 'a success'}"))
        click.echo(escape_unprintable(f"    {row['summary']}"))
    click.echo(f"\n{len(listed)} scenarios")
    return 0
