"""The marker segments of a JPEG (ITU-T T.81, Annex B)."""

from __future__ import annotations

import re

from contract_tests.message import Message
from contract_tests.pictures.structure import Structure
from contract_tests.verdict import LimitExceeded, Violation

MAX_SCANS = 64
"""Maximum number of scans: a decoder visits every pixel in each of them."""

_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7]")
"""The end of entropy-coded data, in which FF is followed by 00 or is a restart marker (§B.1.1.5)."""
_RESTART = re.compile(rb"\xff([\xd0-\xd7])")
"""A restart marker, whose number counts from 0 to 7 again and again (§B.2.1)."""
_END = 0xD9
_SCAN = 0xDA


def parse(jpeg: bytes) -> Structure:
    """Follow the markers from SOI to EOI. Raises LimitExceeded."""
    at, scans = 2, 0
    sizes: list[tuple[int, int]] = []

    def broken(expected: str, received: str) -> Structure:
        return Structure(tuple(sizes), Violation(Message("byte {}", at), expected, received))

    while at + 2 <= len(jpeg):
        if jpeg[at] != 0xFF:
            return broken("a marker", f"{jpeg[at]:02x}")
        kind = jpeg[at + 1]
        if kind == 0xFF:  # a fill byte (§B.1.1.2)
            at += 1
            continue
        if kind == _END:
            at += 2
            if not scans:
                return broken("a scan before the end of the image", "none")
            return (
                broken("nothing after the end of the image", Message("{} byte(s)", len(jpeg) - at))
                if at < len(jpeg)
                else (Structure(tuple(sizes)))
            )
        if kind in _WITHOUT_LENGTH:
            at += 2
            continue
        length = int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if length < (8 if kind in _FRAMES else 2) or at + 2 + length > len(jpeg):
            return broken(Message("a complete segment ff{:02x}", kind), Message("{} byte(s)", len(jpeg) - at))
        if kind in _FRAMES:
            height, width = (int.from_bytes(jpeg[at + start : at + start + 2], "big") for start in (5, 7))
            sizes.append((width, height))
            if len(sizes) > 1:
                return broken("one frame", "another")
        at += 2 + length
        if kind == _SCAN:
            scans += 1
            if not sizes:
                return broken("a frame header before the first scan", "scan 1")
            if scans > MAX_SCANS:
                raise LimitExceeded(Message("a picture has more than {} scans", MAX_SCANS))
            end = _NEXT_MARKER.search(jpeg, at)
            stop = end.start() if end else len(jpeg)
            for number, found in enumerate(_RESTART.finditer(jpeg, at, stop)):
                if found[1][0] & 7 != number & 7:
                    at = found.start()
                    return broken(
                        Message("restart marker {}", number & 7), Message("restart marker {}", found[1][0] & 7)
                    )
            if stop == at < len(jpeg):
                return broken("entropy-coded data of the scan", "none")
            at = stop
    return broken("the end of the image (ffd9)", "the end of the file")
