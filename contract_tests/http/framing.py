"""The framing of a response: interim responses and Content-Length."""

from __future__ import annotations

import http.client

from contract_tests import sanitize
from contract_tests.http.exchange import TransportError, TransportErrorKind

_SWITCHING_PROTOCOLS = 101
_MAX_DIGITS = 18


class FinalResponse(http.client.HTTPResponse):
    """The final response: interim responses before it are passed over (RFC 9110 §15.2), whatever their status."""

    def begin(self) -> None:
        """Read the head of the final response."""
        super().begin()
        # No request asks to switch protocols, so 101 is a final response, and a wrong one.
        while 100 <= self.status < 200 and self.status != _SWITCHING_PROTOCOLS:
            # As http.client itself resets them, whose stub lacks None.
            self.headers = self.msg = None  # type: ignore[assignment]
            super().begin()
        if self.length is None and not self.chunked:
            lengths = _lengths(self.headers.get_all("content-length", []))
            # http.client does not know a list of equal lengths (RFC 9112 §6.3).
            self.length = next(iter(lengths)) if lengths and len(lengths) == 1 else None
        # urllib3 would log malformed headers, which may contain what the target was sent.
        self.headers.defects.clear()
        self.headers.set_payload("")


def length_error(values: list[str]) -> TransportError | None:
    """Return the error of the Content-Length fields of a response, None if they state at most one length."""
    lengths = _lengths(values)
    if lengths is not None and len(lengths) <= 1:
        return None
    stated = sanitize.quoted(", ".join(values), 60)
    return TransportError(TransportErrorKind.INCOMPLETE, f"the end is unknown: Content-Length is {stated}")


def _lengths(values: list[str]) -> set[int] | None:
    """Return the lengths that Content-Length fields state (RFC 9110 §8.6), None if one is malformed."""
    stated = [each.strip(" \t") for value in values for each in value.split(",")]
    if not all(each.isascii() and each.isdigit() and len(each.lstrip("0")) <= _MAX_DIGITS for each in stated):
        return None
    return {int(each) for each in stated}
