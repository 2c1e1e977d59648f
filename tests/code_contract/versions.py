"""Edited versions of the contract, and pointers into it."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

from code_contract import Contract, clauses, operations, pointers, resolution
from code_contract.diff import BREAKING, COMPATIBLE, COSMETIC, Change

B, C, L = BREAKING, COMPATIBLE, COSMETIC


NOBODY, CONSUMERS, PROVIDERS, BOTH, LOOKS = (C, C), (B, C), (C, B), (B, B), (L, L)


UUID = "/components/schemas/Captcha/properties/uuid"


ENVELOPE = "/components/schemas/Envelope"


POST = "/paths/~1code/post"


SOURCE = "/components/parameters/Source"


ANSWER = f"{POST}/responses/200/content/application~1json"


BODY = {"content": {"application/json": {"schema": {"type": "object", "properties": {"a": {"type": "string"}}}}}}


GONE = object()


CLAUSE = {"id": "made-up-here", "section": "data", "level": "must", "origin": "implied", "text": "It holds."}


def put(document: dict[str, Any], pointer: str, value: Any) -> None:
    """Write a value at a pointer; GONE removes it, `-` appends to a list (JSON Patch)."""
    *above, last = pointers.split(pointer)
    node = pointers.find(document, above)
    if value is GONE:
        del node[int(last) if isinstance(node, list) else last]
    elif isinstance(node, list):
        node.insert(len(node), value) if last == "-" else node.__setitem__(int(last), value)
    else:
        node[last] = value


def version(contract: Contract, document: dict[str, Any]) -> Contract:
    """The contract with another document, as load() would read it, without the time that validating takes."""
    source = replace(contract.source, document=document, text=json.dumps(document).encode())
    resolved = resolution.resolve(document, [])
    return replace(
        contract,
        source=source,
        resolved=resolved,
        operations=operations.read(resolved, []),
        clauses=clauses.parse_clauses(source, contract.sections, {}),
    )


def edited_by(contract: Contract, edits: dict[str, Any]) -> Contract:
    document = copy.deepcopy(contract.document)
    for pointer, value in edits.items():
        put(document, pointer, value if value is GONE else copy.deepcopy(value))
    return version(contract, document)


def kinds(found: list[Change]) -> tuple[str, str]:
    """The worst of all changes, for consumers and for providers."""
    order = (B, C, L)
    return (
        min((each.consumers for each in found), key=order.index),
        min((each.providers for each in found), key=order.index),
    )
