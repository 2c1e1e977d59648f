"""The mock: what it answers to right and to wrong requests."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from jsonschema import Draft202012Validator

import mock_server
from code_contract import Contract, load
from mock_server import create_app
from mock_server.core.state import State
from tests.conftest import GRANTED


def bytes_of(app_calls: int, **settings: object) -> list[bytes]:
    client = create_app(**settings).test_client()
    return [client.post("/code", headers=GRANTED).data for _ in range(app_calls)]


def test_the_same_seed_gives_the_same_bytes(contract: Contract) -> None:
    """Two runs of one seed agree byte for byte over 50 calls; another seed, and no seed, differ."""
    assert bytes_of(50, contract=contract, seed="s") == bytes_of(50, contract=contract, seed="s")
    assert not set(bytes_of(5, contract=contract, seed="s")) & set(bytes_of(5, contract=contract, seed="t"))
    assert not set(bytes_of(5, contract=contract)) & set(bytes_of(5, contract=contract))


def test_a_thousand_calls_give_a_thousand_captchas(contract: Contract) -> None:
    """1,000 calls, some at the same time: 1,000 uuids and 1,000 pictures."""
    with mock_server.running(contract=contract) as mock, ThreadPoolExecutor(8) as pool, requests.Session() as session:
        answers = list(pool.map(lambda _: session.post(f"{mock.base_url}/code", timeout=10).json(), range(1000)))
    assert len({answer["data"]["uuid"] for answer in answers}) == 1000
    assert len({answer["data"]["img"] for answer in answers}) == 1000


def test_an_answer_conforms_to_the_contract(contract: Contract) -> None:
    """A grant has the documented status, content type line and schema, and a PNG in its data URI."""
    response = create_app(contract).test_client().post("/code", headers=GRANTED)
    operation = contract.operations["getCode"]
    Draft202012Validator(operation.success_response.schema).validate(response.json)
    assert (response.status_code, response.headers["Content-Type"]) == (200, operation.content_type)
    assert base64.b64decode(response.json["data"]["img"].partition(",")[2]).startswith(b"\x89PNG")


WRONG = {
    "path": ("POST", "/cod", {}, 404),
    "method": ("GET", "/code", {}, 405),
    "media type": ("POST", "/code", {"data": b"a=b", "content_type": "application/x-www-form-urlencoded"}, 415),
    "body too large": ("POST", "/code", {"data": b"x" * 2_000_000}, 413),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_request_is_refused_in_the_envelope(contract: Contract, name: str) -> None:
    """A refusal has the contract's example for it: HTTP status, business code, no data, a message."""
    method, path, body, status = WRONG[name]
    response = create_app(contract).test_client().open(path, method=method, **body)
    assert response.status_code == status
    assert response.json in [example.value for example in contract.examples.values() if example.status == status]
    assert response.headers["Content-Type"] == contract.operations["getCode"].content_type
    assert name != "method" or response.headers["Allow"] == "POST"


def test_an_assumed_requirement_warns(contract: Contract) -> None:
    """While the source is only assumed, a call without one is granted, with a header and an entry that say so."""
    state = State.new()
    response = create_app(contract, state=state).test_client().post("/code")
    assert response.json["succFlag"] is True
    assert "Source is missing" in response.headers["X-Mock-Warning"]
    assert "Source is missing" in str(state.journal.entries()[0].violations)


def test_a_confirmed_requirement_refuses(confirmed: Contract) -> None:
    """Once the reading is confirmed, a call without a source is refused, and one with a source granted."""
    client = create_app(confirmed).test_client()
    assert client.post("/code").status_code == confirmed.example("request-refused").status
    assert client.post("/code", headers=GRANTED).json["succFlag"] is True


def test_an_answer_under_way_is_delivered_before_the_mock_stops(contract: Contract) -> None:
    """A stop takes no answer from a client that waits for it."""
    server = mock_server.MockServer(create_app(contract))
    server.start()
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(requests.post, f"{server.base_url}/code", timeout=10) for _ in range(8)]
        while not any(future.done() for future in asked):
            pass
        server.stop()
    answered = [future for future in asked if future.exception() is None]
    assert answered
    assert all(future.result().json()["succFlag"] for future in answered)
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{server.base_url}/code", timeout=2)


def test_a_mock_starts_and_stops_many_times(contract: Contract) -> None:
    """Ten mocks one after another leave no socket and no thread behind."""
    import threading

    before = threading.active_count()
    for _ in range(10):
        with mock_server.running(contract=contract) as mock:
            assert requests.post(f"{mock.base_url}/code", timeout=5).status_code == 200
    assert threading.active_count() <= before + 1


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"POST /code HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", 413),
        (b"POST /code HTTP/1.1\r\nHost x\r\n\r\n", 400),
    ],
    ids=["body too large", "not HTTP"],
)
def test_what_never_reaches_the_application_is_refused_in_the_envelope(
    contract: Contract, request_: bytes, status: int
) -> None:
    """What the server refuses by itself comes in the documented envelope too."""
    with mock_server.running(contract=contract) as mock:
        host, port = mock.base_url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(request_)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split()[1] == str(status).encode()
    assert json.loads(body) in [example.value for example in contract.examples.values()]


def test_a_mock_can_be_stopped_twice(contract: Contract) -> None:
    """A second stop does nothing."""
    server = mock_server.MockServer(create_app(contract))
    server.start()
    server.stop()
    server.stop()


BODY = """
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

components:
"""


def test_any_operation_is_served_and_its_requests_judged(edited: Callable[[str, str], Path]) -> None:
    """An operation with no special answer serves its documented example; body and parameters are judged."""
    client = create_app(load(edited("\ncomponents:\n", BODY))).test_client()
    granted = client.post("/login", json={"name": "x"}, query_string={"page": "2"})
    assert (granted.status_code, granted.json) == (201, {"done": True})
    assert client.post("/login").status_code == 400
    assert client.post("/login", json={"name": 1}).status_code == 400
    assert client.post("/login", data="{", content_type="application/json").status_code == 400
    assert client.post("/login", data="name=x", content_type="text/plain").status_code == 415
    assert client.post("/login", json={"name": "x"}, query_string={"page": "two"}).status_code == 400
