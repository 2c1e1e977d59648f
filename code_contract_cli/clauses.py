"""`code-contract clauses`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from itertools import groupby
from typing import Any

import click

from code_contract import Clause, Contract
from code_contract.text import escape_unprintable, printable_json
from code_contract_cli.options import Spec, spec_option


@click.command("clauses")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@spec_option
def command(as_json: bool, spec: Spec) -> int:
    """List the clauses with level, basis, location, quotes, and the checks that test and the faults that break each."""
    contract = spec.load()
    listed = rows(contract)
    if as_json:
        click.echo(printable_json(listed, 2))
    else:
        click.echo("\n".join(map(escape_unprintable, _table(contract, listed))))
    return 0


def rows(contract: Contract) -> list[dict[str, Any]]:
    """Return the clauses of a contract in its order, as objects for JSON.

    Without the libraries that the suite or the mock needs, their checks or faults are left out.
    """
    faults = defaultdict[str, list[str]](list)
    with suppress(ModuleNotFoundError):
        from mock_server.faults import applicable

        for each in applicable(contract):
            for name in dict.fromkeys((each.breaks, each.general)):
                faults[name].append(each.name)
    return [_row(contract, clause, faults[clause.id]) for clause in contract.clauses.values()]


def _row(contract: Contract, clause: Clause, faults: list[str]) -> dict[str, Any]:
    return {
        "id": clause.id,
        "section": clause.section,
        "level": clause.level,
        "origin": clause.basis,
        "text": clause.text,
        "where": contract.place(clause),
        "pointer": clause.pointer,
        "quotes": list(clause.quotes),
        "source": clause.source,
        "assumption": clause.assumption,
        "checks": _checks(clause),
        "faults": faults,
    }


def _checks(clause: Clause) -> list[str]:
    """Return the checks of a clause: schema keywords, or a module of the suite."""
    if clause.checked_by_schema:
        return [f"schema: {word}" for word in clause.keywords or ("schema of the clause",)]
    try:
        from contract_tests.checks.schema import SCHEMA_CLAUSE
        from contract_tests.engine.selection import find_check
    except ModuleNotFoundError:
        return []
    if clause.id == SCHEMA_CLAUSE:
        return ["contract_tests.generated.run"]
    check = find_check(clause)
    return [check.module] if check else []


def _table(contract: Contract, rows: list[dict[str, Any]]) -> Iterator[str]:
    width = max((len(row["id"]) for row in rows), default=0)
    for name, group in groupby(rows, key=lambda row: row["section"]):
        section = contract.sections[name]
        yield section.heading
        for row in group:
            yield f"  {row['id']:<{width}}  {row['level']:<6}  {row['origin']:<10}  {row['where']}"
            yield f"      {row['text']}"
            for label in ("quotes", "checks", "faults"):
                if row[label]:
                    yield f"      {label}: {', '.join(row[label])}"
            if row["source"]:
                yield f"      source: {row['source']}"
        yield ""
    yield f"{len(rows)} clauses"
