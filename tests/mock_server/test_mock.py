"""The responses of the mock to valid and to invalid requests, the same by Flask and by the server."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from jsonschema import Draft202012Validator

import mock_server
from code_contract import Contract, load
from mock_server import ValidationMode
from mock_server.core.unrouted import MAX_BODY_SIZE
from tests.conftest import GRANTED
from tests.mock_server.adapters import Adapter, post

Serve = Callable[..., Adapter]


def bodies(target: Adapter, number: int) -> list[bytes]:
    return [post(target).body for _ in range(number)]


def test_the_same_seed_gives_the_same_bytes(serve: Serve, contract: Contract) -> None:
    """Two runs of one seed agree byte for byte over 50 requests; another seed, and no seed, differ."""
    assert bodies(serve(contract, seed="s"), 50) == bodies(serve(contract, seed="s"), 50)
    assert not set(bodies(serve(contract, seed="s"), 5)) & set(bodies(serve(contract, seed="t"), 5))
    assert not set(bodies(serve(contract), 5)) & set(bodies(serve(contract), 5))


def test_a_thousand_requests_give_a_thousand_captchas(contract: Contract) -> None:
    """1,000 requests, some at the same time: 1,000 uuids and 1,000 pictures."""
    with mock_server.running(contract=contract) as mock, ThreadPoolExecutor(8) as pool, requests.Session() as session:
        answers = list(pool.map(lambda _: session.post(f"{mock.base_url}/code", timeout=10).json(), range(1000)))
    assert len({answer["data"]["uuid"] for answer in answers}) == 1000
    assert len({answer["data"]["img"] for answer in answers}) == 1000


def test_a_success_response_conforms_to_the_contract(target: Adapter, contract: Contract) -> None:
    """It has the documented status, content type line and schema, and a PNG in its data URI."""
    reply = post(target)
    operation = contract.operations["getCode"]
    Draft202012Validator(operation.success_response.schema).validate(reply.json())
    assert (reply.status, reply.headers["Content-Type"]) == (200, operation.content_type)
    assert base64.b64decode(reply.json()["data"]["img"].partition(",")[2]).startswith(b"\x89PNG")


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
INVALID: dict[str, tuple[str, str, Mapping[str, str], bytes, int]] = {
    "path": ("POST", "/cod", {}, b"", 404),
    "method": ("GET", "/code", {}, b"", 405),
    "media type": ("POST", "/code", FORM, b"a=b", 415),
    "body too large": ("POST", "/code", {}, b"x" * 2_000_000, 413),
}


@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_request_is_rejected_in_the_envelope(target: Adapter, contract: Contract, name: str) -> None:
    """The error response is the contract's example: HTTP status, business code, no data, a message."""
    method, path, headers, body, status = INVALID[name]
    reply = target.send(method, path, headers, body)
    assert reply.status == status
    assert reply.json() in [example.value for example in contract.examples.values() if example.status == status]
    assert reply.headers["Content-Type"] == contract.operations["getCode"].content_type
    assert reply.headers.get("Allow") == ("POST" if name == "method" else None)


def test_the_largest_body_is_read_whole(target: Adapter) -> None:
    """A body of exactly the limit is validated like any other."""
    assert target.send("POST", "/code", {"Content-Type": "text/plain"}, b"x" * MAX_BODY_SIZE).status == 415


def test_the_admin_api_limits_bodies_too(target: Adapter) -> None:
    """A larger one is rejected with a sentence, as the admin API does."""
    reply = target.send("PUT", "/__mock/behaviour", {"Content-Type": "application/json"}, b" " * (MAX_BODY_SIZE + 1))
    assert reply.status == 413
    assert isinstance(reply.json()["error"], str)


def test_an_assumed_requirement_warns(target: Adapter) -> None:
    """While the source is only assumed, a request without one succeeds, with a warning in a header and the journal."""
    reply = target.send("POST", "/code")
    assert reply.json()["succFlag"] is True
    assert "Source is missing" in reply.headers["X-Mock-Warning"]
    assert "Source is missing" in str(target.state.journal.entries()[0].violations)


def test_a_confirmed_requirement_rejects(serve: Serve, confirmed: Contract) -> None:
    """Once the reading is confirmed, a request without a source is rejected, and one with a source succeeds."""
    target = serve(confirmed)
    rejected = target.send("POST", "/code")
    assert rejected.status == confirmed.example("request-refused").status
    assert "Source is missing" in rejected.headers["X-Mock-Reason"]
    assert post(target).json()["succFlag"] is True


@pytest.mark.parametrize(
    ("mode", "of_assumed", "of_confirmed"),
    [
        (ValidationMode.DEFAULT, (200, True), (400, False)),
        (ValidationMode.STRICT, (400, False), (400, False)),
        (ValidationMode.WARN, (200, True), (200, True)),
        (ValidationMode.OFF, (200, False), (200, False)),
    ],
    ids=lambda value: value.value if isinstance(value, ValidationMode) else "",
)
def test_validation_modes(
    serve: Serve,
    contract: Contract,
    confirmed: Contract,
    mode: ValidationMode,
    of_assumed: tuple[int, bool],
    of_confirmed: tuple[int, bool],
) -> None:
    """Default rejects what is confirmed and warns of what is assumed; strict rejects both, warn and off neither."""
    for document, expected in ((contract, of_assumed), (confirmed, of_confirmed)):
        reply = serve(document, validate=mode).send("POST", "/code")
        assert (reply.status, "X-Mock-Warning" in reply.headers) == expected


