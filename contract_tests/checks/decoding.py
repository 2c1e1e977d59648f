"""From the bytes of a body to a JSON value, each step within a limit: content coding, then JSON."""

from __future__ import annotations

import json
import sys
import zlib
from collections import Counter
from dataclasses import dataclass
from typing import Any, NoReturn

from contract_tests import sanitize
from contract_tests.http.exchange import Exchange
from contract_tests.verdict import Violation

MAX_DECODED = 8 * 1024 * 1024
"""Maximum size in bytes of a body without its content coding."""
MAX_DEPTH = 100
"""Maximum nesting of JSON (RFC 8259 §9 allows a limit)."""
MAX_VALUES = 250_000
"""Maximum number of values in a JSON text. Each takes up to a microsecond and 300 bytes."""
MAX_TEXT = 10 * 1024 * 1024
"""Maximum size in memory of a text, in bytes: one character outside the BMP makes a text four times as large."""
MAX_DIGITS = 1_000
MAX_REPEATED = 3
_PIECE_SIZE = 16 * 1024
MAX_MEMBERS = 20_000
"""Maximum number of members of a gzip file."""
_GZIP_MAGIC = b"\x1f\x8b"

MISSING: Any = object()
"""Stands for the JSON value of a body that is not JSON."""

_TOO_DEEP = f"JSON nested deeper than {MAX_DEPTH} levels"


@dataclass(frozen=True)
class ParsedJson:
    """A JSON value, or MISSING and the problem, or the limit that the text exceeds.

    `repeated_names` are names that an object has twice.
    """

    value: Any
    problem: str = ""
    repeated_names: tuple[str, ...] = ()
    limit: str = ""


def undo_content_coding(exchange: Exchange) -> bytes | Violation:
    """Return the body without its content coding (RFC 9110 §8.4), or the reason why it cannot be undone."""
    coding = (exchange.header("content-encoding") or "identity").strip().lower()
    if coding in ("", "identity"):
        return exchange.body
    if coding not in ("gzip", "x-gzip", "deflate"):
        expected = "gzip, deflate or none, as the request accepts"
        return Violation("header Content-Encoding", expected, sanitize.quoted(coding))
    expected = f"a body in {coding} of at most {MAX_DECODED} bytes"
    # 32: zlib detects gzip and zlib by itself. RFC 9110 §8.4.1.2 notes that some servers send raw deflate.
    for window in (32 + zlib.MAX_WBITS, *((-zlib.MAX_WBITS,) if coding == "deflate" else ())):
        try:
            decoded, complete = inflate(exchange.body, window)
        except zlib.error:
            continue
        if len(decoded) > MAX_DECODED:
            return Violation("body", expected, "a body that inflates to more")
        return decoded if complete else Violation("body", expected, f"a truncated {coding} stream")
    return Violation("body", expected, sanitize.body(exchange.body, 60))


def inflate(data: bytes, window: int) -> tuple[bytes, bool]:
    """Decompress data, all members of a gzip file (RFC 1952 §2.2) included; bytes after the last are ignored.

    Args:
        data: The compressed data.
        window: The `wbits` of `zlib.decompressobj`.

    Returns:
        The data, at most MAX_DECODED + 1 bytes of it, and False if the stream is truncated.

    Raises:
        zlib.error: The data is not valid.
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
                if not _GZIP_MAGIC.startswith(rest[:2]) or members == MAX_MEMBERS:
                    return bytes(decoded), members < MAX_MEMBERS
                if len(rest) < 2:
                    break
                inflater = zlib.decompressobj(window)
                members += 1
            decoded += inflater.decompress(rest, MAX_DECODED + 1 - len(decoded))
            rest = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
        if len(decoded) > MAX_DECODED:
            break
    return bytes(decoded), inflater.eof


def json_limit(text: str) -> str:
    """Return the limit that a JSON text exceeds, "" if it is within the limits.

    Values are counted by the characters between them, so that a text is not parsed to be counted.
    """
    if sys.getsizeof(text) > MAX_TEXT:
        return f"the text takes more than {MAX_TEXT} bytes of memory"
    values = text.count(",") + text.count("[") + text.count("{")
    return f"the JSON text has more than {MAX_VALUES} values" if values > MAX_VALUES else ""


def parse_json(text: str) -> ParsedJson:
    """Parse a JSON text (RFC 8259). Never raises."""
    repeated: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs) and len(repeated) < MAX_REPEATED:
            counted = Counter(name for name, _ in pairs)
            repeated.extend(sorted(name for name, count in counted.items() if count > 1)[:MAX_REPEATED])
        return found

    try:
        value = json.loads(text, parse_constant=_reject_constant, parse_int=_bounded_int, object_pairs_hook=unique)
    except RecursionError:
        return ParsedJson(MISSING, _TOO_DEEP)
    except ValueError as error:
        return ParsedJson(MISSING, sanitize.escape(str(error)), tuple(repeated))
    if _is_deeper_than(value, MAX_DEPTH):
        return ParsedJson(MISSING, _TOO_DEEP)
    return ParsedJson(value, repeated_names=tuple(repeated))


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def _bounded_int(digits: str) -> int:
    # JSON sets no limit; Python converts long numbers slowly or not at all. The first digits decide every check.
    return int(digits[:MAX_DIGITS])


def _is_deeper_than(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            child
            for node in level
            if isinstance(node, (dict, list))
            for child in (node.values() if isinstance(node, dict) else node)
        ]
        if not level:
            return False
    return any(isinstance(node, (dict, list)) for node in level)
