"""Renders challenges, a fresh picture for each; as PNG in 1 to 2 µs once its pixels are cached.

The pixels depend on the question and one of `VARIANTS` only. They are drawn once, and for PNG compressed once; a
challenge adds a palette of its own, so that no two challenges look the same.
"""

from __future__ import annotations

import threading
from base64 import b64decode, b64encode
from binascii import b2a_base64
from collections.abc import Callable, Hashable

from mock_server.captcha import encoders, png
from mock_server.captcha.challenge import SYMBOL_COUNT, Challenge
from mock_server.captcha.drawing import MIN_SYMBOL_HEIGHT, draw, symbol_height
from mock_server.captcha.palette import make_palette

VARIANTS = 8
"""Drawings of each question."""

MAX_CACHE_BYTES = 10 * 2**20
"""All variants of all questions fit, at the size of the document's sample."""


class PictureCache:
    """Compressed pixels, at most `max_bytes` of them; the oldest are dropped first. Threads may share it."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._entries: dict[Hashable, bytes] = {}
        self._lock = threading.Lock()
        self.size = 0

    def get(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """Return the entry of `key`, made by `make` unless it is cached."""
        entry = self._entries.get(key)
        if entry is None:
            entry = make()
            with self._lock:
                self.size += len(entry) - len(self._entries.pop(key, b""))
                self._entries[key] = entry
                while self.size > self._max_bytes:
                    self.size -= len(self._entries.pop(next(iter(self._entries))))
        return entry


_shared_cache = PictureCache(MAX_CACHE_BYTES)


class CaptchaRenderer:
    """Renders challenges at one size. Threads may share it.

    Args:
        size: Width and height of the pictures in pixels.
        cache: Drawn pixels; by default all renderers of the process share one cache.
        file_format: Format of the pictures: "PNG", or one of `encoders.encode`.

    Raises:
        ValueError: Symbols that fit into `size` are too small to be read.
    """

    def __init__(self, size: tuple[int, int], cache: PictureCache = _shared_cache, *, file_format: str = "PNG") -> None:
        if symbol_height(*size) < MIN_SYMBOL_HEIGHT:
            raise ValueError(
                f"{SYMBOL_COUNT} symbols are not readable in {size[0]} × {size[1]} pixels:"
                " make the picture 80 × 28 or larger."
            )
        self._size = size
        self._cache = cache
        self._format = file_format
        self._header = b64encode(png.header(*size))

    def render(self, challenge: Challenge) -> bytes:
        """Return the picture of a challenge as a file; a PNG is in indexed colour (PNG §11.2.1)."""
        if self._format == "PNG":
            return b64decode(self.render_base64(challenge))
        question, variant = challenge.question, challenge.entropy[-1] % VARIANTS
        pixels = self._cache.get(("drawn", self._size, question, variant), lambda: self._draw(question, variant))
        return encoders.encode(pixels, make_palette(challenge.entropy), self._size, self._format)

    def render_base64(self, challenge: Challenge) -> bytes:
        """Return the base64 of `render`, for PNG at less cost."""
        if self._format != "PNG":
            return b64encode(self.render(challenge))
        question, variant = challenge.question, challenge.entropy[-1] % VARIANTS
        pixels = self._cache.get((self._size, question, variant), lambda: self._compress(question, variant))
        return self._header + b2a_base64(png.palette_chunk(make_palette(challenge.entropy)), newline=False) + pixels

    def _compress(self, question: str, variant: int) -> bytes:
        return b64encode(png.pixel_chunks(self._draw(question, variant), self._size[0]))

    def _draw(self, question: str, variant: int) -> bytes:
        return draw(question, variant, *self._size)
