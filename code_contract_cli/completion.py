"""Words that a shell completes: ids of clauses, names of faults, suffixes of reports."""

from __future__ import annotations

import os
from collections.abc import Iterable

import click
from click.shell_completion import CompletionItem

from code_contract import Contract, ContractError, load


def clauses(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the id of a clause of the document of --spec, with its requirement."""
    return _items(((each.id, each.text) for each in _contract(context).clauses.values()), incomplete)


def faults(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a fault that applies to the document of --spec, with its effect."""
    from mock_server.faults import applicable

    return _items(((each.name, each.text) for each in applicable(_contract(context))), incomplete)


def reports(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the suffix of a report, and the names of files."""
    from contract_tests.reports.writers import FORMATS

    folder, name = os.path.split(incomplete)
    stem = os.path.join(folder, name.rpartition(".")[0] or name or "report")
    found = [CompletionItem(stem + suffix) for suffix in FORMATS if (stem + suffix).startswith(incomplete)]
    return found or [CompletionItem(incomplete, type="file")]


def _contract(context: click.Context) -> Contract:
    spec = context.params.get("spec")
    try:
        return load(spec)
    except ContractError:
        return load()


def _items(pairs: Iterable[tuple[str, str]], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name, help=text) for name, text in pairs if name.startswith(incomplete)]
