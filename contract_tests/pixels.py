"""The pixels of a picture, by an independent decoder: Pillow."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image

from contract_tests import showing


@dataclass(frozen=True)
class Pixels:
    """What a decoded picture shows: `digest` is the same for the same pixels, however they are compressed.

    Sizes in pixels; `one_colour` and `transparent` speak of all of them.
    """

    width: int
    height: int
    digest: str
    one_colour: bool
    transparent: bool


def decode(png: bytes) -> Pixels | str:
    """Decode a PNG whose size was checked before; or the reason why it cannot be, fit to be shown. Never raises."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(png), formats=["PNG"]) as picture:
                picture.load()
                return _pixels(picture)
    except Exception as error:  # a decoder fed with hostile bytes raises whatever it likes
        return showing.text(f"{type(error).__name__}: {error}")


def _pixels(picture: Image.Image) -> Pixels:
    # 16-bit grey would be clipped on its way to RGBA, and look flat where it is not.
    deep = picture.mode.startswith("I")
    plain = picture if deep else picture.convert("RGBA")
    seen = plain.tobytes()
    digest = hashlib.sha256(f"{picture.size} {plain.mode}".encode() + seen).hexdigest()
    # One pair of extremes for a single channel, a tuple of pairs for several.
    extremes: Any = plain.getextrema()
    channels: list[Any] = [extremes] if deep else list(extremes)
    one_colour = all(low == high for low, high in channels)
    width, height = picture.size
    return Pixels(width, height, digest, one_colour, not deep and channels[3][1] == 0)
