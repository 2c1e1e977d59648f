"""Credentials: security schemes, their alternatives, and the challenges of a refusal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mock_server.core.violations import ValidationMode
from tests.mock_server.adapters import Reply
from tests.mock_server.documents import ask, mock_of

SCHEMES: dict[str, dict[str, Any]] = {
    "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "session"},
    "basic": {"type": "http", "scheme": "basic"},
    "bearer": {"type": "http", "scheme": "Bearer", "bearerFormat": "JWT"},
    "digest": {"type": "http", "scheme": "digest"},
    "hoba": {"type": "http", "scheme": "HOBA"},
    "oauth": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "https://a.test", "scopes": {"a": "b"}}}},
    "openid": {"type": "openIdConnect", "openIdConnectUrl": "https://a.test"},
    "tls": {"type": "mutualTLS"},
}


def get(
    folder: Path,
    security: Any,
    target: str,
    headers: dict[str, str],
    own: Any = None,
    responses: Any = None,
    **settings: Any,
) -> Reply:
    """The response of a mock with this security, of the document or of the operation itself."""
    operation: dict[str, Any] = {"responses": responses or {"200": {"description": "ok"}}}
    if own is not None:
        operation["security"] = own
    document = {} if security is None else {"security": security}
    components = {"securitySchemes": SCHEMES}
    return ask(
        mock_of(folder, {"/a": {"get": operation}}, settings, components=components, **document), "GET", target, headers
    )


DIGEST = 'Digest username="a", realm="*", nonce="n", uri="/a", response="r"'
# The scheme, the target and headers that satisfy it, those that do not, and its challenge.
CREDENTIALS: dict[str, tuple[str, tuple[str, dict[str, str]], tuple[str, dict[str, str]], str]] = {
    "a key in a header": ("header", ("/a", {"x-key": "1"}), ("/a", {"X-Key": ""}), "ApiKey"),
    "a key in the query": ("query", ("/a?key=1", {}), ("/a?key=", {}), "ApiKey"),
    "a key in a cookie": ("cookie", ("/a", {"Cookie": "a=b; session=1"}), ("/a", {"Cookie": "a=session"}), "ApiKey"),
    "basic": ("basic", ("/a", {"Authorization": "Basic YTpi"}), ("/a", {"Authorization": "Basic abc123"}), "Basic"),
    "no colon": ("basic", ("/a", {"Authorization": "basic OmI="}), ("/a", {"Authorization": "Basic YWI="}), "Basic"),
    "bearer": ("bearer", ("/a", {"Authorization": "bearer x"}), ("/a", {"Authorization": "Basic YTpi"}), "Bearer"),
    "no token": ("bearer", ("/a", {"Authorization": "Bearer  x"}), ("/a", {"Authorization": "Bearer "}), "Bearer"),
    "digest": ("digest", ("/a", {"Authorization": DIGEST}), ("/a", {"Authorization": "Digest abc"}), "Digest"),
    "another scheme": ("hoba", ("/a", {"Authorization": "HOBA a"}), ("/a", {"Authorization": "Bearer a"}), "HOBA"),
    "OAuth 2": ("oauth", ("/a", {"Authorization": "Bearer x"}), ("/a", {"Authorization": "Digest x"}), "Bearer"),
    "OpenID": ("openid", ("/a", {"Authorization": "Bearer x"}), ("/a", {}), "Bearer"),
}  # fmt: skip


@pytest.mark.parametrize(("scheme", "given", "not_given", "challenge"), CREDENTIALS.values(), ids=CREDENTIALS)
def test_a_scheme(
    tmp_path: Path,
    scheme: str,
    given: tuple[str, dict[str, str]],
    not_given: tuple[str, dict[str, str]],
    challenge: str,
) -> None:
    """Credentials of the right form are enough; others are refused with a challenge (RFC 9110 §11.6.1)."""
    assert get(tmp_path, [{scheme: []}], *given).status == 200
    reply = get(tmp_path, [{scheme: []}], *not_given)
    assert reply.status == 401
    assert reply.headers["WWW-Authenticate"].startswith(f'{challenge} realm="*"')
    assert json.loads(reply.body)["title"] == "Unauthorized"
    assert scheme in reply.headers["X-Mock-Reason"]


KEY, TOKEN = {"X-Key": "1"}, {"Authorization": "Bearer x"}
ALTERNATIVES: dict[str, tuple[Any, Any, dict[str, str], int]] = {
    "none": (None, None, {}, 200),
    "either, the first": ([{"header": []}, {"bearer": []}], None, KEY, 200),
    "either, the second": ([{"header": []}, {"bearer": []}], None, TOKEN, 200),
    "either, neither": ([{"header": []}, {"bearer": []}], None, {}, 401),
    "both, one": ([{"header": [], "bearer": []}], None, KEY, 401),
    "both": ([{"header": [], "bearer": []}], None, KEY | TOKEN, 200),
    "both in headers of one name": (
        [{"basic": [], "bearer": []}],
        None,
        {"Authorization": "Basic YTpi, Bearer x"},
        200,
    ),
    "one of two in headers of one name": ([{"basic": [], "bearer": []}], None, TOKEN, 401),
    "optional": ([{"header": []}, {}], None, {}, 200),
    "of the operation": ([{"header": []}], [{"bearer": []}], TOKEN, 200),
    "of the document, overridden": ([{"header": []}], [{"bearer": []}], KEY, 401),
    "none for the operation": ([{"header": []}], [], {}, 200),
    "for the operation alone": (None, [{"header": []}], {}, 401),
    "TLS": ([{"tls": []}], None, {}, 200),
    "TLS and a key": ([{"tls": [], "header": []}], None, {}, 401),
    "a scheme that is not defined": ([{"unknown": []}], None, {}, 200),
}


@pytest.mark.parametrize(("security", "own", "headers", "status"), ALTERNATIVES.values(), ids=ALTERNATIVES)
def test_alternatives(tmp_path: Path, security: Any, own: Any, headers: dict[str, str], status: int) -> None:
    """One alternative is enough, all schemes of it are needed, and an operation has its own (OpenAPI 3.1 §4.8.30)."""
    assert get(tmp_path, security, "/a", headers, own).status == status


def test_every_alternative_is_a_challenge(tmp_path: Path) -> None:
    """A client can choose; equal challenges are not repeated."""
    reply = get(tmp_path, [{"basic": []}, {"bearer": []}, {"oauth": []}], "/a", {})
    assert reply.headers["WWW-Authenticate"] == 'Basic realm="*", Bearer realm="*"'


def test_credentials_come_before_the_rest(tmp_path: Path) -> None:
    """A request without them is refused with 401, whatever else is wrong; the reason names all of it."""
    operation = {
        "security": [{"bearer": []}],
        "parameters": [{"name": "n", "in": "query", "required": True}],
        "responses": {"200": {"description": "ok"}},
    }
    mock = mock_of(tmp_path, {"/a": {"get": operation}}, components={"securitySchemes": SCHEMES})
    reply = ask(mock, "GET", "/a")
    assert reply.status == 401
    assert "query parameter n is missing" in reply.headers["X-Mock-Reason"]
    assert ask(mock, "GET", "/a", TOKEN).status == 422


def test_the_documented_refusal(tmp_path: Path) -> None:
    """The document's own response to 401 is sent, with the challenge."""
    content = {"application/json": {"examples": {"no": {"value": {"code": "no-token"}}}}}
    responses = {"200": {"description": "ok"}, "401": {"description": "no", "content": content}}
    reply = get(tmp_path, [{"bearer": []}], "/a", {}, responses=responses)
    assert (reply.status, json.loads(reply.body)) == (401, {"code": "no-token"})
    assert reply.headers["WWW-Authenticate"] == 'Bearer realm="*"'


