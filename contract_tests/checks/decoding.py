"""From the bytes of a body to the content without its content codings, within limits."""

from __future__ import annotations

import re
import zlib
from typing import NamedTuple

from contract_tests import sanitize
from contract_tests.http.exchange import ACCEPT_ENCODING, Exchange
from contract_tests.message import Message
from contract_tests.verdict import LimitExceeded, Violation

MAX_DECODED = 8 * 1024 * 1024
"""Maximum size in bytes of a body without its content coding."""
_PIECE_SIZE = 16 * 1024
MAX_MEMBERS = 20_000
"""Maximum number of members of a gzip file."""
MAX_CODINGS = 4
"""Maximum number of content codings of one body."""
_GZIP_MAGIC = b"\x1f\x8b"
_EXCERPT = 40
_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
# RFC 9110 §8.4.1.2 notes that some servers send raw deflate, without the zlib format.
_WINDOWS = {"gzip": (_GZIP,), "x-gzip": (_GZIP,), "deflate": (_ZLIB, _RAW)}


class Inflated(NamedTuple):
    """Decompressed data.

    Attributes:
        data: The data.
        complete: False if the stream is truncated.
        excess: The beginning of what follows the stream.
    """

    data: bytes
    complete: bool
    excess: bytes = b""


class Content(NamedTuple):
    """A body without its content codings, and what in them recipients commonly accept although it is not standard."""

    data: bytes
    deviations: tuple[Violation, ...] = ()


def undo_content_coding(exchange: Exchange) -> Content | Violation:
    """Return the body without its content codings (RFC 9110 §8.4), or the reason why they cannot be undone.

    Raises:
        LimitExceeded: The body has more than MAX_DECODED bytes, MAX_MEMBERS members of gzip or MAX_CODINGS codings.
    """
    content = Content(exchange.body)
    stated = [each.strip().lower() for each in (exchange.header("content-encoding") or "").split(",")]
    codings = [each for each in stated if each]
    if "identity" in codings:
        deviation = Violation("header Content-Encoding", "no header for a body without a coding", "identity")
        content = Content(exchange.body, (deviation,))
    codings = [each for each in codings if each != "identity"]
    if len(codings) > MAX_CODINGS:
        raise LimitExceeded(Message("the body has more than {} content codings", MAX_CODINGS))
    accepted = next((v for n, v in exchange.request.headers if n.lower() == "accept-encoding"), ACCEPT_ENCODING)
    for coding in reversed(codings):
        if coding not in _WINDOWS or (exchange.is_live and not _accepts(accepted, coding)):
            expected = Message(
                "a coding that the request accepts: {}", sanitize.escape(accepted, 60) or Message("none")
            )
            received = sanitize.quoted(exchange.header("content-encoding") or "", 60)
            return Violation("header Content-Encoding", expected, received)
        decoded = _decoded(content.data, coding)
        if isinstance(decoded, Violation):
            return decoded
        content = Content(decoded.data, content.deviations + decoded.deviations)
    return content


def _accepts(accepted: str, coding: str) -> bool:
    """True if Accept-Encoding allows a coding (RFC 9110 §12.5.3)."""
    weights = dict[str, bool]()
    for each in accepted.lower().split(","):
        name, _, weight = each.partition(";")
        weights[name.strip().removeprefix("x-")] = not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", weight)
    return weights.get(coding.removeprefix("x-"), weights.get("*", False))


def _decoded(body: bytes, coding: str) -> Content | Violation:
    expected = Message("a body in {}", coding)
    deviations: tuple[Violation, ...] = ()
    for window in _WINDOWS[coding]:
        try:
            data, complete, excess = inflate(body, window)
        except zlib.error:
            continue
        if not complete:
            return Violation("body", expected, Message("a truncated {} stream", coding))
        if window == _RAW:
            deviations += (Violation("body", "deflate in the zlib format (RFC 1950)", "raw deflate (RFC 1951)"),)
        if excess:
            received = Message("after its end: {}", sanitize.body(excess, 40))
            deviations += (Violation("body", Message("{} and nothing else", expected), received),)
        return Content(data, deviations)
    return Violation("body", expected, sanitize.body(body, 60))


def inflate(data: bytes, window: int) -> Inflated:
    """Decompress data, all members of a gzip file (RFC 1952 §2.2) included. Zeros after a member are padding.

    Args:
        data: The compressed data.
        window: The `wbits` of `zlib.decompressobj`.

    Raises:
        zlib.error: The data is not valid.
        LimitExceeded: It has more than MAX_DECODED bytes or MAX_MEMBERS members.
    """
    decoded = bytearray()
    inflater = zlib.decompressobj(window)
    members = 1
    is_gzip = window > zlib.MAX_WBITS
    # In short pieces: zlib copies what follows a member.
    pieces = (data[at : at + _PIECE_SIZE] for at in range(0, len(data), _PIECE_SIZE))
    rest = b""
    for piece in pieces:
        rest += piece
        while rest and len(decoded) <= MAX_DECODED:
            if inflater.eof:
                rest = rest.lstrip(b"\0") if is_gzip else rest
                if rest and not (is_gzip and _GZIP_MAGIC.startswith(rest[:2])):
                    return Inflated(bytes(decoded), True, rest[:_EXCERPT])
                if len(rest) < 2:
                    break
                if members == MAX_MEMBERS:
                    raise LimitExceeded(Message("the body has more than {} members of gzip", MAX_MEMBERS))
                inflater = zlib.decompressobj(window)
                members += 1
            decoded += inflater.decompress(rest, MAX_DECODED + 1 - len(decoded))
            rest = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
        if len(decoded) > MAX_DECODED:
            raise LimitExceeded(Message("the body inflates to more than {} bytes", MAX_DECODED))
    return Inflated(bytes(decoded), inflater.eof, rest[:_EXCERPT] if inflater.eof else b"")
