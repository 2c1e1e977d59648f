"""Pictures are readable: dark inks on white, pale circles behind, every symbol complete."""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from collections.abc import Iterator

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageOps, ImageStat

from mock_server.captcha.challenge import SYMBOL_COUNT, Challenge
from mock_server.captcha.palette import CIRCLES_START, make_palette
from mock_server.captcha.renderer import VARIANTS, CaptchaRenderer, PictureCache
from tests.mock_server.captchas import SIZE, challenges, indexed, picture

DIGITS = "0123456789"
LINES = {
    "-": [(20, 50, 80, 50)],
    "+": [(20, 50, 80, 50), (50, 20, 50, 80)],
    "×": [(25, 25, 75, 75), (25, 75, 75, 25)],
    "=": [(20, 35, 80, 35), (20, 65, 80, 65)],
}
"""The operators in plain lines, in a square of 100."""


def dark(image: Image.Image) -> Image.Image:
    """255 where there is ink, 0 elsewhere."""
    return image.convert("L").point([255 * (level < 130) for level in range(256)])


def places(image: Image.Image) -> Iterator[Image.Image]:
    """The parts of a picture that belong to one symbol each."""
    slot = image.width // SYMBOL_COUNT
    for place in range(SYMBOL_COUNT):
        yield image.crop((place * slot, 0, place * slot + slot, image.height))


def contrast_with_white(colour: tuple[int, ...]) -> float:
    """The contrast ratio of WCAG 2.2, from 1 (white) to 21 (black)."""
    linear = [level / 255 / 12.92 if level <= 10 else ((level / 255 + 0.055) / 1.055) ** 2.4 for level in colour]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


def colours(image: Image.Image) -> Counter[tuple[int, ...]]:
    """The number of pixels of each colour."""
    levels = iter(image.tobytes())
    return Counter(zip(levels, levels, levels, strict=True))


def ink(place: Image.Image) -> tuple[int, ...]:
    """The most frequent of the colours that stand out."""
    return next(c for c, _ in colours(place).most_common() if contrast_with_white(c) > 3)


def test_ink_is_dark_on_white() -> None:
    """Most of a picture is white; each symbol's ink has the contrast that WCAG 2.2 requires of text."""
    for challenge in challenges(50):
        image = picture(challenge)
        found = colours(image)
        assert found[(255, 255, 255)] > sum(found.values()) / 2
        for place in places(image):
            assert contrast_with_white(ink(place)) >= 4.5


@pytest.mark.parametrize("order", [0, 1], ids=["warm first", "cool first"])
def test_every_palette_is_readable(order: int) -> None:
    """In all 256 choices of every colour, inks contrast with white by 4.5:1, and circles by less than 2:1."""
    for choice in range(256):
        palette = make_palette(bytes([order, *[choice] * 6]))
        white, *tones = zip(*[iter(palette)] * 3, strict=True)
        assert white == (255, 255, 255)
        inks, circles = tones[: CIRCLES_START - 1], tones[CIRCLES_START - 1 :]
        each = len(inks) // SYMBOL_COUNT
        full = [max(inks[at : at + each], key=contrast_with_white) for at in range(0, len(inks), each)]
        assert all(contrast_with_white(colour) >= 4.5 for colour in full)
        assert all(left != right for left, right in itertools.pairwise(full))
        assert all(contrast_with_white(colour) < 2 for colour in circles)


def test_every_choice_of_an_ink_is_another_colour() -> None:
    """Two palettes differ in what is seen of a symbol wherever their entropy differs for it."""
    for place, order in itertools.product(range(SYMBOL_COUNT), (0, 1)):
        choices = [bytes([order, *[0] * place, choice, *[0] * (6 - place)]) for choice in range(256)]
        palettes = [make_palette(entropy) for entropy in choices]
        last = 3 * (CIRCLES_START - 1) // SYMBOL_COUNT * (place + 1)
        assert len({palette[last : last + 3] for palette in palettes}) == 256


def test_neighbours_have_different_inks() -> None:
    """Adjacent symbols have different colours."""
    for challenge in challenges(50):
        inks = [ink(place) for place in places(picture(challenge))]
        assert all(left != right for left, right in itertools.pairwise(inks))


