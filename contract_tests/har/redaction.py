"""Redaction of a body in a recording.

A recording is checked again, so the body must stay as valid, or as invalid, as it was.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from contract_tests.checks.decoding import inflate
from contract_tests.http.exchange import Exchange
from contract_tests.redaction import Redactor
from contract_tests.verdict import LimitExceeded

MAX_BODY = 256 * 1024
"""Bytes of the largest body that is searched for secrets; a larger one is left out of the recording of such a run."""

_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS


def redact_body(exchange: Exchange, redactor: Redactor) -> bytes:
    """Return the body as received, without secrets; a compressed body is compressed again, and stays incomplete."""
    if not redactor.is_active:
        return exchange.body
    for window in _windows(exchange):
        try:
            plain, complete, excess = inflate(exchange.body, window)
        except zlib.error:
            continue
        except LimitExceeded:
            return b""
        if len(plain) > MAX_BODY:
            return b""
        if (redacted := redactor.raw(plain)) != plain:
            deflater = zlib.compressobj(wbits=window)
            compressed = deflater.compress(redacted) + deflater.flush()
            return compressed + (b"\1" if excess else b"") if complete else compressed[:-8]
    return redactor.raw(exchange.body) if len(exchange.body) <= MAX_BODY else b""


def _windows(exchange: Exchange) -> Iterator[int]:
    """Yield the formats of zlib that the body may have, which its header may not name."""
    if exchange.body[:2] == b"\x1f\x8b":
        yield _GZIP
    elif (exchange.header("content-encoding") or "").strip().lower() == "deflate":
        yield from (_ZLIB, _RAW)
