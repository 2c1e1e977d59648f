"""Draws questions in palette indices: bold symbols with shadows, circles behind, as in the document's sample."""

from __future__ import annotations

import functools
from hashlib import shake_256

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from mock_server.captcha.challenge import SYMBOL_COUNT, DeterministicRandom
from mock_server.captcha.palette import CIRCLE_CLASSES, CIRCLE_TONES, CIRCLES_START, LEVELS, TONES

ANGLES = (-10, -5, 0, 5, 10)
"""Rotations of symbols in degrees. At 20 degrees, + and × look alike."""

MIN_SYMBOL_HEIGHT = 14
"""Height of a digit in pixels below which it is hard to read."""

_BARS = {
    "-": [(-0.34, -0.08, 0.34, 0.08)],
    "+": [(-0.34, -0.08, 0.34, 0.08), (-0.08, -0.34, 0.08, 0.34)],
    "×": [(-0.38, -0.08, 0.38, 0.08), (-0.08, -0.38, 0.08, 0.38)],
    "=": [(-0.34, -0.25, 0.34, -0.09), (-0.34, 0.09, 0.34, 0.25)],
}
"""Left, top, right and bottom of each bar of an operator, relative to its centre, in heights of a digit. × is then
rotated by 45°. The font has no ×, and its minus is thin."""

_SUPERSAMPLING = 4
"""Shapes are drawn at this multiple of their size and reduced, which smooths their edges."""

_CIRCLES_PER_CLASS = 2

_STEP = 255 // (LEVELS - 1)
_QUANTIZE = [round(value / _STEP) for value in range(256)]
"""Coverage of a pixel (0 to 255) to its level."""


def symbol_height(width: int, height: int) -> int:
    """Return the height of a digit in a picture of `width` × `height` pixels, in pixels."""
    return min(width // SYMBOL_COUNT * 7 // 8, height // 2)


def draw(question: str, variant: int, width: int, height: int) -> bytes:
    """Draw a question.

    Args:
        question: The symbols, at most SYMBOL_COUNT.
        variant: Selects positions, angles and circles. The same variant is always drawn the same.
        width: Width of the picture in pixels.
        height: Height of the picture in pixels.

    Returns:
        A palette index a pixel, row by row, top to bottom.
    """
    random = DeterministicRandom(shake_256(f"{question} {variant}".encode()).digest(64))
    tall, slot = symbol_height(width, height), width // SYMBOL_COUNT
    canvas = _draw_circles(random, tall, width, height)
    # All symbols sway by the same range, short or tall: an × placed higher reads as an exponent.
    sway = (height - 3 * tall // 2) // 3
    for place, symbol in enumerate(question):
        tones, cover = _draw_symbol(symbol, random.roll(len(ANGLES)), tall)
        left = place * slot + random.roll(slot - tones.width + 1)
        top = (height - tones.height - sway) // 2 + random.roll(sway + 1)
        indices = tones.point([tone and tone + place * TONES for tone in range(256)])
        canvas.paste(indices, (left, top), cover)
    return canvas.tobytes()


def _draw_circles(random: DeterministicRandom, tall: int, width: int, height: int) -> Image.Image:
    canvas = Image.new("L", (width, height))
    for number in range(CIRCLE_CLASSES):
        layer = Image.new("L", (width * _SUPERSAMPLING, height * _SUPERSAMPLING))
        outline = ImageDraw.Draw(layer)
        for _ in range(_CIRCLES_PER_CLASS):
            x, y, radius = random.roll(width), random.roll(height), tall // 9 + random.roll(tall // 5)
            box = [side * _SUPERSAMPLING for side in (x - radius, y - radius, x + radius, y + radius)]
            outline.ellipse(box, outline=255, width=_SUPERSAMPLING)
        levels = layer.reduce(_SUPERSAMPLING).point(_QUANTIZE)
        start = CIRCLES_START + number * CIRCLE_TONES - 1
        # Circles of a later class cover earlier ones: their indices are higher.
        canvas = ImageChops.lighter(canvas, levels.point([level and start + level for level in range(256)]))
    return canvas


@functools.lru_cache(len("0123456789+-×=?") * len(ANGLES))
def _draw_symbol(symbol: str, angle: int, tall: int) -> tuple[Image.Image, Image.Image]:
    """A symbol at an angle, its tones as numbers from 0 to TONES; and a mask of what it covers."""
    shape = _shape(symbol, tall * _SUPERSAMPLING)
    ink = shape.rotate(ANGLES[angle], Image.Resampling.BILINEAR).reduce(_SUPERSAMPLING).point(_QUANTIZE)
    depth = tall // 14
    shadow = ImageChops.offset(ink, depth)
    # The mask extends beyond the edges and into holes: no circle touches ink or shows in an 8.
    cover = ImageChops.lighter(ink, shadow).point([level * _STEP for level in range(256)])
    near, far = cover.filter(ImageFilter.MaxFilter(3)), cover.filter(ImageFilter.GaussianBlur(1.5 * depth))
    cover = ImageChops.lighter(near, far).point([255 * (level >= 40) for level in range(256)])
    tones = ImageChops.add(ink, shadow.point([LEVELS * level for level in range(256)]))
    box = cover.getbbox()
    return tones.crop(box), cover.crop(box)


def _shape(symbol: str, tall: int) -> Image.Image:
    """A symbol in the centre of a square two digits high: 255 where there is ink."""
    shape = Image.new("L", (2 * tall, 2 * tall))
    draw = ImageDraw.Draw(shape)
    if symbol in _BARS:
        for bar in _BARS[symbol]:
            draw.rounded_rectangle([round(tall * (1 + side)) for side in bar], tall // 12, fill=255)
        return shape.rotate(45, Image.Resampling.BILINEAR) if symbol == "×" else shape
    font = _font(tall)
    left, top, right, bottom = font.getbbox(symbol)
    corner = (tall - (left + right) // 2, tall - (top + bottom) // 2)
    draw.text(corner, symbol, fill=255, font=font, stroke_width=tall // 36)
    return shape


@functools.lru_cache(8)
def _font(tall: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, in the size at which a digit is `tall` pixels high."""
    _, top, _, bottom = ImageFont.load_default(1000).getbbox("0")
    return ImageFont.load_default(1000 * tall // round(bottom - top))
