"""Reasons as code and values: in the journal, in X-Mock-Reason-Code, and in both languages of the page."""

from __future__ import annotations

import ast
import pickle
import re
from collections.abc import Iterator
from copy import deepcopy
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

import mock_server
from code_contract import Contract, UnknownNameError
from mock_server import create_app
from mock_server.admin.flask_app import flask_app
from mock_server.captcha.issued import AnswerResult
from mock_server.core.mock import Mock
from mock_server.core.refusals import STATUSES
from mock_server.reasons import Reason, Reasons, templates
from mock_server.server.head import MAX_HEADER_BYTES, MAX_HEADERS, RequestError
from mock_server.server.request_reader import MAX_CHUNK_LINE, RequestReader
from tests.chinese import violations

SOURCE = {"Source": "PC"}
_TREES = {
    path.relative_to(root).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for root in [Path(mock_server.__file__).parent.parent]
    for path in (*root.joinpath("mock_server").rglob("*.py"), root / "code_contract" / "xml_values.py")
}
_BUILDERS = ("Reason", "InputError", "JsonError", "XmlError", "UnreadableXmlError")
_GIVEN_CODES = {
    *("answer_checks", "decision", "delivery", "errors", "mock", "negotiation"),
    *("reasons", "request_bodies", "schema_reasons", "unrouted"),
}
"""Modules that build a reason with a code of a table, of a constant or of a caller."""


def _names(template: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", template))


def _calls() -> Iterator[tuple[str, ast.Call, list[str]]]:
    """The calls that build a reason: module, call, and the codes that are written in it."""
    for module, tree in _TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _BUILDERS:
                first = node.args[0]
                written = (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,)
                yield module, node, [each.value for each in written if isinstance(each, ast.Constant)]


@pytest.mark.parametrize("code", templates())
def test_a_template_has_chinese_and_the_same_values(code: str) -> None:
    """Each value of the English sentence may stand in the Chinese one, and no other."""
    english, chinese = templates()[code]
    assert _names(english) == _names(chinese)
    found = violations(re.sub(r"\{\w+\}", "1", chinese.replace("{subject}", "请求体")), english)
    assert set(found) <= {"no Chinese"} - ({"no Chinese"} if not _names(english) else set())


def test_each_reason_has_a_template_and_its_values() -> None:
    """Wherever the code is written in the call. Where it is not, it comes from one of a few modules."""
    assert {Path(module).stem for module, _, codes in _calls() if not codes} == _GIVEN_CODES
    for module, call, codes in _calls():
        for code in codes:
            assert code in templates(), f"{module}:{call.lineno}"
            expected = _names(templates()[code][0]) - (set() if "Reason" in ast.dump(call.func) else {"subject"})
            given = {each.arg for each in call.keywords}
            assert given == expected or (None in given and given - {None} <= expected), f"{module}:{call.lineno}"


def test_each_template_is_used() -> None:
    """No code is without a module that names it."""
    nodes = (node for tree in _TREES.values() for node in ast.walk(tree))
    named = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert templates().keys() - named == {f"captcha-{each.value}" for each in AnswerResult}


def test_each_error_is_a_reason() -> None:
    """Its name is the outcome in the journal."""
    assert [Reason(name) for name in STATUSES] == list(STATUSES)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"method": "POST", "path": "/code"}, ""),
        ({"method": "POST", "path": "/code", "query_string": "__code=abc"}, "invalid-code"),
        ({"method": "POST", "path": "/code", "query_string": "__delay=99"}, "invalid-delay"),
        ({"method": "POST", "path": "/code", "query_string": "__colour=red"}, "unknown-query"),
        ({"method": "POST", "path": "/code", "query_string": "__example=refuse"}, "unknown-name"),
        ({"method": "POST", "path": "/code", "query_string": "__example=%E5%AE%A0"}, "unknown-name-listed"),
        ({"method": "POST", "path": "/nowhere"}, "no-such-path, nearest, fallback"),
        ({"method": "POST", "path": "/code", "headers": SOURCE, "data": "x"}, "other-media-type"),
        ({"method": "POST", "path": "/code", "query_string": "__fault=reset"}, "fault-breaks-connection"),
    ],
    ids=["assumed violation", "code", "delay", "query", "example", "examples", "path", "body", "connection fault"],
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
    assert [[each["text"] for each in every] for every in entry["reasons"]["violations"]] == [
        [each] for each in entry["violations"]
    ]


