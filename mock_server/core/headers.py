"""The response headers by which the mock explains a response."""

from __future__ import annotations

from collections.abc import Iterable

from code_contract.text import escape_unprintable
from mock_server.reasons import Reason
from mock_server.response import Headers

REASON_HEADER, WARNING_HEADER, APPLIED_HEADER = "X-Mock-Reason", "X-Mock-Warning", "Preference-Applied"
REASON_CODE_HEADER = "X-Mock-Reason-Code"
ANSWER_HEADER = "X-Mock-Answer"
"""The answer to the captcha in the response, if the client asks for it."""
_MAX_VALUE = 500
_MAX_CODES = 16
"""Codes of one response that are sent: 500 characters."""


def escaped_header(name: str, value: str) -> tuple[str, str]:
    """Return a header whose value may contain input: all but printable ASCII escaped, and truncated.

    A value neither begins nor ends with a space (RFC 9110 §5.5): h11 refuses to send it.
    """
    return name, escape_unprintable(value).encode("ascii", "backslashreplace").decode()[:_MAX_VALUE].strip()


def reason_headers(*parts: Reason) -> Headers:
    """Return the headers with the sentences and with the codes of reasons."""
    codes = ", ".join([each.code for each in parts[:_MAX_CODES]])
    return escaped_header(REASON_HEADER, "; ".join(parts)), (REASON_CODE_HEADER, codes)


def add_missing(headers: list[tuple[str, str]], further: Iterable[tuple[str, str]]) -> None:
    """Add the headers whose names are not there yet, such as those beside the challenge of a 401."""
    sent = {name.lower() for name, _ in headers}
    headers += [each for each in further if each[0].lower() not in sent]
