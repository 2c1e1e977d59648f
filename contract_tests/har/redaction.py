"""Redaction of a body in a recording.

A recording is checked again, so the body must stay as valid, or as invalid, as it was.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from contract_tests.checks.decoding import MAX_DECODED
from contract_tests.http.exchange import Exchange
from contract_tests.redaction import Redactor

_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS


def redact_body(exchange: Exchange, redactor: Redactor) -> bytes:
    """Return the body as received, without secrets; a compressed body is compressed again, and stays incomplete."""
    for window in _windows(exchange):
        inflater = zlib.decompressobj(window)
        try:
            plain = inflater.decompress(exchange.body, MAX_DECODED + 1)
        except zlib.error:
            continue
        if (redacted := redactor.raw(plain)) != plain:
            deflater = zlib.compressobj(wbits=window)
            compressed = deflater.compress(redacted) + deflater.flush()
            return compressed + redactor.raw(inflater.unused_data) if inflater.eof else compressed[:-8]
    return redactor.raw(exchange.body)


def _windows(exchange: Exchange) -> Iterator[int]:
    """Yield the formats of zlib that the body may have, which its header may not name."""
    if exchange.body[:2] == b"\x1f\x8b":
        yield _GZIP
    elif (exchange.header("content-encoding") or "").strip().lower() == "deflate":
        yield from (_ZLIB, _RAW)
