"""The chunks of a WebP (RFC 9649)."""

from __future__ import annotations

from contract_tests import sanitize
from contract_tests.message import Message
from contract_tests.pictures.structure import Structure
from contract_tests.verdict import Violation

_IMAGES = (b"VP8 ", b"VP8L", b"ANMF")


def parse(webp: bytes) -> Structure:
    """Follow the chunks of the RIFF container (§2.3)."""
    sizes: list[tuple[int, int]] = []
    end = 8 + int.from_bytes(webp[4:8], "little")
    if end != len(webp):
        return Structure(
            (), Violation("RIFF", Message("{} bytes in all, as stated", end), Message("{} bytes", len(webp)))
        )
    at, kinds = 12, []
    while at < end:
        kind, length = webp[at : at + 4], int.from_bytes(webp[at + 4 : at + 8], "little")
        data = webp[at + 8 : at + 8 + length]
        if len(data) < length or at + 8 > end:
            received = Message("{} byte(s) of {}", end - at, sanitize.quoted(kind.decode("latin-1")))
            return Structure(tuple(sizes), Violation(Message("byte {}", at), "a complete chunk", received))
        kinds.append(kind)
        size = _size(kind, data)
        if size is not None:
            sizes.append(size)
        at += 8 + length + length % 2
    if not any(kind in _IMAGES for kind in kinds) or not sizes:
        return Structure(
            tuple(sizes), Violation("RIFF", "a chunk with an image", Message("{} other chunk(s)", len(kinds)))
        )
    return Structure(tuple(sizes))


def _size(kind: bytes, data: bytes) -> tuple[int, int] | None:
    """The width and height in a chunk, None if it states none (§2.5 to §2.7; RFC 6386 §9.1)."""

    def number(start: int, length: int) -> int:
        return int.from_bytes(data[start : start + length], "little")

    if kind == b"VP8X" and len(data) >= 10:
        return 1 + number(4, 3), 1 + number(7, 3)
    if kind == b"VP8L" and data[:1] == b"\x2f" and len(data) >= 5:
        bits = number(1, 4)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and data[3:6] == b"\x9d\x01\x2a" and len(data) >= 10:
        return number(6, 2) & 0x3FFF, number(8, 2) & 0x3FFF
    return None
