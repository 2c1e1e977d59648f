"""Rendering: a value as the bytes of a body in a media type."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from code_contract import Carrier, PictureMark
from code_contract.marks import FORMATS
from code_contract.media_types import is_json, is_xml, mime_essence
from mock_server.captcha.challenge import derive
from mock_server.captcha.size import renderer
from mock_server.core.xml import xml_bytes
from mock_server.response import json_bytes

_SEQUENCES = {
    "application/jsonl": b"%b\n",
    "application/x-ndjson": b"%b\n",
    "application/json-seq": b"\x1e%b\n",
}
"""Media types of several JSON values, with the bytes around each."""
_EVENT_FIELDS = {"data", "event", "id", "retry"}
_TEXTUAL = ("text/", "application/javascript", "application/yaml", "application/x-yaml", "application/graphql")


def is_textual(media_type: str) -> bool:
    """Return True for a media type of text, without parameters."""
    return media_type.startswith(_TEXTUAL)


def render(value: Any, content_type: str, schema: Any, names: Mapping[int, str]) -> bytes:
    """Return a value as a body.

    Args:
        value: The value. A text in a media type other than JSON is taken as the body itself.
        content_type: The media type.
        schema: The resolved schema of the value, which XML needs.
        names: Names of the schemas under components, by identity.
    """
    essence = mime_essence(content_type)
    if isinstance(value, str) and not is_json(essence):
        return value.encode("utf-8", "surrogatepass")
    values = value if isinstance(value, list) else [value]
    if essence in _SEQUENCES:
        return b"".join(_SEQUENCES[essence] % json_bytes(each) for each in values)
    if essence == "text/event-stream":
        return b"".join(map(_event, values))
    if is_xml(essence):
        return xml_bytes(value, schema, names)
    if essence == "application/x-www-form-urlencoded" and isinstance(value, dict):
        fields = {name: each if isinstance(each, str) else json_bytes(each) for name, each in value.items()}
        return urlencode(fields).encode()
    return json_bytes(value)


def framed(text: Any, content_type: str) -> Any:
    """Return a generated text as a body of its media type; an example is one, and any other value is rendered."""
    essence = mime_essence(content_type)
    if isinstance(text, str) and is_xml(essence) and "<" not in text:
        return xml_bytes(text, {}, {}).decode()
    if isinstance(text, str) and essence == "text/event-stream" and ":" not in text:
        return _event(text).decode("utf-8", "surrogatepass")
    return text


def _event(value: Any) -> bytes:
    """An event of a stream (HTML §9.2.6): its fields, as OpenAPI 3.2 has them, or a value as its data."""
    fields = value if isinstance(value, dict) and "data" in value and value.keys() <= _EVENT_FIELDS else {"data": value}
    texts = {name: each if isinstance(each, str) else json_bytes(each).decode() for name, each in fields.items()}
    lines = (f"{name}: {line}\n" for name, text in texts.items() for line in text.splitlines() or [""])
    return ("".join(lines) + "\n").encode("utf-8", "surrogatepass")


def picture(content_type: str, seed: str) -> bytes | None:
    """Return a picture, the same for the same seed; None if the media type is not one of a picture."""
    essence = mime_essence(content_type)
    if essence not in FORMATS:
        return None
    return renderer(PictureMark(Carrier.BODY, essence, None, "", "")).render(derive(b"", seed))


def octets(seed: str) -> bytes:
    """Return bytes, the same for the same seed."""
    return hashlib.shake_256(seed.encode("utf-8", "surrogatepass")).digest(256)
