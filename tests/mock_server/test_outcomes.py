"""The journal has the response that reached the client, and the reason if none did."""

from __future__ import annotations

import base64
import json
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from code_contract import load
from mock_server import MockServer
from mock_server.observability.recorded_response import MAX_RESPONSE_BYTES
from tests.conftest import GRANTED
from tests.mock_server.adapters import Adapter, post
from tests.mock_server.test_sources import listed, put


def read(mock: MockServer, count: int = 1, timeout: float = 5.0) -> dict[str, Any]:
    """The last of that many entries of the admin API, when there are as many."""
    deadline = time.monotonic() + timeout
    while True:
        found: list[dict[str, Any]] = requests.get(f"{mock.root_url}/__mock/requests", timeout=5).json()["requests"]
        if len(found) >= count or time.monotonic() > deadline:
            return found[-1]
        time.sleep(0.02)


def test_an_entry_has_the_response_that_was_sent(target: Adapter) -> None:
    """Status, headers and body are those that the client has; the picture is whole."""
    reply = post(target)
    (entry,) = listed(target)
    sent = entry["response"]
    assert (entry["status"], sent["status"], sent["encoding"], sent["truncated"]) == (200, 200, "utf-8", False)
    assert sent["body"].encode() == reply.body
    assert sent["size"] == len(reply.body)
    assert base64.b64decode(json.loads(sent["body"])["data"]["img"].partition(",")[2]).startswith(b"\x89PNG")
    headers = {
        name.lower(): value for name, value in reply.headers.items() if name.lower() not in ("date", "connection")
    }
    assert {name.lower(): value for name, value in sent["headers"]} == headers


@pytest.mark.parametrize(
    ("method", "path", "status"), [("OPTIONS", "/code", 204), ("GET", "/code", 405), ("POST", "/none", 404)]
)
def test_every_kind_of_response_is_recorded(target: Adapter, method: str, path: str, status: int) -> None:
    """A preflight has no body; an error has the envelope."""
    reply = target.send(method, path, {"Origin": "http://a.test", "Access-Control-Request-Method": "POST"})
    sent = listed(target)[-1]["response"]
    assert (sent["status"], sent["body"].encode(), sent["size"]) == (status, reply.body, len(reply.body))


DOCUMENT = """
openapi: 3.1.0
info: {title: Bodies, version: '1'}
paths:
  /secret:
    get:
      responses:
        '200':
          description: A secret.
          headers: {Set-Cookie: {schema: {type: string}, example: id=s3cret}}
          content: {application/json: {schema: {type: object}, example: {token: s3cret, name: a}}}
  /bytes:
    get:
      responses:
        '200':
          description: A picture.
          content: {image/png: {schema: {type: string, contentMediaType: image/png}}}
  /large:
    get:
      responses:
        '200':
          description: A long text.
          content: {text/plain: {schema: {type: string}, example: LONG}}
"""


def test_a_response_is_redacted_and_bounded(serve: Callable[..., Adapter], tmp_path: Path) -> None:
    """Secrets are masked as in requests, bytes are base64, and a long body says that it is cut."""
    path = tmp_path / "bodies.yaml"
    path.write_text(DOCUMENT.replace("LONG", "é" * MAX_RESPONSE_BYTES), encoding="utf-8")
    target = serve(load(path))
    for each in ("/secret", "/bytes", "/large"):
        assert target.send("GET", each).status == 200
    secret, octets, large = (each["response"] for each in listed(target))
    assert json.loads(secret["body"]) == {"token": "***", "name": "a"}
    assert ["Set-Cookie", "***"] in secret["headers"]
    assert octets["encoding"] == "base64"
    assert len(base64.b64decode(octets["body"])) == octets["size"]
    assert (large["truncated"], large["size"]) == (True, 2 * MAX_RESPONSE_BYTES)
    assert large["body"] == "é" * (MAX_RESPONSE_BYTES // 2)


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("reset", "connection reset; with fault reset"),
        ("empty-reply", "connection closed without a response; with fault empty-reply"),
        ("interim-response-only", "no final response sent; with fault interim-response-only"),
    ],
)
def test_a_response_that_never_came_has_no_status(mock: MockServer, name: str, outcome: str) -> None:
    """The outcome names what happened to the connection in place of it."""
    with suppress(requests.ConnectionError):
        requests.post(f"{mock.base_url}/code?__fault={name}", headers=GRANTED, timeout=5)
    entry = read(mock)
    assert (entry["status"], entry["outcome"], entry["response"]["size"]) == (None, outcome, 0)
    assert entry["response"]["headers"] == []


def test_a_truncated_body_is_recorded_as_it_was_sent(mock: MockServer) -> None:
    """Half of the body, and in the outcome the bytes that were announced."""
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.post(f"{mock.base_url}/code?__fault=truncated", headers=GRANTED, timeout=5)
    entry = read(mock)
    size = entry["response"]["size"]
    announced = int(dict(map(tuple, entry["response"]["headers"]))["Content-Length"])
    assert size == announced // 2
    assert entry["outcome"] == f"body truncated: {size} of {announced} bytes sent; with fault truncated"


