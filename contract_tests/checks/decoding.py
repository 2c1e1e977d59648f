"""From the bytes of a body to the content without its content coding, within limits."""

from __future__ import annotations

import zlib

from contract_tests import sanitize
from contract_tests.http.exchange import Exchange
from contract_tests.verdict import LimitExceeded, Violation

MAX_DECODED = 8 * 1024 * 1024
"""Maximum size in bytes of a body without its content coding."""
_PIECE_SIZE = 16 * 1024
MAX_MEMBERS = 20_000
"""Maximum number of members of a gzip file."""
_GZIP_MAGIC = b"\x1f\x8b"


def undo_content_coding(exchange: Exchange) -> bytes | Violation:
    """Return the body without its content coding (RFC 9110 §8.4), or the reason why it cannot be undone.

    Raises:
        LimitExceeded: The body has more than MAX_DECODED bytes or MAX_MEMBERS members of gzip.
    """
    coding = (exchange.header("content-encoding") or "identity").strip().lower()
    if coding in ("", "identity"):
        return exchange.body
    if coding not in ("gzip", "x-gzip", "deflate"):
        expected = "gzip, deflate or none, as the request accepts"
        return Violation("header Content-Encoding", expected, sanitize.quoted(coding))
    expected = f"a body in {coding}"
    # 32: zlib detects gzip and zlib by itself. RFC 9110 §8.4.1.2 notes that some servers send raw deflate.
    for window in (32 + zlib.MAX_WBITS, *((-zlib.MAX_WBITS,) if coding == "deflate" else ())):
        try:
            decoded, complete = inflate(exchange.body, window)
        except zlib.error:
            continue
        return decoded if complete else Violation("body", expected, f"a truncated {coding} stream")
    return Violation("body", expected, sanitize.body(exchange.body, 60))


def inflate(data: bytes, window: int) -> tuple[bytes, bool]:
    """Decompress data, all members of a gzip file (RFC 1952 §2.2) included; bytes after the last are ignored.

    Args:
        data: The compressed data.
        window: The `wbits` of `zlib.decompressobj`.

    Returns:
        The data, and False if the stream is truncated.

    Raises:
        zlib.error: The data is not valid.
        LimitExceeded: It has more than MAX_DECODED bytes or MAX_MEMBERS members.
    """
    decoded = bytearray()
    inflater = zlib.decompressobj(window)
    members = 1
    # In short pieces: zlib copies what follows a member.
    pieces = (data[at : at + _PIECE_SIZE] for at in range(0, len(data), _PIECE_SIZE))
    rest = b""
    for piece in pieces:
        rest += piece
        while rest and len(decoded) <= MAX_DECODED:
            if inflater.eof:
                rest = rest.lstrip(b"\0")
                if not _GZIP_MAGIC.startswith(rest[:2]):
                    return bytes(decoded), True
                if len(rest) < 2:
                    break
                if members == MAX_MEMBERS:
                    raise LimitExceeded(f"the body has more than {MAX_MEMBERS} members of gzip")
                inflater = zlib.decompressobj(window)
                members += 1
            decoded += inflater.decompress(rest, MAX_DECODED + 1 - len(decoded))
            rest = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
        if len(decoded) > MAX_DECODED:
            raise LimitExceeded(f"the body inflates to more than {MAX_DECODED} bytes")
    return bytes(decoded), inflater.eof
