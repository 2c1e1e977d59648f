"""A reader of responses that shares nothing with the mock and the checks: h11."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

import h11


class Response(NamedTuple):
    """The statuses of a response and of the interim ones before it, its body, and what follows it."""

    statuses: list[int]
    body: bytes
    rest: bytes


def read_response(received: bytes, method: str = "POST") -> Response | None:
    """Read a response until the connection is closed; None if it is not well-formed and complete."""
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method=method, target="/", headers=[("Host", "x")]))
    client.send(h11.EndOfMessage())
    client.receive_data(received)
    client.receive_data(b"")
    statuses, body = list[int](), b""
    with suppress(h11.RemoteProtocolError):
        while not isinstance(event := client.next_event(), h11.EndOfMessage):
            if isinstance(event, (h11.Response, h11.InformationalResponse)):
                statuses.append(event.status_code)
            elif isinstance(event, h11.Data):
                body += event.data
        return Response(statuses, body, client.trailing_data[0])
    return None
