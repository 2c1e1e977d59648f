"""Faults of the picture in any format: its carrier, its type, its structure, its size, its pixels."""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Callable, Mapping
from io import BytesIO

from PIL import Image

from code_contract import Carrier
from mock_server.captcha import encoders
from mock_server.faults.model import Effect, Fault, RequestContext, Stage, after
from mock_server.faults.png import set_header
from mock_server.response import ResponseDraft

Change = Callable[[bytes], bytes]

ANY = frozenset(Carrier)
DATA_URI = frozenset({Carrier.DATA_URI})
TEXT = frozenset({Carrier.DATA_URI, Carrier.BASE64})


def _format(context: RequestContext) -> str:
    return next(iter(context.operation.pictures.values())).format


def _bytes(change: Change) -> Effect:
    def effect(context: RequestContext, draft: ResponseDraft) -> None:
        draft.picture = change(draft.picture)

    return effect


def _encoded(change: Callable[[str], str]) -> Effect:
    def effect(context: RequestContext, draft: ResponseDraft) -> None:
        draft.encoded = change(draft.encoded)

    return effect


def _coded(change: Callable[[str], str]) -> Effect:
    """Changes the base64."""

    def both(encoded: str) -> str:
        head, comma, coded = encoded.rpartition(",")
        return head + comma + change(coded)

    return _encoded(both)


def _unpadded(coded: str) -> str:
    data = base64.b64decode(coded)
    return base64.b64encode(data + b"\0" * (-len(data) % 3 + 1)).decode().rstrip("=")


def _wrong_content_type(context: RequestContext, draft: ResponseDraft) -> None:
    draft.content_type = "application/octet-stream"


def _noise(file_format: str) -> Effect:
    """Another picture in another format."""
    return _bytes(lambda _: encoders.save(Image.effect_noise((160, 60), 100), file_format))


def _jpeg_segment(jpeg: bytes, *kinds: int) -> int:
    """The offset of the first marker segment of a kind (ITU-T T.81 §B.1.1.3)."""
    at = 2
    while jpeg[at + 1] not in kinds:
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return at


def _splice(data: bytes, at: int, value: bytes) -> bytes:
    return data[:at] + value + data[at + len(value) :]


def _size(width: int, height: int) -> Effect:
    """Declares another size (PNG §11.2.1, T.81 §B.2.2, GIF89a §18, RFC 6386 §9.1, SVG 2 §8.2)."""
    svg = rf'\1 width="{width}" height="{height}"'.encode()
    return _by_format(
        {
            "PNG": lambda p: set_header(p, 0, struct.pack(">II", width, height)),
            "JPEG": lambda p: _splice(p, _jpeg_segment(p, 0xC0, 0xC1, 0xC2) + 5, struct.pack(">HH", height, width)),
            "GIF": lambda p: _splice(p, 6, struct.pack("<HH", width, height)),
            "WebP": lambda p: _lossy_webp(p, struct.pack("<HH", width, height)),
            "SVG": lambda p: re.sub(rb'(<svg [^>]*?) width="\d+" height="\d+"', svg, p, count=1),
        }
    )


def _lossy_webp(webp: bytes, size: bytes) -> bytes:
    """The picture in lossy WebP with another size: a lossless one stores each side minus 1, so none can be 0."""
    file = BytesIO()
    Image.open(BytesIO(webp)).convert("RGB").save(file, "WEBP")
    lossy = file.getvalue()
    return _splice(lossy, lossy.index(b"\x9d\x01\x2a") + 3, size)


def _by_format(changes: Mapping[str, Change]) -> Effect:
    def effect(context: RequestContext, draft: ResponseDraft) -> None:
        draft.picture = changes[_format(context)](draft.picture)

    return effect


def _repaint(paint: Callable[[Image.Image], Image.Image], svg: Change) -> Effect:
    """Replaces the image by another, or changes the SVG."""

    def effect(context: RequestContext, draft: ResponseDraft) -> None:
        kind, drawn = _format(context), draft.picture
        draft.picture = svg(drawn) if kind == "SVG" else encoders.save(paint(Image.open(BytesIO(drawn))), kind)

    return effect