def test_options_and_head(target: Adapter) -> None:
    """OPTIONS names the methods; HEAD is rejected like any other method, without a body."""
    options = target.send("OPTIONS", "/code")
    assert (options.status, options.headers["Allow"], options.body) == (204, "POST", b"")
    head = target.send("HEAD", "/code")
    assert (head.status, head.headers["Allow"], head.body) == (405, "POST", b"")
    assert head.headers["Content-Length"] == target.send("GET", "/code").headers["Content-Length"]


@pytest.mark.parametrize("base_path", ["/api", "/api/v1"])
def test_a_base_path(serve: Serve, contract: Contract, base_path: str) -> None:
    """Operations are below it; the contract stays at the root and names it."""
    target = serve(contract, base_path=base_path)
    assert target.send("POST", f"{base_path}/code", GRANTED).status == 200
    assert post(target).status == 404
    for host in ("127.0.0.1:4010", "app.localhost", "[::1]:80"):
        document = target.send("GET", "/openapi.json", {"Host": host, "X-Forwarded-Host": "evil.example"}).json()
        assert document["servers"] == [{"url": f"http://{host}{base_path}"}]
    assert target.send("GET", "/openapi.yaml").body == contract.source.text


def test_the_base_path_of_the_contract(serve: Serve, edited: Callable[[str, str], Path]) -> None:
    """By default it is that of the first server, its variables at their defaults."""
    here = "  - url: /\n"
    there = "  - url: https://api.example.com/{stage}/v1/\n    variables: {stage: {default: test}}\n"
    contract = load(edited(here, there))
    assert serve(contract).send("POST", "/test/v1/code", GRANTED).status == 200
    assert post(serve(contract, base_path="")).status == 200


OPERATIONS = """
  /login:
    post:
      operationId: login
      security: []
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [name], properties: {name: {type: string}}}
            example: {name: wty}
      parameters:
        - {name: page, in: query, schema: {type: integer}}
      responses:
        '201':
          description: Done.
          content:
            application/json: {schema: {type: object}, example: {done: true}}
  /users/{user-id}/files/{name}.txt:
    get:
      operationId: readFile
      security: []
      parameters:
        - {name: user-id, in: path, required: true, schema: {type: integer}}
        - {name: name, in: path, required: true, schema: {type: string}}
      responses:
        '200':
          description: The file.
          content:
            application/json: {schema: {type: object}, example: {size: 1}}

components:
"""


def test_any_operation_is_served_and_its_requests_are_validated(
    serve: Serve, edited: Callable[[str, str], Path]
) -> None:
    """An operation without a captcha serves its documented example; body, query and path are validated."""
    target = serve(load(edited("\ncomponents:\n", OPERATIONS)))

    def login(body: bytes, media_type: str = "application/json", query: str = "") -> Any:
        return target.send("POST", f"/login{query}", {"Content-Type": media_type}, body)

    success = login(b'{"name": "x"}', query="?page=2")
    assert (success.status, success.json()) == (201, {"done": True})
    assert target.send("POST", "/login").status == 400
    assert login(b'{"name": 1}').status == 400
    assert login(b"{").status == 400
    assert login(b"name=x", "text/plain").status == 415
    assert login(b'{"name": "x"}', query="?page=two").status == 400
    assert target.send("GET", "/users/7/files/a.txt").json() == {"size": 1}
    assert target.send("GET", "/users/seven/files/a.txt").status == 400
    head = target.send("HEAD", "/users/7/files/a.txt")
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", "10")


def test_a_contract_without_error_examples_is_served(serve: Serve, tmp_path: Path) -> None:
    """Errors of the mock itself have the right status, and problem details with the reason (RFC 9457)."""
    path = tmp_path / "openapi.yaml"
    path.write_text(
        "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    get:\n      operationId: a\n"
        "      responses: {'200': {description: d, content: {application/json: {example: {a: 1}}}}}\n",
        encoding="utf-8",
    )
    target = serve(load(path))
    assert target.send("GET", "/a").json() == {"a": 1}
    for method, where, status, title, detail in (
        ("GET", "/b", 404, "Not Found", "no operation has the path /b"),
        ("POST", "/a", 405, "Method Not Allowed", "the path /a does not support POST"),
        ("GET", "/a?__code=418", 404, "Not Found", "no response with status 418 is documented"),
    ):
        reply = target.send(method, where)
        found = reply.json()
        assert (reply.status, found["status"], found["title"], found["type"]) == (status, status, title, "about:blank")
        assert detail in found["detail"]
        assert detail in reply.headers["X-Mock-Reason"]
        assert reply.headers["Content-Type"] == "application/problem+json"
