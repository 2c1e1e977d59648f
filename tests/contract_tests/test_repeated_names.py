"""Repeated names in JSON objects (RFC 8259 §4)."""

from __future__ import annotations

import json

import pytest

from contract_tests.checks.json_text import MAX_REPEATED, parse_json
from tests.contract_tests.test_checks import SAMPLE, exchange, failed_clauses


@pytest.mark.parametrize(
    ("repeated", "clause"),
    [
        (b'"x":1,"x":1', "names-are-unique"),
        (b'"x":1,"x":2', "names-are-unambiguous"),
        (b'"x":1,"x":1.5,"y":1,"y":1', "names-are-unambiguous names-are-unique"),
        (b'"msg":null', "names-are-unambiguous"),
        (b'"x":{"uuid":1,"uuid":1}', "names-are-unique"),
        (b'"data":{"uuid":"","uuid":""}', "names-are-unambiguous"),
        (b'"x":{"y":1,"y":1},"x":{"y":1,"y":1}', "names-are-unique"),
    ],
)
def test_a_repeated_name_is_reported(repeated: bytes, clause: str) -> None:
    """A documented field, or another value, is a violation of MUST; another name one of SHOULD."""
    body = json.dumps(SAMPLE).encode()
    found = failed_clauses(exchange(body.replace(b"{", b"{" + repeated + b",", 1)))
    assert {each for each in found if each.startswith("names-")} == set(clause.split())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"d":1,"b":1,"b":1,"a":1,"a":2}', [("a", True, ()), ("b", False, ())]),
        ('{"x":{"a":1},"y":{"a":1}}', []),
        ('{"a":1,"a":true}', [("a", True, ())]),
        ('{"a":0,"a":false,"a":0}', [("a", True, ())]),
        ('{"a":{"b":1,"c":2},"a":{"c":2,"b":1}}', [("a", False, ())]),
        ('{"x":[{"y":{"a":1,"a":1}}]}', [("a", False, ("x", "*", "y"))]),
        ('{"x":{"a":1,"a":1},"x":{}}', [("x", True, ())]),
        ('{"\\u0061":1,"a":1}', [("a", False, ())]),
    ],
)
def test_repeated_names_are_found(text: str, expected: list[object]) -> None:
    """Each has its name, whether its values differ, and the place of its object unless that is overwritten."""
    assert [tuple(each) for each in parse_json(text).repeated_names] == expected


def test_repeated_names_are_limited() -> None:
    """At most MAX_REPEATED names are compared, so that the time is linear."""
    text = "{" + ",".join(f'"k{n % 1000}":{n}' for n in range(2000)) + "}"
    assert len(parse_json(f"[{text},{text}]").repeated_names) == MAX_REPEATED
