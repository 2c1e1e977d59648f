"""From the bytes of a body to a JSON value, each step within a limit: content coding, then JSON."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import Any, NoReturn

from contract_tests import sanitize
from contract_tests.http.exchange import Exchange
from contract_tests.verdict import Violation

MAX_DECODED = 8 * 1024 * 1024
"""Maximum size in bytes of a body without its content coding."""
MAX_DEPTH = 100
"""Maximum nesting of JSON (RFC 8259 §9 allows a limit)."""
MAX_DIGITS = 1_000

MISSING: Any = object()
"""Stands for the JSON value of a body that is not JSON."""

_TOO_DEEP = f"JSON nested deeper than {MAX_DEPTH} levels"


@dataclass(frozen=True)
class ParsedJson:
    """A JSON value, or MISSING and the problem. `repeated_names` are names that an object has twice."""

    value: Any
    problem: str = ""
    repeated_names: tuple[str, ...] = ()


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
        inflater = zlib.decompressobj(window)
        try:
            decoded = inflater.decompress(exchange.body, MAX_DECODED + 1)
        except zlib.error:
            continue
        if len(decoded) > MAX_DECODED:
            return Violation("body", expected, "a body that inflates to more")
        if not inflater.eof:
            return Violation("body", expected, f"a truncated {coding} stream")
        return decoded
    return Violation("body", expected, sanitize.body(exchange.body, 60))


def parse_json(text: str) -> ParsedJson:
    """Parse a JSON text (RFC 8259). Never raises."""
    repeated: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            repeated.extend(sorted({name for name in found if names.count(name) > 1})[:3])
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
