"""Texts and profiles beside the pixels of a picture."""

from __future__ import annotations

import tracemalloc
import zlib
from io import BytesIO

import pytest
from PIL import Image

from contract_tests.pictures.pixels import Pixels, decode
from tests.contract_tests.png_samples import (
    HEAD,
    IDAT,
    IEND,
    chunk,
    png,
)

LONG = zlib.compress(bytes(1_500_000))


@pytest.mark.parametrize(
    "text",
    [
        chunk(b"zTXt", b"Comment\x00\x00" + LONG),
        chunk(b"iTXt", b"Comment\x00\x01\x00\x00\x00" + LONG),
        chunk(b"iCCP", b"name\x00\x00" + LONG),
    ],
    ids=["zTXt", "iTXt", "iCCP"],
)
def test_a_long_text_beside_a_picture_is_correct(text: bytes) -> None:
    """A chunk that inflates to more than Pillow accepts does not affect the pixels."""
    with pytest.raises(ValueError, match="Decompressed"), Image.open(BytesIO(png(HEAD, text, IDAT, IEND))) as image:
        image.load()
    assert decode(png(HEAD, text, IDAT, IEND)) == decode(png(HEAD, IDAT, IEND))


def test_compressed_texts_take_little_memory() -> None:
    """Of dozens of texts, each just small enough for Pillow, only a few are inflated."""
    text = zlib.compress(b"a" * 999_000 + "😀".encode())
    texts = (chunk(b"iTXt", b"k%d\x00\x01\x00\x00\x00" % each + text) for each in range(60))
    data = png(HEAD, *texts, IDAT, IEND)
    tracemalloc.start()
    try:
        assert isinstance(decode(data), Pixels)
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()
