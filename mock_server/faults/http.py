"""Faults of HTTP: statuses, headers, encodings, and demands on the client."""

from __future__ import annotations

import gzip
import itertools
import json
import re
import zlib
from collections.abc import Callable
from typing import Any

from mock_server.faults.model import SCHEMA_CLAUSE, Effect, Fault, RequestContext, Stage, after
from mock_server.response import ResponseDraft, json_bytes

_UNKNOWN_HEADER = re.compile("x-(?!forwarded-|real-ip$|request-id$|requested-with$)")
"""The names of extension headers that common clients and gateways do not send."""


def _error(name: str, every: int = 1) -> Effect:
    """Answers one request of every `every` with the error example of that name."""

    def effect(context: RequestContext, draft: ResponseDraft) -> None:
        if context.number % every == every - 1:
            draft.error_example = name

    return effect


def _source_ignored(context: RequestContext, draft: ResponseDraft) -> None:
    draft.error_example = None


def _body_required(context: RequestContext, draft: ResponseDraft) -> None:
    if not context.body:
        draft.error_example = "request-refused"


def _body_rejected(context: RequestContext, draft: ResponseDraft) -> None:
    if context.body:
        draft.error_example = "request-refused"


def _delay(seconds: float) -> Effect:
    def effect(context: RequestContext, draft: ResponseDraft) -> None:
        draft.delay += seconds

    return effect


def _unknown_header_error(context: RequestContext, draft: ResponseDraft) -> None:
    if any(map(_UNKNOWN_HEADER.match, context.headers)):
        draft.error_example = "server-error"


def _status(status: int, *headers: tuple[str, str]) -> Effect:
    def effect(context: RequestContext, draft: ResponseDraft) -> None:
        draft.status = status
        draft.headers.extend(headers)

    return effect


def _empty_body(status: int, *headers: tuple[str, str]) -> Effect:
    def effect(context: RequestContext, draft: ResponseDraft) -> None:
        _status(status, *headers)(context, draft)
        draft.body = b""

    return effect


def _content_type(value: str) -> Effect:
    def effect(context: RequestContext, draft: ResponseDraft) -> None:
        draft.content_type = value

    return effect


def _header(name: str, value: str) -> Effect:
    return lambda context, draft: draft.headers.append((name, value))


def _body_bytes(change: Callable[[bytes], bytes]) -> Effect:
    def effect(context: RequestContext, draft: ResponseDraft) -> None:
        draft.body = change(draft.body_bytes())

    return effect


def _encoded(coding: str, encode: Callable[[bytes], bytes]) -> Effect:
    def effect(context: RequestContext, draft: ResponseDraft) -> None:
        if coding not in context.headers.get("accept-encoding", coding):
            return
        draft.headers.append(("Content-Encoding", coding))
        draft.body = encode(draft.body_bytes())

    return effect


def _without_allow(context: RequestContext, draft: ResponseDraft) -> None:
    draft.headers = [pair for pair in draft.headers if pair[0] != "Allow"]


def _as_plain_text(context: RequestContext, draft: ResponseDraft) -> None:
    draft.content_type = "text/plain;charset=UTF-8"
    draft.body = b"refused"


def _first_field(body: bytes) -> dict[str, Any]:
    """The first field of a JSON object; nothing of a body that is not one."""
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return dict(itertools.islice(value.items(), 1)) if isinstance(value, dict) else {}


def _repeat_first_name(body: bytes) -> bytes:
    first = _first_field(body)
    return json_bytes(first)[:-1] + b"," + body[1:] if first else body


def _null_first_name(body: bytes) -> bytes:
    first = _first_field(body)
    return json_bytes(dict.fromkeys(first))[:-1] + b"," + body[1:] if first else body


def _response_fault(name: str, breaks: str, effect: Effect, text: str, zh: str, besides: tuple[str, ...] = ()) -> Fault:
    return Fault(name, breaks, Stage.SUCCESS, effect, text, zh, besides=besides)


