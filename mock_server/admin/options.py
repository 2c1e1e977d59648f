"""The names that preferences and behaviours can use: operations, scenarios, examples and faults."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from code_contract import Contract, Operation
from code_contract.marks import CHALLENGE_PICTURE, CHALLENGE_UUID
from mock_server.core.negotiation import DEFAULT_SCENARIO
from mock_server.faults import Fault, applicable


def option_names(contract: Contract) -> dict[str, list[str]]:
    """Return the names by kind: the `x-names` in the document of the admin API.

    A contract with derived faults has more of them than a document can list: "faults" is empty then.
    """
    return {
        "scenarios": [*contract.scenarios, DEFAULT_SCENARIO],
        "examples": list(contract.examples),
        "faults": [] if contract.derived_clauses else [each.name for each in applicable(contract)],
    }


def describe_options(contract: Contract, base_path: str) -> dict[str, Any]:
    """Return the response of GET /__mock/options: the schema `Options` of the admin API.

    Args:
        contract: The contract that the mock serves.
        base_path: The prefix of the paths of the operations.
    """
    default = {"name": DEFAULT_SCENARIO, "summary": "Default behaviour.", "zh": "默认行为"}
    scenarios = [{"name": s.name, "summary": s.summary, "zh": s.zh} for s in contract.scenarios.values()]
    return {
        "title": contract.title,
        "version": contract.version,
        "operations": [_describe_operation(each, base_path) for each in contract.operations.values()],
        "scenarios": [default, *scenarios],
        "examples": [
            {"name": e.name, "summary": e.summary, "zh": e.zh, "status": e.status} for e in contract.examples.values()
        ],
        "faults": [describe_fault(each, contract) for each in applicable(contract)],
    }


def describe_fault(fault: Fault, contract: Contract) -> dict[str, Any]:
    """Return the schema `FaultDetails` of the admin API."""
    clause = contract.clauses.get(fault.breaks) or contract.clauses.get(fault.general)
    section = contract.sections.get(clause.section) if clause else None
    title = {"id": section.id, "en": section.title, "zh": section.zh} if section else None
    breaks = clause.id if clause else fault.breaks
    return {"name": fault.name, "text": fault.text, "zh": fault.zh, "breaks": breaks, "section": title}


def _path(operation: Operation) -> str:
    """The path with the example of each parameter in it, and the query."""
    path, query = operation.path, {}
    for each in operation.parameters:
        if each.location == "path" and each.example is not None:
            path = path.replace("{" + each.name + "}", quote(str(each.example), safe=""))
        elif each.location == "query" and each.required and each.example is not None:
            query[each.name] = each.example
    return path + (f"?{urlencode(query)}" if query else "")


def _describe_operation(operation: Operation, base_path: str) -> dict[str, Any]:
    paths = {kind: list(path) for path, kind in operation.mock_fields.items()}
    headers = {p.name: str(p.example) for p in operation.parameters if p.location == "header" and p.example}
    if operation.content_type:
        headers["Content-Type"] = operation.content_type
    return {
        "id": operation.id,
        "method": operation.method,
        "path": base_path + _path(operation),
        "summary": operation.summary,
        "headers": headers,
        "picture": paths.get(CHALLENGE_PICTURE),
        "uuid": paths.get(CHALLENGE_UUID),
    }
