"""Validated access to the fields of a HAR file, which is untrusted input."""

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
"""The field of our own facts; HAR 1.2 reserves names with an underscore for the writer."""

_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
_METHOD = re.compile(r"[A-Z]{1,20}")
_FRACTION = re.compile(r"(\.\d{1,6})\d*")
_LATEST = 4_102_444_800.0  # the year 2100


class MalformedEntry(Exception):
    """An entry does not conform to HAR 1.2."""


def object_at(node: Any, key: str) -> dict[str, Any]:
    """Return the object at `key`. Raises MalformedEntry if there is none."""
    found = node.get(key) if isinstance(node, dict) else None
    if not isinstance(found, dict):
        raise MalformedEntry
    return found


def string_at(node: Mapping[str, Any], key: str, default: str | None = None) -> str:
    """Return the string at `key`, or the default. Raises MalformedEntry if there is neither."""
    found = node.get(key)
    if isinstance(found, str):
        return found
    if default is None:
        raise MalformedEntry
    return default


def method(request: Mapping[str, Any]) -> str:
    """Return the method of a request. Raises MalformedEntry if it is invalid."""
    found = string_at(request, "method")
    if not _METHOD.fullmatch(found):
        raise MalformedEntry
    return found


def url(request: Mapping[str, Any]) -> str:
    """Return the URL of a request. Raises MalformedEntry if it is not an absolute http(s) URL."""
    found = string_at(request, "url")
    try:
        host, _ = urlsplit(found).hostname, urlsplit(found).port
    except ValueError:
        raise MalformedEntry from None
    if not host or not found.startswith(("http://", "https://")) or not re.fullmatch(r"[!-~]{1,16384}", found):
        raise MalformedEntry
    return found


def seconds(value: Any, scale: float = 1000) -> float:
    """Return a duration in milliseconds (1/`scale` seconds) as seconds. Raises MalformedEntry if it is invalid."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1e12:
        raise MalformedEntry
    return float(value) / scale


def parse_timestamp(value: Any) -> float:
    """Return the Unix time of an ISO 8601 date, 0 if it is invalid: no check depends on it."""
    if not isinstance(value, str):
        return 0.0
    try:
        found = datetime.fromisoformat(_FRACTION.sub(lambda m: m[1].ljust(7, "0"), value[:40]).replace("Z", "+00:00"))
        return min(max(found.timestamp(), 0.0), _LATEST)
    except (ValueError, OverflowError, OSError):
        return 0.0


def pairs(nodes: Any) -> Iterator[tuple[str, str]]:
    """Yield headers, without pseudo-headers (RFC 9113 §8.3) and names that need quoting in a shell."""
    if not isinstance(nodes, list):
        raise MalformedEntry
    for node in nodes:
        name, value = (node.get("name"), node.get("value")) if isinstance(node, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(value, str):
            raise MalformedEntry
        if _NAME.fullmatch(name):
            yield name, value


def from_base64(text: str) -> bytes:
    """Decode base64 that may contain whitespace. Raises MalformedEntry if it is invalid."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise MalformedEntry from None