@pytest.mark.parametrize("name", ["refuse", "宠"])
def test_an_unknown_name_has_the_sentence_of_its_error(contract: Contract, name: str) -> None:
    """The mock builds it anew, of the data of the error."""
    client = create_app(contract).test_client()
    reason = client.post("/code", query_string={"__example": name}, headers=SOURCE).headers["X-Mock-Reason"]
    error = UnknownNameError("example", name, contract.examples)
    assert reason == str(error).encode("ascii", "backslashreplace").decode()


_HEAD = b"POST /code HTTP/1.1\r\nHost: a\r\n"
_CHUNKED = _HEAD + b"Transfer-Encoding: chunked\r\n"
WIRE: dict[str, bytes] = {
    "not-http": b"\x16\x03\x01",
    "invalid-request-line": b"POST /code\r\n\r\n",
    "http-version": b"POST /code HTTP/2.0\r\n\r\n",
    "invalid-byte": b"POST /code HTTP/1.1\r\nHost: \x00\r\n\r\n",
    "unknown-method": b"post /code HTTP/1.1\r\nHost: a\r\n\r\n",
    "invalid-host": b"POST /code HTTP/1.1\r\n\r\n",
    "invalid-target": b"POST code HTTP/1.1\r\nHost: a\r\n\r\n",
    "invalid-header": _HEAD + b"no colon\r\n\r\n",
    "invalid-length": _HEAD + b"Content-Length: x\r\n\r\n",
    "last-coding": _HEAD + b"Transfer-Encoding: gzip\r\n\r\n",
    "unknown-coding": _HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
    "too-many-headers": _HEAD + b"A: b\r\n" * MAX_HEADERS + b"\r\n",
    "head-too-large": _HEAD + b"A: " + b"a" * MAX_HEADER_BYTES,
    "invalid-chunk": _CHUNKED + b"\r\nx\r\n",
    "chunk-extensions-too-large": _CHUNKED + b"\r\n1;" + b"a" * MAX_CHUNK_LINE + b"\r\n",
    "trailers-too-large": _CHUNKED + b"\r\n0\r\n" + b"A: " + b"a" * MAX_HEADER_BYTES,
}


@pytest.mark.parametrize(("code", "sent"), WIRE.items(), ids=WIRE)
def test_bytes_that_are_not_a_request_have_a_code(contract: Contract, code: str, sent: bytes) -> None:
    """The response has it beside the sentence."""
    reader = RequestReader()
    reader.feed(sent)
    with pytest.raises(RequestError) as raised:
        list(islice(reader.events, 9))
    headers = dict(Mock(contract).protocol_error(raised.value.status, raised.value.reason).headers)
    sentence = raised.value.reason.encode("ascii", "backslashreplace").decode()
    assert (headers["X-Mock-Reason"], headers["X-Mock-Reason-Code"]) == (sentence, code)


def test_a_reason_keeps_code_and_values() -> None:
    """In JSON, through a change of its texts, and in a copy."""
    subject = Reason("parameter", location="query", name="limit")
    invalid = Reason("invalid", subject=subject, problem=Reason("wrong-type", value="'x'", type="'integer'"))
    both = Reasons(invalid, Reason("body-over-limit", limit=5))
    assert both == "query parameter limit: 'x' is not of type 'integer'; the body has more than 5 bytes"
    first, second = both.as_json()
    assert (first["code"], first["text"]) == ("invalid", str(invalid))
    assert first["values"]["subject"] == subject.as_json()
    assert first["values"]["problem"][0]["values"] == {"value": "'x'", "type": "'integer'"}
    assert (second["code"], second["values"]) == ("body-over-limit", {"limit": "5"})
    changed = both.mapped(str.upper)
    assert changed == "QUERY parameter LIMIT: 'X' is not of type 'INTEGER'; the body has more than 5 bytes"
    assert [each["code"] for each in changed.as_json()] == ["invalid", "body-over-limit"]
    for copy in (deepcopy(both), pickle.loads(pickle.dumps(both))):
        assert (copy, copy.as_json()) == (both, both.as_json())


def test_a_refusal_of_the_admin_api_is_redacted_in_its_values() -> None:
    """The access log has it as JSON."""
    mock = Mock()
    logged: list[Any] = []
    mock.state.observers.append(logged.append)
    refused = flask_app(mock).test_client().get("/__mock/", headers={"Origin": "http://me:s3cret@evil.example"})
    assert refused.status_code == 403
    (reason,) = logged[0].outcome.as_json()
    assert (reason["code"], reason["values"]["reason"][0]["code"]) == ("access-refused", "origin-not-allowed")
    assert "s3cret" not in str(reason)
