"""The body: its content type line, its coding, its encoding, its JSON."""

from __future__ import annotations

from collections.abc import Iterator

from code_contract import FieldPath
from contract_tests import sanitize as showing
from contract_tests.checks.registry import CheckRegistry
from contract_tests.checks.response import MISSING, ParsedResponse
from contract_tests.http.exchange import BodyCapture
from contract_tests.verdict import Violation

JUDGES = CheckRegistry()

CONTENT_TYPE = "header Content-Type"


def _documented(reading: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    if reading.is_api_response and reading.operation.content_type:
        yield reading


def _line(reading: ParsedResponse) -> tuple[str, str]:
    """Media type and charset of the document's content type line."""
    essence, _, parameter = (reading.operation.content_type or "").partition(";")
    return essence.strip().lower(), parameter.partition("=")[2].strip()


def _received(reading: ParsedResponse) -> str:
    value = reading.exchange.header("content-type")
    return "no such header" if value is None else showing.quoted(value)


@JUDGES.each("content-type-is-json", subject=_documented)
def content_type(reading: ParsedResponse) -> Iterator[Violation]:
    wanted = _line(reading)[0]
    if reading.media_type[0] != wanted:
        yield Violation(CONTENT_TYPE, wanted, _received(reading))


@JUDGES.each("charset-is-utf-8", subject=_documented)
def charset(reading: ParsedResponse) -> Iterator[Violation]:
    wanted, given = _line(reading)[1], reading.media_type[1]
    if given is not None and given.lower() != wanted.lower():
        yield Violation(CONTENT_TYPE, f"charset={wanted}, or none", _received(reading))


@JUDGES.each("charset-is-stated", subject=_documented)
def charset_stated(reading: ParsedResponse) -> Iterator[Violation]:
    if reading.media_type[1] is None and reading.media_type[0] == _line(reading)[0]:
        yield Violation(CONTENT_TYPE, f"charset={_line(reading)[1]}", _received(reading))


def _coded(reading: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    if reading.is_api_response and reading.exchange.held is BodyCapture.WIRE:
        yield reading


@JUDGES.each("content-encoding-is-correct", subject=_coded)
def coding(reading: ParsedResponse) -> Iterator[Violation]:
    if reading.coding_problem is not None:
        yield reading.coding_problem


def _bytes(reading: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    if reading.is_api_response and reading.body is not None and reading.exchange.held is not BodyCapture.TEXT:
        yield reading


def _text(reading: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    if reading.is_api_response and reading.text is not None:
        yield reading


def _json(reading: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    if reading.is_api_response and reading.value is not MISSING:
        yield reading


@JUDGES.each("body-is-utf-8", subject=_bytes)
def utf_8(reading: ParsedResponse) -> Iterator[Violation]:
    body = reading.body or b""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        around = body[error.start : error.start + 8].hex(" ")
        yield Violation(f"body, byte {error.start}", "UTF-8", f"{error.reason}: {around}")


@JUDGES.each("body-has-no-byte-order-mark", subject=_bytes)
def no_mark(reading: ParsedResponse) -> Iterator[Violation]:
    if (reading.body or b"").startswith(b"\xef\xbb\xbf"):
        yield Violation("body, byte 0", "the JSON text at once", "the byte order mark ef bb bf")


@JUDGES.each("body-is-json", subject=_text)
def is_json(reading: ParsedResponse) -> Iterator[Violation]:
    if reading.value is MISSING:
        said = showing.body((reading.text or "").encode("utf-8"))
        yield Violation("body", "a JSON text", f"{reading.json_problem}: {said}")


@JUDGES.each("names-are-unique", subject=_json)
def unique_names(reading: ParsedResponse) -> Iterator[Violation]:
    for name in reading.repeated_names[:3]:
        yield Violation("body", "each name once in an object", f"{showing.quoted(name, 40)} again")
