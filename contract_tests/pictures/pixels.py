"""The pixels of a picture, decoded by Pillow."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import chain, islice

from PIL import Image, ImageSequence
from PIL.PngImagePlugin import PngImageFile

from contract_tests import sanitize
from contract_tests.message import Message
from contract_tests.pictures.png import SIGNATURE, Header, Png, header_problems, order_problems, parse, require_size
from contract_tests.pictures.png_chunks import refused

_STRIP_PIXELS = 64 * 1024
"""Pixels converted at a time, so that no second copy of the picture is held."""
_TEXT = frozenset({b"tEXt", b"zTXt", b"iTXt", b"iCCP", b"cHRM"})
"""Ancillary chunks withheld from Pillow: it rejects valid ones that inflate to more than 1 MiB, keeps all others in
memory, and before version 13 rejects a cHRM that other decoders ignore. No pixel depends on them."""
MAX_FRAMES = 20
"""Maximum number of frames of an animation that are decoded."""


@dataclass(frozen=True)
class Pixels:
    """The pixels of a picture.

    Samples of 16 bits are reduced to their upper 8, as on a screen, except in greyscale without alpha.

    Attributes:
        width: Width in pixels.
        height: Height in pixels.
        digest: SHA-256 in hexadecimal, equal for equal pixels, whatever the compression.
        one_colour: True if all pixels are equal.
        transparent: True if all pixels are fully transparent.
        stray_index: The highest palette index of a pixel if PLTE has no such colour, else None.
    """

    width: int
    height: int
    digest: str
    one_colour: bool
    transparent: bool
    stray_index: int | None = None


def decode(png: bytes) -> Pixels | str:
    """Decode a PNG of at most MAX_PIXELS, or return the sanitized reason why it cannot be decoded. Never raises."""
    try:
        parts = parse(png)
        wrong = parts.error or next(chain(order_problems(parts), header_problems(parts), refused(parts)), None)
        if wrong is not None or parts.header is None:
            return (
                Message("{}: {} (expected: {})", wrong.where, wrong.received, wrong.expected) if wrong else "no header"
            )
        require_size(parts.header.width, parts.header.height)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Image.open reports a memory address instead of the reason.
            with PngImageFile(BytesIO(_without_text(png, parts))) as picture:
                picture.load()
                found = _pixels(picture, parts.header)
                colours = sum(len(chunk.data) // 3 for chunk in parts.chunks if chunk.type == b"PLTE")
                used = [index for index, count in enumerate(picture.histogram()) if count]
                stray = picture.mode == "P" and used[-1] >= colours
                return replace(found, stray_index=used[-1]) if stray else found
    except Exception as error:  # a decoder of hostile bytes raises exceptions of any type
        return _reason(error)


def decode_other(data: bytes, file_format: str) -> Pixels | str:
    """Decode a GIF, JPEG or WebP whose size is within the limits; else as `decode`. All frames count."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(data), formats=[file_format]) as picture:
                frames = islice(ImageSequence.Iterator(picture), MAX_FRAMES)
                found = [_pixels(frame.convert("RGBA"), None) for frame in frames]
    except Exception as error:  # as above
        return _reason(error)
    digest = hashlib.sha256(" ".join(each.digest for each in found).encode()).hexdigest()
    one_colour = all(each.one_colour for each in found) and len({each.digest for each in found}) == 1
    return Pixels(*picture.size, digest, one_colour, all(each.transparent for each in found))


def _reason(error: Exception) -> str:
    """The sentence of Pillow, without the names and addresses of Python objects."""
    text = str(error).partition(" <")[0] or "it gives up"
    return Message("Pillow reports: {}", sanitize.escape(text))


def _without_text(png: bytes, parts: Png) -> bytes:
    """Return the PNG without texts and colour profiles."""
    kept = (each for each in parts.chunks if each.type not in _TEXT)
    return SIGNATURE + b"".join(png[each.offset : each.offset + 12 + len(each.data)] for each in kept)


def _pixels(picture: Image.Image, header: Header | None) -> Pixels:
    # Pillow clips 16-bit grey when it converts to RGBA: distinct values would become equal.
    deep = picture.mode.startswith("I")
    key = _scale_key(picture, header) if header else None
    digest = hashlib.sha256(f"{picture.size} {deep}".encode())
    first, one_colour, transparent = b"", True, not deep
    for strip in _strips(picture):
        data = (strip if deep else strip.convert("RGBA")).tobytes()
        pixel = len(data) // (strip.width * strip.height)
        first = first or data[:pixel]
        digest.update(data)
        one_colour = one_colour and data == first * (len(data) // pixel)
        transparent = transparent and not any(data[3::4])
    if deep and one_colour:
        transparent = picture.getpixel((0, 0)) == key
    return Pixels(*picture.size, digest.hexdigest(), one_colour, transparent)


def _strips(picture: Image.Image) -> Iterator[Image.Image]:
    rows = max(1, _STRIP_PIXELS // picture.width)
    for top in range(0, picture.height, rows):
        yield picture.crop((0, top, picture.width, min(top + rows, picture.height)))


def _scale_key(picture: Image.Image, header: Header) -> object:
    """Scale the transparent colour (tRNS, §11.3.1.1) from the samples of the file to the 8 bits of Pillow."""
    key = picture.info.get("transparency")
    if picture.mode == "L" and isinstance(key, int):  # Pillow scales that of 1 bit itself
        highest = 2**header.depth - 1
        key = picture.info["transparency"] = (key & highest) * 255 // highest
    elif picture.mode == "RGB" and isinstance(key, tuple):
        key = picture.info["transparency"] = tuple(each >> 8 if header.depth == 16 else each & 255 for each in key)
    return key
