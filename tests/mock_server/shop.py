"""The shop of tests/data/world.yaml, whose responses agree with each other, in process."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator

from code_contract import load
from mock_server.core.mock import Mock
from tests.mock_server.adapters import Reply
from tests.mock_server.documents import ask
from tests.paths import ROOT

DOCUMENT = load(ROOT / "tests/data/world.yaml")
BASE = "/v1"
JSON = {"Content-Type": "application/json"}


def checked(mock: Mock, reply: Reply, operation_id: str) -> Any:
    """The body of a successful response, which conforms to its schema."""
    assert 200 <= reply.status < 300, (reply.status, reply.headers)
    body = json.loads(reply.body)
    Draft202012Validator(mock.contract.operations[operation_id].success_response.schema).validate(body)
    return body


def get(mock: Mock, operation_id: str, target: str, prefer: str = "") -> Any:
    """The body of the response of an operation to a target."""
    return checked(mock, ask(mock, "GET", BASE + target, {"Prefer": prefer} if prefer else {}), operation_id)


def send(mock: Mock, operation_id: str, target: str, body: Any) -> Any:
    """The body of the response of an operation to a JSON body."""
    method = mock.contract.operations[operation_id].method
    return checked(mock, ask(mock, method, BASE + target, JSON, json.dumps(body).encode()), operation_id)
