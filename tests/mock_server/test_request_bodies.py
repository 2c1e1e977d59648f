"""Bodies of requests: JSON, forms, multipart forms, text; media types and ranges."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.mock_server.adapters import Reply
from tests.mock_server.documents import ask, mock_of

FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
PET = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string", "minLength": 1},
        "age": {"type": ["integer", "null"]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "owner": {"type": "object", "properties": {"age": {"type": "integer"}}},
        "photo": {"type": "string", "format": "binary"},
    },
}
CLOSED = {**PET, "additionalProperties": False}


def post(
    folder: Path,
    contents: dict[str, Any] | None,
    content_type: str,
    body: bytes,
    *,
    required: bool = False,
    responses: dict[str, Any] | None = None,
) -> Reply:
    """The response to a body, of an operation with these request contents."""
    operation: dict[str, Any] = {"responses": responses or {"200": {"description": "ok"}}}
    if contents is not None:
        operation["requestBody"] = {"content": contents, "required": required}
    mock = mock_of(folder, {"/a": {"post": operation}})
    return ask(mock, "POST", "/a", {"Content-Type": content_type} if content_type else {}, body)


JSON_BODIES: dict[str, tuple[str, int, str]] = {
    "without the read-only id": ('{"name": "x"}', 200, ""),
    "nothing required": ("{}", 422, "#"),
    "a value of another type": ('{"name": "x", "age": "old"}', 422, "#/age"),
    "below": ('{"name": "x", "owner": {"age": "old"}}', 422, "#/owner/age"),
    "not JSON": ('{"name": ', 400, "#"),
    "another type": ("[]", 422, "#"),
}


XML_PET = {
    "type": "object",
    "required": ["id", "tag"],
    "properties": {
        "id": {"type": "integer", "xml": {"attribute": True}},
        "tag": {"type": "array", "items": {"type": "string", "maxLength": 3}},
    },
    "xml": {"name": "pet"},
}
XML_BODIES: dict[str, tuple[str, int, str]] = {
    "valid": ('<pet id="1"><tag>a</tag><tag>b</tag></pet>', 200, ""),
    "an empty list": ('<?xml version="1.0"?><pet id="1"/>', 200, ""),
    "an attribute of another type": ('<pet id="x"/>', 422, "body $.id: 'x' is not of type 'integer'"),
    "an attribute is missing": ("<pet/>", 422, "body $: 'id' is a required property"),
    "an item too long": ('<pet id="1"><tag>abcd</tag></pet>', 422, "body $.tag[0]: 'abcd' is too long"),
    "not well-formed": ('<pet id="1">', 400, "the body is not well-formed XML"),
    "another root": ('<dog id="1"/>', 400, "the body has the root element 'dog', not 'pet'"),
    "entities": ('<!DOCTYPE pet [<!ENTITY a "b">]><pet id="1">&a;</pet>', 400, "the body has a document type"),
    "too deep": (f'<pet id="1">{"<a>" * 101}{"</a>" * 101}</pet>', 400, "the body has more than 20000 elements"),
    "an unknown encoding": ('<?xml version="1.0" encoding="utf-7"?><pet id="1"/>', 400, "not well-formed"),
}


@pytest.mark.parametrize(("body", "status", "reason"), XML_BODIES.values(), ids=XML_BODIES)
def test_an_xml_body(tmp_path: Path, body: str, status: int, reason: str) -> None:
    """It is well-formed, and conforms to its schema as `xml` reads it; entities are not expanded."""
    found = post(tmp_path, {"application/xml": {"schema": XML_PET}}, "application/xml", body.encode())
    assert found.status == status
    if reason:
        assert reason in found.headers["X-Mock-Reason"]
        assert found.headers["X-Mock-Reason-Code"]


@pytest.mark.parametrize(
    ("allowed", "body", "status"),
    [(False, b"n=a/b", 422), (False, b"n=a%2Fb+*", 200), (True, b"n=a/b", 200), (None, b"n=a/b", 200)],
)
def test_reserved_characters_of_a_form(tmp_path: Path, allowed: bool | None, body: bytes, status: int) -> None:
    """They are percent-encoded where `allowReserved: false` asks for it; by default, they are read as they are."""
    encoding = {} if allowed is None else {"n": {"allowReserved": allowed}}
    schema = {"type": "object", "properties": {"n": {"type": "string"}}}
    found = post(tmp_path, {FORM: {"schema": schema, "encoding": encoding}}, FORM, body)
    assert found.status == status
    assert status == 200 or found.headers["X-Mock-Reason-Code"] == "reserved"


def test_a_list_at_the_root_of_xml_is_only_parsed(tmp_path: Path) -> None:
    """OpenAPI leaves open which elements it has."""
    contents = {"text/xml": {"schema": {"type": "array", "items": XML_PET}}}
    assert post(tmp_path, contents, "text/xml", b"<pet/>").status == 200
    assert post(tmp_path, contents, "text/xml", b"<pet>").status == 400


@pytest.mark.parametrize(("body", "status", "pointer"), JSON_BODIES.values(), ids=JSON_BODIES)
def test_a_json_body(tmp_path: Path, body: str, status: int, pointer: str) -> None:
    """It conforms to its schema; problem details point to what does not (RFC 9457 §3)."""
    for media_type in ("application/json", "application/json; charset=utf-8", "Application/JSON"):
        reply = post(tmp_path, {"application/json": {"schema": PET}}, media_type, body.encode())
        assert reply.status == status
        if pointer:
            assert reply.headers["Content-Type"] == "application/problem+json"
            found = json.loads(reply.body)
            assert found["status"] == status
            assert (found["errors"][0]["location"], found["errors"][0]["pointer"]) == ("body", pointer)
            assert found["errors"][0]["detail"] in found["detail"]
            assert found["detail"][:100] in reply.headers["X-Mock-Reason"]


MEDIA_TYPES: dict[str, tuple[list[str] | None, str, int]] = {
    "documented": (["application/json"], "application/json", 200),
    "another": (["application/json"], "text/plain", 415),
    "one of several": (["application/json", "text/plain"], "text/plain", 200),
    "a range": (["image/*"], "image/png", 200),
    "outside of the range": (["image/*"], "text/plain", 415),
    "everything": (["*/*"], "text/plain", 200),
    "none named": (["application/json"], "", 200),
    "a suffix is another type": (["application/json"], "application/vnd.a+json", 415),
    "a documented suffix": (["application/vnd.a+json"], "application/vnd.a+json", 200),
    "no body documented": (None, "application/json", 415),
    "no type documented": ([], "application/json", 415),
}


@pytest.mark.parametrize(("documented", "media_type", "status"), MEDIA_TYPES.values(), ids=MEDIA_TYPES)
def test_media_types(tmp_path: Path, documented: list[str] | None, media_type: str, status: int) -> None:
    """An undocumented one is refused with 415, and Accept names the documented ones (RFC 9110 §15.5.16)."""
    contents = None if documented is None else {each: {} for each in documented}
    reply = post(tmp_path, contents, media_type, b"{}")
    assert reply.status == status
    assert reply.headers.get("Accept") == (", ".join(documented) if status == 415 and documented else None)
    assert post(tmp_path, contents, media_type, b"").status == 200


def test_a_range_is_read_by_the_type_that_is_sent(tmp_path: Path) -> None:
    """JSON under `*/*` is validated, and the most specific documented type applies."""
    contents = {"*/*": {"schema": PET}, "application/merge-patch+json": {"schema": {"type": "object"}}}
    assert post(tmp_path, contents, "application/json", b"{}").status == 422
    assert post(tmp_path, contents, "application/merge-patch+json", b"{}").status == 200
    assert post(tmp_path, contents, "application/octet-stream", b"\xff\x00").status == 200


def test_a_missing_body(tmp_path: Path) -> None:
    """Only a required one is missed; an empty form is a form without fields."""
    for media_type, status in (("application/json", 422), ("", 422), (FORM, 200)):
        contents = {media_type or "application/json": {"schema": {"type": "object"}}}
        assert post(tmp_path, contents, media_type, b"").status == 200
        assert post(tmp_path, contents, media_type, b"", required=True).status == status


FORMS: dict[str, tuple[dict[str, Any], str, int]] = {
    "typed": ({}, "name=x&age=5", 200),
    "a word as a number": ({}, "name=x&age=old", 422),
    "a missing field": ({}, "age=5", 422),
    "an unknown field": ({}, "name=x&colour=red", 422),
    "encoded": ({}, "name=%C3%A9+x%26", 200),
    "an array": ({}, "name=x&tags=a&tags=b", 200),
    "a joined array": ({"tags": {"style": "form", "explode": False}}, "name=x&tags=a,b", 200),
    "an object is JSON": ({}, "name=x&owner=%7B%22age%22:5%7D", 200),
    "an object with a word": ({}, "name=x&owner=%7B%22age%22:%22old%22%7D", 422),
    "an object that is not JSON": ({}, "name=x&owner=5", 422),
    "JSON by encoding": ({"age": {"contentType": "application/json"}}, "name=x&age=5", 200),
    "not JSON by encoding": ({"age": {"contentType": "application/json"}}, "name=x&age=%7B", 422),
    "a deep object": ({"owner": {"style": "deepObject", "explode": True}}, "name=x&owner[age]=5", 200),
    "a deep object with a word": ({"owner": {"style": "deepObject", "explode": True}}, "name=x&owner[age]=x", 422),
    "a field twice": ({}, "name=x&age=5&age=6", 422),
    "bytes that are not UTF-8": ({}, "name=\xff", 200),
}


@pytest.mark.parametrize(("encoding", "body", "status"), FORMS.values(), ids=FORMS)
def test_a_form(tmp_path: Path, encoding: dict[str, Any], body: str, status: int) -> None:
    """Its fields are typed by the schema, and read as `encoding` says."""
    contents = {FORM: {"schema": CLOSED, "encoding": encoding}}
    assert post(tmp_path, contents, FORM, body.encode("latin-1")).status == status


def multipart(*parts: tuple[str, bytes]) -> bytes:
    """A body of parts: what follows `form-data; `, with further headers, and the data."""
    joined = b"".join(b"--b\r\nContent-Disposition: form-data; %b\r\n\r\n%b\r\n" % (h.encode(), d) for h, d in parts)
    return joined + b"--b--\r\n"


NAME = ('name="name"', b"x")
MULTIPARTS: dict[str, tuple[dict[str, Any], bytes, int]] = {
    "a field": ({}, multipart(NAME), 200),
    "typed": ({}, multipart(NAME, ('name="age"', b"5")), 200),
    "a word as a number": ({}, multipart(NAME, ('name="age"', b"old")), 422),
    "a missing field": ({}, multipart(('name="age"', b"5")), 422),
    "an unknown field": ({}, multipart(NAME, ('name="colour"', b"red")), 422),
    "an array": ({}, multipart(NAME, ('name="tags"', b"a"), ('name="tags"', b"b")), 200),
    "an array of one": ({}, multipart(NAME, ('name="tags"', b"a")), 200),
    "JSON": ({}, multipart(NAME, ('name="owner"\r\nContent-Type: application/json', b'{"age": 5}')), 200),
    "JSON with a word": ({}, multipart(NAME, ('name="owner"\r\nContent-Type: application/json', b'{"age": "x"}')), 422),
    "not JSON": ({}, multipart(NAME, ('name="owner"\r\nContent-Type: application/json', b"{")), 422),
    "JSON without a type": ({}, multipart(NAME, ('name="owner"', b'{"age": 5}')), 200),
    "a file": ({}, multipart(NAME, ('name="photo"; filename="a.png"\r\nContent-Type: image/png', b"\x89PNG\0")), 200),
    "a documented type": (
        {"photo": {"contentType": "image/png, image/jpeg"}},
        multipart(NAME, ('name="photo"; filename="a"\r\nContent-Type: image/jpeg', b"\xff")),
        200,
    ),
    "an undocumented type": (
        {"photo": {"contentType": "image/png, image/jpeg"}},
        multipart(NAME, ('name="photo"; filename="a"\r\nContent-Type: text/plain', b"a")),
        422,
    ),
    "no name": ({}, multipart(NAME, ("", b"x")), 422),
    "no parts": ({}, b"--b--\r\n", 422),
    "no end": ({}, multipart(NAME)[:-6], 400),
    "no multipart": ({}, b"name=x", 400),
    "many parts": ({}, multipart(*[NAME] * 1001), 400),
}  # fmt: skip


@pytest.mark.parametrize(("encoding", "body", "status"), MULTIPARTS.values(), ids=MULTIPARTS)
def test_a_multipart_form(tmp_path: Path, encoding: dict[str, Any], body: bytes, status: int) -> None:
    """Its parts are fields and files, of the media types that `encoding` says."""
    contents = {MULTIPART: {"schema": CLOSED, "encoding": encoding}}
    assert post(tmp_path, contents, f"{MULTIPART}; boundary=b", body).status == status


@pytest.mark.parametrize("boundary", ["", "; boundary=", "; boundary=é", "; boundary=" + "b" * 300])
def test_a_multipart_form_needs_a_boundary(tmp_path: Path, boundary: str) -> None:
    """Without it, the body cannot be read (RFC 7578 §4.1)."""
    assert post(tmp_path, {MULTIPART: {}}, MULTIPART + boundary, multipart(NAME)).status == 400


def test_text(tmp_path: Path) -> None:
    """It is a string, or what its schema makes of it."""
    contents: dict[str, Any] = {"text/plain": {"schema": {"type": "string", "maxLength": 2}}}
    assert post(tmp_path, contents, "text/plain; charset=utf-8", "éé".encode()).status == 200
    assert post(tmp_path, contents, "text/plain", b"abc").status == 422
    assert post(tmp_path, {"text/plain": {"schema": {"type": "integer"}}}, "text/plain", b"5").status == 200
    assert post(tmp_path, {"text/csv": {}}, "text/csv", b"\xff").status == 200
