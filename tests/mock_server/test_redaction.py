"""Secrets in requests: masked in the journal, and in the violations that quote a value."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from code_contract import load
from mock_server.observability.redaction import MASK, MAX_BODY_CHARS, MAX_HEADER_CHARS, redacted_body, redacted_pairs
from tests.mock_server.test_mock import Serve

SECRET = "s3cret"


def test_values_of_secret_names_are_masked() -> None:
    """Other values are kept, up to MAX_HEADER_CHARS."""
    pairs = [("Authorization", SECRET), ("access_token", SECRET), ("Source", "PC"), ("A", "x" * 9999)]
    masked = redacted_pairs(pairs)
    assert masked[:3] == [("Authorization", MASK), ("access_token", MASK), ("Source", "PC")]
    assert masked[3][1] == "x" * MAX_HEADER_CHARS + "… (truncated from 9999)"


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"", ""),
        (b'{"a":[{"password":"s3cret"}],"b":1}', '{"a": [{"password": "***"}], "b": 1}'),
        (b"password=s3cret", MASK),
        (b"plain \xff", "plain \\xff"),
        (b"x" * 99_999, "x" * MAX_BODY_CHARS + "… (truncated from 99999)"),
    ],
    ids=["empty", "json", "form", "not-utf-8", "long"],
)
def test_a_body_is_shown_without_secrets(body: bytes, shown: str) -> None:
    """JSON is masked by name; other text with a secret name is masked as a whole."""
    assert redacted_body(body) == shown


def test_a_violation_quotes_no_secret(serve: Serve, tmp_path: Path) -> None:
    """The response and the journal name the violated keyword in place of the value of a secret."""
    path = tmp_path / "openapi.yaml"
    path.write_text(
        "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    post:\n      operationId: a\n"
        "      parameters:\n        - {name: X-Api-Key, in: header, schema: {type: string, minLength: 40}}\n"
        "        - {name: n, in: query, schema: {type: integer}}\n"
        "      requestBody:\n        content:\n          application/json:\n"
        "            schema: {type: object, properties: {password: {type: string, minLength: 40}}}\n"
        "      responses: {'200': {description: d, content: {application/json: {example: {a: 1}}}}}\n",
        encoding="utf-8",
    )
    target = serve(load(path))
    json_type = {"Content-Type": "application/json"}
    replies = [
        target.send("POST", "/a", {"X-Api-Key": SECRET}),
        target.send("POST", "/a", json_type, json.dumps({"password": SECRET}).encode()),
        target.send("POST", "/a", json_type, json.dumps([{"password": SECRET}]).encode()),
        target.send("POST", "/a?n=x"),
    ]
    entries = target.state.journal.entries()
    assert [entry.violations for entry in entries] == [
        ["header parameter X-Api-Key: violates the keyword 'minLength' of its schema"],
        ["body $.password: violates the keyword 'minLength' of its schema"],
        ["body $: violates the keyword 'type' of its schema"],
        ["query parameter n: 'x' is not of type 'integer'"],
    ]
    assert [reply.status for reply in replies] == [400] * 4
    shown = json.dumps([entry.as_json() for entry in entries]) + str([reply.headers for reply in replies])
    assert SECRET not in shown
