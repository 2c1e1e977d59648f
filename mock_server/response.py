"""The response of the mock, and the draft of it that faults may change."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

from code_contract import Carrier, FieldPath, Operation, PictureMark
from code_contract.marks import CHALLENGE_UUID
from code_contract.pointers import value_at
from mock_server.reasons import Reason

Headers = tuple[tuple[str, str], ...]


class ConnectionFault(Enum):
    """A fault of the TCP connection, sent in place of a response. The value is the name of the fault."""

    RESET = "reset"
    EMPTY = "empty-reply"
    DRIBBLE = "body-never-ends"
    REUSED = "reused-connection-cut"


class MessageFault(NamedTuple):
    """A fault of the bytes of a response, after which the connection is closed.

    Attributes:
        value: The name of the fault.
        change: Returns the bytes to send in place of those of the response, as HTTP/1.1 with a Content-Length.
    """

    value: str
    change: Callable[[bytes], bytes]


TransportFault = ConnectionFault | MessageFault


class MockResponse(NamedTuple):
    """A finished response, for an adapter to send.

    Attributes:
        status: The HTTP status.
        headers: Names and values in order. Content-Length is left to the adapter, unless it is already among them.
        body: The bytes of the body.
        delay: Seconds to wait before anything is sent.
        connection_fault: The fault to carry out in place of the response, or None.
    """

    status: int
    headers: Headers
    body: bytes
    delay: float = 0.0
    connection_fault: TransportFault | None = None


@dataclass(slots=True)
class ResponseDraft:
    """A response being built. Each stage fills in its part, which the faults of that stage may change.

    Attributes:
        error_example: The name of the error example to respond with, or None for a success response.
        uuid: The id of the captcha, or "" if the response carries none.
        question: The question of the picture.
        answer: Its answer.
        picture_uuid: The id whose picture is drawn; the same as `uuid` unless a fault changes it.
        picture: The picture.
        encoded: The picture as a data URI or base64; "" if it is the body.
        document: The JSON document of the body.
        body: The bytes of the body. None: those of `document`.
        delay: Seconds to wait in addition to the requested delay.
        applied_faults: The names of the faults that changed it.
        reason: The reason for this response, None if it needs no explanation.
    """

    error_example: str | None = None
    uuid: str = ""
    question: str = ""
    answer: int = 0
    picture_uuid: str = ""
    picture: bytes = b""
    encoded: str = ""
    status: int = 200
    content_type: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    document: Any = None
    body: bytes | None = None
    delay: float = 0.0
    connection_fault: TransportFault | None = None
    applied_faults: list[str] = field(default_factory=list)
    reason: Reason | None = None

    def body_bytes(self) -> bytes:
        """Return `body` if it is set, else `document` as JSON (RFC 8259) in UTF-8."""
        return json_bytes(self.document) if self.body is None else self.body


class BodyTemplate:
    """An example serialized once, with placeholders for the captcha: 50 times as fast as filling in a document."""

    def __init__(self, operation: Operation, value: Any) -> None:
        uuid, picture = "\0uuid", "\0picture"
        text = _as_json(fill_mock_fields(operation, value, uuid, picture)).replace("%", "%%")
        prefix = next(map(base64_prefix, operation.pictures.values()), "")
        # Neither a uuid of the mock nor base64 has a character that JSON escapes.
        text = text.replace(_as_json(uuid), '"%(uuid)b"').replace(_as_json(picture), f'"{prefix}%(base64)b"')
        self._template = text.encode()

    def render(self, uuid: str, picture: bytes) -> bytes:
        """Return the body with this captcha: the bytes that `fill_mock_fields` and `json_bytes` would give.

        Args:
            uuid: Its id.
            picture: The base64 of its picture.
        """
        return self._template % {b"uuid": uuid.encode(), b"base64": picture}


def base64_prefix(mark: PictureMark) -> str:
    """Return the text before the base64 of a picture: the head of a data URI (RFC 2397), or nothing."""
    return f"data:{mark.media_type};base64," if mark.carrier is Carrier.DATA_URI else ""


def encode_picture(mark: PictureMark, picture: bytes) -> str:
    """Return a picture as the text that carries it."""
    return base64_prefix(mark) + base64.b64encode(picture).decode("ascii")


def fill_mock_fields(operation: Operation, value: Any, uuid: str, picture: str) -> Any:
    """Return a copy of an example with the captcha in the fields that the contract marks `x-mock`."""
    filled = deepcopy(value)
    for path, kind in operation.mock_fields.items():
        if value_at(filled, path) is not None:
            generated = uuid if kind == CHALLENGE_UUID else picture
            if path:
                set_at(filled, path, generated)
            else:
                filled = generated
    return filled


def json_bytes(value: Any) -> bytes:
    """Return a value as JSON (RFC 8259) in UTF-8, without spaces."""
    return _as_json(value).encode()


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def set_at(document: Any, path: FieldPath, value: Any) -> None:
    """Set the value at a path, if the object that holds it exists."""
    parent = value_at(document, path[:-1]) if path else None
    if isinstance(parent, dict):
        parent[path[-1]] = value


def delete_at(document: Any, path: FieldPath) -> None:
    """Delete the value at a path, if it exists."""
    parent = value_at(document, path[:-1]) if path else None
    if isinstance(parent, dict):
        parent.pop(path[-1], None)
