"""Checks of heads, of the framing and of reused connections, on exchanges made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.checks.framing import MAX_SHOWN
from contract_tests.http.exchange import Exchange, TransportError, TransportErrorKind
from tests.contract_tests.test_checks import SAMPLE, exchange
from tests.contract_tests.test_operation_checks import found

OK = b"HTTP/1.1 200 OK\r\n"
CRLF = b"\r\n"
WORDS = "HTTP/1.1, a status from 100 to 599, and a reason phrase, separated by single spaces"
LINE = "a header, on one line"
COLON = "a colon directly after the name of the header"
FIELD = "a header: name, colon, value"
VALUE = "a value without control characters"


def wire(lines: bytes, **changes: Any) -> Exchange:
    return exchange(lines=lines, **changes)


@pytest.mark.parametrize(
    ("head", "violations"),
    [
        (OK + b"A: b\r\nC-!#9:\r\nD:\te \xff\r\n\r\n", []),
        (b"HTTP/1.0 599 \r\n\r\n", []),
        (b"HTTP/1.1 100\r\n\r\n", []),
        (b"HTTP/1.1 200  OK \t\x80\r\n\r\n", []),
        *(
            (line + b"\r\n\r\n", [("status line", WORDS, f'"{line.decode()}"')])
            for line in (
                b"HTTP/1.1  200 OK",
                b"HTTP/1.1 600 OK",
                b"HTTP/1.1 099 OK",
                b"HTTP/2 200 OK",
                b"http/1.1 200 OK",
            )
        ),
        (b"HTTP/1.1 200 \x01\r\n\r\n", [("status line", WORDS, '"HTTP/1.1 200 \\x01"')]),
        (OK + b"A: b\r\n c\r\n\r\n", [("header line 2", LINE, 'a folded line: " c"')]),
        (OK + b"A: b\r\n\tc\r\n\r\n", [("header line 2", LINE, 'a folded line: "\\tc"')]),
        (OK + b"A : b\r\n\r\n", [("header line 1", COLON, '"A : b"')]),
        (OK + b"A\t: b\r\n\r\n", [("header line 1", COLON, '"A\\t: b"')]),
        (OK + b"A b\r\n\r\n", [("header line 1", FIELD, '"A b"')]),
        (OK + b": b\r\n\r\n", [("header line 1", FIELD, '": b"')]),
        (OK + b"A B: c\r\n\r\n", [("header line 1", FIELD, '"A B: c"')]),
        (OK + b"A: b\0c\r\n\r\n", [("header line 1", VALUE, '"A: b\\x00c"')]),
        (OK + b"A: \x7f\r\n\r\n", [("header line 1", VALUE, '"A: \\x7f"')]),
        (OK + b"A: b\rc\r\n\r\n", [("header line 1", VALUE, '"A: b\\rc"')]),
        (OK + b"a\r\n" * 5 + b"\r\n", [(f"header line {n}", FIELD, '"a"') for n in range(1, MAX_SHOWN + 1)]),
        (
            b"HTTP/1.1 103 Early\r\nA\r\n\r\n" + OK + b"B\r\n\r\n",
            [("header line 1", FIELD, '"A"'), ("header line 1", FIELD, '"B"')],
        ),
        (b"HTTP/1.1 101 Switch\r\n\r\nno head\r\n\r\n", []),
        (b"HTTP/1.1 100 Continue\r\n\r\n", []),
        (OK + b"A: b", []),
        (b"HTTP/1.1 200\nA: b\n\n", []),
        (b"\r\n", [("status line", WORDS, '""')]),
    ],
)
def test_a_head_is_valid(head: bytes, violations: list[tuple[str, str, str]]) -> None:
    """RFC 9112 §4 and §5; interim heads are checked too; the first violations of each head are reported."""
    assert found("head-is-valid-http", wire(head)) == (1, violations)


@pytest.mark.parametrize(
    "clause", ["head-is-valid-http", "status-line-is-complete", "line-ends-are-crlf", "framing-is-valid"]
)
def test_without_its_bytes_a_head_is_not_checked(clause: str) -> None:
    """A recording has no bytes; a response that did not arrive has no head."""
    assert found(clause, exchange()) == (0, [])
    assert found(clause, wire(OK, status=None, error=TransportError(TransportErrorKind.RESET, "x"))) == (0, [])
    assert found(clause, wire(OK + b"\r\n"))[0] == 1


def test_a_status_line_is_complete() -> None:
    """The space before an empty reason phrase is required (RFC 9112 §4)."""
    words = ("status line", "a space after the status, even without a reason phrase")
    assert found("status-line-is-complete", wire(b"HTTP/1.1 200 \r\n\r\n")) == (1, [])
    assert found("status-line-is-complete", wire(b"HTTP/1.1 200\r\n\r\n")) == (1, [(*words, '"HTTP/1.1 200"')])
    assert found("status-line-is-complete", wire(b"HTTP/1.1 103\n\n" + OK + b"\n")) == (1, [(*words, '"HTTP/1.1 103"')])
    assert found("status-line-is-complete", wire(b"HTTP/1.1 2000\r\n\r\n")) == (1, [])


def test_line_ends() -> None:
    """Those of the head, and those around chunks, are counted."""
    words = "CRLF at the end of every line"
    assert found("line-ends-are-crlf", wire(OK + b"A: b\r\n\r\n5\r\n\r\n0\r\n\r\n")) == (1, [])
    assert found("line-ends-are-crlf", wire(OK + b"A: b\n\r\n5\r\n")) == (1, [("head", words, "LF in 1 of 3 lines")])
    bare = [("head", words, "LF in 2 of 2 lines"), ("lines around chunks", words, "LF in 1 of 2 lines")]
    assert found("line-ends-are-crlf", wire(b"HTTP/1.1 200 OK\n\n5\n\r\n")) == (1, bare)
    assert found("line-ends-are-crlf", wire(OK + b"A")) == (1, [])


@pytest.mark.parametrize(
    "name",
    [
        *("access-control-allow-origin", "age", "content-location", "content-range", "content-type", "date"),
        *("etag", "expires", "last-modified", "location", "retry-after"),
    ],
)
def test_a_header_of_one_value_is_not_repeated(name: str) -> None:
    """With equal values, too; other headers are lists."""
    headers = [(name.upper(), "a"), (name, "b" * 50), (name, "c"), (name, "d"), ("Vary", "x"), ("Vary", "y")]
    shown = f'"a" and "{"b" * 40}… (50 characters)" and "c"'
    assert found("headers-are-not-repeated", exchange(SAMPLE, *headers)) == (
        1,
        [(f"header {name.title()}", "one value", shown)],
    )
    assert found("headers-are-not-repeated", exchange(SAMPLE, *headers[1:2], *headers[4:])) == (1, [])


def test_a_repeated_length_is_reported_if_it_is_the_same() -> None:
    """Different lengths, and lists of them, are a matter of framing."""
    for values, is_repeated in (
        (["5", "5"], True),
        (["5, 5"], False),
        (["5", "6"], False),
        (["5,6"], False),
        (["5"], False),
    ):
        response = exchange(SAMPLE, *(("Content-Length", each) for each in values))
        assert bool(found("headers-are-not-repeated", response)[1]) is is_repeated, values


def failed(kind: TransportErrorKind, detail: str = "why") -> TransportError:
    return TransportError(kind, detail)


@pytest.mark.parametrize(
    ("headers", "changes", "violation"),
    [
        ([("Content-Length", "5")], {}, None),
        ([("Transfer-Encoding", " Chunked ")], {"http_version": "1.1"}, None),
        ([("X", "y")], {"error": failed(TransportErrorKind.INCOMPLETE)}, None),
        (
            [("Transfer-Encoding", "chunked"), ("Content-Length", "5")],
            {},
            ("head", "one statement of the end of the body", 'Content-Length "5" and Transfer-Encoding "chunked"'),
        ),
        (
            [("Transfer-Encoding", "gzip, chunked")],
            {},
            ("header Transfer-Encoding", "chunked: the request accepts no other", '"gzip, chunked"'),
        ),
        (
            [("Transfer-Encoding", "chunked")],
            {"http_version": "1.0"},
            ("header Transfer-Encoding", "HTTP/1.1, which defines this header", "HTTP/1.0"),
        ),
        (
            [("Content-Length", "-5")],
            {"error": failed(TransportErrorKind.LENGTH)},
            ("header Content-Length", "one length, in decimal digits", '"-5"'),
        ),
        (
            [("X", "y")],
            {"error": failed(TransportErrorKind.LENGTH)},
            ("header Content-Length", "one length, in decimal digits", '""'),
        ),
        (
            [("Transfer-Encoding", "chunked")],
            {"error": failed(TransportErrorKind.CHUNK)},
            ("chunked body", "chunks, each after its size, and an empty line at the end", "why"),
        ),
    ],
)
def test_the_framing(
    headers: list[tuple[str, str]], changes: dict[str, Any], violation: tuple[str, str, str] | None
) -> None:
    """RFC 9112 §6: one statement of the end of the body, which can be understood."""
    assert found("framing-is-valid", wire(OK, **changes, headers=tuple(headers))) == (
        1,
        [violation] if violation else [],
    )


def test_bytes_after_the_body() -> None:
    """They are reported with the stated length; a body that did not end has nothing after it."""
    excess = failed(TransportErrorKind.EXCESS)
    clause, where, expected = "nothing-follows-the-body", "connection", "no bytes after the body"
    length = (("Content-Length", "5"),)
    stated = (where, f"{expected}, which is 5 bytes long by Content-Length", "why")
    assert found(clause, wire(OK, error=excess, headers=length)) == (1, [stated])
    assert found(clause, wire(OK, error=excess)) == (1, [(where, expected, "why")])
    assert found(clause, wire(OK)) == (1, [])
    assert found(clause, wire(OK, error=failed(TransportErrorKind.INCOMPLETE))) == (0, [])
    assert found(clause, exchange(error=excess)) == (0, [])
