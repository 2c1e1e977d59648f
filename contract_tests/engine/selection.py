"""The clauses that a run checks, with their checks and probes."""

from __future__ import annotations

from code_contract import Clause, Contract, ContractError, DerivedClause, Requirement
from contract_tests.checks import (
    access,
    advice,
    body,
    clients,
    connections,
    framing,
    freshness,
    leaks,
    operation,
    picture,
)
from contract_tests.checks.derived import NO_CREDENTIALS, credentials_probe, derived_check
from contract_tests.checks.registry import Check, CheckRegistry, Probe
from contract_tests.checks.schema import SCHEMA_CLAUSE
from contract_tests.settings import Settings

CHECKS = CheckRegistry()
for _module in (operation, framing, connections, body, picture, freshness, leaks, access, advice, clients):
    CHECKS.update(_module.CHECKS)


def find_check(clause: Clause) -> Check | None:
    """Return the check of a clause, None if a schema checks it or nothing does."""
    return derived_check(clause) if isinstance(clause, DerivedClause) else CHECKS.get(clause.id)


def require_checks(contract: Contract) -> None:
    """Raise ContractError if a clause of the contract has no check."""
    for clause in contract.clauses.values():
        if not clause.checked_by_schema and find_check(clause) is None and clause.id != SCHEMA_CLAUSE:
            raise ContractError(
                f"the clause {clause.id!r} has no check",
                "add keywords or a schema to it, or write a check in contract_tests/checks",
                clause.pointer,
            )


def selected_clauses(contract: Contract, settings: Settings) -> list[Clause]:
    """Return the clauses to check, in the order of the contract.

    Raises:
        UnknownNameError: `settings.only` names a clause that does not exist.
    """
    for name in sorted(settings.only):
        contract.clause(name)
    every = contract.clauses.values()
    return [clause for clause in every if not settings.only or clause.id in settings.only]


def probes(contract: Contract, settings: Settings) -> list[Probe]:
    """Return the probes that the selected clauses need, each once."""
    found: dict[str, Probe] = {}
    clauses = selected_clauses(contract, settings)
    derived = [each for each in clauses if isinstance(each, DerivedClause)]
    secured = [each for each in derived if each.requirement is Requirement.CREDENTIALS]
    if secured:
        found[NO_CREDENTIALS] = credentials_probe(secured)
    for clause in clauses:
        check = CHECKS.get(clause.id)
        if check is None or check.probe is None:
            continue
        if check.probe.only_when_confirmed and clause.id not in settings.only:
            # One open question withholds the whole probe.
            sharing = [contract.clauses.get(name) for name, each in CHECKS.items() if each.probe is check.probe]
            if any(each is not None and each.assumption is not None for each in sharing):
                continue
        found.setdefault(check.probe.label, check.probe)
    return list(found.values())
