"""Writes a PNG of 8-bit RGB: in half the time of a general encoder, for it chooses nothing.

By isal where it is installed, in a third of zlib's time: the pixels are the same, their packing is not.
"""

from __future__ import annotations

import struct

try:
    from isal.isal_zlib import compress, crc32
except ImportError:
    from zlib import compress, crc32

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_EIGHT_BIT_RGB = (8, 2, 0, 0, 0)
"""Bit depth, colour type, compression, filter method and interlace (PNG §11.2.1)."""


def encode_rgb(width: int, height: int, rows: bytes) -> bytes:
    """The bytes of a PNG file of width × height pixels.

    `rows` are top to bottom, each a filter byte (0: bytes as they are, PNG §9.2) and three bytes a
    pixel: red, green, blue.
    """
    return b"".join(
        (
            _SIGNATURE,
            chunk(b"IHDR", struct.pack(">II5B", width, height, *_EIGHT_BIT_RGB)),
            chunk(b"IDAT", compress(rows, 1)),
            chunk(b"IEND", b""),
        )
    )


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk: length, kind, data, and the CRC over the last two (PNG §5.3)."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc32(kind + data))
