"""Pictures can be decoded, repeat themselves, differ from each other, and can be read."""

from __future__ import annotations

import functools
import itertools
import threading
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageStat

from mock_server.captcha.challenge import SYMBOL_COUNT, Challenge, derive
from mock_server.captcha.png import encode, header_bytes
from mock_server.captcha.renderer import CaptchaRenderer

SIZE = (160, 60)
DIGITS = "0123456789"
LINES = {
    "-": [(20, 50, 80, 50)],
    "+": [(20, 50, 80, 50), (50, 20, 50, 80)],
    "×": [(25, 25, 75, 75), (25, 75, 75, 25)],
    "=": [(20, 35, 80, 35), (20, 65, 80, 65)],
}
"""The operators as anyone would draw them, in a square of 100."""


@functools.cache
def painter() -> CaptchaRenderer:
    return CaptchaRenderer(SIZE)


def challenges(number: int) -> list[Challenge]:
    return [derive(b"secret", str(each)) for each in range(number)]


def picture(challenge: Challenge, painted_by: CaptchaRenderer | None = None) -> Image.Image:
    return Image.open(BytesIO((painted_by or painter()).render(challenge))).convert("RGB")


def dark(image: Image.Image) -> Image.Image:
    """255 where there is ink, 0 elsewhere."""
    return image.convert("L").point([255 * (level < 130) for level in range(256)])


def places(image: Image.Image) -> Iterator[Image.Image]:
    """The parts of a picture in which its symbols stand."""
    slot = image.width // SYMBOL_COUNT
    for place in range(SYMBOL_COUNT):
        yield image.crop((place * slot, 0, place * slot + slot, image.height))


def contrast_with_white(colour: tuple[int, ...]) -> float:
    """The contrast ratio of WCAG 2.2, from 1 (white) to 21 (black)."""
    linear = [level / 255 / 12.92 if level <= 10 else ((level / 255 + 0.055) / 1.055) ** 2.4 for level in colour]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


def colours(image: Image.Image) -> Counter[tuple[int, ...]]:
    """How many pixels there are of each colour."""
    levels = iter(image.tobytes())
    return Counter(zip(levels, levels, levels, strict=True))


def ink(place: Image.Image) -> tuple[int, ...]:
    """The commonest of the colours that stand out."""
    return next(c for c, _ in colours(place).most_common() if contrast_with_white(c) > 3)


def test_picture_is_a_png_of_the_size_asked_for() -> None:
    """Pillow, which checks every chunk, decodes a PNG in indexed colour of the painter's size."""
    image = Image.open(BytesIO(painter().render(challenges(1)[0])))
    image.load()
    assert (image.format, image.mode, image.size) == ("PNG", "P", SIZE)


def test_png_holds_the_very_pixels() -> None:
    """Rows are not shifted, nor channels swapped: each pixel comes back in the colour of its number."""
    colours = bytes(range(100, 112))
    image = Image.open(BytesIO(encode(header_bytes(3, 2, colours), b"\0\0\1\2\0\3\2\1")))
    reds = [100, 103, 106, 109, 106, 103]
    assert (image.size, image.convert("RGB").tobytes()) == ((3, 2), bytes(r + i for r in reds for i in range(3)))


def test_isal_packs_the_same_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    """With isal and without it a challenge looks the same, to the pixel."""
    isal = pytest.importorskip("isal.isal_zlib", reason="isal is an accelerator, and not installed here")
    packed = []
    for packer in (isal, zlib):
        monkeypatch.setattr("mock_server.captcha.png.compress", packer.compress)
        monkeypatch.setattr("mock_server.captcha.png.Z_BEST_SPEED", packer.Z_BEST_SPEED)
        packed.append(painter().render(challenges(1)[0]))
    first, second = packed
    assert first != second
    assert Image.open(BytesIO(first)).tobytes() == Image.open(BytesIO(second)).tobytes()


def test_same_challenge_is_the_same_picture() -> None:
    """Drawn again, and by another painter, a challenge gives the same bytes."""
    other = CaptchaRenderer(SIZE)
    for challenge in challenges(20):
        assert painter().render(challenge) == painter().render(challenge) == other.render(challenge)


def test_another_secret_gives_another_picture() -> None:
    """The picture of a uuid changes with the secret."""
    for challenge in challenges(20):
        assert painter().render(challenge) != painter().render(derive(b"other", challenge.uuid))


def test_a_thousand_uuids_give_a_thousand_pictures() -> None:
    """No two of 1,000 pictures have the same pixels, though they share 255 questions."""
    assert len({picture(challenge).tobytes() for challenge in challenges(1000)}) == 1000