def test_circles_are_pale() -> None:
    """Behind the symbols, most pictures have circles, at a contrast of less than 2:1."""
    grounds = [colours(picture(each._replace(question=""))) for each in challenges(50)]
    assert sum(len(ground) > 1 for ground in grounds) > 45
    assert all(contrast_with_white(colour) < 2 for ground in grounds for colour in ground)


def test_circles_do_not_touch_ink(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a ground that is all circle, white separates it from ink, and it shows in no hole of a symbol."""
    monkeypatch.setattr(
        "mock_server.captcha.drawing._draw_circles",
        lambda random, tall, width, height: Image.new("L", (width, height), CIRCLES_START),
    )
    by = CaptchaRenderer(SIZE, PictureCache(0))
    for challenge in challenges(50):
        image = indexed(challenge, by)
        ground = Image.frombytes("L", SIZE, image.tobytes()).point([255 * (i == CIRCLES_START) for i in range(256)])
        assert ImageStat.Stat(ground).mean[0] > 255 / 3
        near = ground.filter(ImageFilter.MaxFilter(3))
        assert ImageChops.darker(near, dark(image.convert("RGB"))).getbbox() is None
        around = ImageOps.expand(ground, 1, 255)
        ImageDraw.floodfill(around, (0, 0), 0)
        assert around.getbbox() is None


@pytest.mark.parametrize(
    "size",
    [SIZE, (80, 28), (80, 60), (400, 30), (333, 97)],
    ids=lambda size: "x".join(map(str, size)),
)
def test_every_symbol_is_complete_in_its_place(size: tuple[int, int]) -> None:
    """At any size, no ink reaches an edge of the picture or of the place of its symbol."""
    by = CaptchaRenderer(size)
    for challenge in challenges(60):
        for place in places(picture(challenge, by)):
            left, top, right, bottom = dark(place).getbbox() or (0, 0, 0, 0)
            assert 0 < left < right < place.width
            assert 0 < top < bottom < place.height


@pytest.mark.parametrize("variants", [1, pytest.param(VARIANTS, marks=pytest.mark.slow)])
def test_every_question_is_readable(variants: int) -> None:
    """A reader that knows plain symbols, upright or tilted, reads every question, in every variant if given time."""
    questions = {challenge.question for challenge in challenges(3000)}
    assert len(questions) == 255
    for number, (question, variant) in enumerate(itertools.product(sorted(questions), range(variants))):
        challenge = Challenge("", question, 0, bytes([number % 251] * 47 + [variant]))
        assert read(picture(challenge)) == question


def read(image: Image.Image) -> str:
    """The digit or operator that is most similar, for each place."""
    return "".join(
        nearest(fitted(place), known(DIGITS if number in (0, 2) else "+-×=?"))
        for number, place in enumerate(places(dark(image)))
    )


def nearest(seen: Image.Image, among: list[tuple[str, Image.Image]]) -> str:
    """The symbol with the smallest difference between its plain shape and the seen one."""
    return min(among, key=lambda each: ImageStat.Stat(ImageChops.difference(seen, each[1])).sum[0])[0]


@functools.cache
def known(symbols: str) -> list[tuple[str, Image.Image]]:
    """Plain symbols at three tilts: upright, and two that the renderer does not use."""
    return [
        (symbol, fitted(plain(symbol).rotate(tilt, Image.Resampling.BILINEAR)))
        for symbol in symbols
        for tilt in (-8, 0, 8)
    ]


def plain(symbol: str) -> Image.Image:
    shape = Image.new("L", (100, 100))
    draw = ImageDraw.Draw(shape)
    if symbol not in LINES:
        draw.text((30, 10), symbol, 255, ImageFont.load_default(64), stroke_width=2)
    for line in LINES.get(symbol, ()):
        draw.line(line, 255, 14)
    return shape


def fitted(shape: Image.Image) -> Image.Image:
    """A shape without its margins, scaled to a square of 24 pixels and centred."""
    shape = shape.crop(shape.getbbox())
    scale = 24 / max(shape.size)
    shape = shape.resize((round(shape.width * scale), round(shape.height * scale)))
    square = Image.new("L", (24, 24))
    square.paste(shape, ((24 - shape.width) // 2, (24 - shape.height) // 2))
    return square
