"""The steps from the bytes of a response to its JSON values, and the checks of the body."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest

from contract_tests.checks import decoding
from contract_tests.checks.decoding import MAX_DECODED, inflate
from contract_tests.checks.json_text import MAX_VALUES
from contract_tests.http.exchange import BodyCapture, Exchange, TransportError, TransportErrorKind
from contract_tests.verdict import LimitExceeded
from tests.contract_tests.test_checks import JSON_TYPE, SAMPLE, exchange, verdicts_on
from tests.contract_tests.test_operation_checks import UNRECORDED, Found, found

TYPE = "Content-Type"
CUT = TransportError(TransportErrorKind.INCOMPLETE, "only half")
BOM = b"\xef\xbb\xbf"
MANY = b"[" + b"0," * MAX_VALUES + b"0]"


@pytest.mark.parametrize(
    ("line", "kind", "charset", "stated"),
    [
        ("application/json;charset=UTF-8", True, True, True),
        (' Application/JSON ; q=1; Charset = "utf-8" ', True, True, True),
        ("application/json", True, True, False),
        ("application/json; charset", True, False, True),
        ("application/json; charset=GBK; charset=UTF-8", True, False, True),
        ("text/json; charset=UTF-8", False, True, True),
        ("text/json", False, True, True),
    ],
)
def test_the_content_type_line(line: str, kind: bool, charset: bool, stated: bool) -> None:
    """Media type and charset have no case; the first charset counts; one should be stated."""
    response, shown = exchange(SAMPLE, (TYPE, line)), f'"{line}"'
    where = "header Content-Type"
    assert found("content-type-is-json", response) == (1, [] if kind else [(where, "application/json", shown)])
    assert found("charset-is-utf-8", response) == (1, [] if charset else [(where, "charset=UTF-8, or none", shown)])
    assert found("charset-is-stated", response) == (1, [] if stated else [(where, "charset=UTF-8", shown)])


CHARSETS = ("content-type-is-json", "charset-is-utf-8", "charset-is-stated")
BODIES = ("body-is-utf-8", "body-has-no-byte-order-mark", "body-is-json", "names-are-unique")


@pytest.mark.parametrize(
    ("response", "checked"),
    [
        (exchange(), {*CHARSETS, "content-encoding-is-correct", *BODIES}),
        (exchange(status=500), {*CHARSETS, "content-encoding-is-correct", *BODIES}),
        (exchange(b"no", status=500), set()),
        (exchange(b"no", status=299), {*CHARSETS, "content-encoding-is-correct", *BODIES[:3]}),
        (exchange(b"no", status=300), set()),
        (exchange(b"no", status=199), set()),
        (exchange(b"no", error=CUT), set()),
        (exchange(b"\xff"), {*CHARSETS, "content-encoding-is-correct", *BODIES[:2]}),
        (exchange(b"no", JSON_TYPE, ("Content-Encoding", "gzip")), {*CHARSETS, "content-encoding-is-correct"}),
        (exchange(**UNRECORDED), set(CHARSETS)),
        (exchange(held=BodyCapture.BYTES), {*CHARSETS, *BODIES}),
        (exchange(held=BodyCapture.TEXT), {*CHARSETS, *BODIES[2:]}),
        (exchange(MANY), {*CHARSETS, "content-encoding-is-correct", *BODIES[:2]}),
    ],
)
def test_checks_of_the_body_apply_as_far_as_it_can_be_read(response: Exchange, checked: set[str]) -> None:
    """Parts that were not received, not recorded or not decoded are not checked."""
    clauses = (*CHARSETS, "content-encoding-is-correct", *BODIES)
    verdicts = verdicts_on(response)
    assert {clause for clause in clauses if verdicts[clause].checked} == checked


@pytest.mark.parametrize(
    ("clause", "body", "violation"),
    [
        ("body-is-utf-8", b'{"a":"\xe9bcdef"}', ("body, byte 6", "UTF-8", "not UTF-8: e9 62 63 64")),
        ("body-is-utf-8", b"ab\xff", ("body, byte 2", "UTF-8", "not UTF-8: ff")),
        (
            "body-has-no-byte-order-mark",
            BOM + b"{}",
            ("body, byte 0", "the first byte of the JSON text", "the byte order mark ef bb bf"),
        ),
        ("body-is-json", b"", ("body", "a JSON text", "no text: an empty body")),
        ("body-is-json", b"no", ("body", "a JSON text", "no JSON value (line 1, column 1): no")),
        ("body-is-json", b"-Infinity", ("body", "a JSON text", "-Infinity is not a JSON value: -Infinity")),
        (
            "names-are-unambiguous",
            b'{"b":{"a":1,"a":2}}',
            ("$.b", "each name once in an object", '"a" repeated with different values'),
        ),
        (
            "names-are-unique",
            b'{"a\x1b":1,"a\x1b":1}'.replace(b"\x1b", rb"\u001b"),
            ("$", "each name once in an object", '"a\\x1b" repeated with the same value'),
        ),
    ],
)
def test_a_defect_of_the_body_is_shown(clause: str, body: bytes, violation: tuple[str, str, str]) -> None:
    """The place in the body, and an excerpt of it."""
    assert found(clause, exchange(body)) == (1, [violation])


def test_a_repeated_field_is_found_by_its_path() -> None:
    """A documented field is ambiguous even with equal values; a field of that name elsewhere is not."""
    uuid = json.dumps(SAMPLE["data"]["uuid"])
    body = json.dumps(SAMPLE).replace('"data": {', f'"data": {{"uuid": {uuid}, ')
    violation = ("$.data", "each name once in an object", '"uuid" repeated with the same value')
    assert found("names-are-unambiguous", exchange(body.encode())) == (1, [violation])
    body = json.dumps(SAMPLE).replace("{", '{"uuid": 1, "uuid": 1, ', 1)
    assert found("names-are-unambiguous", exchange(body.encode())) == (1, [])


def coded(body: bytes, coding: str) -> Found:
    return found("content-encoding-is-correct", exchange(body, JSON_TYPE, ("Content-Encoding", coding)))


def test_a_defect_of_the_content_coding_is_shown() -> None:
    """An unknown coding, and a truncated or invalid stream; one that inflates to more than the limit is not checked."""
    header, expected = "header Content-Encoding", "a body in deflate"
    assert coded(b"x", "BR") == (1, [(header, "a coding that the request accepts: gzip, deflate", '"BR"')])
    assert coded(b"x", " identity ") == (1, [])
    assert coded(b"\xff" * 9, "deflate") == (1, [("body", expected, "9 bytes beginning " + "ff " * 8 + "ff")])
    assert coded(zlib.compress(b"xyz")[:-1], "deflate") == (1, [("body", expected, "a truncated deflate stream")])
    assert coded(zlib.compress(b"xyz")[2:-4], "deflate") == (1, [])
    assert coded(zlib.compress(b"xyz")[2:-4], "gzip")[1] != []
    assert coded(zlib.compress(bytes(MAX_DECODED)), "deflate") == (1, [])
    assert coded(zlib.compress(bytes(MAX_DECODED + 1)), "deflate") == (0, [])


GZIP = 16 + zlib.MAX_WBITS
# Without a time: the names of the tests are the same in every process.
ONE, TWO = gzip.compress(b"one", mtime=0), gzip.compress(b"two", mtime=0)


@pytest.mark.parametrize(
    ("data", "result"),
    [
        (ONE, (b"one", True, b"")),
        (ONE + TWO, (b"onetwo", True, b"")),
        (ONE[:-1], (b"one", False, b"")),
        (ONE + TWO[:-1], (b"onetwo", False, b"")),
        (ONE + bytes(9) + TWO + bytes(9), (b"onetwo", True, b"")),
        (ONE + b"left over", (b"one", True, b"left over")),
        (ONE + TWO[:1] + b"left over", (b"one", True, TWO[:1] + b"left over")),
        (b"", (b"", False, b"")),
    ],
)
def test_members_of_a_gzip_file_are_joined(data: bytes, result: tuple[bytes, bool, bytes]) -> None:
    """Zeros between members are padding; other bytes after a member are no part of the file."""
    assert inflate(data, GZIP) == result


@pytest.mark.parametrize("piece", [1, 2, 3, 7, len(ONE), len(ONE) + 1])
def test_members_are_joined_wherever_the_data_is_cut(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pieces in which the data is passed to zlib do not change the result."""
    monkeypatch.setattr(decoding, "_PIECE_SIZE", piece)
    assert inflate(ONE + bytes(5) + TWO + b"\0", GZIP) == (b"onetwo", True, b"")
    with pytest.raises(zlib.error):
        inflate(ONE + b"\x1f\x8bno member", GZIP)


def test_the_number_of_members_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of more members than the limit is not read to its end."""
    monkeypatch.setattr(decoding, "MAX_MEMBERS", 3)
    assert inflate(ONE * 2, GZIP) == (b"one" * 2, True, b"")
    assert inflate(ONE * 3, GZIP) == (b"one" * 3, True, b"")
    with pytest.raises(LimitExceeded, match="more than 3 members"):
        inflate(ONE * 4, GZIP)
