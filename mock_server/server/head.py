"""Reads the head of a request by the grammar of RFC 9112, in the same way for every parser of uvicorn.

The parsers differ: h11 accepts bare line feeds and folded lines, httptools two Host headers, and an upgrade makes
httptools drop the body. The head is read here; a parser gets an equivalent head that leaves it no choice.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import unquote

from mock_server.reasons import Reason, ReasonError

MAX_HEADER_BYTES = 64 * 1024
"""Bytes of a request line and its headers, and of the trailers of a body."""
MAX_HEADERS = 256
_MAX_LENGTH = 10**15
"""The highest Content-Length that is passed on; every one above the limit of a body has the same effect."""

_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}) ([\x21-\x7e]+) HTTP/(\d)\.(\d)")
# Control characters, bare CR and LF (§2.2), and folded lines (§5.2).
_INVALID = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n|\n[ \t]")
_INVALID_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_HOST = re.compile(rb"(?:[A-Za-z0-9._~%-]*|\[[0-9A-Fa-f:.]+\])(?::\d{0,5})?")
_ABSOLUTE = re.compile(rb"https?://([^/?#]+)([^#]*)", re.IGNORECASE)

RawHeaders = tuple[tuple[bytes, bytes], ...]


class RequestError(ReasonError):
    """Bytes that are not a request that can be served.

    Attributes:
        status: The status of the response.
    """

    def __init__(self, reason: Reason, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(reason)
        self.status = status


class Head(NamedTuple):
    """The head of a request.

    Attributes:
        method: The method, case-sensitive.
        path: The decoded path; "*" for the server as a whole (RFC 9112 §3.2.4).
        raw_path: The path as it was sent.
        query_string: The query as it was sent.
        headers: The headers, names in lower case. Host is that of an absolute target (§3.2.2).
        length: The length of the body in bytes, or None if it is chunked.
        closes: True if the connection is closed after the response (§6.1, §9.3).
        parser_input: An equivalent head for the parser: the framing (§6) and the persistence (§9.3) of this request.
    """

    method: str
    path: str
    raw_path: bytes
    query_string: bytes
    headers: RawHeaders
    length: int | None
    closes: bool
    parser_input: bytes


def read_head(raw: bytes) -> Head:
    """Read the head of a request, without the empty line at its end.

    Raises:
        RequestError: It is not valid, or not supported.
    """
    invalid = _INVALID.search(raw)
    if invalid is not None:
        raise RequestError(Reason("invalid-byte", value=repr(invalid[0]), position=invalid.start()))
    first, *lines = raw.split(b"\r\n")
    found = _REQUEST_LINE.fullmatch(first)
    if found is None:
        raise RequestError(Reason("invalid-request-line"))
    if found[3] != b"1":
        raise RequestError(Reason("http-version"), HTTPStatus.HTTP_VERSION_NOT_SUPPORTED)
    if len(lines) > MAX_HEADERS:
        raise too_large(Reason("too-many-headers", limit=MAX_HEADERS))
    headers = [read_header(line) for line in lines]
    method, is_1_0 = found[1].decode(), found[4] == b"0"
    if method != method.upper():
        # Methods are case-sensitive (RFC 9110 §9.1).
        raise RequestError(Reason("unknown-method", value=repr(method[:32])), HTTPStatus.NOT_IMPLEMENTED)
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) > 1 or not (hosts or is_1_0) or not all(map(_HOST.fullmatch, hosts)):
        raise RequestError(Reason("invalid-host"))
    raw_path, query_string, authority = _split_target(method, found[2])
    if authority is not None:
        headers = [(b"host", authority), *(pair for pair in headers if pair[0] != b"host")]
    length, headers, is_ambiguous = _body_length(headers)
    connection = b",".join(value for name, value in headers if name == b"connection").lower().split(b",")
    closes = is_1_0 or is_ambiguous or b"close" in [each.strip() for each in connection]
    expects = not is_1_0 and (b"expect", b"100-continue") in [(name, value.lower()) for name, value in headers]
    parser_input = b"".join(
        (
            b"HEAD" if method == "HEAD" else b"POST",
            b" / HTTP/1.0\r\n" if is_1_0 else b" / HTTP/1.1\r\nHost: x\r\n",
            b"Connection: close\r\n" if closes else b"",
            b"Expect: 100-continue\r\n" if expects else b"",
            b"Transfer-Encoding: chunked\r\n" if length is None else b"Content-Length: %d\r\n" % length,
            b"\r\n",
        )
    )
    path = unquote(raw_path.decode("ascii"))
    return Head(method, path, raw_path, query_string, tuple(headers), length, closes, parser_input)


def read_header(line: bytes) -> tuple[bytes, bytes]:
    """Return the name in lower case and the value of a header or trailer. Raises RequestError if it is invalid."""
    name, colon, value = line.partition(b":")
    if not colon or not _NAME.fullmatch(name) or _INVALID_VALUE.search(value):
        raise RequestError(Reason("invalid-header", value=repr(line[:40])))
    return name.lower(), value.strip(b" \t")


def _split_target(method: str, target: bytes) -> tuple[bytes, bytes, bytes | None]:
    """Path, query and authority of a request target (§3.2); no authority unless the target is absolute."""
    if target == b"*" and method == "OPTIONS":
        return target, b"", None
    authority = None
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute is not None and _HOST.fullmatch(absolute[1]) and not absolute[1].startswith(b":"):
        authority, target = absolute[1], absolute[2]
        if not target.startswith(b"/"):
            target = b"*" if method == "OPTIONS" and not target else b"/" + target
    elif not target.startswith(b"/") or b"#" in target:
        raise RequestError(Reason("invalid-target", value=repr(target[:40])))
    path, _, query = target.partition(b"?")
    return path, query, authority


def _body_length(headers: list[tuple[bytes, bytes]]) -> tuple[int | None, list[tuple[bytes, bytes]], bool]:
    """The length of the body (§6.3; None if chunked), the headers without contradictions, True if there were any."""
    codings = [value for name, value in headers if name == b"transfer-encoding"]
    lengths = [value for name, value in headers if name == b"content-length"]
    if codings:
        names = [each.strip().lower() for each in b",".join(codings).split(b",")]
        if names[-1] != b"chunked" or names.count(b"chunked") > 1:
            raise RequestError(Reason("last-coding"))
        if len(names) > 1:
            raise RequestError(Reason("unknown-coding"), HTTPStatus.NOT_IMPLEMENTED)
        # Transfer-Encoding overrides Content-Length; the connection is closed (§6.1).
        return None, [pair for pair in headers if pair[0] != b"content-length"], bool(lengths)
    if not lengths:
        return 0, headers, False
    values = {each.strip() for each in b",".join(lengths).split(b",")}
    if len(values) > 1 or not all(value.isdigit() for value in values):
        raise RequestError(Reason("invalid-length"))
    digits = values.pop().lstrip(b"0") or b"0"
    length = min(int(digits[:16]), _MAX_LENGTH)
    if len(lengths) > 1 or lengths[0] != digits or length == _MAX_LENGTH:
        headers = [pair for pair in headers if pair[0] != b"content-length"] + [(b"content-length", b"%d" % length)]
    return length, headers, False


def too_large(reason: Reason) -> RequestError:
    """Return the error of a head or of trailers above a limit."""
    return RequestError(reason, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
