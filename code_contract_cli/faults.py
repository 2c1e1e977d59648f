"""`code-contract faults`."""

from __future__ import annotations

from typing import Any

import click

from code_contract import Contract
from code_contract.text import escape_unprintable, printable_json
from code_contract_cli.options import Spec, spec_option


@click.command("faults")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@spec_option
def command(as_json: bool, spec: Spec) -> int:
    """List the faults that the mock can apply, each with the clauses that it violates."""
    listed = rows(spec.load())
    if as_json:
        click.echo(printable_json(listed, 2))
        return 0
    width = max((len(row["name"]) for row in listed), default=0)
    for row in listed:
        click.echo(escape_unprintable(f"{row['name']:<{width}}  {', '.join(row['clauses'])}"))
        click.echo(escape_unprintable(f"    {row['text']}"))
    click.echo(f"\n{len(listed)} faults")
    return 0


def rows(contract: Contract) -> list[dict[str, Any]]:
    """Return the faults that apply to a contract, as objects for JSON."""
    from mock_server.faults import applicable

    return [
        {
            "name": each.name,
            "clauses": [name for name in (each.breaks, each.general) if name in contract.clauses],
            "stage": each.stage.value,
            "text": each.text,
            "zh": each.zh,
        }
        for each in applicable(contract)
    ]
