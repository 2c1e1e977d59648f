"""Correct and faulty heads, framing, codings and connections, each labelled with the section that it uses or breaks."""

from __future__ import annotations

import gzip
import itertools
import socket
import time
import zlib
from collections.abc import Callable

from tests.servers.wire import (
    CHUNKED,
    CLOSE,
    CRLF,
    HEAD,
    OK,
    TYPE,
    Answer,
    Call,
    Server,
    chunked,
    coded,
    envelope,
    sized,
)


def each(make: Callable[[bytes], bytes]) -> Answer:
    """The same kind of response to every request, made from a new body."""
    return lambda call: make(envelope())


def negotiated(coding: bytes, encode: Callable[[bytes], bytes]) -> Answer:
    """A response with content codings to a request that accepts them, else without."""

    def answer(call: Call) -> bytes:
        accepted, body = call.fields.get(b"accept-encoding", b""), envelope()
        accepts = all(each.strip() in accepted for each in coding.split(b","))
        return coded(coding, encode(body)) if accepts else sized(body)

    return answer


def on_reuse(make: Callable[[Call], bytes | None]) -> Answer:
    """A correct response to the first request over a connection, and another kind to further ones."""
    return lambda call: make(call) if call.index else sized(envelope())


def on_some_reuse(make: Callable[[Call], bytes | None]) -> Answer:
    """As on_reuse, for every second such request only."""
    numbers = itertools.count()
    return lambda call: make(call) if call.index and next(numbers) % 2 else sized(envelope())


def _closed_after_body(call: Call) -> bytes:
    """A response after which the connection is closed if the request has a body, which is not read."""
    has_body = b"content-length" in call.fields and call.fields[b"content-length"] != b"0"
    return sized(envelope(), HEAD + b"Connection: close\r\n") + CLOSE if has_body else sized(envelope())


def _late_final(call: Call) -> bytes:
    call.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    time.sleep(0.02)
    return sized(envelope())


def _slowly(call: Call) -> bytes:
    """A response in small pieces, which end in the middle of lines."""
    response = sized(envelope())
    for at in (5, 17, 18, 60):
        call.connection.sendall(response[:at])
        response = response[at:]
        time.sleep(0.002)
    return response


def _late_excess(call: Call) -> bytes:
    call.connection.sendall(sized(envelope()))
    time.sleep(0.01)
    return sized(envelope())


def _hang(call: Call) -> bytes | None:
    time.sleep(4)
    return None


class Shifted:
    """Responds to each request over a connection with the response to the one before it."""

    def __init__(self) -> None:
        self._kept: dict[socket.socket, bytes] = {}

    def __call__(self, call: Call) -> bytes:
        return sized(self._kept.setdefault(call.connection, envelope()))


