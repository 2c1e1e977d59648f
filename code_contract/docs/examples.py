"""Examples as text, and the pictures in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from code_contract.text import printable_json

MAX_LENGTH = 100
"""Upper bound of a printed string; a base64 picture would bury the rest."""

_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}")


def format_cell(value: Any) -> str:
    """Return a value for a table cell: a string without quotes, anything else as JSON, "" for None."""
    if value is None:
        return ""
    return value if isinstance(value, str) else printable_json(value)


def truncated(value: Any) -> Any:
    """Return the value with every long string cut, marked by "…"."""
    if isinstance(value, str) and len(value) > MAX_LENGTH:
        return value[: MAX_LENGTH - 40] + "…"
    if isinstance(value, dict):
        return {key: truncated(each) for key, each in value.items()}
    if isinstance(value, list):
        return [truncated(each) for each in value]
    return value


def image_data_uris(value: Any) -> Iterator[str]:
    """Yield the image data URIs in a value."""
    if isinstance(value, str) and _PICTURE.fullmatch(value):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from image_data_uris(each)
    elif isinstance(value, list):
        for each in value:
            yield from image_data_uris(each)
