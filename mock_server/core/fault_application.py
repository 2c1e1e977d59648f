"""Applies faults to the draft of a response, each at the field that its clause is about."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

from code_contract import Contract, FieldPath, Operation
from mock_server.faults.model import Fault, RequestContext, Stage
from mock_server.response import ResponseDraft


class FaultApplication:
    """Applies faults to the responses of one contract. Safe to use from several threads."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._target_paths: dict[str, dict[str, FieldPath]] = {}

    def apply(self, stage: Stage, faults: Sequence[Fault], context: RequestContext, draft: ResponseDraft) -> None:
        """Apply the faults of a stage to a draft, in order."""
        for fault in faults:
            has_document = draft.document is not None or stage is not Stage.DOCUMENT
            if fault.stage is stage and has_document and fault.applies_to(context.operation):
                before = _snapshot(draft)
                fault.apply(context._replace(target_path=self._target_path(fault, context.operation)), draft)
                if _snapshot(draft) != before:
                    draft.applied_faults.append(fault.name)

    def _target_path(self, fault: Fault, operation: Operation) -> FieldPath:
        """The location of the violated clause; if the clause has a schema of its own, the field it is about."""
        if fault.name not in self._target_paths:
            self._target_paths[fault.name] = _clause_paths(self._contract, fault)
        return self._target_paths[fault.name].get(operation.id, ())


def _snapshot(draft: ResponseDraft) -> str:
    """All that a fault may change. As text, since 1, 1.0 and True are equal in Python, but not in JSON."""
    return repr(replace(draft, body=draft.body_bytes(), document=None))


def _clause_paths(contract: Contract, fault: Fault) -> dict[str, FieldPath]:
    clause = contract.clauses.get(fault.breaks)
    if clause is None:
        return {}
    consequence = (clause.schema or {}).get("then", {}).get("properties", {})
    field = tuple(itertools.islice(consequence, 1))
    return {site.operation_id: (*site.place, *field) for site in clause.sites if site.place is not None}