def test_a_fault_of_the_framing_is_recorded_as_it_was_sent(mock: MockServer) -> None:
    """Both lengths of a response that states two."""
    with pytest.raises(requests.RequestException):
        requests.post(f"{mock.base_url}/code?__fault=lengths-differ", headers=GRANTED, timeout=5)
    entry = read(mock)
    lengths = [value for name, value in entry["response"]["headers"] if name.lower() == "content-length"]
    assert entry["status"] == 200
    assert lengths == ["1", str(entry["response"]["size"])]


def call_and_hang_up(mock: MockServer, query: str, seconds: float) -> None:
    address = urlsplit(mock.root_url)
    with socket.create_connection((address.hostname or "", address.port or 0)) as client:
        client.sendall(f"POST /code?{query} HTTP/1.1\r\nHost: a\r\nSource: PC\r\nContent-Length: 0\r\n\r\n".encode())
        time.sleep(seconds)


@pytest.mark.parametrize("query", ["__delay=20", "__delay=20&__fault=reset", "__delay=20&__code=500"])
def test_a_caller_that_gives_up_is_recorded(mock: MockServer, query: str) -> None:
    """There is no status, and the outcome says after how long: a fault that was to follow has not happened."""
    call_and_hang_up(mock, query, 0.3)
    entry = read(mock)
    assert (entry["status"], entry["response"]["status"], entry["response"]["body"]) == (None, None, "")
    words = entry["outcome"].split()
    assert (words[:3], words[4:]) == (["client", "aborted", "after"], ["ms"])
    assert 290 <= int(words[3]) <= 3000
    assert int(words[3]) - 50 <= entry["milliseconds"] <= int(words[3]) + 50


def test_a_body_that_never_ends_is_recorded_when_the_client_gives_up(mock: MockServer) -> None:
    """The status is that of the head, and the body has the bytes that were sent."""
    call_and_hang_up(mock, "__fault=body-never-ends", 0.2)
    entry = read(mock)
    assert (entry["status"], entry["response"]["body"].strip()) == (200, "")
    assert entry["response"]["size"] >= 1
    assert entry["outcome"].startswith("body never ended; client aborted after ")
    assert entry["outcome"].endswith("; with fault body-never-ends")


def test_the_first_request_of_a_connection_is_recorded_as_sent(mock: MockServer) -> None:
    """A fault of reused connections has not changed it; it has cut the second one."""
    put_on(mock, {"fault": "reused-connection-cut"})
    with requests.Session() as session:
        assert session.post(f"{mock.base_url}/code", headers=GRANTED, timeout=5).status_code == 200
        with pytest.raises(requests.ConnectionError):
            session.post(f"{mock.base_url}/code", headers=GRANTED, timeout=5)
    first, second = mock.requests
    assert (first.status, "with fault" in first.outcome) == (200, False)
    assert (second.status, second.outcome) == (
        None,
        "reused connection closed without a response; with fault reused-connection-cut",
    )


def put_on(mock: MockServer, behaviour: dict[str, Any]) -> None:
    requests.put(f"{mock.root_url}/__mock/behaviour", json=behaviour, timeout=5).raise_for_status()


def test_a_fault_is_named_if_it_changed_the_response(target: Adapter) -> None:
    """The first 50 requests of `error-after-50` succeed without it; the 51st fails with it."""
    put(target, {"fault": "error-after-50"})
    for _ in range(51):
        post(target)
    outcomes = [each.outcome for each in target.state.journal.entries()]
    assert set(outcomes[:50]) == {"success (fault=error-after-50, active behaviour)"}
    assert outcomes[50] == "server-error (fault=error-after-50, active behaviour); with fault error-after-50"


OUTCOMES: dict[str, tuple[str, dict[str, str], int, str]] = {
    "a condition that does not hold": (
        "fault=accept-required",
        {"Accept": "*/*"},
        200,
        "success (fault=accept-required)",
    ),
    "a status of a fault": (
        "fault=upper-case-charset-rejected",
        {"Content-Type": "application/json;charset=UTF-8"},
        415,
        "status 415 (fault=upper-case-charset-rejected); with fault upper-case-charset-rejected",
    ),
    "an invalid request": (
        "fault=img-crc",
        {"Content-Type": "text/plain"},
        415,
        "rejected: the body is text/plain, not application/json (fault=img-crc)",
    ),
    "an error by a fault": (
        "fault=server-error",
        {},
        500,
        "server-error (fault=server-error); with fault server-error",
    ),
    "a picture": ("fault=img-crc", {}, 200, "success (fault=img-crc); with fault img-crc"),
}


@pytest.mark.parametrize(("prefer", "headers", "status", "outcome"), OUTCOMES.values(), ids=OUTCOMES)
def test_the_outcome_is_that_of_the_response(
    target: Adapter, prefer: str, headers: dict[str, str], status: int, outcome: str
) -> None:
    """It says `success` only for a success response, and names a fault only if it was applied."""
    body = b"x" if headers.get("Content-Type") == "text/plain" else b""
    reply = target.send("POST", "/code", GRANTED | {"Prefer": prefer} | headers, body)
    assert reply.status == status
    assert target.state.journal.entries()[-1].outcome == outcome
