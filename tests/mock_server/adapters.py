"""The two ways to reach the mock: the Flask application and the real server."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import urllib3
from requests.structures import CaseInsensitiveDict

import mock_server
from mock_server.admin.access import AccessPolicy
from mock_server.admin.flask_app import flask_app
from mock_server.core.mock import Mock
from mock_server.core.state import State
from tests.conftest import GRANTED


@dataclass
class Reply:
    """A response, whichever way it came."""

    status: int
    headers: CaseInsensitiveDict[str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Adapter(Protocol):
    """A mock that can be sent requests."""

    name: str
    state: State

    def send(self, method: str, path: str, headers: Mapping[str, str] = {}, body: bytes = b"") -> Reply: ...


class FlaskAdapter:
    """The application of `create_app`, by its test client."""

    name = "flask"

    def __init__(self, mock: Mock, admin: bool, access: AccessPolicy) -> None:
        self.state = mock.state
        self._client = flask_app(mock, admin=admin, access=access).test_client(use_cookies=False)

    def send(self, method: str, path: str, headers: Mapping[str, str] = {}, body: bytes = b"") -> Reply:
        answer = self._client.open(path, method=method, headers=dict(headers), data=body or None)
        return Reply(answer.status_code, CaseInsensitiveDict(answer.headers), answer.data)


class ServerAdapter:
    """The server, over a socket."""

    name = "uvicorn"

    def __init__(self, server: mock_server.MockServer) -> None:
        self.state = server.state
        self.server = server
        self._pool = urllib3.PoolManager(retries=False, timeout=10)

    def send(self, method: str, path: str, headers: Mapping[str, str] = {}, body: bytes = b"") -> Reply:
        # As it was sent, without following or decoding it: a fault may name an encoding that the body is not in.
        answer = self._pool.request(
            method,
            self.server.root_url + path,
            body=body or None,
            headers={name: value.encode("latin-1") for name, value in headers.items()},  # type: ignore[misc]
            redirect=False,
            decode_content=False,
        )
        return Reply(answer.status, CaseInsensitiveDict(answer.headers), answer.data)

    def close(self) -> None:
        self._pool.clear()


@contextmanager
def flask(
    *, admin: bool = True, allowed_hosts: Sequence[str] = (), allowed_origins: Sequence[str] = (), **settings: Any
) -> Iterator[Adapter]:
    yield FlaskAdapter(Mock(**settings), admin, AccessPolicy.new(allowed_hosts, allowed_origins))


@contextmanager
def uvicorn(**settings: Any) -> Iterator[Adapter]:
    with mock_server.running(**settings) as server:
        adapter = ServerAdapter(server)
        yield adapter
        adapter.close()


ADAPTERS = {"flask": flask, "uvicorn": uvicorn}


def post(target: Adapter, prefer: str = "", **query: str) -> Reply:
    """The baseline request, with a preference or with query parameters."""
    headers = GRANTED | ({"Prefer": prefer} if prefer else {})
    keys = "&".join(f"__{name}={value}" for name, value in query.items())
    return target.send("POST", f"/code{'?' if keys else ''}{keys}", headers)


def admin(target: Adapter, method: str, path: str, body: str = "") -> tuple[int, Any]:
    """The status and the JSON of a request to the admin API; None without a body."""
    headers = {"Content-Type": "application/json"} if body else {}
    reply = target.send(method, f"/__mock{path}", headers, body.encode())
    return reply.status, reply.json() if reply.body else None
