"""Pictures of challenges: bold coloured symbols on white, pale circles behind, as in the sample.

What is slow is done once: when a painter is made, each symbol is drawn in every ink at every
angle. To paint is then to cut a ground, paste five symbols and pack the rows. All chance comes from
the challenge itself, so it looks the same each time it is drawn, whoever draws it.
"""

from __future__ import annotations

from hashlib import shake_256
from typing import NamedTuple

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from mock_server.challenge import PLACES, Challenge, Dice
from mock_server.png import encode_rgb

Colour = tuple[int, int, int]

WHITE: Colour = (255, 255, 255)
INKS: tuple[Colour, ...] = (
    (31, 111, 67),
    (176, 72, 0),
    (190, 30, 60),
    (0, 92, 175),
    (112, 48, 160),
    (0, 110, 120),
)
"""Green, orange, red, blue, purple, teal: 5:1 with white or more (WCAG 2.2 asks 4.5:1 of text)."""

ANGLES = (-10, -5, 0, 5, 10)
"""Degrees. At twice as much, + and × look alike."""

SYMBOLS = "0123456789+-×=?"

_BARS = {
    "-": [(-0.34, -0.08, 0.34, 0.08)],
    "+": [(-0.34, -0.08, 0.34, 0.08), (-0.08, -0.34, 0.08, 0.34)],
    "×": [(-0.38, -0.08, 0.38, 0.08), (-0.08, -0.38, 0.08, 0.38)],
    "=": [(-0.34, -0.25, 0.34, -0.09), (-0.34, 0.09, 0.34, 0.25)],
}
"""Left, top, right and bottom of each bar of an operator, from its middle, a digit being 1 tall; ×
is yet to be turned by 45°. The font has no ×, and its minus is thin."""

_FINE = 4
"""Shapes are drawn this many times as large, then reduced: that smooths their edges."""

_FOUR_LEVELS = [round(level / 85) * 85 for level in range(256)]
"""Of ink, for `point`: they make fewer colours than 256 do, so pictures pack smaller and sooner."""

_EXTENT = 4
"""How many pictures wide and high the ground is that theirs is cut from."""


class Sprite(NamedTuple):
    """A symbol to paste: its pixels, and which of them to take (with a white margin around)."""

    pixels: Image.Image
    mask: Image.Image


class Painter:
    """Paints challenges at one size, width × height in pixels. Threads may share it.

    Making one takes 0.1 s, painting 0.2 ms. ValueError where symbols that fit are hard to read.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._width, self._height = size
        self._slot = self._width // PLACES
        tall = min(self._slot * 7 // 8, self._height // 2)
        if tall < 14:
            raise ValueError(
                f"In {self._width} × {self._height} pixels, {PLACES} symbols cannot be read:"
                " make the picture 80 × 28 or larger."
            )
        self._sprites = _sprites(tall)
        each = [sprite for inks in self._sprites.values() for angles in inks for sprite in angles]
        self._sway = (self._height - max(sprite.pixels.height for sprite in each)) // 3
        self._ground = _circles(_EXTENT * self._width, _EXTENT * self._height, tall)

    def paint(self, challenge: Challenge) -> bytes:
        """The challenge's question as a PNG file, RGB."""
        dice = Dice(challenge.chance)
        x = dice.roll((_EXTENT - 1) * self._width)
        y = dice.roll((_EXTENT - 1) * self._height)
        image = self._ground.crop((x, y, x + self._width, y + self._height))
        canvas, ink = image.im, 0
        for place, symbol in enumerate(challenge.question):
            ink = (ink + 1 + dice.roll(len(INKS) - 1)) % len(INKS)  # never that of the one before
            pixels, mask = self._sprites[symbol][ink][dice.roll(len(ANGLES))]
            left = place * self._slot + dice.roll(self._slot - pixels.width + 1)
            # All sway alike, short or tall: an × that rises further is read as an exponent.
            top = (self._height - pixels.height - self._sway) // 2 + dice.roll(self._sway + 1)
            # What Image.paste does in the end; at five symbols a picture, its checks would cost a fifth of it all.
            canvas.paste(pixels.im, (left, top, left + pixels.width, top + pixels.height), mask.im)
        # Pillow ends each padded row with a zero; one place on, that is the next row's filter byte.
        rows = b"\0" + image.tobytes("raw", "RGB", 3 * self._width + 1)[:-1]
        return encode_rgb(self._width, self._height, rows)


