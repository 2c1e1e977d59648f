"""Pictures of challenges: bold coloured symbols on white, pale circles behind, as in the sample.

What is slow is done once: when a painter is made, each symbol is drawn in every ink at every
angle. To paint is then to cut a ground, paste five symbols and pack the rows. All is drawn in the
numbers of a palette, a third of the bytes of colours. All chance comes from the challenge itself,
so it looks the same each time it is drawn, whoever draws it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from hashlib import shake_256
from typing import Any, NamedTuple

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, _imaging

from mock_server.captcha.challenge import SYMBOL_COUNT, Challenge, DeterministicRandom
from mock_server.captcha.png import encode, header_bytes

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

_SUPERSAMPLING = 4
"""Shapes are drawn this many times as large, then reduced: that smooths their edges."""

_LEVELS = 4
"""Of ink, and of its shadow: so all tones fit in a palette, and pictures pack smaller and sooner."""

_TONES = _LEVELS**2 - 1
"""In which an ink is seen: each of its levels over each of its shadow's, but for white, which they share."""

_EXTENT = 4
"""How many pictures wide and high the ground is that theirs is cut from."""


class Sprite(NamedTuple):
    """A symbol to paste: its pixels, and which of them to take (with a white margin around), as _core gives them."""

    pixels: Any
    mask: Any
    width: int
    height: int


class CaptchaRenderer:
    """Paints challenges at one size, width × height in pixels. Threads may share it.

    Making one takes a thousand times as long as painting. ValueError where symbols that fit are hard to read.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._width, self._height = size
        self._slot = self._width // SYMBOL_COUNT
        tall = min(self._slot * 7 // 8, self._height // 2)
        if tall < 14:
            raise ValueError(
                f"In {self._width} × {self._height} pixels, {SYMBOL_COUNT} symbols cannot be read:"
                " make the picture 80 × 28 or larger."
            )
        self._sprites = _sprites(tall)
        each = [sprite for inks in self._sprites.values() for angles in inks for sprite in angles]
        self._sway = (self._height - max(sprite.height for sprite in each)) // 3
        tones = [WHITE, *(tone for ink in INKS for tone in _tones(ink))]
        # In as few colours as there is room for beside the tones; at the sample's size, that is all it has.
        room = 256 - len(tones)
        ground = _circles(_EXTENT * self._width, _EXTENT * self._height, tall)
        ground = ground.quantize(room, dither=Image.Dither.NONE)
        pale = list(zip(*[iter(ground.getpalette() or ())] * 3, strict=True))[:room]
        numbers = bytes(0 if colour == WHITE else len(tones) + each for each, colour in enumerate(pale))
        self._ground = _core(Image.frombytes("L", ground.size, ground.tobytes().translate(numbers.ljust(256))))
        self._opening = header_bytes(self._width, self._height, bytes(itertools.chain.from_iterable([*tones, *pale])))

    def render(self, challenge: Challenge) -> bytes:
        """The challenge's question as a PNG file, in indexed colour (PNG §11.2.1)."""
        dice = DeterministicRandom(challenge.entropy)
        x = dice.roll((_EXTENT - 1) * self._width)
        y = dice.roll((_EXTENT - 1) * self._height)
        canvas, ink = self._ground.crop((x, y, x + self._width, y + self._height)), 0
        for place, symbol in enumerate(challenge.question):
            ink = (ink + 1 + dice.roll(len(INKS) - 1)) % len(INKS)  # never that of the one before
            pixels, mask, width, height = self._sprites[symbol][ink][dice.roll(len(ANGLES))]
            left = place * self._slot + dice.roll(self._slot - width + 1)
            # All sway alike, short or tall: an × that rises further is read as an exponent.
            top = (self._height - height - self._sway) // 2 + dice.roll(self._sway + 1)
            canvas.paste(pixels, (left, top, left + width, top + height), mask)
        # Pillow ends each padded row with a zero; one place on, that is the next row's filter byte.
        packer = _imaging.raw_encoder("L", "L", self._width + 1)
        packer.setimage(canvas, (0, 0, self._width, self._height))
        _, _, packed = packer.encode((self._width + 1) * self._height)
        return encode(self._opening, b"\0" + packed[:-1])


