"""The texts in the file of a picture: comments and metadata, which a viewer does not show."""

from __future__ import annotations

import re
import warnings
import zlib
from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from typing import Any

from PIL import Image
from PIL.ExifTags import IFD

from contract_tests.message import Message
from contract_tests.pictures.png import Png

MAX_TEXTS, MAX_TEXT = 20, 200
"""Texts of one picture, and characters of each, that are read."""
_MAX_METADATA = 64 * 1024
_XMP_VALUE = re.compile(r">([^<>]{1,200})<|=\"([^\"<>]{1,200})\"")
_PNG_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf"})
_CHARACTER_CODE = re.compile(rb"\A(ASCII|UNICODE|JIS)\0+|\A\0{8}")
"""The first 8 bytes of UserComment (Exif 2.32 §4.6.5)."""


def of_png(png: Png) -> Iterator[tuple[str, str]]:
    """Yield type and keyword, and the text, of tEXt, zTXt, iTXt and eXIf (PNG §11.3.3, §11.3.4.6)."""
    for chunk in islice((each for each in png.chunks if each.type in _PNG_TEXTS), MAX_TEXTS):
        data = bytes(chunk.data[:_MAX_METADATA])
        keyword, _, rest = data.partition(b"\0")
        where = f"{chunk.type.decode()} {keyword[:79].decode('latin-1')}"
        if chunk.type == b"eXIf":
            yield from _exif(data)
        elif chunk.type == b"tEXt":
            yield where, _decoded(rest)
        elif chunk.type == b"zTXt":
            yield where, _decoded(_inflated(rest[1:]))
        else:
            # Flag and method of the compression, language, translated keyword, text.
            text = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
            yield where, _decoded(_inflated(text) if rest[:1] == b"\1" else text)


def of_other(data: bytes, file_format: str) -> list[tuple[str, str]]:
    """Return the name and the text of comments, Exif and XMP in a GIF, JPEG or WebP. Never raises."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(data), formats=[file_format]) as picture:
                return list(islice(_metadata(picture.info), MAX_TEXTS))
    except Exception:  # a decoder of hostile bytes raises exceptions of any type
        return []


def _metadata(info: dict[Any, Any]) -> Iterator[tuple[str, str]]:
    for name in ("comment", "xmp", "exif"):
        value = info.get(name, b"")
        value = value.encode() if isinstance(value, str) else bytes(value)[:_MAX_METADATA]
        if name == "exif":
            yield from _exif(value)
        elif name == "xmp":
            found = _XMP_VALUE.findall(value.decode("utf-8", "replace"))
            yield from ((Message("XMP value {}", number), "".join(each)) for number, each in enumerate(found))
        elif value:
            yield name, _decoded(value)


def _exif(data: bytes) -> Iterator[tuple[str, str]]:
    exif = Image.Exif()
    try:
        exif.load(data)
        found = [*exif.items(), *exif.get_ifd(IFD.Exif).items()]
    except Exception:  # as above
        return
    for tag, value in found:
        if isinstance(value, (str, bytes)):
            yield (
                Message("Exif tag {}", tag),
                value if isinstance(value, str) else _decoded(_CHARACTER_CODE.sub(b"", value)),
            )


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, MAX_TEXT * 4)
    except zlib.error:
        return b""


def _decoded(data: bytes) -> str:
    return data[: MAX_TEXT * 4].decode("utf-8", "replace").strip("\0 ")[:MAX_TEXT]
