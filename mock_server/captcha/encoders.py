"""Encodes drawn pixels in formats other than PNG: GIF, JPEG and WebP by Pillow, SVG as one path a colour."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from PIL import Image

_OPTIONS: dict[str, dict[str, Any]] = {
    "PNG": {"compress_level": 1},
    "JPEG": {"quality": 90, "subsampling": 0},
    "WebP": {"lossless": True, "method": 0, "exact": True},
}
"""Options of Pillow by format. Subsampled colours blur the symbols; `exact` keeps the colours of transparent pixels."""


def encode(pixels: bytes, palette: bytes, size: tuple[int, int], file_format: str) -> bytes:
    """Return a file of drawn pixels.

    Args:
        pixels: A palette index a pixel, row by row, top to bottom.
        palette: 3 bytes a colour (red, green, blue); the first is the background.
        size: Width and height in pixels.
        file_format: "GIF", "JPEG", "WebP" or "SVG".
    """
    if file_format == "SVG":
        return _svg(pixels, palette, size)
    image = Image.frombytes("P", size, pixels)
    image.putpalette(palette)
    return save(image if file_format == "GIF" else image.convert("RGB"), file_format)


def save(image: Image.Image, file_format: str) -> bytes:
    """Return an image as a file in a format of `encode` or PNG, except SVG."""
    out = BytesIO()
    image.save(out, file_format, **_OPTIONS.get(file_format, {}))
    return out.getvalue()


def _svg(pixels: bytes, palette: bytes, size: tuple[int, int]) -> bytes:
    """Horizontal lines one pixel wide, in one path for each colour, on a rectangle of the background."""
    width, height = size
    lines: dict[int, list[str]] = {}
    for y in range(height):
        row, x = pixels[y * width : (y + 1) * width], 0
        while x < width:
            rest = row[x:]
            run = len(rest) - len(rest.lstrip(rest[:1]))
            if row[x]:
                lines.setdefault(row[x], []).append(f"M{x} {y}h{run}")
            x += run
    colours = {index: palette[3 * index : 3 * index + 3].hex() for index in (0, *lines)}
    paths = "".join(f'<path stroke="#{colours[index]}" d="{"".join(drawn)}"/>' for index, drawn in lines.items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 -.5 {width} {height}" '
        f'shape-rendering="crispEdges"><rect y="-.5" width="100%" height="100%" fill="#{colours[0]}"/>{paths}</svg>'
    ).encode()
