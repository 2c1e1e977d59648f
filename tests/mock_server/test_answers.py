"""Responses of the mock to requests of any document: selection, negotiation, generation."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator
from PIL import Image

from code_contract import load
from mock_server.core.mock import Mock
from tests.mock_server.documents import ask, mock_of, value
from tests.paths import ROOT


@pytest.fixture(scope="module")
def mock() -> Mock:
    return Mock(load(ROOT / "tests/data/answers.yaml"), seed="1")


@pytest.mark.parametrize(
    ("method", "target", "preference", "status"),
    [
        ("GET", "/pets", "", 200),
        ("POST", "/pets", "", 200),
        ("PUT", "/pets/1", "", 200),
        ("DELETE", "/pets/1", "", 204),
        ("GET", "/moved", "", 301),
        ("GET", "/pets/1", "code=404", 404),
        ("GET", "/pets/1", "code=503", 503),
        ("POST", "/pets", "code=207", 207),
        ("POST", "/pets", "code=409", 409),
        ("POST", "/pets", "code=418", 418),
        ("GET", "/pets", "code=500", 500),
        ("GET", "/same", "code=304", 304),
        ("GET", "/pets/1", "code=302", 404),
    ],
)
def test_statuses(mock: Mock, method: str, target: str, preference: str, status: int) -> None:
    """The lowest 2xx is sent, then a range as its first status, then `default` as 200; a code selects a response.

    A status that is not documented is not found, as with Prism.
    """
    assert ask(mock, method, target, {"Prefer": preference}).status == status


def test_documented_errors(mock: Mock) -> None:
    """A response without an example is generated; one of a range has the example's body and the asked status."""
    missing = ask(mock, "GET", "/pets/1", {"Prefer": "code=404"})
    assert json.loads(missing.body).keys() == {"message", "code"}
    broken = ask(mock, "GET", "/pets/1?__code=502")
    assert (broken.status, json.loads(broken.body)) == (502, {"message": "down"})
    wrong = ask(mock, "POST", "/pets", {"Prefer": "code=422"})
    assert wrong.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("preference", "expected"),
    [
        ("", {"id": 1, "name": "Tom"}),
        ("example=dog", {"id": 2, "name": "Rex"}),
        ("code=200, example=dog", {"id": 2, "name": "Rex"}),
        ("dynamic=false", {"id": 1, "name": "Tom"}),
    ],
)
def test_examples(mock: Mock, preference: str, expected: Any) -> None:
    """The first example is sent, or the one that is named."""
    assert value(ask(mock, "GET", "/pets/1", {"Prefer": preference})) == expected


def test_examples_of_other_responses(mock: Mock) -> None:
    """An example selects the response that has it, with the first status of its range."""
    assert ask(mock, "GET", "/pets/1", {"Prefer": "example=down"}).status == 500
    assert ask(mock, "GET", "/pets/1", {"Prefer": "code=503, example=down"}).status == 503
    assert ask(mock, "POST", "/pets", {"Prefer": "example=twice"}).status == 409
    assert ask(mock, "GET", "/pets/1", {"Prefer": "code=404, example=dog"}).status == 404


def test_examples_that_violate_their_schema_are_not_served(mock: Mock) -> None:
    """Such an example is reported when the document is read, and unknown to preferences."""
    assert ask(mock, "GET", "/pets/1", {"Prefer": "example=bad"}).status == 404
    assert any("'bad'" in str(each) for each in mock.contract.problems)


def test_examples_have_no_write_only_fields(tmp_path: Path) -> None:
    """A response needs none, although the schema requires it, and an example with one is served without it."""
    secret = {"type": "string", "writeOnly": True}
    user = {"type": "object", "required": ["id", "pin"], "properties": {"id": {"type": "integer"}, "pin": secret}}
    users = {"type": "object", "properties": {"users": {"type": "array", "items": user}}}
    examples = {"one": {"value": {"users": [{"id": 5}]}}, "two": {"value": {"users": [{"id": 6, "pin": "x"}]}}}
    content = {"application/json": {"schema": users, "examples": examples}}
    mock = mock_of(tmp_path, {"/a": {"get": {"responses": {"200": {"description": "ok", "content": content}}}}})
    assert mock.contract.problems == ()
    assert value(ask(mock, "GET", "/a")) == {"users": [{"id": 5}]}
    assert value(ask(mock, "GET", "/a?__example=two")) == {"users": [{"id": 6}]}


def test_dynamic_responses_are_generated(mock: Mock) -> None:
    """`dynamic=true` generates from the schema although there is an example."""
    found = value(ask(mock, "GET", "/pets/1", {"Prefer": "dynamic=true"}))
    assert found["name"] not in ("Tom", "Rex")
    assert found["owner"]["email"]
    assert ask(mock, "GET", "/pets/1", {"Prefer": "code=404, dynamic=true"}).status == 404


def test_generated_bodies_conform(mock: Mock) -> None:
    """A generated body has all fields and conforms to its schema."""
    found = value(ask(mock, "GET", "/pets"))
    Draft202012Validator(mock.contract.operations["list"].success_response.schema).validate(found)
    assert all(each.keys() == {"id", "name", "born", "owner"} for each in found)


def test_the_same_request_gets_the_same_response(mock: Mock) -> None:
    """A body depends on path, query and seed; preferences do not count."""
    first = ask(mock, "GET", "/pets?page=1").body
    assert ask(mock, "GET", "/pets?page=1&__delay=0").body == first
    assert ask(Mock(mock.contract, seed="1"), "GET", "/pets?page=1").body == first
    assert ask(mock, "GET", "/pets?page=2").body != first
    assert ask(Mock(mock.contract, seed="2"), "GET", "/pets?page=1").body != first


