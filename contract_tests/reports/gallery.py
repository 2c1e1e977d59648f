"""The sheet of the collected pictures with their ids, as they stand where the contract marks them (`x-mock`)."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator
from html import escape
from itertools import islice
from typing import Any

from contract_tests import sanitize as showing
from contract_tests.checks.picture import Picture
from contract_tests.engine.retention import MAX_SHOWN, mock_field_values
from contract_tests.http.exchange import Exchange
from contract_tests.png.format import SIGNATURE, Png
from contract_tests.png.pixels import Pixels
from contract_tests.reports import wording as saying
from contract_tests.result import Result

MOST_BYTES, MOST_PIXELS = 64 * 1024, 500_000
"""The largest picture that is shown as one."""

PICTURE = "challenge-picture"


def gallery(result: Result) -> str:
    """The first answers that carried something where the contract marks a picture or its id; "" where none did."""
    seen: dict[tuple[str, str], Exchange] = {}
    cards = list(islice(_cards(result, seen), MAX_SHOWN + 1))
    if not cards:
        return ""
    more = f"<p>The first {MAX_SHOWN} answers.</p>" if len(cards) > MAX_SHOWN else ""
    return f'{more}<div class="sheet">{"".join(cards[:MAX_SHOWN])}</div>'


def _cards(result: Result, seen: dict[tuple[str, str], Exchange]) -> Iterator[str]:
    for operation in result.contract.operations.values():
        for exchange in result.collection.exchanges.get(operation.id, ()):
            # Pictures first: an id is the caption under its own.
            found = sorted(mock_field_values(exchange, operation), key=lambda each: each[0] != PICTURE)
            if found:
                shown = "".join(_shown(kind, value, exchange, result, seen) for kind, value in found[:8])
                yield f"<figure>{shown}<figcaption>{escape(saying.call_label(exchange))}</figcaption></figure>"


def _shown(kind: str, value: Any, exchange: Exchange, result: Result, seen: dict[tuple[str, str], Exchange]) -> str:
    """A picture as a picture, where it can be; anything else as text; and whether it was there before."""
    picture = Picture("", value) if kind == PICTURE and isinstance(value, str) else None
    first = exchange
    if isinstance(value, str):
        pixels = picture.pixels if picture is not None else None
        first = seen.setdefault((kind, pixels.digest if isinstance(pixels, Pixels) else value), exchange)
    again = "" if first is exchange else f'<em class="again">{escape(saying.call_label(first))} again</em>'
    if picture is not None and (image := _image(picture, saying.call_label(exchange))):
        return image + again
    written = showing.escape(value, 80) if isinstance(value, str) else showing.json_value(value, 80)
    why = (
        f"<p>not shown: {escape(saying.redact_and_escape(_not_shown_reason(picture), result.settings))}</p>"
        if picture is not None
        else ""
    )
    return f"<code>{escape(saying.redact_and_escape(written, result.settings))}</code>{why}{again}"


def _image(picture: Picture, name: str) -> str:
    """The picture as an element; "" where it is unsound, cannot be decoded, or is large."""
    pixels, png = picture.pixels, picture.png
    if not isinstance(pixels, Pixels) or png is None or pixels.width * pixels.height > MOST_PIXELS:
        return ""
    data = _strip_ancillary_chunks(png)
    if len(data) > MOST_BYTES:
        return ""
    coded = base64.b64encode(data).decode("ascii")
    size = f'width="{pixels.width}" height="{pixels.height}"'
    return f'<img {size} alt="the picture of {escape(name)}" src="data:image/png;base64,{coded}">'


def _not_shown_reason(picture: Picture) -> str:
    """Why a picture is not shown as one."""
    if picture.png is None:
        return picture.bytes if isinstance(picture.bytes, str) else "no data URI in base64"
    if picture.png.error is not None:
        return f"no PNG: {picture.png.error.where}"
    for problems in picture.png_results.values():
        if problems:
            return f"{problems[0].where}: {problems[0].received}"
    return picture.pixels if isinstance(picture.pixels, str) else "too large for this page"


def _strip_ancillary_chunks(png: Png) -> bytes:
    """The picture without what does not make its pixels: text and films that a target may have put into it stay out."""
    kept = [chunk for chunk in png.chunks if chunk.type[:1].isupper() or chunk.type == b"tRNS"]
    parts = [struct.pack(">I4s", len(c.data), c.type) + bytes(c.data) + struct.pack(">I", c.crc) for c in kept]
    return SIGNATURE + b"".join(parts)
