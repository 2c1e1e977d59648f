"""Encodes PNG files in indexed colour, 8 bits a pixel (PNG third edition, §11.2).

Every part of a file is a multiple of three bytes up to the end of the palette, so that the base64 of a file is the
base64 of its parts joined.
"""

from __future__ import annotations

import struct
import zlib

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_EIGHT_BIT_INDEXED = (8, 3, 0, 0, 0)
"""Bit depth, colour type, compression, filter method and interlace (PNG §11.2.1)."""


def header(width: int, height: int) -> bytes:
    """Return the signature and IHDR, 33 bytes. `width` and `height` are in pixels."""
    return _SIGNATURE + _chunk(b"IHDR", struct.pack(">II5B", width, height, *_EIGHT_BIT_INDEXED))


def palette_chunk(palette: bytes) -> bytes:
    """Return PLTE. `palette` has 3 bytes a colour (red, green, blue), 1 to 256 colours (PNG §11.2.2)."""
    return _chunk(b"PLTE", palette)


def pixel_chunks(pixels: bytes, width: int) -> bytes:
    """Return IDAT and IEND.

    Args:
        pixels: A palette index a pixel, row by row, top to bottom.
        width: Pixels in a row.
    """
    rows = b"".join(b"\0" + pixels[at : at + width] for at in range(0, len(pixels), width))  # filter 0 (PNG §9.2)
    # Run-length matching leaves an encoder no choice: zlib and zlib-ng write the same bytes.
    packer = zlib.compressobj(9, strategy=zlib.Z_RLE)
    return _chunk(b"IDAT", packer.compress(rows) + packer.flush()) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk: length, type, data, and the CRC of the last two (PNG §5.3)."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