def _transparent(image: Image.Image) -> Image.Image:
    image = image.convert("RGBA")
    image.putalpha(0)
    return image


_FLAT = _repaint(lambda image: Image.new("RGB", image.size, "white"), lambda p: re.sub(rb"<path .*?/>", b"", p))
_TRANSPARENT = _repaint(_transparent, lambda p: re.sub(rb"<(path|rect) ", rb'<\1 opacity="0" ', p))


def _one_pixel_wider(image: Image.Image) -> Image.Image:
    return image.crop((0, 0, image.width + 1, image.height))


def _wider_svg(svg: bytes) -> bytes:
    return re.sub(rb' width="(\d+)"', lambda found: b' width="%d"' % (int(found[1]) + 1), svg, count=1)


_UNDECODABLE = _by_format(
    {
        # More codes of one bit than there are (T.81 §B.2.4.2), codes that were never defined (GIF89a §F), version 7.
        "JPEG": lambda p: _splice(p, _jpeg_segment(p, 0xC4) + 5, b"\xff" * 16),
        "GIF": lambda p: _splice(p, p.index(b",", 13 + 3 * 2 ** (1 + (p[10] & 7))) + 12, b"\xff\xff"),
        "WebP": lambda p: _splice(p, p.index(b"VP8L") + 12, bytes([p[p.index(b"VP8L") + 12] | 0xE0])),
    }
)


def _svg(old: bytes, new: bytes) -> Effect:
    return _bytes(lambda p: p.replace(old, new, 1))


def _same_picture(context: RequestContext, draft: ResponseDraft) -> None:
    draft.picture_uuid = "0" * 32


CARRIED, TYPED, FORMED, SIZED = (
    "img-is-carried-as-documented",
    "img-is-of-the-documented-type",
    "img-is-well-formed",
    "img-size-is-valid",
)
RASTER = frozenset({"PNG", "JPEG", "GIF", "WebP"})
NOT_JPEG = frozenset({"PNG", "GIF", "WebP", "SVG"})
ONLY_SVG = frozenset({"SVG"})
ENTITIES = b'<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><svg'

