"""Faults of a PNG: its chunks and its pixels."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

from code_contract import Carrier
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
        draft.picture = change(draft.picture)

    return effect


def _chunks(change: Callable[[list[Chunk]], list[Chunk]]) -> Effect:
    return _png(lambda png: join(change(chunks(png))))


def _wrong_crc(png: bytes) -> bytes:
    at = png.index(b"IDAT")
    end = at + 4 + int.from_bytes(png[at - 4 : at], "big")
    return png[:end] + bytes([png[end] ^ 0xFF]) + png[end + 1 :]


def set_header(png: bytes, at: int, value: bytes) -> bytes:
    """Overwrite bytes of IHDR: width at 0, height at 4, depth 8, colour type 9, compression 10 (PNG §11.2.1)."""
    (kind, data), *others = chunks(png)
    return join([(kind, data[:at] + value + data[at + len(value) :]), *others])


def _idat(change: Callable[[bytes], bytes]) -> Callable[[list[Chunk]], list[Chunk]]:
    """Changes the compressed pixels, which the mock writes in one chunk (PNG §11.2.3)."""
    return lambda found: [(kind, change(data) if kind == b"IDAT" else data) for kind, data in found]


def _pixels(change: Callable[[bytes], bytes]) -> Callable[[list[Chunk]], list[Chunk]]:
    """Changes the pixels (PNG §7, §9)."""

    return _idat(lambda data: zlib.compress(change(zlib.decompress(data)), 1))


def _fault(name: str, breaks: str, effect: Effect, text: str) -> Fault:
    return Fault(name, breaks, Stage.PICTURE, effect, text, carriers=frozenset(Carrier), formats=frozenset({"PNG"}))


# fmt: off
FAULTS = (
    _fault("img-bad-signature", "img-is-a-png", _png(lambda p: p.replace(b"\r\n", b"\n", 1)), "converts line endings in the PNG signature"),
    _fault("img-chunk-order", "png-chunks-are-in-order", _chunks(lambda c: [c[-2], *c[:-2], c[-1]]), "places the pixel data before the header chunk"),
    _fault("img-two-headers", "png-chunks-are-in-order", _chunks(lambda c: [c[0], *c]), "repeats the header chunk"),
    _fault("img-no-pixels", "png-chunks-are-in-order", _chunks(lambda c: [*c[:-2], c[-1]]), "omits the pixel data"),
    _fault("img-crc", "png-crcs-are-correct", _png(_wrong_crc), "sends a wrong CRC"),
    _fault("img-depth", "png-header-is-valid", _png(lambda p: set_header(p, 8, b"\x03")), "declares a bit depth of 3"),
    _fault("img-short-pixels", "png-pixels-fill-the-picture", _chunks(_pixels(lambda p: p[: len(p) // 2])), "truncates the pixel data to half"),
    _fault("img-long-pixels", "png-pixels-fill-the-picture", _chunks(_pixels(lambda p: p + p)), "repeats the pixel data"),
    _fault("img-bad-stream", "png-pixels-fill-the-picture", _chunks(_idat(lambda d: b"\0" + d)), "sends pixel data that cannot be decompressed"),
    _fault("img-no-end", "png-ends-with-iend", _chunks(lambda c: c[:-1]), "omits the end chunk"),
    _fault("img-bad-resolution", "img-is-decodable", _chunks(lambda c: [c[0], (b"pHYs", b"\0"), *c[1:]]), "sends a resolution chunk of 1 byte instead of 9"),
)
# fmt: on
