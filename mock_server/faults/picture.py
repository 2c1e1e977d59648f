"""Faults of the picture: its data URI, its chunks, its pixels."""

from __future__ import annotations

import base64
import random
import struct
import zlib
from collections.abc import Callable
from io import BytesIO

from mock_server.faults.model import Effect, Fault, RequestContext, Stage
from mock_server.response import ResponseDraft

SIGNATURE = b"\x89PNG\r\n\x1a\n"
Chunk = tuple[bytes, bytes]


def chunks(png: bytes) -> list[Chunk]:
    """Return the chunks of a valid PNG as type and data (PNG §5.3)."""
    found, at = [], len(SIGNATURE)
    while at < len(png):
        length, kind = struct.unpack_from(">I4s", png, at)
        found.append((kind, png[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def join(found: list[Chunk]) -> bytes:
    """Return the PNG with these chunks."""
    return SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in found
    )


def _png(change: Callable[[bytes], bytes]) -> Effect:
    def effect(context: RequestContext, draft: ResponseDraft) -> None:
        draft.png = change(draft.png)

    return effect


def _chunks(change: Callable[[list[Chunk]], list[Chunk]]) -> Effect:
    return _png(lambda png: join(change(chunks(png))))


def _uri(change: Callable[[str], str]) -> Effect:
    def effect(context: RequestContext, draft: ResponseDraft) -> None:
        draft.uri = change(draft.uri)

    return effect


def _coded(change: Callable[[str], str]) -> Effect:
    """Changes the base64 of the data URI."""

    def both(uri: str) -> str:
        head, comma, coded = uri.partition(",")
        return head + comma + change(coded)

    return _uri(both)


def _wrong_crc(png: bytes) -> bytes:
    at = png.index(b"IDAT")
    end = at + 4 + int.from_bytes(png[at - 4 : at], "big")
    return png[:end] + bytes([png[end] ^ 0xFF]) + png[end + 1 :]


def _header(at: int, value: bytes) -> Callable[[list[Chunk]], list[Chunk]]:
    """Overwrites bytes of IHDR: width at 0, height at 4, depth 8, colour type 9, compression 10 (PNG §11.2.1)."""

    def change(found: list[Chunk]) -> list[Chunk]:
        kind, data = found[0]
        return [(kind, data[:at] + value + data[at + len(value) :]), *found[1:]]

    return change


def _idat(change: Callable[[bytes], bytes]) -> Callable[[list[Chunk]], list[Chunk]]:
    """Changes the compressed pixels, which the mock writes in one chunk (PNG §11.2.3)."""
    return lambda found: [(kind, change(data) if kind == b"IDAT" else data) for kind, data in found]


def _pixels(change: Callable[[bytes], bytes]) -> Callable[[list[Chunk]], list[Chunk]]:
    """Changes the pixels (PNG §7, §9)."""

    return _idat(lambda data: zlib.compress(change(zlib.decompress(data)), 1))


def _size(found: list[Chunk]) -> tuple[int, int]:
    width, height = struct.unpack(">II", found[0][1][:8])
    return width, height


def _flat(found: list[Chunk]) -> list[Chunk]:
    """Sets every pixel to the first colour of the palette, which is white."""
    width, height = _size(found)
    return _pixels(lambda _: bytes((1 + width) * height))(found)


def _transparent(found: list[Chunk]) -> list[Chunk]:
    """RGBA pixels of random colours, all of them transparent."""
    width, height = _size(found)
    generator = random.Random(join(found))
    pixels = bytearray(4 * width * height)
    for channel in range(3):
        pixels[channel::4] = generator.randbytes(width * height)
    rows = b"".join(b"\0" + pixels[at : at + 4 * width] for at in range(0, len(pixels), 4 * width))
    return _pixels(lambda _: rows)(_header(9, b"\x06")(found))


def _one_pixel_wider(found: list[Chunk]) -> list[Chunk]:
    """Repeats the last pixel of every row."""
    width, height = _size(found)

    def widened(rows: bytes) -> bytes:
        starts = range(0, (1 + width) * height, 1 + width)
        return b"".join(rows[at : at + 1 + width] + rows[at + width : at + 1 + width] for at in starts)

    return _pixels(widened)(_header(0, struct.pack(">I", width + 1))(found))


def _jpeg(png: bytes) -> bytes:
    from PIL import Image

    out = BytesIO()
    Image.open(BytesIO(png)).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def _same_picture(context: RequestContext, draft: ResponseDraft) -> None:
    draft.picture_uuid = "0" * 32


def _fault(name: str, breaks: str, effect: Effect, text: str) -> Fault:
    return Fault(name, breaks, Stage.PNG, effect, text)


# fmt: off
FAULTS = (
    Fault("img-bare-base64", "img-is-a-png-data-uri", Stage.URI, _uri(lambda u: u.partition(",")[2]), "sends the base64 without the data URI prefix"),
    Fault("img-jpeg-uri", "img-is-a-png-data-uri", Stage.URI, _uri(lambda u: u.replace("image/png", "image/jpeg")), "declares the picture as image/jpeg"),
    Fault("img-url", "img-is-a-png-data-uri", Stage.URI, _uri(lambda u: "/captcha.png"), "sends a URL in place of the picture"),
    Fault("img-line-breaks", "img-is-strict-base64", Stage.URI, _coded(lambda c: base64.encodebytes(base64.b64decode(c)).decode()), "inserts line breaks into the base64, as MIME does"),
    Fault("img-url-safe", "img-is-strict-base64", Stage.URI, _coded(lambda c: "-_" + c[2:].replace("+", "-").replace("/", "_")), "encodes the picture with the URL-safe base64 alphabet"),
    Fault("img-unpadded", "img-is-strict-base64", Stage.URI, _coded(lambda c: base64.b64encode(base64.b64decode(c) + b"\0" * (-len(base64.b64decode(c)) % 3 + 1)).decode().rstrip("=")), "omits the base64 padding"),
    Fault("img-empty", "img-is-a-png", Stage.URI, _coded(lambda c: ""), "sends an empty data URI"),
    _fault("img-is-jpeg", "img-is-a-png", _png(_jpeg), "sends a JPEG declared as PNG"),
    _fault("img-truncated", "img-is-a-png", _png(lambda p: p[: len(p) // 2]), "truncates the picture to half of its bytes"),
    _fault("img-bad-signature", "img-is-a-png", _png(lambda p: p.replace(b"\r\n", b"\n", 1)), "converts line endings in the PNG signature"),
    _fault("img-chunk-order", "png-chunks-are-in-order", _chunks(lambda c: [c[-2], *c[:-2], c[-1]]), "places the pixel data before the header chunk"),
    _fault("img-two-headers", "png-chunks-are-in-order", _chunks(lambda c: [c[0], *c]), "repeats the header chunk"),
    _fault("img-no-pixels", "png-chunks-are-in-order", _chunks(lambda c: [*c[:-2], c[-1]]), "omits the pixel data"),
    _fault("img-crc", "png-crcs-are-correct", _png(_wrong_crc), "sends a wrong CRC"),
    _fault("img-zero-width", "png-header-is-valid", _chunks(_header(0, b"\0\0\0\0")), "declares a width of 0 pixels"),
    _fault("img-huge", "png-header-is-valid", _chunks(_header(0, struct.pack(">II", 60000, 60000))), "declares a size of 60000 × 60000 pixels"),
    _fault("img-depth", "png-header-is-valid", _chunks(_header(8, b"\x03")), "declares a bit depth of 3"),
    _fault("img-short-pixels", "png-pixels-fill-the-picture", _chunks(_pixels(lambda p: p[: len(p) // 2])), "truncates the pixel data to half"),
    _fault("img-long-pixels", "png-pixels-fill-the-picture", _chunks(_pixels(lambda p: p + p)), "repeats the pixel data"),
    _fault("img-bad-stream", "png-pixels-fill-the-picture", _chunks(_idat(lambda d: b"\0" + d)), "sends pixel data that cannot be decompressed"),
    _fault("img-no-end", "png-ends-with-iend", _chunks(lambda c: c[:-1]), "omits the end chunk"),
    _fault("img-trailing-bytes", "png-ends-with-iend", _png(lambda p: p + b"<?php"), "appends bytes after the end chunk"),
    _fault("img-bad-resolution", "img-is-decodable", _chunks(lambda c: [c[0], (b"pHYs", b"\0"), *c[1:]]), "sends a resolution chunk of 1 byte instead of 9"),
    _fault("img-flat", "img-is-not-one-colour", _chunks(_flat), "sends a blank picture"),
    _fault("img-transparent", "img-is-not-transparent", _chunks(_transparent), "sends a fully transparent picture"),
    _fault("img-wider", "img-has-the-sample-size", _chunks(_one_pixel_wider), "sends a picture that is one pixel wider than the sample"),
    Fault("img-constant", "img-is-fresh", Stage.UUID, _same_picture, "sends the same picture in every response"),
)
# fmt: on
