"""Captcha pictures in the forms that PNG allows."""

from __future__ import annotations

import random
import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

from tests.contract_tests.png_samples import chunk


def drawn(mode: str = "RGB", size: tuple[int, int] = (160, 60)) -> Image.Image:
    """Return a sum in a mode of Pillow, on a background of random dots, so that no two are equal."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for _ in range(200):
        spot = (random.randrange(size[0]), random.randrange(size[1]))
        draw.point(spot, tuple(random.randbytes(3)))
    question = f"{random.randrange(10)}+{random.randrange(10)}=?"
    draw.text((size[0] // 10, size[1] // 4), question, fill=(20, 20, 90), font=ImageFont.load_default(size[1] // 2))
    if mode == "I;16":
        grey = image.convert("L")
        return Image.frombytes("I;16", size, b"".join(bytes((v, v)) for v in grey.tobytes()))
    return image.convert(mode)


def saved(image: Image.Image, **options: Any) -> bytes:
    """Return a picture as written by Pillow."""
    out = BytesIO()
    image.save(out, "PNG", **options)
    return out.getvalue()


def interlaced() -> bytes:
    """Return an Adam7 picture, which Pillow cannot write."""
    image = drawn()
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    rows = bytearray()
    for x, y, across, down in passes:
        for row in range(y, image.height, down):
            rows += b"\0" + b"".join(bytes(image.getpixel((column, row))) for column in range(x, image.width, across))
    header = struct.pack(">IIBBBBB", *image.size, 8, 2, 0, 0, 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def several_idats() -> bytes:
    """Return a picture with many IDAT chunks, one of them empty."""
    png = saved(drawn())
    start = png.index(b"IDAT") - 4
    length = int.from_bytes(png[start : start + 4], "big")
    data = png[start + 8 : start + 8 + length]
    pieces = [b"", *(data[at : at + 999] for at in range(0, length, 999))]
    return png[:start] + b"".join(chunk(b"IDAT", piece) for piece in pieces) + png[start + 12 + length :]


def annotated() -> bytes:
    """Return a picture with ancillary chunks: plain, compressed and international text, resolution, time."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "captcha")
    info.add_text("Long", "x" * 500, zip=True)
    info.add_itxt("Titel", "验证码", "zh")
    info.add(b"tIME", b"\x07\xea\x0b\x18\0\0\0")
    return saved(drawn(), pnginfo=info, dpi=(96, 96))