# fmt: off
FAULTS = (
    Fault("not-served", "post-code-is-served", Stage.REQUEST, _error("not-found"), "responds 404 at the documented path", "在文档规定的接口地址返回 404"),
    Fault("post-not-allowed", "post-code-is-served", Stage.REQUEST, _error("method-not-allowed"), "responds 405 to the documented method", "对文档规定的请求方式返回 405"),
    Fault("always-rejected", "valid-request-succeeds", Stage.REQUEST, _error("refused"), "responds to every request with an error in the envelope", "对每个请求都在响应结果中返回错误"),
    Fault("flaky-errors-in-envelope", "valid-request-succeeds", Stage.REQUEST, _error("refused", every=12), "responds to one request in twelve with an error in the envelope", "每十二个请求中有一个在响应结果中返回错误"),
    Fault("server-error", "valid-request-succeeds", Stage.REQUEST, _error("server-error"), "responds 500 to every request", "对每个请求都返回 500"),
    Fault("flaky-errors", "valid-request-succeeds", Stage.REQUEST, _error("server-error", every=4), "responds 500 to one request in four", "每四个请求中有一个返回 500"),
    Fault("error-after-50", "valid-request-succeeds", Stage.REQUEST, after(50, _error("server-error")), "responds 500 from the 51st request on", "从第 51 个请求起返回 500"),
    _response_fault("redirect", "valid-request-succeeds", _empty_body(302, ("Location", "/elsewhere")), "redirects to another path", "重定向到其他路径"),
    _response_fault("status-201", "success-is-http-200", _status(201), "sends success responses with status 201", "成功响应的状态码为 201"),
    _response_fault("status-500-on-success", "success-is-http-200", _status(500), "sends success responses with status 500", "成功响应的状态码为 500"),
    Fault("body-required", "takes-no-parameters", Stage.REQUEST, _body_required, "rejects requests without a body", "拒绝没有请求体的请求"),
    Fault("body-rejected", "unused-body-is-ignored", Stage.REQUEST, _body_rejected, "rejects requests with a body", "拒绝带有请求体的请求"),
    _response_fault("content-type-html", "content-type-is-json", _content_type("text/html;charset=UTF-8"), "declares its JSON as text/html", "将 JSON 声明为 text/html"),
    _response_fault("content-type-missing", "content-type-is-json", _content_type(""), "sends no Content-Type", "不发送 Content-Type"),
    _response_fault("charset-gbk", "charset-is-utf-8", _content_type("application/json;charset=GBK"), "declares the charset GBK", "声明字符集为 GBK"),
    _response_fault("charset-missing", "charset-is-stated", _content_type("application/json"), "declares no charset", "不声明字符集"),
    _response_fault("gzip-false", "content-encoding-is-correct", _header("Content-Encoding", "gzip"), "declares an uncompressed body as gzip", "将未压缩的响应体声明为 gzip"),
    _response_fault("encoding-not-accepted", "content-encoding-is-correct", _header("Content-Encoding", "br"), "declares a content encoding that the client does not accept", "声明客户端不接受的内容编码"),
    _response_fault("bytes-after-gzip", "content-encoding-is-standard", _encoded("gzip", lambda b: gzip.compress(b, mtime=0) + b"\n"), "sends a byte after a gzip body", "在 gzip 响应体之后多发送一个字节"),
    _response_fault("deflate-without-zlib", "content-encoding-is-standard", _encoded("deflate", lambda b: zlib.compress(b)[2:-4]), "sends a deflate body without the zlib format", "发送不带 zlib 格式的 deflate 响应体"),
    _response_fault("body-not-utf-8", "body-is-utf-8", _body_bytes(lambda b: b[:-1] + b',"\xe9":0}'), "encodes a character in Latin-1", "将一个字符编码为 Latin-1"),
    _response_fault("byte-order-mark", "body-has-no-byte-order-mark", _body_bytes(lambda b: b"\xef\xbb\xbf" + b), "begins the body with a byte order mark", "响应体以字节顺序标记（BOM）开头"),
    _response_fault("trailing-comma", "body-is-json", _body_bytes(lambda b: b[:-1] + b",}"), "ends the JSON object with a trailing comma", "在 JSON 对象末尾多加一个逗号"),
    _response_fault("not-a-number", "body-is-json", _body_bytes(lambda b: b[:-1] + b',"extra":NaN}'), "sends NaN, which is not valid JSON", "发送 NaN，它不是有效的 JSON"),
    _response_fault("empty-body", "body-is-json", _body_bytes(lambda b: b""), "sends an empty body", "发送空的响应体"),
    _response_fault("body-cut", "body-is-json", _body_bytes(lambda b: b[: len(b) // 2]), "sends half of the JSON text", "只发送一半的 JSON 文本"),
    _response_fault("field-repeated", "names-are-unambiguous", _body_bytes(_repeat_first_name), "repeats a field with the same value", "以相同的值重复一个属性"),
    _response_fault("field-repeated-null", "names-are-unambiguous", _body_bytes(_null_first_name), "sends a field twice, null first", "将一个属性发送两次，第一次为 null"),
    _response_fault("name-repeated-otherwise", "names-are-unambiguous", _body_bytes(lambda b: b'{"extra":1,"extra":2,' + b[1:]), "repeats an undocumented name with another value", "以不同的值重复一个文档未规定的属性名", besides=("envelope-adds-nothing",)),
    _response_fault("name-repeated", "names-are-unique", _body_bytes(lambda b: b'{"extra":1,"extra":1,' + b[1:]), "repeats an undocumented name", "重复一个文档未规定的属性名", besides=("envelope-adds-nothing",)),
    Fault("credentials-required", "no-authentication-needed", Stage.SUCCESS, _empty_body(401, ("WWW-Authenticate", "Bearer")), "responds 401 and requires credentials", "返回 401，要求提供凭证"),
    Fault("source-ignored", "source-is-required", Stage.REQUEST, _source_ignored, "accepts requests without a source", "接受没有来源的请求"),
    _response_fault("cacheable", "answer-is-not-cacheable", _header("Cache-Control", "public, max-age=3600"), "declares responses cacheable for an hour", "声明响应可以缓存一小时"),
    _response_fault("slow-responses", "median-latency-is-low", _delay(1.5), "delays every response by 1.5 seconds", "每个响应延迟 1.5 秒"),
    Fault("405-without-allow", "405-names-the-methods", Stage.ERROR, _without_allow, "responds 405 without an Allow header", "返回 405 时不带 Allow 头"),
    Fault("error-as-plain-text", "error-uses-the-envelope", Stage.ERROR, _as_plain_text, "sends error responses as plain text", "以纯文本发送错误响应"),
    Fault("unknown-header-rejected", SCHEMA_CLAUSE, Stage.REQUEST, _unknown_header_error, "responds 500 to an unknown X- header", "遇到未知的 X- 请求头时返回 500"),
)
# fmt: on
