"""The fields of a HAR file, each held to what it can be: a file is as hostile as an answer."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

CREATOR = "code-contract"
EXTENSION_KEY = "_codeContract"
"""The field under which our own facts stand; HAR 1.2 leaves names that begin with an underscore to the writer."""


_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
_METHOD = re.compile(r"[A-Z]{1,20}")
_FRACTION = re.compile(r"(\.\d{1,6})\d*")
_LATEST = 4_102_444_800.0  # the year 2100


class MalformedEntry(Exception):
    """An entry is not as HAR 1.2 says."""


def object_at(node: Any, key: str) -> dict[str, Any]:
    """The object under `key`. Raises Malformed where there is none."""
    found = node.get(key) if isinstance(node, dict) else None
    if not isinstance(found, dict):
        raise MalformedEntry
    return found


def string_at(node: Mapping[str, Any], key: str, otherwise: str | None = None) -> str:
    """The text under `key`; `otherwise` where there is none, Malformed where that is None."""
    found = node.get(key)
    if isinstance(found, str):
        return found
    if otherwise is None:
        raise MalformedEntry
    return otherwise


def method(sent: Mapping[str, Any]) -> str:
    """The method of a request. Raises Malformed for what could not be one."""
    found = string_at(sent, "method")
    if not _METHOD.fullmatch(found):
        raise MalformedEntry
    return found


def url(sent: Mapping[str, Any]) -> str:
    """The URL of a request. Raises Malformed for one that could not be asked for."""
    found = string_at(sent, "url")
    try:
        host, _ = urlsplit(found).hostname, urlsplit(found).port
    except ValueError:
        raise MalformedEntry from None
    if not host or not found.startswith(("http://", "https://")) or not re.fullmatch(r"[!-~]{1,16384}", found):
        raise MalformedEntry
    return found


def seconds(value: Any, scale: float = 1000) -> float:
    """A time in thousandths of a second, or in 1/`scale`, as seconds. Raises Malformed for none, or a negative one."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1e12:
        raise MalformedEntry
    return float(value) / scale


def parse_timestamp(value: Any) -> float:
    """Unix time of an ISO 8601 date; 0 for what is none, for nothing is judged by it."""
    if not isinstance(value, str):
        return 0.0
    try:
        found = datetime.fromisoformat(_FRACTION.sub(lambda m: m[1].ljust(7, "0"), value[:40]).replace("Z", "+00:00"))
        return min(max(found.timestamp(), 0.0), _LATEST)
    except (ValueError, OverflowError, OSError):
        return 0.0


def pairs(nodes: Any) -> Iterator[tuple[str, str]]:
    """Headers, without what HTTP/2 writes like one (RFC 9113 §8.3) and names that would need quoting in a shell."""
    if not isinstance(nodes, list):
        raise MalformedEntry
    for node in nodes:
        name, value = (node.get("name"), node.get("value")) if isinstance(node, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(value, str):
            raise MalformedEntry
        if _NAME.fullmatch(name):
            yield name, value


def from_base64(written: str) -> bytes:
    try:
        return base64.b64decode("".join(written.split()), validate=True)
    except (binascii.Error, ValueError):
        raise MalformedEntry from None
