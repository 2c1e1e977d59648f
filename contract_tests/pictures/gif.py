"""The blocks of a GIF (GIF89a)."""

from __future__ import annotations

import struct

from contract_tests.pictures.structure import Structure
from contract_tests.verdict import Violation

_IMAGE, _EXTENSION, _TRAILER = 0x2C, 0x21, 0x3B


def parse(gif: bytes) -> Structure:
    """Follow the blocks from the logical screen (§18) to the trailer (§27)."""
    if len(gif) < 13:
        return Structure((), Violation("logical screen", "13 bytes", f"{len(gif)} of them"))
    sizes = [struct.unpack_from("<HH", gif, 6)]
    at = 13 + _table(gif[10])
    while at < len(gif):
        kind, start = gif[at], at
        if kind == _TRAILER:
            trailing = len(gif) - at - 1
            if len(sizes) == 1:
                return Structure(tuple(sizes), Violation(f"byte {at}", "an image before the trailer", "none"))
            wrong = (
                Violation(f"byte {at + 1}", "nothing after the trailer", f"{trailing} byte(s)") if trailing else None
            )
            return Structure(tuple(sizes), wrong)
        if kind == _IMAGE and at + 11 <= len(gif):
            left, top, width, height, flags = struct.unpack_from("<HHHHB", gif, at + 1)
            # An empty image is reported as it is; another one extends the screen of decoders.
            sizes.append((width and left + width, height and top + height))
            at += 11 + _table(flags)
        elif kind == _EXTENSION:
            at += 2
        else:
            received = f"{kind:02x}" if kind != _IMAGE else f"{len(gif) - at} byte(s) of an image descriptor"
            return Structure(tuple(sizes), Violation(f"byte {at}", "an image, an extension or the trailer", received))
        while at < len(gif) and gif[at]:  # data sub-blocks (§15)
            at += 1 + gif[at]
        at += 1
        if at > len(gif):
            return Structure(
                tuple(sizes), Violation(f"byte {start}", "a complete block", f"{len(gif) - start} byte(s)")
            )
    return Structure(tuple(sizes), Violation(f"byte {len(gif)}", "the trailer 3b", "the end of the file"))


def _table(flags: int) -> int:
    """The size in bytes of the colour table that the flags announce (§19, §21)."""
    return 3 * 2 ** (1 + (flags & 7)) if flags & 0x80 else 0