def test_threads_share_a_painter() -> None:
    """Four threads that paint at once get what one alone gets."""
    asked, start = challenges(100), threading.Barrier(4)
    alone = [painter().render(challenge) for challenge in asked]
    together: list[list[bytes]] = []

    def paint() -> None:
        start.wait()
        together.append([painter().render(challenge) for challenge in asked])

    threads = [threading.Thread(target=paint) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == [alone] * 4


def test_ink_is_dark_on_white() -> None:
    """Most of a picture is white; each symbol's ink has the contrast WCAG 2.2 asks of text."""
    for challenge in challenges(50):
        image = picture(challenge)
        found = colours(image)
        assert found[(255, 255, 255)] > sum(found.values()) / 2
        for place in places(image):
            assert contrast_with_white(ink(place)) >= 4.5


def test_neighbours_have_different_inks() -> None:
    """Where two symbols come close, their colours tell them apart."""
    for challenge in challenges(50):
        inks = [ink(place) for place in places(picture(challenge))]
        assert all(left != right for left, right in itertools.pairwise(inks))


def test_circles_are_pale() -> None:
    """Behind the symbols, most pictures have circles: at a contrast of less than 2:1."""
    grounds = [colours(picture(replace(each, question=""))) for each in challenges(50)]
    assert sum(len(ground) > 1 for ground in grounds) > 45
    assert all(contrast_with_white(colour) < 2 for ground in grounds for colour in ground)


def test_what_is_behind_touches_no_ink(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the ground all yellow, white would part it from ink, and it would show in no hole."""
    yellow = (255, 255, 0)
    monkeypatch.setattr(
        "mock_server.captcha.renderer._circles",
        lambda width, height, tall: Image.new("RGB", (width, height), yellow),
    )
    painted_by = CaptchaRenderer(SIZE)
    for challenge in challenges(50):
        image = picture(challenge, painted_by)
        green = image.getchannel("G").point([0] * 255 + [255])
        ground = ImageChops.darker(green, image.getchannel("B").point([255] + [0] * 255))
        assert ground.getpixel((0, 0)) == 255
        near = ground.filter(ImageFilter.MaxFilter(3))
        assert ImageChops.darker(near, dark(image)).getbbox() is None
        ImageDraw.floodfill(ground, (0, 0), 0)
        assert ground.getbbox() is None


@pytest.mark.parametrize(
    "size",
    [SIZE, (80, 28), (80, 60), (400, 30), (333, 97)],
    ids=lambda size: "x".join(map(str, size)),
)
def test_every_symbol_is_whole_in_its_place(size: tuple[int, int]) -> None:
    """At any size, no ink reaches an edge of the picture or of the place a symbol has."""
    painted_by = CaptchaRenderer(size)
    for challenge in challenges(60):
        for place in places(picture(challenge, painted_by)):
            left, top, right, bottom = dark(place).getbbox() or (0, 0, 0, 0)
            assert 0 < left < right < place.width
            assert 0 < top < bottom < place.height


@pytest.mark.parametrize("size", [(79, 60), (160, 27)], ids=["narrow", "low"])
def test_size_too_small_to_be_read_is_refused(size: tuple[int, int]) -> None:
    """A painter for a size at which no one could read says so, and what would do."""
    with pytest.raises(ValueError, match=r"cannot be read: make the picture 80 × 28 or larger\.\Z"):
        CaptchaRenderer(size)


def test_pictures_can_be_read() -> None:
    """Someone who knows plain symbols, upright or tilted, reads 200 questions without a mistake."""
    for challenge in challenges(200):
        assert read(picture(challenge)) == challenge.question


def read(image: Image.Image) -> str:
    """In each place the digit, or else the other symbol, most like what is there."""
    return "".join(
        nearest(fitted(place), known(DIGITS if number in (0, 2) else "+-×=?"))
        for number, place in enumerate(places(dark(image)))
    )


def nearest(seen: Image.Image, among: list[tuple[str, Image.Image]]) -> str:
    """The symbol from whose plain shape the seen one differs least."""
    return min(among, key=lambda each: ImageStat.Stat(ImageChops.difference(seen, each[1])).sum[0])[0]


@functools.cache
def known(symbols: str) -> list[tuple[str, Image.Image]]:
    """Plain symbols at three tilts: upright, and two that no painter uses."""
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
    """What there is of a shape, as large as it goes in the middle of a square of 24."""
    shape = shape.crop(shape.getbbox())
    scale = 24 / max(shape.size)
    shape = shape.resize((round(shape.width * scale), round(shape.height * scale)))
    square = Image.new("L", (24, 24))
    square.paste(shape, ((24 - shape.width) // 2, (24 - shape.height) // 2))
    return square
