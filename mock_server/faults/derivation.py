"""The model of derived faults, and what they are derived from: one operation of a contract."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from code_contract import Contract, Operation, Requirement
from code_contract.sampler import Sampler, component_names
from mock_server.faults.model import Effect, Fault, Stage


@dataclass(frozen=True)
class DerivedFault(Fault):
    """A fault that follows from a document; `breaks` is "" if the document admits it.

    Attributes:
        operation: The id of the operation.
        place: The part of the response and the field path, such as "body.name".
        field_name: The name of the field or the header, "" for the response as a whole.
        kind: The kind of the change.
    """

    operation: str = field(kw_only=True)
    place: str = field(kw_only=True)
    field_name: str = field(kw_only=True)
    kind: str = field(kw_only=True)

    def applies_to_contract(self, contract: Contract) -> bool:
        """Return True if the contract has the operation and the clause."""
        return self.operation in contract.operations and self.breaks in {"", *contract.clauses}

    def applies_to(self, operation: Operation) -> bool:
        """Return True for its operation."""
        return operation.id == self.operation


class Derivation:
    """One operation from whose success response faults are derived.

    Attributes:
        contract: The contract.
        operation: The operation.
        response: Its success response.
        sampler: Generates and validates values.
    """

    def __init__(self, contract: Contract, operation: Operation) -> None:
        self.contract = contract
        self.operation = operation
        self.response = operation.success_response
        self.sampler = Sampler(component_names(contract.resolved))
        self._slug = contract.slugs[operation.id]
        self._clauses = {
            (each.requirement, each.status): each.id for each in contract.derived_clauses.get(operation.id, ())
        }

    def clause(self, requirement: Requirement, default: str = "") -> str:
        """Return the id of the derived clause about the response or the operation, else a default."""
        found = self._clauses.get((requirement, self.response.status)) or self._clauses.get((requirement, ""))
        return found or (default if default in self.contract.clauses else "")

    def fault(
        self,
        place: str,
        kind: str,
        breaks: str,
        effect: Effect,
        text: str,
        zh: str,
        *,
        stage: Stage = Stage.SUCCESS,
        field_name: str = "",
    ) -> DerivedFault:
        """Return the fault of this kind at a place."""
        return DerivedFault(
            name=f"{self._slug}.{place}.{kind}",
            breaks=breaks,
            stage=stage,
            apply=effect,
            text=text,
            zh=zh,
            operation=self.operation.id,
            place=place,
            field_name=field_name,
            kind=kind,
        )

    def conforms(self, schema: Any, value: Any) -> bool:
        """Return True if a value conforms to a schema of the document."""
        return self.sampler.conforms(schema, value)


def segment(name: str) -> str:
    """Return a name as a part of the name of a fault, in which dots and brackets separate: percent-encoded."""
    return re.sub(r"[^\w$@:-]", lambda found: "".join(f"%{octet:02X}" for octet in found[0].encode()), name)