def test_modes(tmp_path: Path) -> None:
    """Credentials are a part of the validation: `warn` warns, `off` does not look."""
    for mode, warned in ((ValidationMode.WARN, True), (ValidationMode.OFF, False)):
        reply = get(tmp_path, [{"bearer": []}], "/a", {}, validate=mode)
        assert (reply.status, "credentials are missing" in reply.headers.get("X-Mock-Warning", "")) == (200, warned)


def test_names_that_no_header_can_have(tmp_path: Path) -> None:
    """A document cannot inject a header by the name of a key or of a scheme."""
    schemes = {
        "a": {"type": "apiKey", "in": "header", "name": 'k"\r\nX-Injected: é'},
        "b": {"type": "http", "scheme": "a b\r\nX-Injected: 1"},
    }
    operation = {"security": [{"a": [], "b": []}], "responses": {"200": {"description": "ok"}}}
    mock = mock_of(tmp_path, {"/a": {"get": operation}}, components={"securitySchemes": schemes})
    challenge = ask(mock, "GET", "/a").headers["WWW-Authenticate"]
    assert challenge.isascii()
    assert challenge.isprintable()


def test_a_documented_challenge_is_sent_once(tmp_path: Path) -> None:
    """The challenge is that of the scheme; it does not stand beside the generated value of the documented header."""
    documented = {"description": "no", "headers": {"WWW-Authenticate": {"schema": {"type": "string"}}}}
    reply = get(tmp_path, [{"basic": []}], "/a", {}, responses={"200": {"description": "ok"}, "401": documented})
    assert (reply.status, reply.headers["WWW-Authenticate"]) == (401, 'Basic realm="*"')
