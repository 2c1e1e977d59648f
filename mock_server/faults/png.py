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


def _insert(at: int, *added: Chunk) -> Effect:
    """Inserts chunks. The mock writes IHDR, PLTE, IDAT and IEND."""
    return _chunks(lambda found: [*found[:at], *added, *found[at:]])


def _fewer_colours(found: list[Chunk]) -> list[Chunk]:
    return [(kind, data[: len(data) // 6 * 3] if kind == b"PLTE" else data) for kind, data in found]


RESOLUTION = (b"pHYs", struct.pack(">IIB", 2835, 2835, 1))


def _fault(name: str, breaks: str, effect: Effect, text: str, zh: str) -> Fault:
    return Fault(name, breaks, Stage.PICTURE, effect, text, zh, carriers=frozenset(Carrier), formats=frozenset({"PNG"}))


# fmt: off
FAULTS = (
    _fault("img-bad-signature", "img-is-a-png", _png(lambda p: p.replace(b"\r\n", b"\n", 1)), "converts line endings in the PNG signature", "转换 PNG 签名中的换行符"),
    _fault("img-chunk-order", "png-chunks-are-in-order", _chunks(lambda c: [c[-2], *c[:-2], c[-1]]), "places the pixel data before the header chunk", "将像素数据放在文件头数据块之前"),
    _fault("img-two-headers", "png-chunks-are-in-order", _chunks(lambda c: [c[0], *c]), "repeats the header chunk", "重复文件头数据块"),
    _fault("img-no-pixels", "png-chunks-are-in-order", _chunks(lambda c: [*c[:-2], c[-1]]), "omits the pixel data", "省略像素数据"),
    _fault("img-crc", "png-crcs-are-correct", _png(_wrong_crc), "sends a wrong CRC", "发送错误的 CRC"),
    _fault("img-depth", "png-header-is-valid", _png(lambda p: set_header(p, 8, b"\x03")), "declares a bit depth of 3", "声明位深度为 3"),
    _fault("img-short-pixels", "png-pixels-fill-the-picture", _chunks(_pixels(lambda p: p[: len(p) // 2])), "truncates the pixel data to half", "将像素数据截断为一半"),
    _fault("img-long-pixels", "png-pixels-fill-the-picture", _chunks(_pixels(lambda p: p + p)), "repeats the pixel data", "重复像素数据"),
    _fault("img-bad-stream", "png-pixels-fill-the-picture", _chunks(_idat(lambda d: b"\0" + d)), "sends pixel data that cannot be decompressed", "发送无法解压的像素数据"),
    _fault("img-bad-checksum", "png-pixels-fill-the-picture", _chunks(_idat(lambda d: d[:-1] + bytes([d[-1] ^ 1]))), "sends a wrong checksum of the pixel data", "发送错误的像素数据校验和"),
    _fault("img-few-colours", "png-palette-indices-are-in-range", _chunks(_fewer_colours), "omits half of the palette", "省略一半的调色板"),
    _fault("img-long-transparency", "png-transparency-is-valid", _insert(2, (b"tRNS", b"\xff" * 256)), "sends the transparency of more colours than the palette has", "透明度数据的颜色数多于调色板"),
    _fault("img-missing-frames", "png-animation-is-valid", _insert(1, (b"acTL", struct.pack(">II", 2, 0))), "announces an animation of two frames and sends none", "声明有两帧动画，但一帧也不发送"),
    _fault("img-no-end", "png-ends-with-iend", _chunks(lambda c: c[:-1]), "omits the end chunk", "省略结束数据块"),
    _fault("img-bad-resolution", "img-is-decodable", _insert(1, (b"pHYs", b"\0")), "sends a resolution chunk of 1 byte instead of 9", "分辨率数据块只有 1 个字节，而不是 9 个"),
    _fault("img-early-background", "img-is-decodable", _insert(1, (b"bKGD", b"\0")), "sends a background colour before the palette that it refers to", "在所引用的调色板之前发送背景色"),
    _fault("img-late-resolution", "png-ancillary-chunks-are-in-order", _insert(3, RESOLUTION), "sends the resolution after the pixel data", "在像素数据之后发送分辨率"),
    _fault("img-two-resolutions", "png-ancillary-chunks-are-in-order", _insert(1, RESOLUTION, RESOLUTION), "repeats the resolution chunk", "重复分辨率数据块"),
    _fault("img-long-keyword", "png-ancillary-chunks-are-valid", _insert(1, (b"tEXt", b"k" * 80 + b"\0")), "sends a text with a keyword of 80 characters", "发送关键字长达 80 个字符的文本"),
)
# fmt: on
