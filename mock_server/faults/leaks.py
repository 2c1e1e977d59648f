"""Faults that give away what a caller must not know: the answer, and the time at which an id was made."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Callable, Mapping
from io import BytesIO

from PIL import Image

from code_contract import Carrier
from mock_server.faults.model import Effect, Fault, RequestContext, Stage
from mock_server.faults.png import chunks, join
from mock_server.response import ResponseDraft, set_at

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TWITTER_EPOCH = 1_288_834_974_657
_IMAGE_DESCRIPTION = 270


def _field(name: str, value: Callable[[ResponseDraft], object]) -> Effect:
    """Adds a field beside the picture."""

    def effect(context: RequestContext, draft: ResponseDraft) -> None:
        set_at(draft.document, (*context.target_path[:-1], name), value(draft))

    return effect


def _with_text(changes: Mapping[str, Callable[[bytes, str], bytes]]) -> Effect:
    """Adds the answer to the file of the picture."""

    def effect(context: RequestContext, draft: ResponseDraft) -> None:
        file_format = next(iter(context.operation.pictures.values())).format
        draft.picture = changes[file_format](draft.picture, str(draft.answer))

    return effect


def _png_text(png: bytes, text: str) -> bytes:
    first, *others = chunks(png)
    return join([first, (b"tEXt", b"Comment\0" + text.encode()), *others])


def _jpeg_comment(jpeg: bytes, text: str) -> bytes:
    return jpeg[:2] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text.encode() + jpeg[2:]


def _gif_comment(gif: bytes, text: str) -> bytes:
    at = 13 + (3 * 2 ** (1 + (gif[10] & 7)) if gif[10] & 0x80 else 0)
    return gif[:at] + b"\x21\xfe" + bytes([len(text)]) + text.encode() + b"\0" + gif[at:]


def _webp_exif(webp: bytes, text: str) -> bytes:
    exif, out = Image.Exif(), BytesIO()
    exif[_IMAGE_DESCRIPTION] = text
    Image.open(BytesIO(webp)).save(out, "WebP", lossless=True, exact=True, exif=exif)
    return out.getvalue()


def _svg_element(name: str) -> Callable[[bytes, str], bytes]:
    return lambda svg, text: svg.replace(b"</svg>", f"<{name}>{text}</{name}></svg>".encode(), 1)


_COMMENTS = {
    "PNG": _png_text,
    "JPEG": _jpeg_comment,
    "GIF": _gif_comment,
    "WebP": _webp_exif,
    "SVG": _svg_element("desc"),
}


def _draw_as_text(context: RequestContext, draft: ResponseDraft) -> None:
    draft.picture = _svg_element("text")(draft.picture, draft.question)


def _made_at(make: Callable[[int], str]) -> Effect:
    """Makes the id of the Unix time in milliseconds."""

    def effect(context: RequestContext, draft: ResponseDraft) -> None:
        draft.uuid = make(time.time_ns() // 1_000_000)

    return effect


def _version_7(milliseconds: int) -> str:
    random = secrets.randbits(74)
    return uuid.UUID(int=milliseconds << 80 | 7 << 76 | (random >> 62) << 64 | 2 << 62 | random & (1 << 62) - 1).hex


def _ulid(milliseconds: int) -> str:
    number = milliseconds << 80 | secrets.randbits(80)
    return "".join(_CROCKFORD[number >> 5 * place & 31] for place in reversed(range(26)))


def _snowflake(milliseconds: int) -> str:
    return str(milliseconds - _TWITTER_EPOCH << 22 | secrets.randbits(22))


def _id_fault(name: str, make: Callable[[int], str], text: str, zh: str) -> Fault:
    return Fault(name, "uuid-tells-no-time", Stage.UUID, _made_at(make), text, zh)


BODY, PICTURE = "answer-is-not-in-the-body", "img-carries-no-answer"
TEXT = frozenset({Carrier.DATA_URI, Carrier.BASE64})
ADDED = ("data-adds-nothing",)

# fmt: off
FAULTS = (
    Fault("answer-in-body", BODY, Stage.DOCUMENT, _field("answer", lambda draft: draft.answer), "adds the answer to the body", "在响应体中加入答案", carriers=TEXT, besides=ADDED),
    Fault("code-in-body", BODY, Stage.DOCUMENT, _field("verifyCode", lambda draft: str(draft.answer)), "adds the answer to the body, as a verification code", "在响应体中加入答案，作为验证码字段", carriers=TEXT, besides=ADDED),
    Fault("question-in-body", BODY, Stage.DOCUMENT, _field("alt", lambda draft: draft.question), "adds the question to the body", "在响应体中加入题目", carriers=TEXT, besides=ADDED),
    Fault("img-answer-in-comment", PICTURE, Stage.PICTURE, _with_text(_COMMENTS), "adds the answer to the metadata of the picture", "在图片的元数据中加入答案", carriers=frozenset(Carrier)),
    Fault("svg-question-as-text", PICTURE, Stage.PICTURE, _draw_as_text, "draws the question as text", "以文本形式绘制题目", carriers=frozenset(Carrier), formats=frozenset({"SVG"})),
    _id_fault("uuid-version-1", lambda _: uuid.uuid1().hex, "sends UUIDs of version 1, which tell the time", "发送会泄露时间的第 1 版 UUID"),
    _id_fault("uuid-version-7", _version_7, "sends UUIDs of version 7, which tell the time", "发送会泄露时间的第 7 版 UUID"),
    _id_fault("uuid-ulid", _ulid, "sends ULIDs, which tell the time", "发送会泄露时间的 ULID"),
    _id_fault("uuid-snowflake", _snowflake, "sends snowflake ids, which tell the time", "发送会泄露时间的雪花 ID"),
    _id_fault("uuid-milliseconds", lambda now: f"{now}-{secrets.token_hex(8)}", "sends ids that begin with the time in milliseconds", "发送以毫秒时间开头的验证识别码"),
    _id_fault("uuid-seconds", lambda now: f"captcha_{now // 1000}{secrets.token_hex(8)}", "sends ids that contain the time in seconds", "发送含有秒级时间的验证识别码"),
)
# fmt: on
