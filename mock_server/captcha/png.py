"""Writes a PNG in indexed colour, 8 bits a pixel: in half the time of a general encoder, for it chooses nothing.

By isal where it is installed, in a fifth of zlib's time: the pixels are the same, their packing is not.
"""

from __future__ import annotations

import struct

try:
    from isal.isal_zlib import Z_BEST_SPEED, compress, crc32
except ImportError:
    from zlib import Z_BEST_SPEED, compress, crc32

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_EIGHT_BIT_INDEXED = (8, 3, 0, 0, 0)
"""Bit depth, colour type, compression, filter method and interlace (PNG §11.2.1)."""


def header_bytes(width: int, height: int, palette: bytes) -> bytes:
    """What stands before the pixels of a picture of width × height.

    `palette` has three bytes a colour, red, green and blue, of 1 to 256 colours (PNG §11.2.2).
    """
    header = struct.pack(">II5B", width, height, *_EIGHT_BIT_INDEXED)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"PLTE", palette)


def encode(opening: bytes, rows: bytes) -> bytes:
    """The bytes of a PNG file: its opening, then its rows.

    `rows` are top to bottom, each a filter byte (0: bytes as they are, PNG §9.2) and a byte a pixel: the number of its
    colour in the palette.
    """
    return opening + _chunk(b"IDAT", compress(rows, Z_BEST_SPEED)) + _END


def _chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk: length, kind, data, and the CRC over the last two (PNG §5.3)."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc32(kind + data))


_END = _chunk(b"IEND", b"")
