"""Media types, and the documented content that belongs to one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def mime_essence(media_type: str) -> str:
    """Return the essence of a media type: lower case, without parameters (WHATWG MIME Sniffing)."""
    return media_type.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    """Return True for a JSON media type without parameters (RFC 6839 §3.1)."""
    return media_type == "application/json" or media_type.endswith("+json")


def is_xml(media_type: str) -> bool:
    """Return True for an XML media type without parameters (RFC 7303 §4)."""
    return media_type in ("application/xml", "text/xml") or media_type.endswith("+xml")


def content_of(contents: Mapping[str, Mapping[str, Any]], media_type: str) -> Mapping[str, Any] | None:
    """Return the documented Media Type Object of a media type: its own, else that of its range, None if there is none.

    Args:
        contents: Media Type Objects by media type or range, as written.
        media_type: The media type without parameters.
    """
    by_essence = {mime_essence(name): each for name, each in contents.items()}
    ranges = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
    return next((by_essence[each] for each in ranges if each in by_essence), None)
