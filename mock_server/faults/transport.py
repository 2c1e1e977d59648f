"""Faults of the transport: connections, heads and framing (RFC 9112)."""

from __future__ import annotations

import re
from collections.abc import Callable

from mock_server.faults.model import Effect, Fault, RequestContext, Stage
from mock_server.response import ConnectionFault, MessageFault, ResponseDraft, TransportFault

_LENGTH = re.compile(rb"(?i)content-length: *(\d+)\r\n")
_EXCESS = 9


def _broken_by(fault: TransportFault) -> Effect:
    def effect(context: RequestContext, draft: ResponseDraft) -> None:
        draft.connection_fault = fault

    return effect


def _truncate_body(context: RequestContext, draft: ResponseDraft) -> None:
    """Announces more than it sends; the server then closes the connection (RFC 9112 §8)."""
    body = draft.body_bytes()
    draft.headers.append(("Content-Length", str(len(body))))
    draft.body = body[: len(body) // 2]


def _repeat_content_type(context: RequestContext, draft: ResponseDraft) -> None:
    draft.headers.append(("Content-Type", "text/html;charset=UTF-8"))


def _chunked(message: bytes, *chunks: bytes) -> bytes:
    """The message with these bytes as its chunked body."""
    head = _LENGTH.sub(b"Transfer-Encoding: chunked\r\n", message.partition(b"\r\n\r\n")[0] + b"\r\n")
    return head + b"\r\n" + b"".join(chunks)


def _chunk(message: bytes, added: int = 0) -> bytes:
    """The body of the message as a chunk, with a wrong size if `added` is not 0."""
    body = message.partition(b"\r\n\r\n")[2]
    return b"%x\r\n%b\r\n" % (len(body) + added, body)


def _in_head(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda message: message.replace(old, new, 1)


def _with_bare_line_feeds(message: bytes) -> bytes:
    head, _, body = message.partition(b"\r\n\r\n")
    return head.replace(b"\r\n", b"\n") + b"\n\n" + body


def _with_short_length(message: bytes) -> bytes:
    return _LENGTH.sub(lambda found: b"Content-Length: %d\r\n" % (int(found[1]) - _EXCESS), message, count=1)


_CUTS = {
    ConnectionFault.RESET: ("answer-arrives", "resets the connection in place of a response", "不返回响应，直接重置连接"),
    ConnectionFault.EMPTY: ("answer-arrives", "closes the connection without a response", "不返回响应，直接关闭连接"),
    ConnectionFault.DRIBBLE: ("answer-is-complete", "sends a byte a second and never ends", "每秒只发送一个字节，永不结束"),
    ConnectionFault.REUSED: ("connection-is-reusable", "closes a connection at the second request over it, without a response", "在同一连接的第二个请求时关闭连接，不返回响应"),
}  # fmt: skip

_MESSAGES: dict[str, tuple[str, Callable[[bytes], bytes], str, str]] = {
    "interim-response-only": ("answer-arrives", lambda m: b"HTTP/1.1 102 Processing\r\n\r\n", "sends an interim response and no final one", "只发送中间响应（1xx），不发送最终响应"),
    "last-chunk-missing": ("answer-is-complete", lambda m: _chunked(m, _chunk(m)), "sends a chunked body without its last chunk", "发送分块响应体，但缺少最后一个分块"),
    "chunk-size-wrong": ("framing-is-valid", lambda m: _chunked(m, _chunk(m, -1), b"0\r\n\r\n"), "sends a chunk that is longer than its size", "发送的分块比其声明的大小更长"),
    "length-and-chunks": ("framing-is-valid", lambda m: _chunked(m, _chunk(m), b"0\r\n\r\n").replace(b"\r\n", b"\r\nContent-Length: 1\r\n", 1), "sends Content-Length and Transfer-Encoding", "同时发送 Content-Length 和 Transfer-Encoding"),
    "lengths-differ": ("framing-is-valid", _in_head(b"\r\n", b"\r\nContent-Length: 1\r\n"), "sends two different Content-Lengths", "发送两个不同的 Content-Length"),
    "length-too-small": ("nothing-follows-the-body", _with_short_length, f"states a Content-Length that is {_EXCESS} bytes too small", f"声明的 Content-Length 少 {_EXCESS} 个字节"),
    "header-folded": ("head-is-valid-http", _in_head(b"\r\n", b"\r\nX-Folded: one,\r\n two\r\n"), "sends a header on two lines", "将一个响应头折成两行发送"),
    "space-before-colon": ("head-is-valid-http", _in_head(b"\r\n", b"\r\nX-Spaced : x\r\n"), "sends a space before the colon of a header", "在响应头的冒号前发送空格"),
    "status-line-short": ("status-line-is-complete", lambda m: re.sub(rb"(\d{3})[^\r]*", rb"\1", m, count=1), "sends no space after the status code", "状态码之后不发送空格"),
    "bare-line-feeds": ("line-ends-are-crlf", _with_bare_line_feeds, "ends the lines of the head with LF", "头部各行只以 LF 结束"),
}  # fmt: skip

BREAKING_FAULTS = frozenset((*(each.value for each in _CUTS if each is not ConnectionFault.REUSED), *_MESSAGES))
"""Faults that end the connection of any request. A browser repeats a request if a reused connection ends."""

# fmt: off
FAULTS = (
    *(Fault(each.value, breaks, Stage.SUCCESS, _broken_by(each), text, zh) for each, (breaks, text, zh) in _CUTS.items()),
    *(Fault(name, breaks, Stage.SUCCESS, _broken_by(MessageFault(name, change)), text, zh) for name, (breaks, change, text, zh) in _MESSAGES.items()),
    Fault("truncated", "answer-is-complete", Stage.SUCCESS, _truncate_body, "closes the connection in the middle of the body", "在响应体中途关闭连接"),
    Fault("content-type-repeated", "headers-are-not-repeated", Stage.SUCCESS, _repeat_content_type, "sends a second Content-Type", "发送第二个 Content-Type"),
)
# fmt: on
