"""HTTP/1.1 messages as bytes (RFC 9112): the head, its line ends, and the end of the body."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from code_contract import FieldPath
from contract_tests import sanitize
from contract_tests.checks.registry import CheckRegistry
from contract_tests.checks.response import ParsedResponse
from contract_tests.checks.selectors import any_response
from contract_tests.http.exchange import TransportErrorKind
from contract_tests.message import Message, joined
from contract_tests.verdict import Violation

CHECKS = CheckRegistry()

SKIP_REASON = "needs the bytes of a response, which were not recorded"
MAX_SHOWN = 3
"""Violations of one clause that are reported for one head."""
SINGLETONS = frozenset(
    {
        "access-control-allow-origin",
        "age",
        "content-length",
        "content-location",
        "content-range",
        "content-type",
        "date",
        "etag",
        "expires",
        "last-modified",
        "location",
        "retry-after",
    }
)
"""Headers that have one value (RFC 9110, RFC 9111, Fetch), and on which the reading of a response depends."""

_STATUS_LINE = re.compile(rb"HTTP/1\.\d [1-5]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?")
_INTERIM = re.compile(rb"\S+[ \t]+1(?!01)\d\d\b")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_BARE_LF = re.compile(rb"(?<!\r)\n\Z")


class Wire(NamedTuple):
    """The lines of a response with their ends: of its heads, interim ones included, and around its chunks."""

    heads: tuple[tuple[bytes, ...], ...]
    chunks: tuple[bytes, ...]


def _with_lines(response: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    if response.status is not None and response.exchange.lines:
        yield response


def _wire(response: ParsedResponse, place: FieldPath | None) -> Iterator[Wire]:
    for each in _with_lines(response, place):
        yield each.cached("wire", lambda: _split(response.exchange.lines))


def _split(lines: bytes) -> Wire:
    found = iter(re.findall(rb"[^\n]*\n|[^\n]+\Z", lines))
    heads = list[tuple[bytes, ...]]()
    while not heads or _INTERIM.match(heads[-1][0]):
        head = list[bytes]()
        for line in found:
            head.append(line)
            if line in (b"\r\n", b"\n"):
                break
        if not head:
            break
        heads.append(tuple(head))
    return Wire(tuple(heads), tuple(found))


@CHECKS.per_response("head-is-valid-http", select=_wire, skip_reason=SKIP_REASON)
def valid_head(wire: Wire) -> Iterator[Violation]:
    for head in wire.heads:
        # A recording may lack the empty line.
        lines = [_without_end(line) for line in head if line.strip(b"\r\n")] or [b""]
        yield from islice(_head_violations(lines), MAX_SHOWN)


def _head_violations(lines: list[bytes]) -> Iterator[Violation]:
    if not _STATUS_LINE.fullmatch(lines[0]):
        expected = "HTTP/1.1, a status from 100 to 599, and a reason phrase, separated by single spaces"
        yield Violation("status line", expected, _quoted(lines[0]))
    for number, line in enumerate(lines[1:], 1):
        where = Message("header line {}", number)
        name, colon, value = line.partition(b":")
        if line[:1] in (b" ", b"\t"):
            yield Violation(where, "a header, on one line", Message("a folded line: {}", _quoted(line)))
        elif colon and name != name.rstrip(b" \t"):
            yield Violation(where, "a colon directly after the name of the header", _quoted(line))
        elif not colon or not _NAME.fullmatch(name):
            yield Violation(where, "a header: name, colon, value", _quoted(line))
        elif not _VALUE.fullmatch(value):
            yield Violation(where, "a value without control characters", _quoted(line))


@CHECKS.per_response("status-line-is-complete", select=_wire, skip_reason=SKIP_REASON)
def complete_status_line(wire: Wire) -> Iterator[Violation]:
    for line in (_without_end(head[0]) for head in wire.heads):
        if re.fullmatch(rb"HTTP/1\.\d \d{3}", line):
            yield Violation("status line", "a space after the status, even without a reason phrase", _quoted(line))


@CHECKS.per_response("line-ends-are-crlf", select=_wire, skip_reason=SKIP_REASON)
def line_ends(wire: Wire) -> Iterator[Violation]:
    parts = (("head", [line for head in wire.heads for line in head]), ("lines around chunks", wire.chunks))
    for where, lines in parts:
        bare = [line for line in lines if _BARE_LF.search(line)]
        if bare:
            yield Violation(
                where, "CRLF at the end of every line", Message("LF in {} of {} lines", len(bare), len(lines))
            )


@CHECKS.per_response("headers-are-not-repeated", select=any_response)
def repeated_headers(response: ParsedResponse) -> Iterator[Violation]:
    counted = Counter(name.lower() for name, _ in response.exchange.headers)
    if _has_several_lengths(response):
        # A matter of framing.
        del counted["content-length"]
    for name in sorted(SINGLETONS & {name for name, count in counted.items() if count > 1}):
        values = [value for key, value in response.exchange.headers if key.lower() == name]
        shown = joined("{} and {}", (sanitize.quoted(value, 40) for value in values[:MAX_SHOWN]))
        yield Violation(Message("header {}", name.title()), "one value", shown)


def _has_several_lengths(response: ParsedResponse) -> bool:
    """True if Content-Length states different lengths, or a list of lengths in one header."""
    stated = {value for name, value in response.exchange.headers if name.lower() == "content-length"}
    return len(stated) > 1 or any("," in value for value in stated)


@CHECKS.per_response("framing-is-valid", select=_with_lines, skip_reason=SKIP_REASON)
def valid_framing(response: ParsedResponse) -> Iterator[Violation]:
    exchange, error = response.exchange, response.exchange.error
    coding, length = exchange.header("transfer-encoding"), exchange.header("content-length")
    if coding is not None and length is not None:
        received = Message(
            "Content-Length {} and Transfer-Encoding {}", sanitize.quoted(length, 40), sanitize.quoted(coding, 40)
        )
        yield Violation("head", "one statement of the end of the body", received)
    elif coding is not None and coding.strip().lower() != "chunked":
        yield Violation(
            "header Transfer-Encoding", "chunked: the request accepts no other", sanitize.quoted(coding, 40)
        )
    elif coding is not None and exchange.http_version == "1.0":
        yield Violation("header Transfer-Encoding", "HTTP/1.1, which defines this header", "HTTP/1.0")
    elif _has_several_lengths(response) or (error is not None and error.kind is TransportErrorKind.LENGTH):
        yield Violation("header Content-Length", "one length, in decimal digits", sanitize.quoted(length or "", 60))
    elif error is not None and error.kind is TransportErrorKind.CHUNK:
        expected = "chunks, each after its size, and an empty line at the end"
        yield Violation("chunked body", expected, error.detail)


def _ended(response: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    """Select responses whose end arrived."""
    for each in _with_lines(response, place):
        error = each.exchange.error
        if error is None or error.kind is TransportErrorKind.EXCESS:
            yield each


@CHECKS.per_response(
    "nothing-follows-the-body", select=_ended, skip_reason="no body ended, or its bytes were not recorded"
)
def nothing_follows(response: ParsedResponse) -> Iterator[Violation]:
    error = response.exchange.error
    if error is not None:
        length = response.exchange.header("content-length")
        expected = "no bytes after the body"
        if length is not None:
            stated = sanitize.escape(length, 40)
            expected = Message("no bytes after the body, which is {} bytes long by Content-Length", stated)
        yield Violation("connection", expected, error.detail)


def _without_end(line: bytes) -> bytes:
    return line.removesuffix(b"\n").removesuffix(b"\r")


def _quoted(line: bytes) -> str:
    return sanitize.quoted(line.decode("latin-1"), 60)