@pytest.mark.parametrize(
    ("target", "accept", "expected"),
    [
        ("/pets", "", "application/json"),
        ("/pets", "*/*", "application/json"),
        ("/pets", "application/xml", "application/xml"),
        ("/pets", "APPLICATION/XML", "application/xml"),
        ("/pets", "text/*", "text/csv"),
        ("/pets", "application/json;q=0.5, application/xml", "application/xml"),
        ("/pets", "application/json;q=0.5, text/csv;q=0.7, */*;q=0.1", "text/csv"),
        ("/pets", "application/json;q=0, */*", "application/xml"),
        ("/pets", "text/html, application/xml, application/json", "application/xml"),
        ("/pets", "application/*, text/csv;q=0.9", "application/json"),
        ("/pets", "application/json;version=2", "application/json"),
        ("/pets", "nonsense", "application/json"),
        ("/pets", "application/vnd.api+json", "application/json"),
        ("/hal", "application/json", "application/hal+json"),
        ("/any", "application/xml", "application/xml"),
        ("/any", "*/*", "application/json"),
        ("/any", "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", "application/json"),
        ("/any", "application/xml, application/json;q=0.1", "application/xml"),
        ("/any", "application/xml, */*;q=0", "application/xml"),
        ("/photo", "image/webp", "image/webp"),
        ("/pets", "image/png", None),
        ("/pets", "application/json;q=0", None),
        ("/pets", "text/html, image/*", None),
        ("/hal", "application/xml", None),
    ],
)
def test_accept(mock: Mock, target: str, accept: str, expected: str | None) -> None:
    """The media type is negotiated by quality, then precision, then order (RFC 9110 §12.5.1); 406 without one."""
    found = ask(mock, "GET", target, {"Accept": accept} if accept else {})
    assert (found.status, found.headers["Content-Type"] if expected else None) == (200 if expected else 406, expected)


def test_accept_is_ignored_without_a_body(mock: Mock) -> None:
    """A response without a body has no media type to negotiate."""
    assert ask(mock, "DELETE", "/pets/1", {"Accept": "image/png"}).status == 204


def test_accept_does_not_change_a_stated_content_type() -> None:
    """An operation with `x-content-type` has one content type."""
    headers = {"Accept": "image/png", "Content-Type": "application/json;charset=UTF-8", "Source": "PC"}
    assert ask(Mock(), "POST", "/code", headers).headers["Content-Type"] == "application/json;charset=UTF-8"


def test_headers(mock: Mock) -> None:
    """Documented headers are sent, except those that describe the bytes; arrays and objects in the style "simple"."""
    headers = ask(mock, "GET", "/pets").headers
    assert 3 <= int(headers["X-Total"]) <= 9
    assert (headers["X-Kinds"], headers["X-Filter"], headers["X-Json"]) == ("cat,dog", "a=1,b=x", '{"a":1}')
    assert headers["Last-Modified"].endswith(" GMT")
    assert "Content-Length" not in headers
    assert headers["Vary"] == "Accept"
    assert ask(mock, "GET", "/moved").headers["Location"].startswith("https://")


def test_deprecated_operations(mock: Mock) -> None:
    """A deprecated operation has a Deprecation header with a date (RFC 9745 §2.1)."""
    assert ask(mock, "GET", "/pets").headers["Deprecation"] == "@1735689600"
    assert "Deprecation" not in ask(mock, "GET", "/pets/1").headers


@pytest.mark.parametrize(("accept", "name"), [("image/png", "PNG"), ("image/webp", "WEBP")])
def test_pictures(mock: Mock, accept: str, name: str) -> None:
    """A body of an image type is a picture of that type."""
    with Image.open(io.BytesIO(ask(mock, "GET", "/photo", {"Accept": accept}).body)) as image:
        assert image.format == name
        image.load()


def test_other_bodies(mock: Mock) -> None:
    """Text is not JSON, binary bodies have bytes, and a sequence has one JSON value a line."""
    assert ask(mock, "GET", "/text").body == b"42"
    assert len(ask(mock, "GET", "/file").body) > 10
    assert ask(mock, "GET", "/pets", {"Accept": "text/csv"}).body == b"id,name\n1,Rex\n"
    assert all(json.loads(line)["id"] for line in ask(mock, "GET", "/lines").body.splitlines())


def test_bodyless_statuses(mock: Mock) -> None:
    """204 and 304 have neither a body nor a content type."""
    for found in (ask(mock, "DELETE", "/pets/1"), ask(mock, "GET", "/same", {"Prefer": "code=304"})):
        assert (found.body, "Content-Type" in found.headers) == (b"", False)


def test_methods_that_the_document_lacks(mock: Mock) -> None:
    """HEAD has the headers of GET, OPTIONS names the methods (RFC 9110 §9.3.2, §9.3.7)."""
    head, get = ask(mock, "HEAD", "/pets"), ask(mock, "GET", "/pets")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == str(len(get.body))
    assert head.headers["X-Total"] == get.headers["X-Total"]
    options = ask(mock, "OPTIONS", "/pets")
    assert options.status == 204
    assert set(options.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}


def test_xml(mock: Mock) -> None:
    """A list in XML has one element for each item, named by the schema."""
    root = ElementTree.fromstring(ask(mock, "GET", "/pets", {"Accept": "application/xml"}).body)
    assert root.tag == "Pets"
    assert len(root) == len(value(ask(mock, "GET", "/pets"))) >= 2
    assert {each.tag for each in root} == {"Pet"}
    assert root[0].find("owner/email") is not None