def _sprites(tall: int) -> dict[str, list[list[Sprite]]]:
    """The sprites of each symbol, by ink and then by angle. `tall` is the height of a digit."""
    font = _font(tall * _FINE)
    sprites = {}
    for symbol in SYMBOLS:
        shape = _shape(symbol, tall * _FINE, font)
        stencils = [_stencil(shape, angle, tall // 14) for angle in ANGLES]
        sprites[symbol] = [[_inked(stencil, ink) for stencil in stencils] for ink in INKS]
    return sprites


def _font(tall: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, at the size at which a digit is `tall` pixels."""
    _, top, _, bottom = ImageFont.load_default(1000).getbbox("0")
    return ImageFont.load_default(1000 * tall // round(bottom - top))


def _shape(symbol: str, tall: int, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> Image.Image:
    """A symbol in the middle of a square two digits tall: 255 where there is ink."""
    shape = Image.new("L", (2 * tall, 2 * tall))
    draw = ImageDraw.Draw(shape)
    if symbol in _BARS:
        for bar in _BARS[symbol]:
            draw.rounded_rectangle([round(tall * (1 + side)) for side in bar], tall // 12, fill=255)
        return shape.rotate(45, Image.Resampling.BILINEAR) if symbol == "×" else shape
    left, top, right, bottom = font.getbbox(symbol)
    corner = (tall - (left + right) // 2, tall - (top + bottom) // 2)
    draw.text(corner, symbol, fill=255, font=font, stroke_width=tall // 36)
    return shape


class _Stencil(NamedTuple):
    """Where a symbol at an angle has ink, where its shadow falls, and what it covers in all."""

    ink: Image.Image
    shadow: Image.Image
    cover: Image.Image


def _stencil(shape: Image.Image, angle: int, depth: int) -> _Stencil:
    """The stencil of a shape, its shadow `depth` pixels down and to the right."""
    turned = shape.rotate(angle, Image.Resampling.BILINEAR).reduce(_FINE).point(_FOUR_LEVELS)
    shadow = ImageChops.offset(turned, depth)
    # Blurred, a symbol reaches beyond its edges and into its holes: no circle shows in an 8.
    cover = ImageChops.lighter(turned, shadow).filter(ImageFilter.GaussianBlur(1.5 * depth))
    cover = cover.point([255 * (level >= 40) for level in range(256)])
    box = cover.getbbox()
    return _Stencil(turned.crop(box), shadow.crop(box), cover.crop(box).convert("1"))


def _inked(stencil: _Stencil, ink: Colour) -> Sprite:
    pixels = Image.new("RGB", stencil.ink.size, WHITE)
    pixels.paste(_thinned(ink, 3), mask=stencil.shadow)
    pixels.paste(ink, mask=stencil.ink)
    return Sprite(pixels, stencil.cover)


def _circles(width: int, height: int, tall: int) -> Image.Image:
    """White ground with pale circles, larger than a picture: each picture shows a part of it."""
    ground = Image.new("RGB", (width * _FINE, height * _FINE), WHITE)
    draw = ImageDraw.Draw(ground)
    dice = Dice(shake_256(b"circles").digest(1024))
    for _ in range(6 * _EXTENT**2):
        x, y, radius = dice.roll(width), dice.roll(height), tall // 9 + dice.roll(tall // 5)
        box = [side * _FINE for side in (x - radius, y - radius, x + radius, y + radius)]
        draw.ellipse(box, outline=_thinned(INKS[dice.roll(len(INKS))], 2), width=_FINE)
    return ground.reduce(_FINE)


def _thinned(ink: Colour, parts: int) -> Colour:
    """The ink in so many parts of white."""
    red, green, blue = ((level + parts * 255) // (parts + 1) for level in ink)
    return red, green, blue
