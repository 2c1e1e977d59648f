"""The gallery of an HTML report: values that responses have where the contract marks them (`x-mock`)."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from markupsafe import Markup

from code_contract import Carrier, PictureMark
from contract_tests import sanitize
from contract_tests.checks.parsed_picture import ParsedPicture
from contract_tests.engine.retention import MAX_SHOWN, mock_field_values
from contract_tests.http.exchange import Exchange
from contract_tests.message import Message, mapped
from contract_tests.pictures.pixels import Pixels
from contract_tests.pictures.png import SIGNATURE, Png
from contract_tests.reports import wording
from contract_tests.result import Result

MAX_BYTES, MAX_PIXELS = 64 * 1024, 500_000
"""Limits of a picture that is shown as a picture."""

MAX_CHARS = 80
"""Characters shown of a value that is not shown as a picture."""

MAX_ITEMS = 8
"""Values shown of one response."""

_Seen = dict[tuple[PictureMark | None, str | bytes], Exchange]


@dataclass(frozen=True)
class Image:
    """A valid picture as a data URI, with its size in pixels."""

    src: Markup
    width: int
    height: int


@dataclass(frozen=True)
class Item:
    """One value of a response.

    Attributes:
        text: The value as text.
        image: The value as a picture, None if it is not a valid one within the limits.
        reason: Why a picture is not shown as one; "" otherwise.
        repeats: The label of the request whose response had the value first; "" if this one did.
    """

    text: str
    image: Image | None
    reason: str
    repeats: str


@dataclass(frozen=True)
class Card:
    """The values of one response, under the label of its request."""

    label: str
    items: tuple[Item, ...]


def gallery(result: Result) -> list[Card]:
    """Return the values of the first MAX_SHOWN responses that have any, and of one more if there is one."""
    with sanitize.redacting(result.settings.redact):
        return list(islice(_cards(result), MAX_SHOWN + 1))


def _cards(result: Result) -> Iterator[Card]:
    seen: _Seen = {}
    for operation in result.contract.operations.values():
        for exchange in result.collection.exchanges.get(operation.id, ()):
            # Pictures first: an id is the caption of its picture.
            found = sorted(mock_field_values(exchange, operation), key=lambda each: each[0] is None)[:MAX_ITEMS]
            if found:
                items = (_item(mark, value, exchange, seen) for mark, value in found)
                yield Card(wording.request_label(exchange), tuple(items))


def _item(mark: PictureMark | None, value: Any, exchange: Exchange, seen: _Seen) -> Item:
    picture = ParsedPicture("", value, mark) if mark and isinstance(value, (str, bytes)) else None
    first = exchange
    if isinstance(value, (str, bytes)):
        pixels = picture.pixels if picture else None
        first = seen.setdefault((mark, pixels.digest if isinstance(pixels, Pixels) else value), exchange)
    image = _image(picture) if picture else None
    if isinstance(value, bytes):
        text = sanitize.body(value, MAX_CHARS)
    else:
        text = sanitize.escape(value, MAX_CHARS) if isinstance(value, str) else sanitize.json_value(value, MAX_CHARS)
    return Item(
        text,
        image,
        mapped(_reason(picture), sanitize.escape) if picture and not image else "",
        "" if first is exchange else wording.request_label(first),
    )


def _image(picture: ParsedPicture) -> Image | None:
    pixels, data = picture.pixels, picture.data
    if not isinstance(pixels, Pixels) or data is None or pixels.width * pixels.height > MAX_PIXELS:
        return None
    if any(picture.results.values()):
        return None
    if picture.png is not None:
        data = _strip_ancillary_chunks(picture.png)
    if len(data) > MAX_BYTES:
        return None
    uri = f"data:{picture.mark.media_type};base64,{base64.b64encode(data).decode()}"
    return Image(Markup(uri), pixels.width, pixels.height)  # noqa: S704 - a known type, and base64: no markup


def _reason(picture: ParsedPicture) -> str:
    if picture.content is None:
        return "not a base64 data URI" if picture.mark.carrier is Carrier.DATA_URI else "not base64"
    if picture.data is None:
        return picture.content if isinstance(picture.content, str) else Message("not a {}", picture.mark.format)
    if picture.limit:
        return picture.limit
    if picture.png is not None and picture.png.error is not None:
        return Message("not a PNG: {}", picture.png.error.where)
    for violations in picture.results.values():
        if violations:
            return Message("{}: {}", violations[0].where, violations[0].received)
    return picture.pixels if isinstance(picture.pixels, str) else "too large for this report"


def _strip_ancillary_chunks(png: Png) -> bytes:
    """Return the picture without chunks that do not affect pixels: a target can put text into them."""
    kept = [chunk for chunk in png.chunks if chunk.type[:1].isupper() or chunk.type == b"tRNS"]
    parts = [struct.pack(">I4s", len(c.data), c.type) + bytes(c.data) + struct.pack(">I", c.crc) for c in kept]
    return SIGNATURE + b"".join(parts)
