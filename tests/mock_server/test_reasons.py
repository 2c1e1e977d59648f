"""Reasons as code and values: in the journal, in X-Mock-Reason-Code, and in both languages of the page."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from mock_server import create_app
from mock_server.observability.reasons import MAX_CHARS, codes, describe, templates
from tests.chinese import violations

SOURCE = {"Source": "PC"}


@pytest.mark.parametrize("code", templates())
def test_a_template_has_chinese_and_the_same_values(code: str) -> None:
    """Each value of the English sentence may stand in the Chinese one, and no other."""
    english, chinese = templates()[code]
    names = [set(re.findall(r"\{(\w+)\}", text)) for text in (english, chinese)]
    assert names[0] == names[1]
    assert set(violations(re.sub(r"\{\w+\}", "1", chinese.replace("{subject}", "请求体")), english)) <= {
        "no Chinese"
    } - ({"no Chinese"} if not names[0] else set())


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"method": "POST", "path": "/code"}, ""),
        ({"method": "POST", "path": "/code", "query_string": "__code=abc"}, "invalid-code"),
        ({"method": "POST", "path": "/code", "query_string": "__delay=99"}, "invalid-delay"),
        ({"method": "POST", "path": "/code", "query_string": "__colour=red"}, "unknown-query"),
        ({"method": "POST", "path": "/code", "query_string": "__example=refuse"}, "unknown-name"),
        ({"method": "POST", "path": "/nowhere"}, "no-such-path, nearest, fallback"),
        ({"method": "POST", "path": "/code", "headers": SOURCE, "data": "x"}, "other-media-type"),
    ],
    ids=["an assumed violation", "code", "delay", "query", "example", "path", "body"],
)  # fmt: skip
def test_a_reason_has_its_code(request_: dict[str, Any], expected: str) -> None:
    """X-Mock-Reason keeps the sentence; X-Mock-Reason-Code has the code, which scripts of any origin can read."""
    client = create_app(seed="x").test_client()
    headers = {"Origin": "http://page.example", **request_.get("headers", {})}
    response = client.open(**request_ | {"headers": headers})
    assert response.headers.get("X-Mock-Reason-Code", "") == expected
    assert "X-Mock-Reason-Code" in response.headers["Access-Control-Expose-Headers"]
    entry = client.get("/__mock/requests").get_json()["requests"][-1]
    assert "; ".join(each["text"] for each in entry["reasons"]["outcome"]) == entry["outcome"]
    assert all(each["code"] for each in entry["reasons"]["outcome"])
    assert [[each["text"] for each in every] for every in entry["reasons"]["violations"]] == [
        [each] for each in entry["violations"]
    ]


def test_a_violation_has_code_and_values() -> None:
    """A sentence about a part of the request names it as a reason of its own."""
    (found,) = describe("query parameter limit: 'x' is not of type 'integer'")
    assert (found["code"], found["values"]["subject"][0]["values"]) == (
        "invalid",
        {"location": "query", "name": "limit"},
    )
    assert found["values"]["problem"][0]["values"] == {"value": "'x'", "type": "'integer'"}


def test_sentences_are_joined() -> None:
    """An outcome has a reason for each sentence; a semicolon inside a sentence does not end it."""
    text = "success (code=200, active behaviour); with fault img-crc"
    assert codes(text) == "with-preferences, with-fault"
    assert codes("unknown preference 'x'; known: scenario, code") == "unknown-preference"


def test_a_text_without_a_template_has_no_code() -> None:
    """It is shown as it is; a long text of a client costs no time."""
    assert describe("something else") == [{"code": "", "values": {}, "text": "something else"}]
    assert codes("success; something else") == ""
    begun = time.process_time()
    for size in (MAX_CHARS, 100_000):
        describe(" is not of type " * (size // 16))
        describe("a; " * (size // 3))
    assert time.process_time() - begun < 2
