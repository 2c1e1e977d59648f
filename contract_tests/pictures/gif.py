"""The blocks of a GIF (GIF89a)."""

from __future__ import annotations

import struct

from contract_tests.message import Message
from contract_tests.pictures.png import bytes_received
from contract_tests.pictures.structure import Structure
from contract_tests.verdict import Violation

_IMAGE, _EXTENSION, _TRAILER = 0x2C, 0x21, 0x3B
_CONTROL = b"\xf9"
"""Label of the graphic control extension (§23), for whose other sizes browsers refuse a GIF."""


def parse(gif: bytes) -> Structure:
    """Follow the blocks from the logical screen (§18) to the trailer (§27)."""
    if len(gif) < 13:
        return Structure((), Violation("logical screen", "13 bytes", bytes_received(len(gif))))
    sizes = [struct.unpack_from("<HH", gif, 6)]
    at = 13 + _table(gif[10])

    def broken(place: int, expected: str, received: str) -> Structure:
        return Structure(tuple(sizes), Violation(Message("byte {}", place), expected, received))

    while at < len(gif):
        kind, start = gif[at], at
        if kind == _TRAILER:
            if len(sizes) == 1:
                return broken(at, "an image before the trailer", "none")
            trailing = len(gif) - at - 1
            return (
                broken(at + 1, "nothing after the trailer", Message("{} byte(s)", trailing))
                if trailing
                else Structure(tuple(sizes))
            )
        if kind == _IMAGE and at + 11 <= len(gif):
            left, top, width, height, flags = struct.unpack_from("<HHHHB", gif, at + 1)
            # An empty image is reported as it is; another one extends the screen of decoders.
            sizes.append((width and left + width, height and top + height))
            at += 11 + _table(flags)
            if at <= len(gif) and not 2 <= gif[at - 1] <= 8:
                return broken(at - 1, "a code size of 2 to 8 bits", str(gif[at - 1]))
        elif kind == _EXTENSION:
            if gif[at + 1 : at + 2] == _CONTROL and gif[at + 2 : at + 3] not in (b"", b"\4"):
                return broken(at + 2, "4 bytes of a graphic control", Message("{} bytes", gif[at + 2]))
            at += 2
        else:
            received = f"{kind:02x}" if kind != _IMAGE else Message("{} byte(s) of an image descriptor", len(gif) - at)
            return broken(at, "an image, an extension or the trailer", received)
        while at < len(gif) and gif[at]:  # data sub-blocks (§15)
            at += 1 + gif[at]
        at += 1
        if at > len(gif):
            return broken(start, "a complete block", Message("{} byte(s)", len(gif) - start))
    return broken(len(gif), "the trailer 3b", "the end of the file")


def _table(flags: int) -> int:
    """The size in bytes of the colour table that the flags announce (§19, §21)."""
    return 3 * 2 ** (1 + (flags & 7)) if flags & 0x80 else 0
