"""An answer on its way out, and the stages at which a fault can reach into it."""

from __future__ import annotations

import base64
import json
from copy import deepcopy
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from code_contract import FieldPath, Operation

CHALLENGE_UUID = "challenge-uuid"
CHALLENGE_PICTURE = "challenge-picture"
CONNECTION_KEY = "mock_server.server.protocol"
"""The key of an ASGI scope's state under which the server has the connection."""
CONNECTION_FAULT_KEY = "mock_server.below"
"""The key of a WSGI environment under which the server has a list: the Below that comes in place of the answer."""


class ConnectionFault(Enum):
    """What can come in place of an answer, below HTTP. The value is the name of the fault."""

    RESET = "reset"
    EMPTY = "empty-reply"
    DRIBBLE = "body-never-ends"


@dataclass
class MockResponse:
    """One answer. `document` becomes `body` once it is written; whoever sets `body` before has the last word.

    `headers` are kept as they are sent, repeats included. `below` is what comes in its place.
    """

    status: int
    document: Any
    content_type: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | None = None
    below: ConnectionFault | None = None

    def body_bytes(self) -> bytes:
        """The bytes of the body: those set, else the document as JSON (RFC 8259), UTF-8."""
        if self.body is not None:
            return self.body
        return as_json(self.document).encode()


def data_uri(png: bytes, media_type: str = "image/png") -> str:
    """The bytes of a picture as a base64 data URI (RFC 2397)."""
    return f"data:{media_type};base64,{base64.b64encode(png).decode('ascii')}"


def fill_mock_fields(operation: Operation, value: Any, uuid: str, uri: str) -> Any:
    """A copy of an example in which what the contract marks `x-mock` is the challenge's."""
    render = deepcopy(value)
    for place, kind in operation.mock_fields.items():
        if get_at(render, place) is not None:
            set_at(render, place, uuid if kind == CHALLENGE_UUID else uri)
    return render


class BodyTemplate:
    """An example in writing, with blanks for the challenge: a fiftieth of the time that `fill` and `written` take."""

    def __init__(self, operation: Operation, value: Any) -> None:
        uuid, uri = "\0uuid", "\0uri"
        text = as_json(fill_mock_fields(operation, value, uuid, uri)).replace("%", "%%")
        # A uuid of the mock and base64 have no character that JSON would escape.
        text = text.replace(as_json(uuid), '"%(uuid)b"').replace(as_json(uri), f'"{data_uri(b"")}%(coded)b"')
        self._written = text.encode()

    def filled(self, uuid: str, png: bytes) -> bytes:
        """The bytes of the body, the same as of the document that `fill` gives."""
        return self._written % {b"uuid": uuid.encode(), b"coded": base64.b64encode(png)}


def as_json(value: Any) -> str:
    """A value as it is written in a body (RFC 8259)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def get_at(document: Any, place: FieldPath) -> Any:
    """The value at a place, None where there is none."""
    for name in place:
        if not isinstance(document, dict) or name not in document:
            return None
        document = document[name]
    return document


def set_at(document: Any, place: FieldPath, value: Any) -> None:
    """Set the value at a place, where what should hold it is there."""
    holder = get_at(document, place[:-1])
    if isinstance(holder, dict):
        holder[place[-1]] = value


def take(document: Any, place: FieldPath) -> None:
    """Remove the value at a place."""
    holder = get_at(document, place[:-1])
    if isinstance(holder, dict):
        holder.pop(place[-1], None)
