"""Refusals: the document's own response, else problem details (RFC 9457); and the explanation of every response."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from mock_server.core.mock import Mock
from mock_server.core.violations import ValidationMode
from tests.mock_server.documents import ask, mock_of

JSON = {"Content-Type": "application/json"}
ERROR = {"application/json": {"schema": {"type": "object", "required": ["why"], "properties": {"why": {"const": "w"}}}}}


def mock(folder: Path, responses: dict[str, Any], settings: dict[str, Any] | None = None) -> Mock:
    """A mock of an operation that needs a body, with these responses besides a success."""
    operation = {
        "operationId": "add",
        "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}}],
        "requestBody": {"content": {"application/json": {"schema": {"type": "object", "required": ["name"]}}}},
        "responses": {"200": {"description": "ok"}, **responses},
    }
    return mock_of(folder, {"/a": {"post": operation}}, settings or {})


def documented(*statuses: str) -> dict[str, Any]:
    return {each: {"description": each, "content": ERROR} for each in statuses}


INVALID, MALFORMED, OTHER_TYPE = (JSON, b"{}"), (JSON, b"{"), ({"Content-Type": "text/plain"}, b"x")
# The documented statuses, the request, the status of the response, True if it is the documented response.
PRECEDENCE: dict[str, tuple[tuple[str, ...], Any, int, bool]] = {
    "422 before 400": (("400", "422"), INVALID, 422, True),
    "400": (("400", "4XX", "default"), INVALID, 400, True),
    "a range": (("4XX", "default"), INVALID, 422, True),
    "a range in lower case": (("4xx",), INVALID, 422, True),
    "default": (("404", "default"), INVALID, 422, True),
    "none": (("404",), INVALID, 422, False),
    "malformed: 400 before 422": (("400", "422"), MALFORMED, 400, True),
    "malformed: 422": (("422",), MALFORMED, 422, True),
    "malformed: none": ((), MALFORMED, 400, False),
    "another type": (("415", "400"), OTHER_TYPE, 415, True),
    "another type: a range": (("4XX",), OTHER_TYPE, 415, True),
    "another type: 400 is something else": (("400",), OTHER_TYPE, 415, False),
}


@pytest.mark.parametrize(("statuses", "request_", "status", "is_documented"), PRECEDENCE.values(), ids=PRECEDENCE)
def test_the_documented_response(
    tmp_path: Path, statuses: tuple[str, ...], request_: tuple[dict[str, str], bytes], status: int, is_documented: bool
) -> None:
    """An exact status comes first, then a range, then `default`; the body conforms to its schema."""
    reply = ask(mock(tmp_path, documented(*statuses)), "POST", "/a", *request_)
    assert reply.status == status
    assert reply.headers["Content-Type"] == ("application/json" if is_documented else "application/problem+json")
    assert json.loads(reply.body).get("why" if is_documented else "status") == ("w" if is_documented else status)
    assert reply.headers["X-Mock-Reason"].startswith(("body $: 'name'", "the body is"))


def test_the_examples_of_a_documented_response(tmp_path: Path) -> None:
    """The first example, in the media type that the client accepts; a refusal is sent in any case."""
    content = {
        "application/json": {"examples": {"a": {"value": {"a": 1}}, "b": {"value": {"b": 1}}}},
        "text/plain": {"example": "no"},
    }
    target = mock(tmp_path, {"400": {"description": "no", "content": content}})
    assert ask(target, "POST", "/a", *INVALID).body == b'{"a":1}'
    for accept, body in (("text/plain", b"no"), ("image/png", b'{"a":1}')):
        reply = ask(target, "POST", "/a", {**JSON, "Accept": accept}, b"{}")
        assert (reply.status, reply.body) == (400, body)


def test_a_documented_response_without_a_body(tmp_path: Path) -> None:
    """It has none."""
    reply = ask(mock(tmp_path, {"400": {"description": "no"}}), "POST", "/a", *INVALID)
    assert (reply.status, reply.body, reply.headers.get("Content-Type")) == (400, b"", None)


def test_all_violations_are_named(tmp_path: Path) -> None:
    """Each with its location, in the response and in the journal."""
    target = mock(tmp_path, {})
    reply = ask(target, "POST", "/a?limit=x", *INVALID)
    errors = json.loads(reply.body)["errors"]
    assert [(each["location"], each.get("name"), each.get("pointer")) for each in errors] == [
        ("query", "limit", None),
        ("body", None, "#"),
    ]
    (entry,) = target.state.journal.entries()
    assert entry.violations == [each["detail"] for each in errors]
    assert entry.outcome.startswith("rejected: query parameter limit: 'x' is not of type 'integer'")


def test_an_interim_status_is_not_sent_as_a_response(tmp_path: Path) -> None:
    """A client would wait for the final one (RFC 9110 §15.2)."""
    target = mock_of(
        tmp_path, {"/a": {"get": {"responses": {"101": {"description": "a"}, "102": {"description": "b"}}}}}
    )
    assert ask(target, "GET", "/a").status == 200
    for code, status in (("101", 400), ("099", 400), ("600", 404)):
        assert ask(target, "GET", f"/a?__code={code}").status == status


def test_a_violation_says_who_is_to_blame(tmp_path: Path) -> None:
    """The request; the document, if the value is its own example; neither, if its own example is invalid too."""
    schema = {"type": "object", "required": ["name"]}
    for example, body, blamed, text in (
        ({"name": 1}, b"{}", "request", "body $: 'name' is a required property"),
        ({"nom": 1}, b'{"nom": 1}', "document", "'name' is a required property (the document's own example"),
        ({"nom": 1}, b"{}", "ambiguous", "'name' is a required property (ambiguous"),
    ):
        operation = {
            "requestBody": {"content": {"application/json": {"schema": schema, "example": example}}},
            "responses": {"200": {"description": "ok"}},
        }
        reply = ask(mock_of(tmp_path, {"/a": {"post": operation}}), "POST", "/a", JSON, body)
        assert [each["blames"] for each in json.loads(reply.body)["errors"]] == [blamed]
        assert text in reply.headers["X-Mock-Reason"]


def test_a_success_is_explained(tmp_path: Path) -> None:
    """A header and the journal say where the response comes from."""
    contents: dict[str, Any] = {
        "200, example 'cat' of application/json": {"application/json": {"examples": {"cat": {"value": 1}}}},
        "200, generated from the schema of application/json": {"application/json": {"schema": {"type": "integer"}}},
        "200, generated of image/png": {"image/png": {}},
        "200 without a body": {},
    }
    for reason, content in contents.items():
        target = mock_of(tmp_path, {"/a": {"get": {"responses": {"200": {"description": "ok", "content": content}}}}})
        assert ask(target, "GET", "/a").headers["X-Mock-Reason"] == reason
        assert target.state.journal.entries()[0].outcome == f"success; {reason}"
    target = mock_of(tmp_path, {"/a": {"get": {"responses": documented("200", "404")}}})
    reply = ask(target, "GET", "/a", {"Prefer": "code=404"})
    assert reply.headers["X-Mock-Reason"] == "404, generated from the schema of application/json"


def test_what_a_violation_quotes_is_printable(tmp_path: Path) -> None:
    """Lone surrogates and control characters are escaped, in the body too."""
    operation = {
        "requestBody": {"content": {"application/json": {"schema": {"enum": ["a"]}}}},
        "responses": {"200": {"description": "ok"}},
    }
    target = mock_of(tmp_path, {"/a": {"post": operation}})
    reply = ask(target, "POST", "/a", JSON, b'"\\ud800\\u202e"')
    assert reply.status == 422
    assert "\\ud800" in json.loads(reply.body)["detail"]


def test_modes(tmp_path: Path) -> None:
    """`warn` answers with the violations in a header, `off` does not look for them."""
    for mode, warning in (
        (ValidationMode.WARN, "body $: 'name' is a required property (not rejected)"),
        (ValidationMode.OFF, None),
    ):
        reply = ask(mock(tmp_path, {}, {"validate": mode}), "POST", "/a", *INVALID)
        assert (reply.status, reply.headers.get("X-Mock-Warning")) == (200, warning)


@pytest.mark.parametrize(
    ("method", "target", "status", "reason"),
    [
        ("GET", "/b", 404, "no operation has the path /b"),
        ("PUT", "/a", 405, "the path /a does not support PUT"),
        ("POST", "/a?__code=299", 404, "no response with status 299 is documented"),
        ("POST", "/a?__what=1", 400, "unknown query parameter"),
    ],
)
def test_errors_of_the_mock_itself(tmp_path: Path, method: str, target: str, status: int, reason: str) -> None:
    """They are problem details with the reason, also where the operation documents errors."""
    reply = ask(mock(tmp_path, documented("400", "404", "405")), method, target, JSON, b'{"name": 1}')
    found = json.loads(reply.body)
    assert (reply.status, found["type"], found["status"]) == (status, "about:blank", status)
    assert reason in found["detail"]
    assert reason in reply.headers["X-Mock-Reason"]
    assert reply.headers.get("Allow") == ("POST" if status == 405 else None)


def test_an_example_of_the_contract_comes_first(tmp_path: Path) -> None:
    """An envelope is data: an example under components with the name of the error."""
    example = {"request-refused": {"x-status": 400, "value": {"code": 400}}}
    operation = {"parameters": [{"name": "n", "in": "query", "required": True}], "responses": documented("422")}
    target = mock_of(tmp_path, {"/a": {"get": operation}}, components={"examples": example})
    reply = ask(target, "GET", "/a")
    assert (reply.status, reply.body) == (400, b'{"code":400}')


def test_an_unexpected_error_is_a_problem_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged, and the response has the documented form."""
    target = mock(tmp_path, {})
    monkeypatch.setattr(target, "_plan_and_build", lambda *_: 1 / 0)
    with caplog.at_level(logging.CRITICAL, "mock_server"):
        reply = ask(target, "POST", "/a", *INVALID)
    assert (reply.status, json.loads(reply.body)["title"]) == (500, "Internal Server Error")