def _core(image: Image.Image) -> Any:
    """An image as Pillow's core has it, which crops, pastes and packs as Image does in the end.

    For seven such steps a picture, what Image checks and copies before would take as long again as all the rest. The
    core promises nothing to others: the tests hold it, on the lowest Pillow and on the newest.
    """
    return image.im


def _sprites(tall: int) -> dict[str, list[list[Sprite]]]:
    """The sprites of each symbol, by ink and then by angle. `tall` is the height of a digit."""
    font = _font(tall * _SUPERSAMPLING)
    sprites = {}
    for symbol in SYMBOLS:
        shape = _shape(symbol, tall * _SUPERSAMPLING, font)
        stencils = [_stencil(shape, angle, tall // 14) for angle in ANGLES]
        sprites[symbol] = [[_colourize(stencil, ink) for stencil in stencils] for ink in range(len(INKS))]
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
    """In which tones a symbol at an angle is seen, and what it covers in all."""

    tones: Image.Image
    cover: Image.Image


def _stencil(shape: Image.Image, angle: int, depth: int) -> _Stencil:
    """The stencil of a shape, its shadow `depth` pixels down and to the right."""
    step = 255 // (_LEVELS - 1)
    coarse = [round(level / step) * step for level in range(256)]
    turned = shape.rotate(angle, Image.Resampling.BILINEAR).reduce(_SUPERSAMPLING).point(coarse)
    shadow = ImageChops.offset(turned, depth)
    # Blurred, a symbol reaches beyond its edges and into its holes: no circle shows in an 8.
    cover = ImageChops.lighter(turned, shadow).filter(ImageFilter.GaussianBlur(1.5 * depth))
    cover = cover.point([255 * (level >= 40) for level in range(256)])
    box = cover.getbbox()
    levels = [level // step for level in range(256)]
    tones = ImageChops.add(turned.point(levels), shadow.point([_LEVELS * level for level in levels]))
    return _Stencil(tones.crop(box), cover.crop(box).convert("1"))


def _colourize(stencil: _Stencil, ink: int) -> Sprite:
    """The sprite of a stencil in the ink of that number."""
    numbers = bytes(tone and tone + ink * _TONES for tone in range(1 + _TONES)).ljust(256)
    pixels = Image.frombytes("L", stencil.tones.size, stencil.tones.tobytes().translate(numbers))
    return Sprite(_core(pixels), _core(stencil.cover), *pixels.size)


def _tones(ink: Colour) -> Iterator[Colour]:
    """How an ink is seen: over no shadow to all of it, no ink to all of it, but for neither."""
    for shadow, level in itertools.islice(itertools.product(range(_LEVELS), repeat=2), 1, None):
        ground = _blend(_tint(ink, 3), WHITE, shadow / (_LEVELS - 1))
        yield _blend(ink, ground, level / (_LEVELS - 1))


def _blend(upper: Colour, lower: Colour, share: float) -> Colour:
    red, green, blue = (round(share * over + (1 - share) * under) for over, under in zip(upper, lower, strict=True))
    return red, green, blue


def _circles(width: int, height: int, tall: int) -> Image.Image:
    """White ground with pale circles, larger than a picture: each picture shows a part of it."""
    ground = Image.new("RGB", (width * _SUPERSAMPLING, height * _SUPERSAMPLING), WHITE)
    draw = ImageDraw.Draw(ground)
    dice = DeterministicRandom(shake_256(b"circles").digest(1024))
    for _ in range(6 * _EXTENT**2):
        x, y, radius = dice.roll(width), dice.roll(height), tall // 9 + dice.roll(tall // 5)
        box = [side * _SUPERSAMPLING for side in (x - radius, y - radius, x + radius, y + radius)]
        draw.ellipse(box, outline=_tint(INKS[dice.roll(len(INKS))], 2), width=_SUPERSAMPLING)
    return ground.reduce(_SUPERSAMPLING)


def _tint(ink: Colour, parts: int) -> Colour:
    """The ink in so many parts of white."""
    red, green, blue = ((level + parts * 255) // (parts + 1) for level in ink)
    return red, green, blue
