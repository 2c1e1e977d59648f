"""The body: content type, content coding, encoding, JSON."""

from __future__ import annotations

from collections.abc import Iterator

from code_contract import FieldPath
from contract_tests import sanitize
from contract_tests.checks.json_text import MISSING, RepeatedName
from contract_tests.checks.registry import CheckRegistry
from contract_tests.checks.response import ParsedResponse
from contract_tests.http.exchange import BodyCapture
from contract_tests.message import Message
from contract_tests.verdict import Violation

CHECKS = CheckRegistry()

CONTENT_TYPE = "header Content-Type"


def _with_documented_type(response: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    values = sum(name.lower() == "content-type" for name, _ in response.exchange.headers)
    # Repeated ones violate a clause about headers.
    if response.is_api_response and response.operation.content_type and values < 2:
        yield response


def _documented(response: ParsedResponse) -> tuple[str, str]:
    """Media type and charset of the document's content type line."""
    essence, _, parameter = (response.operation.content_type or "").partition(";")
    return essence.strip().lower(), parameter.partition("=")[2].strip()


def _received(response: ParsedResponse) -> str:
    value = response.exchange.header("content-type")
    return "no such header" if value is None else sanitize.quoted(value)


@CHECKS.per_response("content-type-is-json", select=_with_documented_type)
def content_type(response: ParsedResponse) -> Iterator[Violation]:
    expected = _documented(response)[0]
    if response.media_type[0] != expected:
        yield Violation(CONTENT_TYPE, expected, _received(response))


@CHECKS.per_response("charset-is-utf-8", select=_with_documented_type)
def charset(response: ParsedResponse) -> Iterator[Violation]:
    expected, stated = _documented(response)[1], response.media_type[1]
    if stated is not None and stated.lower() != expected.lower():
        yield Violation(CONTENT_TYPE, Message("charset={}, or none", expected), _received(response))


@CHECKS.per_response("charset-is-stated", select=_with_documented_type)
def charset_stated(response: ParsedResponse) -> Iterator[Violation]:
    if response.media_type[1] is None and response.media_type[0] == _documented(response)[0]:
        yield Violation(CONTENT_TYPE, f"charset={_documented(response)[1]}", _received(response))


def _coded(response: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    decided = response.body is not None or response.coding_problem is not None
    if response.is_api_response and decided and response.exchange.held is BodyCapture.WIRE:
        yield response


@CHECKS.per_response("content-encoding-is-correct", select=_coded)
def coding(response: ParsedResponse) -> Iterator[Violation]:
    if response.coding_problem is not None:
        yield response.coding_problem


def _standard_coded(response: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    for each in _coded(response, place):
        if each.coding_problem is None:
            yield each


@CHECKS.per_response("content-encoding-is-standard", select=_standard_coded)
def standard_coding(response: ParsedResponse) -> Iterator[Violation]:
    yield from response.coding_deviations


def _bytes(response: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    is_known = response.body is not None and response.exchange.held is not BodyCapture.TEXT
    if response.is_api_response and response.expects_json and is_known:
        yield response


def _text(response: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    if response.is_api_response and response.expects_json and response.text is not None and not response.limit:
        yield response


def _json(response: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedResponse]:
    if response.is_api_response and response.value is not MISSING:
        yield response


@CHECKS.per_response("body-is-utf-8", select=_bytes)
def utf_8(response: ParsedResponse) -> Iterator[Violation]:
    body = response.body or b""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        excerpt = body[error.start : error.start + 4].hex(" ")
        yield Violation(Message("body, byte {}", error.start), "UTF-8", Message("not UTF-8: {}", excerpt))


@CHECKS.per_response("body-has-no-byte-order-mark", select=_bytes)
def no_byte_order_mark(response: ParsedResponse) -> Iterator[Violation]:
    if (response.body or b"").startswith(b"\xef\xbb\xbf"):
        yield Violation("body, byte 0", "the first byte of the JSON text", "the byte order mark ef bb bf")


@CHECKS.per_response("body-is-json", select=_text)
def is_json(response: ParsedResponse) -> Iterator[Violation]:
    if response.value is MISSING:
        excerpt = sanitize.body((response.text or "").encode("utf-8"))
        yield Violation("body", "a JSON text", Message("{}: {}", response.json_problem, excerpt))


def _is_ambiguous(response: ParsedResponse, repeated: RepeatedName) -> bool:
    """True if parsers disagree on the value (RFC 8259 §4), or the name is that of a documented field."""
    documented = response.operation.documented(response.status)
    return repeated.differs or documented.documents((*repeated.place, repeated.name))


def _repeated(repeated: RepeatedName) -> Violation:
    where = sanitize.escape(".".join(("$", *repeated.place)), 80)
    values = "with different values" if repeated.differs else "with the same value"
    return Violation(
        where, "each name once in an object", Message("{} repeated {}", sanitize.quoted(repeated.name, 40), values)
    )


@CHECKS.per_response("names-are-unambiguous", select=_json)
def unambiguous_names(response: ParsedResponse) -> Iterator[Violation]:
    yield from (_repeated(each) for each in response.repeated_names if _is_ambiguous(response, each))


@CHECKS.per_response("names-are-unique", select=_json)
def unique_names(response: ParsedResponse) -> Iterator[Violation]:
    yield from (_repeated(each) for each in response.repeated_names if not _is_ambiguous(response, each))
