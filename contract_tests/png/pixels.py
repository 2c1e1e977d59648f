"""The pixels of a picture, by an independent decoder: Pillow."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import chain

from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from contract_tests import sanitize as showing
from contract_tests.png.format import SIGNATURE, Header, Png, header_problems, order_problems, parse

_STRIP = 64 * 1024
"""Pixels that are looked at together: a picture is never held twice."""
_PACKED = (b"zTXt", b"iTXt", b"iCCP")
_MAX_PACKED = 4
"""Ancillary chunks that Pillow may inflate, to 1 MiB each: it would keep them all, and take its time."""


@dataclass(frozen=True)
class Pixels:
    """What a decoded picture shows: `digest` is the same for the same pixels, however they are compressed.

    Sizes in pixels; `one_colour` and `transparent` speak of all of them. Samples of 16 bits count by their upper 8, as
    on a screen, but for those of plain grey.
    """

    width: int
    height: int
    digest: str
    one_colour: bool
    transparent: bool


def decode(png: bytes) -> Pixels | str:
    """Decode a PNG of at most png.MAX_PIXELS; or the reason why it cannot be, fit to be shown. Never raises."""
    parts = parse(png)
    wrong = parts.error or next(chain(order_problems(parts), header_problems(parts)), None)
    if wrong is not None or parts.header is None:
        return f"{wrong.where}: {wrong.received}" if wrong else "no header"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Image.open would name the place in memory where it failed instead of the reason.
            with PngImageFile(BytesIO(_bounded(png, parts))) as picture:
                picture.load()
                return _pixels(picture, parts.header)
    except Exception as error:  # a decoder fed with hostile bytes raises whatever it likes
        return showing.escape(f"{type(error).__name__}: {error}")


def _bounded(png: bytes, parts: Png) -> bytes:
    """The PNG without the ancillary chunks that are too many to be inflated."""
    packed = [chunk.number for chunk in parts.chunks if chunk.type in _PACKED]
    left_out = set(packed[_MAX_PACKED:])
    kept = (each for each in parts.chunks if each.number not in left_out)
    return SIGNATURE + b"".join(png[each.offset : each.offset + 12 + len(each.data)] for each in kept)


def _pixels(picture: Image.Image, header: Header) -> Pixels:
    # 16-bit grey would be clipped on its way to RGBA, and look flat where it is not.
    deep = picture.mode.startswith("I")
    key = _scale_key(picture, header)
    digest = hashlib.sha256(f"{picture.size} {deep}".encode())
    first, one_colour, transparent = b"", True, not deep
    for strip in _strips(picture):
        seen = (strip if deep else strip.convert("RGBA")).tobytes()
        pixel = len(seen) // (strip.width * strip.height)
        first = first or seen[:pixel]
        digest.update(seen)
        one_colour = one_colour and seen == first * (len(seen) // pixel)
        transparent = transparent and not any(seen[3::4])
    if deep and one_colour:
        transparent = picture.getpixel((0, 0)) == key
    return Pixels(header.width, header.height, digest.hexdigest(), one_colour, transparent)


def _strips(picture: Image.Image) -> Iterator[Image.Image]:
    rows = max(1, _STRIP // picture.width)
    for top in range(0, picture.height, rows):
        yield picture.crop((0, top, picture.width, min(top + rows, picture.height)))


def _scale_key(picture: Image.Image, header: Header) -> object:
    """The colour that tRNS makes transparent (§11.3.1.1), from the file's samples to the 8 bits that Pillow has."""
    key = picture.info.get("transparency")
    if picture.mode in ("1", "L") and isinstance(key, int):
        highest = 2**header.depth - 1
        key = picture.info["transparency"] = (key & highest) * 255 // highest
    elif picture.mode == "RGB" and isinstance(key, tuple):
        key = picture.info["transparency"] = tuple(each >> 8 if header.depth == 16 else each & 255 for each in key)
    return key
