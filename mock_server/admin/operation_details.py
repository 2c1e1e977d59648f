"""The details of one operation: an example request, and the faults derived from its response."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from code_contract import Operation
from code_contract.docs.http_file import fields
from code_contract.docs.requests import Credential, ExampleRequest, example_request
from mock_server.admin.options import describe_fault
from mock_server.core.mock import Mock
from mock_server.faults import derived

_EXAMPLE_CREDENTIAL = "example"


def describe_details(mock: Mock, operation: Operation) -> dict[str, Any]:
    """Return the response of GET /__mock/operation: the schema `OperationDetails` of the admin API.

    Args:
        mock: The mock.
        operation: An operation of its contract.
    """
    contract = mock.contract
    faults = derived.faults_of(contract, operation.id).values() if operation.id in contract.derived_clauses else ()
    return {
        "request": _request(example_request(contract, operation), mock.base_path),
        "faults": [describe_fault(each, contract) for each in faults if each.breaks],
    }


def _request(example: ExampleRequest, base_path: str) -> dict[str, Any]:
    target = example.target
    for each in example.credentials:
        if each.kind == "query":
            target += f"{'&' if '?' in target else '?'}{urlencode({each.name: _EXAMPLE_CREDENTIAL})}"
    return {
        "method": example.operation.method,
        "path": base_path + target,
        "headers": [list(pair) for pair in (*example.headers, *_credentials(example.credentials))],
        "body": _body(example),
    }


def _credentials(credentials: tuple[Credential, ...]) -> Iterator[tuple[str, str]]:
    for each in credentials:
        if each.kind == "basic":
            pair = f"{_EXAMPLE_CREDENTIAL}:{_EXAMPLE_CREDENTIAL}".encode()
            yield each.name, f"Basic {base64.b64encode(pair).decode()}"
        elif each.kind == "bearer":
            yield each.name, f"Bearer {_EXAMPLE_CREDENTIAL}"
        elif each.kind == "header":
            yield each.name, _EXAMPLE_CREDENTIAL
        elif each.kind == "cookie":
            yield "Cookie", f"{each.name}={_EXAMPLE_CREDENTIAL}"


def _body(example: ExampleRequest) -> str:
    """The body as text, "" for one that an editor of text cannot have: parts of a form."""
    if example.body is None or example.body.kind == "formdata":
        return ""
    if example.body.kind == "json":
        return json.dumps(example.body.value, ensure_ascii=False, indent=2)
    return urlencode(fields(example.body)) if example.body.kind == "urlencoded" else str(example.body.value)
