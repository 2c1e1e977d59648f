"""An answer on its way out, and the stages at which a fault can reach into it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from contract import Operation

Place = tuple[str, ...]

CHALLENGE_UUID = "challenge-uuid"
CHALLENGE_PICTURE = "challenge-picture"


@dataclass
class Answer:
    """One answer. `document` becomes `body` once it is written; whoever sets `body` before has the last word.

    `headers` are kept as they are sent, repeats included. `reset` closes the connection in place of an answer.
    """

    status: int
    document: Any
    content_type: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | None = None
    reset: bool = False

    def written(self) -> bytes:
        """The bytes of the body: those set, else the document as JSON (RFC 8259), UTF-8."""
        if self.body is not None:
            return self.body
        text = json.dumps(self.document, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8")


def data_uri(png: bytes, media_type: str = "image/png") -> str:
    """The bytes of a picture as a base64 data URI (RFC 2397)."""
    return f"data:{media_type};base64,{base64.b64encode(png).decode('ascii')}"


def fill(operation: Operation, value: Any, uuid: str, uri: str) -> Any:
    """A copy of an example in which what the contract marks `x-mock` is the challenge's."""
    filled = deepcopy(value)
    for place, kind in marks(operation):
        if find(filled, place) is not None:
            put(filled, place, uuid if kind == CHALLENGE_UUID else uri)
    return filled


def marks(operation: Operation) -> list[tuple[Place, str]]:
    """Where in the answer of an operation the contract marks something for the mock to put there, and what."""
    return list(_marks(operation.granted.schema or {}, ()))


def _marks(schema: Mapping[str, Any], place: Place) -> Iterator[tuple[Place, str]]:
    if "x-mock" in schema:
        yield place, schema["x-mock"]
    for part in schema.get("allOf", ()):
        yield from _marks(part, place)
    for name, below in schema.get("properties", {}).items():
        yield from _marks(below, (*place, name))


def find(document: Any, place: Place) -> Any:
    """The value at a place, None where there is none."""
    for name in place:
        if not isinstance(document, dict) or name not in document:
            return None
        document = document[name]
    return document


def put(document: Any, place: Place, value: Any) -> None:
    """Set the value at a place, where what should hold it is there."""
    holder = find(document, place[:-1])
    if isinstance(holder, dict):
        holder[place[-1]] = value


def take(document: Any, place: Place) -> None:
    """Remove the value at a place."""
    holder = find(document, place[:-1])
    if isinstance(holder, dict):
        holder.pop(place[-1], None)
