"""Bodies: responses that have none, and JSON of requests that parsers read differently or that is slow to validate."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from code_contract import load
from mock_server.core.json_reader import BoundedValidator, TooComplexError
from tests.mock_server.adapters import Adapter
from tests.mock_server.test_mock import OPERATIONS, Serve


@pytest.mark.parametrize("status", [204, 205, 304])
def test_a_response_without_body_has_none(serve: Serve, tmp_path: Path, status: int) -> None:
    """Its status allows no body (RFC 9110 §6.4.1), whatever the contract's example is; the connection stays usable."""
    path = tmp_path / "openapi.yaml"
    path.write_text(
        "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    get:\n      operationId: a\n"
        "      responses:\n"
        f"        '{status}': {{description: d, content: {{application/json: {{example: {{a: 1}}}}}}}}\n",
        encoding="utf-8",
    )
    target = serve(load(path), faults=[])
    for query in ("", "", "?__dynamic=false"):
        reply = target.send("GET", f"/a{query}")
        if reply.status == status:
            assert (reply.body, reply.headers.get("Content-Length", "0")) == (b"", "0")
            assert "Transfer-Encoding" not in reply.headers
            assert "Content-Type" not in reply.headers
        else:
            assert (status, reply.status) == (304, 200)


SLOW_SCHEMAS: dict[str, tuple[Any, str]] = {
    "every item has errors in every branch": (
        {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "object", "required": ["a", "b"]}]}},
        json.dumps([{}] * 250_000),
    ),
    "one error at the end": (
        {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}},
        json.dumps([0] * 300_000 + [None]),
    ),
    "errors in a branch": (
        {"oneOf": [{"type": "array", "items": {"type": "string"}}, {"type": "object"}]},
        json.dumps([0] * 300_000),
    ),
    "unique items": (
        {"type": "array", "uniqueItems": True},
        json.dumps([{"a": n} for n in range(60_000)] + [{"a": 0}]),
    ),
}  # fmt: skip


@pytest.fixture
def target_of_operations(serve: Serve, edited: Callable[[str, str], Path]) -> Adapter:
    return serve(load(edited("\ncomponents:\n", OPERATIONS)))


BODIES = {
    "NaN": (b'{"name": "x", "n": NaN}', "has NaN, which is not valid JSON"),
    "Infinity": (b'{"name": "x", "n": -Infinity}', "has -Infinity, which is not valid JSON"),
    "repeated name": (b'{"name": "x", "name": "y"}', "repeats the name 'name'"),
    "nested": (b"[" * 500_000 + b"]" * 500_000, "is nested deeper than 64 levels"),
    "nested less": (b"[" * 65 + b"]" * 65, "is nested deeper than 64 levels"),
    "Latin-1": (b'{"name": "\xe9"}', "is not valid JSON"),
    "UTF-16": ('{"name": "x"}'.encode("utf-16"), "is not valid JSON"),
    "long number": (b'{"name": "x", "n": ' + b"1" * 5000 + b"}", "is not valid JSON"),
}


@pytest.mark.parametrize(("body", "reason"), BODIES.values(), ids=BODIES)
def test_a_body_that_parsers_read_differently_is_rejected(
    target_of_operations: Adapter, body: bytes, reason: str
) -> None:
    """JSON is that of RFC 8259, in UTF-8 and without repeated names; the response is 400 and gives the reason."""
    reply = target_of_operations.send("POST", "/login", {"Content-Type": "application/json"}, body)
    assert reply.status == 400
    assert reason in reply.headers["X-Mock-Reason"]


def test_a_lone_surrogate_is_read(target_of_operations: Adapter) -> None:
    """RFC 8259 §8.2 allows it; the journal and the response show it escaped."""
    body = b'{"name": "\\ud800", "token": "\\udfff"}'
    assert target_of_operations.send("POST", "/login", {"Content-Type": "application/json"}, body).status == 201
    assert target_of_operations.send("GET", "/__mock/requests").status == 200


@pytest.mark.parametrize("name", SLOW_SCHEMAS)
def test_the_validation_of_a_body_is_bounded(serve: Serve, tmp_path: Path, name: str) -> None:
    """A megabyte of items or errors, or a schema whose branches multiply, takes a few seconds at most."""
    schema, body = SLOW_SCHEMAS[name]
    path = tmp_path / "openapi.yaml"
    content = f"content: {{application/json: {{schema: {json.dumps(schema)}}}}}"
    path.write_text(
        "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    post:\n      operationId: a\n"
        f"      requestBody: {{{content}}}\n      responses: {{'200': {{description: d}}}}\n",
        encoding="utf-8",
    )
    target = serve(load(path))
    assert len(body) < 2**20
    began = time.process_time()
    reply = target.send("POST", "/a", {"Content-Type": "application/json"}, body.encode())
    assert time.process_time() - began < 10
    assert reply.status in (200, 422)
    assert reply.status == 422 or "was not validated to its end" in reply.headers["X-Mock-Warning"]


NODE = {
    "oneOf": [
        {"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#/$defs/Node"}}},
        {"type": "object", "properties": {"a": {"$ref": "#/$defs/Node"}, "b": {"type": "null"}}},
        {"type": "integer"},
    ]
}


@pytest.mark.parametrize("leaf", ["null", json.dumps(["x" * 1000] * 900)], ids=["small", "large"])
def test_branches_that_multiply_are_bounded(leaf: str) -> None:
    """A schema in which every level doubles the work is given up after MAX_STEPS."""
    validator = BoundedValidator({"$ref": "#/$defs/Node", "$defs": {"Node": NODE}})
    assert validator.first_error(json.loads('{"a":{"a":"x"}}')) is not None
    began = time.process_time()
    with pytest.raises(TooComplexError):
        validator.first_error(json.loads('{"a":' * 60 + leaf + "}" * 60))
    assert time.process_time() - began < 10


def test_items_are_unique_by_their_value() -> None:
    """1 equals 1.0, but neither true nor "1" (JSON Schema core §4.2.2); the order of names does not matter."""
    validator = BoundedValidator({"uniqueItems": True})
    for equal in ([1, 1.0], [{"a": 1, "b": [2]}, {"b": [2.0], "a": 1}], [None, None], [True, True], ["a", "a"]):
        assert validator.first_error(equal) is not None
    for different in ([1, True], [0, False], ["1", 1], [[1], [1, 1]], [{"a": 1}, {"a": True}], "aa", [None, "None"]):
        assert validator.first_error(different) is None