CORRECT = {
    "interim responses": Server("RFC 9110 §15.2: one or more interim responses", each(lambda b: b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\nLink: </b>\r\n\r\n" + sized(b))),
    "102, then the response": Server("RFC 2518 §10.1: 102 Processing", each(lambda b: b"HTTP/1.1 102 Processing\r\n\r\n" + sized(b))),
    "chunk extensions": Server("RFC 9112 §7.1.1: a recipient ignores unknown extensions", each(lambda b: CHUNKED + b'%x;a;b=c;d="e f" ; g\r\n%b\r\n000;x\r\n\r\n' % (len(b), b))),
    "trailers": Server("RFC 9112 §7.1.2: trailer section", each(lambda b: CHUNKED + chunked(b) + b"0\r\nX-Sum: 1\r\nX-More: a b\r\n\r\n")),
    "chunk sizes in upper case, with zeros": Server("RFC 9112 §7.1: chunk-size = 1*HEXDIG", each(lambda b: CHUNKED + b"%06X\r\n%b\r\n0000\r\n\r\n" % (len(b), b))),
    "one byte a chunk": Server("RFC 9112 §7.1: any number of chunks", each(lambda b: CHUNKED + chunked(b, 1) + b"0\r\n\r\n")),
    "no reason phrase": Server("RFC 9112 §4: reason-phrase is optional, the space is not", each(lambda b: sized(b, b"HTTP/1.1 200 \r\n" + TYPE))),
    "reason phrase in UTF-8": Server("RFC 9112 §4: obs-text", each(lambda b: sized(b, "HTTP/1.1 200 成功\r\n".encode() + TYPE))),
    "no space after the colon, much after others": Server("RFC 9112 §5: OWS around the value", each(lambda b: sized(b, OK + b"X-A:1\r\nX-B: \t 2 \t\r\nX-Empty:\r\n" + TYPE))),
    "unusual names and values": Server("RFC 9110 §5.1, §5.5: tchar, obs-text", each(lambda b: sized(b, OK + b"!#$%&'*+.^_`|~-: \xe9\xff\x80\r\n" + TYPE))),
    "repeated lists": Server("RFC 9110 §5.3: list-based headers; RFC 6265 §3: Set-Cookie", each(lambda b: sized(b, HEAD + b"Vary: Origin\r\nVary: Accept\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\nCache-Control: no-cache\r\nCache-Control: no-store\r\nVia: 1.1 a\r\nVia: 1.1 b\r\n"))),
    "Connection: close": Server("RFC 9112 §9.6: the server closes", each(lambda b: sized(b, HEAD + b"Connection: close\r\n") + CLOSE)),
    "closed without notice": Server("RFC 9112 §9.5: a server may close at any time", each(lambda b: sized(b) + CLOSE)),
    "closed after two requests": Server("RFC 9112 §9.5", lambda call: sized(envelope()) + (CLOSE if call.index else b"")),
    "HTTP/1.0": Server("RFC 9112 §9.3: HTTP/1.0 without keep-alive", each(lambda b: b"HTTP/1.0 200 OK\r\n" + TYPE + CRLF + b + CLOSE)),
    "HTTP/1.0 with keep-alive": Server("RFC 9112 §9.3: HTTP/1.0 with keep-alive", each(lambda b: sized(b, b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + TYPE))),
    "close-delimited": Server("RFC 9112 §6.3: the connection ends the body", each(lambda b: HEAD + CRLF + b + CLOSE)),
    "Keep-Alive": Server("RFC 9112 §9.3: persistent by default", each(lambda b: sized(b, HEAD + b"Connection: keep-alive\r\nKeep-Alive: timeout=5, max=100\r\n"))),
    "the last of two responses says close": Server("RFC 9112 §9.6: the connection is closed after the last response", lambda call: sized(envelope(), HEAD + b"Connection: Close\r\n") + CLOSE if call.index else sized(envelope())),
    "closed instead of reading a body": Server("RFC 9112 §9.3: a server reads the body or closes the connection", _closed_after_body, reads_bodies=False),
    "reset at the second request": Server("RFC 9112 §9.5: a client repeats the request over a new connection", on_some_reuse(lambda call: None)),
    "interim response to the second request": Server("RFC 9110 §15.2", on_reuse(lambda call: b"HTTP/1.1 103 Early Hints\r\n\r\n" + sized(envelope()))),
    "20 interim responses": Server("RFC 9110 §15.2: any number of them", each(lambda b: b"HTTP/1.1 102 Processing\r\nX: y\r\n\r\n" * 20 + sized(b))),
    "a late final response": Server("RFC 9110 §15.2", _late_final),
    "length with zeros": Server("RFC 9110 §8.6: 1*DIGIT", each(lambda b: HEAD + b"Content-Length: 00%d\r\n\r\n" % len(b) + b)),
    "Chunked": Server("RFC 9112 §7: names of transfer codings are case-insensitive", each(lambda b: CHUNKED.replace(b"chunked", b"Chunked") + chunked(b) + b"0\r\n\r\n")),
    "announced trailer": Server("RFC 9110 §6.6.2: Trailer", each(lambda b: HEAD + b"Trailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b) + b"0\r\nX-Sum: 1\r\n\r\n")),
    "in pieces": Server("RFC 9293: TCP is a stream", _slowly),
    "gzip in members": Server("RFC 1952 §2.2: a gzip file is a series of members", each(lambda b: coded(b"gzip", gzip.compress(b[:50]) + gzip.compress(b[50:])))),
    "x-gzip": Server("RFC 9110 §8.4.1.3: x-gzip is gzip", each(lambda b: coded(b"x-GZIP", gzip.compress(b)))),
    "deflate": Server("RFC 9110 §8.4.1.2: zlib", negotiated(b"deflate", lambda b: zlib.compress(b))),
    "deflate, small window": Server("RFC 1950 §2.2: CINFO", negotiated(b"deflate", lambda b: (z := zlib.compressobj(wbits=9)).compress(b) + z.flush())),
    "two codings": Server("RFC 9110 §8.4: in the order applied", negotiated(b"deflate, gzip", lambda b: gzip.compress(zlib.compress(b)))),
}  # fmt: skip

FAULTY = {
    "folded header": Server("RFC 9112 §5.2: a sender MUST NOT generate a message that includes line folding", each(lambda b: sized(b, HEAD + b"X-A: b,\r\n\tc\r\n")), ("head-is-valid-http",)),
    "folded first line": Server("RFC 9112 §2.2: no whitespace between the start-line and the first header", each(lambda b: sized(b, OK + b" X: y\r\n" + TYPE)), ("head-is-valid-http",)),
    "space before a colon": Server("RFC 9112 §5.1: no whitespace between the field name and colon", each(lambda b: sized(b, OK + b"Content-Type : application/json;charset=UTF-8\r\n")), ("head-is-valid-http",)),
    "header without a colon": Server("RFC 9112 §5: field-line", each(lambda b: sized(b, OK + b"garbage\r\n" + TYPE)), ("head-is-valid-http",)),
    "name with a space": Server("RFC 9110 §5.1: field-name = token", each(lambda b: sized(b, OK + b"X Y: z\r\n" + TYPE)), ("head-is-valid-http",)),
    "no name": Server("RFC 9110 §5.1: field-name = token", each(lambda b: sized(b, OK + b": z\r\n" + TYPE)), ("head-is-valid-http",)),
    "NUL in a value": Server("RFC 9110 §5.5: CR, LF and NUL are invalid and dangerous", each(lambda b: sized(b, HEAD + b"X: a\0b\r\n")), ("head-is-valid-http",)),
    "bare CR": Server("RFC 9112 §2.2: a sender MUST NOT generate a bare CR", each(lambda b: sized(b, HEAD + b"X: a\rb\r\n")), ("head-is-valid-http",)),
    "status 700": Server("RFC 9110 §15: values outside 100..599 are invalid", each(lambda b: sized(b, b"HTTP/1.1 700 OK\r\n" + TYPE)), ("success-is-http-200", "head-is-valid-http")),
    "two spaces in the status line": Server("RFC 9112 §4: single SP", each(lambda b: sized(b, b"HTTP/1.1  200 OK\r\n" + TYPE)), ("head-is-valid-http",)),
    "http in lower case": Server("RFC 9112 §2.3: HTTP-name is case-sensitive", each(lambda b: sized(b, b"http/1.1 200 OK\r\n" + TYPE)), ("head-is-valid-http",)),
    "a tab in the status line": Server("RFC 9112 §4: single SP", each(lambda b: sized(b, b"HTTP/1.1\t200 OK\r\n" + TYPE)), ("head-is-valid-http",)),
    "NUL in the reason phrase": Server("RFC 9112 §4: reason-phrase", each(lambda b: sized(b, b"HTTP/1.1 200 O\0K\r\n" + TYPE)), ("head-is-valid-http",)),
    "status of two digits": Server("RFC 9112 §4: status-code = 3DIGIT", each(lambda b: sized(b, b"HTTP/1.1 20 OK\r\n" + TYPE)), ("answer-arrives",)),
    "status of four digits": Server("RFC 9112 §4: status-code = 3DIGIT", each(lambda b: sized(b, b"HTTP/1.1 2000 OK\r\n" + TYPE)), ("answer-arrives",)),
    "ICY": Server("RFC 9112 §4: HTTP-version", each(lambda b: sized(b, b"ICY 200 OK\r\n" + TYPE)), ("answer-arrives",)),
    "HTTP/2.0 in text": Server("RFC 9112 §2.3: the version of the message", each(lambda b: sized(b, b"HTTP/2.0 200 OK\r\n" + TYPE)), ("head-is-valid-http",)),
    "invalid interim response": Server("RFC 9112 §5.1", each(lambda b: b"HTTP/1.1 103 Early Hints\r\nLink : </a>\r\n\r\n" + sized(b)), ("head-is-valid-http",)),
    "status line without the last space": Server("RFC 9112 §4: a server MUST send the space", each(lambda b: sized(b, b"HTTP/1.1 200\r\n" + TYPE)), ("status-line-is-complete",)),
    "bare LF": Server("RFC 9112 §2.2: CRLF", each(lambda b: sized(b).replace(CRLF, b"\n")), ("line-ends-are-crlf",)),
    "bare LF once": Server("RFC 9112 §2.2: CRLF", each(lambda b: sized(b, OK + b"X: y\n" + TYPE)), ("line-ends-are-crlf",)),
    "bare LF around chunks": Server("RFC 9112 §7.1: CRLF", each(lambda b: CHUNKED + chunked(b).replace(CRLF, b"\n") + b"0\n\n"), ("line-ends-are-crlf",)),
    "two types": Server("RFC 9110 §5.3: MUST NOT generate multiple field lines", each(lambda b: sized(b, HEAD + b"Content-Type: text/html\r\n")), ("headers-are-not-repeated",)),
    "the same type twice": Server("RFC 9110 §5.3", each(lambda b: sized(b, HEAD + TYPE)), ("headers-are-not-repeated",)),
    "the same length twice": Server("RFC 9110 §8.6", each(lambda b: sized(b, HEAD + b"Content-Length: %d\r\n" % len(b))), ("headers-are-not-repeated",)),
    "a list of equal lengths": Server("RFC 9110 §8.6: 1*DIGIT; a recipient may accept it", each(lambda b: HEAD + b"Content-Length: %d, %d\r\n\r\n" % (len(b), len(b)) + b), ("framing-is-valid",)),
    "two dates": Server("RFC 9110 §5.3", each(lambda b: sized(b, HEAD + b"Date: Thu, 26 Nov 2026 06:00:00 GMT\r\nDate: Thu, 26 Nov 2026 06:00:01 GMT\r\n")), ("headers-are-not-repeated",)),
    "length and chunks": Server("RFC 9112 §6.2: MUST NOT send Content-Length with Transfer-Encoding", each(lambda b: HEAD + b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n" % len(b) + chunked(b) + b"0\r\n\r\n"), ("framing-is-valid",)),
    "length, chunks announced and not sent": Server("RFC 9112 §6.2", each(lambda b: sized(b, HEAD + b"Transfer-Encoding: chunked\r\n") + CLOSE), ("framing-is-valid",)),
    "two lengths": Server("RFC 9112 §6.3: an unrecoverable error", each(lambda b: sized(b, HEAD + b"Content-Length: 1\r\n")), ("framing-is-valid",)),
    "a list of lengths": Server("RFC 9112 §6.3: an unrecoverable error", each(lambda b: HEAD + b"Content-Length: 7, 8\r\n\r\n" + b + CLOSE), ("framing-is-valid",)),
    "an empty length": Server("RFC 9110 §8.6: 1*DIGIT", each(lambda b: HEAD + b"Content-Length:\r\n\r\n" + b + CLOSE), ("framing-is-valid",)),
    "a hexadecimal length": Server("RFC 9110 §8.6: 1*DIGIT", each(lambda b: HEAD + b"Content-Length: 0x%x\r\n\r\n" % len(b) + b + CLOSE), ("framing-is-valid",)),
    "a negative length": Server("RFC 9110 §8.6: 1*DIGIT", each(lambda b: HEAD + b"Content-Length: -1\r\n\r\n" + b + CLOSE), ("framing-is-valid",)),
    "transfer coding identity": Server("RFC 9112 §7: removed; §6.1", each(lambda b: HEAD + b"Transfer-Encoding: identity\r\n\r\n" + b + CLOSE), ("framing-is-valid",)),
    "transfer coding gzip": Server("RFC 9110 §10.1.4: only codings that TE names", each(lambda b: HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + chunked(gzip.compress(b)) + b"0\r\n\r\n"), ("framing-is-valid",)),
    "chunked in HTTP/1.0": Server("RFC 9112 §6.1: faulty framing", each(lambda b: CHUNKED.replace(b"1.1", b"1.0") + chunked(b) + b"0\r\n\r\n" + CLOSE), ("framing-is-valid",)),
    "chunk sizes in decimal": Server("RFC 9112 §7.1: chunk-size is hexadecimal", each(lambda b: CHUNKED + b"%d\r\n%b\r\n0\r\n\r\n" % (len(b), b) + CLOSE), ("answer-is-complete",)),
    "chunk sizes with 0x": Server("RFC 9112 §7.1: 1*HEXDIG", each(lambda b: CHUNKED + b"0x%x\r\n%b\r\n0\r\n\r\n" % (len(b), b)), ("framing-is-valid",)),
    "spaces after a chunk size": Server("RFC 9112 §7.1: chunk-size CRLF", each(lambda b: CHUNKED + b"%x  \r\n%b\r\n0\r\n\r\n" % (len(b), b)), ("framing-is-valid",)),
    "a negative chunk size": Server("RFC 9112 §7.1: 1*HEXDIG", each(lambda b: CHUNKED + b"-%x\r\n%b\r\n0\r\n\r\n" % (len(b), b)), ("framing-is-valid",)),
    "no chunk size": Server("RFC 9112 §7.1: 1*HEXDIG", each(lambda b: CHUNKED + b"\r\n%b\r\n0\r\n\r\n" % b), ("framing-is-valid",)),
    "a chunk that is shorter than its size": Server("RFC 9112 §7.1: chunk-data = 1*OCTET, as long as chunk-size", each(lambda b: CHUNKED + b"%x\r\n%b\r\n0\r\n\r\n" % (len(b) + 1, b)), ("framing-is-valid",)),
    "space before the colon of a trailer": Server("RFC 9112 §7.1.2: field-line", each(lambda b: CHUNKED + chunked(b) + b"0\r\nX-Sum : 1\r\n\r\n"), ("framing-is-valid",)),
    "not chunked": Server("RFC 9112 §7.1", each(lambda b: CHUNKED + b + CLOSE), ("framing-is-valid",)),
    "no line end after a chunk": Server("RFC 9112 §7.1: chunk-data CRLF", each(lambda b: CHUNKED + b"%x\r\n%b0\r\n\r\n" % (len(b), b)), ("framing-is-valid",)),
    "no empty line at the end": Server("RFC 9112 §7.1: chunked-body ends in CRLF", each(lambda b: CHUNKED + chunked(b) + b"0\r\n" + CLOSE), ("framing-is-valid",)),
    "no last chunk": Server("RFC 9112 §8: incomplete without the zero-sized chunk", each(lambda b: CHUNKED + chunked(b) + CLOSE), ("answer-is-complete",)),
    "length too large": Server("RFC 9112 §8: incomplete", each(lambda b: HEAD + b"Content-Length: %d\r\n\r\n" % (len(b) + 1) + b + CLOSE), ("answer-is-complete",)),
    "only interim responses": Server("RFC 9110 §15.2: before the final response", each(lambda b: b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + CLOSE), ("answer-arrives",)),
    "length in characters": Server("RFC 9110 §8.6: in octets", each(lambda b: HEAD + b"Content-Length: %d\r\n\r\n" % (len(b) - 4) + b), ("nothing-follows-the-body",)),
    "a line end after the body": Server("RFC 9112 §6.3", each(lambda b: sized(b) + CRLF), ("nothing-follows-the-body",)),
    "bytes after the last chunk": Server("RFC 9112 §7.1", each(lambda b: CHUNKED + chunked(b) + b"0\r\n\r\n0\r\n\r\n"), ("nothing-follows-the-body",)),
    "bodies are not read": Server("RFC 9112 §9.3: MUST read the entire request body or close", each(sized), ("connection-is-reusable",), reads_bodies=False),
    "second request hangs": Server("RFC 9112 §9.3", on_reuse(_hang), ("connection-is-reusable",)),
    "second response is cut": Server("RFC 9112 §9.3", on_reuse(lambda call: HEAD + b"Content-Length: 99\r\n\r\n{}" + CLOSE), ("connection-is-reusable",)),
    "no second response": Server("RFC 9112 §9.3", on_reuse(lambda call: None), ("connection-is-reusable",)),
    "second response is not HTTP": Server("RFC 9112 §9.2: one response to each request", on_reuse(lambda call: b"{}" + sized(envelope())), ("connection-is-reusable",)),
    "an error instead of the second response": Server("RFC 9112 §9.3", on_reuse(lambda call: sized(b"", b"HTTP/1.1 500 Failure\r\n")), ("connection-is-reusable",)),
    "third request hangs": Server("RFC 9112 §9.3", lambda call: _hang(call) if call.index > 1 else sized(envelope()), ("connection-is-reusable",)),
    "a line end after the second response": Server("RFC 9112 §9.2", on_reuse(lambda call: sized(envelope()) + CRLF), ("connection-is-reusable",)),
    "second response without its last chunk": Server("RFC 9112 §9.3", on_reuse(lambda call: CHUNKED + chunked(envelope()) + CLOSE), ("connection-is-reusable",)),
    "only an interim response to the second request": Server("RFC 9112 §9.3", on_reuse(lambda call: b"HTTP/1.1 102 Processing\r\n\r\n" + CLOSE), ("connection-is-reusable",)),
    "two responses to the second request": Server("RFC 9112 §9.2", on_reuse(lambda call: sized(envelope()) * 2), ("connection-is-reusable",)),
    "a late second response": Server("RFC 9112 §9.2", on_reuse(_late_excess), ("connection-is-reusable",)),
    "the response of an earlier request": Server("RFC 9112 §9.2", Shifted(), ("connection-is-reusable",)),
    "raw deflate": Server("RFC 9110 §8.4.1.2", negotiated(b"deflate", lambda b: zlib.compress(b)[2:-4]), ("content-encoding-is-standard",)),
    "identity": Server("RFC 9110 §8.4: identity SHOULD NOT be included", each(lambda b: coded(b"identity", b)), ("content-encoding-is-standard",)),
    "bytes after gzip": Server("RFC 1952 §2.2", each(lambda b: coded(b"gzip", gzip.compress(b) + CRLF)), ("content-encoding-is-standard",)),
    "bytes after deflate": Server("RFC 1950 §2.2", negotiated(b"deflate", lambda b: zlib.compress(b) + CRLF), ("content-encoding-is-standard",)),
    "gzip named deflate": Server("RFC 9110 §8.4.1.2", each(lambda b: coded(b"deflate", gzip.compress(b))), ("content-encoding-is-correct",)),
    "an unrequested coding": Server("RFC 9110 §12.5.3", each(lambda b: coded(b"br", b)), ("content-encoding-is-correct",)),
    "one coding of two": Server("RFC 9110 §8.4", each(lambda b: coded(b"gzip, gzip", gzip.compress(b))), ("content-encoding-is-correct",)),
}  # fmt: skip