# fmt: off
FAULTS = (
    Fault("img-bare-base64", "img-is-a-png-data-uri", Stage.ENCODED, _encoded(lambda u: u.partition(",")[2]), "sends the base64 without the data URI prefix", "发送不带 data URI 前缀的 base64", CARRIED, DATA_URI),
    Fault("img-jpeg-uri", "img-is-a-png-data-uri", Stage.ENCODED, _encoded(lambda u: re.sub("^data:[^;]*", "data:image/jpeg", u)), "declares the picture as image/jpeg", "将图片声明为 image/jpeg", CARRIED, DATA_URI, NOT_JPEG),
    Fault("img-url", "img-is-a-png-data-uri", Stage.ENCODED, _encoded(lambda u: "/captcha.png"), "sends a URL in place of the picture", "以 URL 代替图片", CARRIED, DATA_URI),
    Fault("img-in-data-uri", CARRIED, Stage.ENCODED, _encoded(lambda c: f"data:image/png;base64,{c}"), "sends a data URI in place of base64", "以 data URI 代替 base64", "", frozenset({Carrier.BASE64})),
    Fault("img-octet-stream", CARRIED, Stage.ENCODED, _wrong_content_type, "declares the picture as application/octet-stream", "将图片声明为 application/octet-stream", "", frozenset({Carrier.BODY})),
    Fault("img-line-breaks", "img-is-strict-base64", Stage.ENCODED, _coded(lambda c: base64.encodebytes(base64.b64decode(c)).decode()), "inserts line breaks into the base64, as MIME does", "像 MIME 那样在 base64 中换行", "", TEXT),
    Fault("img-url-safe", "img-is-strict-base64", Stage.ENCODED, _coded(lambda c: "-_" + c[2:].replace("+", "-").replace("/", "_")), "encodes the picture with the URL-safe base64 alphabet", "以 URL 安全的 base64 字母表编码图片", "", TEXT),
    Fault("img-unpadded", "img-is-strict-base64", Stage.ENCODED, _coded(_unpadded), "omits the base64 padding", "省略 base64 的填充", "", TEXT),
    Fault("img-empty", "img-is-a-png", Stage.PICTURE, _bytes(lambda p: b""), "sends an empty picture", "发送空的图片", TYPED, ANY),
    Fault("img-is-jpeg", "img-is-a-png", Stage.PICTURE, _noise("JPEG"), "sends a JPEG declared as another format", "发送声明为其他格式的 JPEG", TYPED, ANY, NOT_JPEG),
    Fault("img-is-png", TYPED, Stage.PICTURE, _noise("PNG"), "sends a PNG declared as another format", "发送声明为其他格式的 PNG", "", ANY, frozenset({"JPEG", "GIF", "WebP", "SVG"})),
    Fault("img-truncated", "img-is-a-png", Stage.PICTURE, _bytes(lambda p: p[: len(p) // 2]), "truncates the picture to half of its bytes", "将图片截断为一半字节", FORMED, ANY),
    Fault("img-trailing-bytes", "png-ends-with-iend", Stage.PICTURE, _bytes(lambda p: p + b"<?php"), "appends bytes to the picture", "在图片末尾附加字节", FORMED, ANY),
    Fault("img-zero-width", "png-header-is-valid", Stage.PICTURE, _size(0, 60), "declares a width of 0 pixels", "声明宽度为 0 像素", SIZED, ANY),
    Fault("img-huge", "png-pixels-fill-the-picture", Stage.PICTURE, _size(60000, 60000), "declares more pixels than the picture has", "声明的像素数多于图片实际的像素数", "", ANY, frozenset({"PNG"})),
    Fault("img-undecodable", "img-is-decodable", Stage.PICTURE, _UNDECODABLE, "sends pixel data that no decoder accepts", "发送任何解码器都无法解码的像素数据", "", ANY, frozenset({"JPEG", "GIF", "WebP"})),
    Fault("img-flat", "img-is-not-one-colour", Stage.PICTURE, _FLAT, "sends a blank picture", "发送空白图片", "", ANY),
    Fault("img-transparent", "img-is-not-transparent", Stage.PICTURE, _TRANSPARENT, "sends a fully transparent picture", "发送完全透明的图片", "", ANY, frozenset({"PNG", "WebP", "SVG"})),
    Fault("img-wider", "img-has-the-sample-size", Stage.PICTURE, _repaint(_one_pixel_wider, _wider_svg), "sends a picture that is one pixel wider than the sample", "发送比示例宽一个像素的图片", "", ANY),
    Fault("img-constant", "img-is-fresh", Stage.UUID, _same_picture, "sends the same picture in every response", "每个响应都发送相同的图片", "", ANY),
    Fault("img-repeats-after-40", "img-is-fresh", Stage.UUID, after(40, _same_picture), "sends the same picture from the 41st request on", "从第 41 个请求起发送相同的图片", "", ANY),
    Fault("svg-script", "svg-has-no-script", Stage.PICTURE, _svg(b"</svg>", b"<script>alert(1)</script></svg>"), "adds a script to the picture", "在图片中加入脚本", "", ANY, ONLY_SVG),
    Fault("svg-event-handler", "svg-has-no-script", Stage.PICTURE, _svg(b"<svg ", b'<svg onload="alert(1)" '), "adds an event handler to the picture", "在图片中加入事件处理属性", "", ANY, ONLY_SVG),
    Fault("svg-external-image", "svg-is-self-contained", Stage.PICTURE, _svg(b"</svg>", b'<image href="https://example.com/pixel.png"/></svg>'), "adds an image of another host to the picture", "在图片中引用其他主机的图像", "", ANY, ONLY_SVG),
    Fault("svg-external-style", "svg-is-self-contained", Stage.PICTURE, _svg(b"</svg>", b"<style>@import 'https://example.com/font.css';</style></svg>"), "adds a style sheet of another host to the picture", "在图片中引用其他主机的样式表", "", ANY, ONLY_SVG),
    Fault("svg-entities", FORMED, Stage.PICTURE, _svg(b"<svg", ENTITIES), "declares entities in the picture", "在图片中声明实体", "", ANY, ONLY_SVG),
)
# fmt: on
