"""The pixels of a picture, decoded with little memory: colours, transparency, digest."""

from __future__ import annotations

import struct
import tracemalloc
import warnings
import zlib
from io import BytesIO

import pytest
from PIL import Image

from contract_tests.pictures.pixels import decode
from contract_tests.pictures.png import parse
from contract_tests.pictures.png_stream import pixel_problems
from tests.contract_tests.png_samples import (
    GOOD,
    GREY,
    GREY_ALPHA,
    HEAD,
    IDAT,
    IEND,
    PALETTE,
    RGB,
    RGBA,
    chunk,
    drawn,
    found,
    ihdr,
    noise,
    pixels,
    png,
    saved,
    with_idat,
)


def flat(depth: int, colour: int, samples: tuple[int, ...], before: bytes = b"", interlace: int = 0) -> bytes:
    return drawn(9, 5, depth, colour, interlace, lambda x, y: samples, before)


ONE_COLOUR = {
    "grey-1-bit": flat(1, GREY, (1,)),
    "grey-16-bit": flat(16, GREY, (0x1234,)),
    "rgb-interlaced": flat(8, RGB, (1, 2, 3), interlace=1),
    "rgb-16-bit": flat(16, RGB, (0x1234, 0x5678, 0x9ABC)),
    "grey-alpha-16-bit": flat(16, GREY_ALPHA, (0x1234, 0xFFFF)),
    "rgba": flat(8, RGBA, (1, 2, 3, 4)),
    "two-entries-of-one-colour": drawn(9, 5, 1, PALETTE, 0, lambda x, y: (x % 2,), chunk(b"PLTE", b"abcabc")),
    "one-pixel": drawn(1, 1, 8, RGB),
}
SEVERAL_COLOURS = {
    "grey-1-bit": drawn(9, 5, 1, GREY),
    # Pillow would clip both to white, and both to black.
    "grey-16-bit-bright": drawn(9, 5, 16, GREY, 0, lambda x, y: (0xF000 + x,)),
    "grey-16-bit-dark": drawn(9, 5, 16, GREY, 0, lambda x, y: (x,)),
    "grey-16-bit-interlaced": drawn(9, 5, 16, GREY, 1, lambda x, y: (0x4000 * (x == 8),)),
    "rgb-one-pixel-of-blue": drawn(9, 5, 8, RGB, 0, lambda x, y: (0, 0, int((x, y) == (8, 4)))),
    "rgb-16-bit": drawn(9, 5, 16, RGB, 0, lambda x, y: (0, 0, 0x100 * x)),
    "alpha-alone-tells-apart": drawn(9, 5, 8, RGBA, 0, lambda x, y: (0, 0, 0, x)),
    "grey-alpha-16-bit": drawn(9, 5, 16, GREY_ALPHA, 0, lambda x, y: (0, 0x100 * x)),
    "palette-alpha-alone-tells-apart": drawn(
        9, 5, 1, PALETTE, 0, lambda x, y: (x % 2,), chunk(b"PLTE", b"abcabc") + chunk(b"tRNS", b"\x00")
    ),
    "colours-that-cannot-be-seen": drawn(9, 5, 8, RGBA, 0, lambda x, y: (x, y, 0, 0)),
}


@pytest.mark.parametrize("data", ONE_COLOUR.values(), ids=ONE_COLOUR.keys())
def test_one_colour_is_detected(data: bytes) -> None:
    """A picture whose pixels are all equal has one colour, whatever its colour type and depth."""
    assert pixels(data).one_colour


@pytest.mark.parametrize("data", SEVERAL_COLOURS.values(), ids=SEVERAL_COLOURS.keys())
def test_several_colours_are_detected(data: bytes) -> None:
    """A difference in any pixel and channel counts, in 16-bit grey down to the last bit."""
    assert not pixels(data).one_colour


def trns(*samples: int) -> bytes:
    return chunk(b"tRNS", struct.pack(f">{len(samples)}H", *samples))


TRANSPARENT = {
    "rgba": drawn(9, 5, 8, RGBA, 0, lambda x, y: (x, y, 0, 0)),
    "rgba-interlaced": drawn(9, 5, 8, RGBA, 1, lambda x, y: (x, y, 0, 0)),
    "rgba-16-bit": drawn(9, 5, 16, RGBA, 0, lambda x, y: (x, y, 0, 0)),
    "grey-alpha": drawn(9, 5, 8, GREY_ALPHA, 0, lambda x, y: (x, 0)),
    "grey-alpha-16-bit": drawn(9, 5, 16, GREY_ALPHA, 0, lambda x, y: (0x100 * x, 0)),
    "palette": drawn(9, 5, 2, PALETTE, before=chunk(b"tRNS", bytes(4))),
    "key-of-1-bit": flat(1, GREY, (1,), trns(1)),
    "key-of-2-bits": flat(2, GREY, (1,), trns(1)),
    "key-of-4-bits": flat(4, GREY, (9,), trns(9)),
    "key-of-8-bits": flat(8, GREY, (9,), trns(9)),
    "key-of-16-bits": flat(16, GREY, (0x1234,), trns(0x1234)),
    "key-of-rgb": flat(8, RGB, (1, 2, 3), trns(1, 2, 3)),
    "key-of-rgb-16-bit": flat(16, RGB, (0x1234, 0x5678, 0x9ABC), trns(0x1234, 0x5678, 0x9ABC)),
}
VISIBLE = {
    "opaque": GOOD,
    "one-pixel-hardly": drawn(9, 5, 8, RGBA, 0, lambda x, y: (0, 0, 0, int((x, y) == (8, 4)))),
    "palette-without-trns": drawn(9, 5, 2, PALETTE),
    "palette-partly": drawn(9, 5, 2, PALETTE, before=chunk(b"tRNS", bytes(3))),
    "key-of-another-grey": flat(8, GREY, (9,), trns(8)),
    "key-of-another-grey-of-4-bits": flat(4, GREY, (5,), trns(6)),
    "key-of-16-bits-another": flat(16, GREY, (0x1235,), trns(0x1234)),
    "dark-columns-of-16-bits": drawn(8, 4, 16, GREY, 0, lambda x, y: (x % 2,)),
    "bright-columns-of-16-bits": drawn(8, 4, 16, GREY, 0, lambda x, y: ((x + 1) % 2,)),
    "black-grey-of-16-bits": flat(16, GREY, (0,)),
    "key-of-another-rgb": flat(8, RGB, (1, 2, 3), trns(1, 2, 4)),
}


@pytest.mark.parametrize("data", TRANSPARENT.values(), ids=TRANSPARENT.keys())
def test_full_transparency_is_detected(data: bytes) -> None:
    """Transparency is found in an alpha channel, in the alpha of a palette, and in a key colour of any depth."""
    assert pixels(data).transparent


@pytest.mark.parametrize("data", VISIBLE.values(), ids=VISIBLE.keys())
def test_a_visible_pixel_is_detected(data: bytes) -> None:
    """One pixel that is not fully transparent suffices."""
    assert not pixels(data).transparent


def test_the_same_pixels_have_the_same_digest() -> None:
    """Compression, interlacing, ancillary chunks and the colour type do not change the digest."""
    image = noise("RGB").quantize(16).convert("RGB")
    palette = image.quantize(16)
    assert palette.convert("RGB").tobytes() == image.tobytes()

    def samples(x: int, y: int) -> tuple[int, ...]:
        red, green, blue = image.load()[x, y]
        return red, green, blue

    ways = {
        saved(image),
        saved(image, compress_level=0),
        saved(image.convert("RGBA")),
        saved(palette),
        drawn(160, 60, 8, RGB, 0, samples),
        drawn(160, 60, 8, RGB, 1, samples),
        drawn(160, 60, 8, RGB, 0, samples, before=chunk(b"tEXt", b"a\x00b")),
        drawn(160, 60, 16, RGB, 1, lambda x, y: tuple(257 * each for each in samples(x, y))),
    }
    assert len(ways) == 8
    assert len({pixels(data).digest for data in ways}) == 1


def test_other_pixels_have_another_digest() -> None:
    """One bit of one pixel, the shape, or the transparency changes the digest."""
    grey = drawn(8, 4, 8, GREY, 0, lambda x, y: (0,))
    others = {
        "as it is": grey,
        "one bit": drawn(8, 4, 8, GREY, 0, lambda x, y: (int((x, y) == (7, 3)),)),
        "another shape": drawn(4, 8, 8, GREY, 0, lambda x, y: (0,)),
        "transparent": drawn(8, 4, 8, GREY_ALPHA, 0, lambda x, y: (0, 0)),
        "16 bits, last one": drawn(8, 4, 16, GREY, 0, lambda x, y: (int((x, y) == (7, 3)),)),
    }
    assert len({pixels(data).digest for data in others.values()}) == len(others)


@pytest.mark.parametrize("at", [(0, 0), (999, 0), (0, 399), (999, 399)], ids=str)
def test_one_pixel_anywhere_in_a_large_picture_counts(at: tuple[int, int]) -> None:
    """A large picture is converted in strips, all of which count."""
    image = Image.new("RGBA", (1000, 400))
    assert pixels(saved(image)).one_colour
    assert pixels(saved(image)).transparent
    image.putpixel(at, (0, 0, 0, 1))
    assert not pixels(saved(image)).one_colour
    assert not pixels(saved(image)).transparent


def test_two_halves_are_two_colours() -> None:
    """Strips of one colour each do not make a picture of one colour."""
    image = Image.new("RGB", (1024, 512))
    image.paste((255, 255, 255), (0, 256, 1024, 512))
    assert not pixels(saved(image)).one_colour


def test_pillow_is_never_given_a_picture_bomb() -> None:
    """The size is checked before decoding, in the header that decoders use."""
    assert "a picture has more than 4000000 pixels" in str(decode(png(ihdr(60000, 60000, 8, RGB), IDAT, IEND)))
    assert "2 of them" in str(decode(png(HEAD, ihdr(60000, 60000, 8, RGB), IDAT, IEND)))


def test_a_warning_of_pillow_is_suppressed() -> None:
    """A warning of Pillow does not raise where warnings are errors."""
    invalid = png(HEAD, chunk(b"acTL", bytes(8)), IDAT, IEND)
    with pytest.warns(UserWarning, match="Invalid APNG"), Image.open(BytesIO(invalid)) as image:
        image.load()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not pixels(invalid).one_colour


def test_the_reason_is_deterministic() -> None:
    """Decoding a malformed picture twice gives the same reason, without a memory address."""
    broken = png(HEAD, chunk(b"pHYs"), IDAT, IEND)
    assert decode(broken) == decode(bytes(bytearray(broken)))
    assert "0x" not in str(decode(broken))


BOMBS = {
    "small-size-large-stream": with_idat(zlib.compress(bytes(50_000_000))),
    "largest-picture": drawn(8, 8, 8, RGB)[:8]
    + ihdr(2000, 2000, 16, RGBA)
    + chunk(b"IDAT", zlib.compress(bytes(2000 * (1 + 8 * 2000))))
    + IEND,
    "stream-of-empty-blocks": with_idat(b"\x78\x01" + b"\x00\x00\x00\xff\xff" * 800_000),
}


@pytest.mark.parametrize("data", BOMBS.values(), ids=BOMBS.keys())
def test_inflating_takes_little_memory(data: bytes) -> None:
    """Only one step of an inflated stream is held, whatever its size."""
    parts = parse(data)
    tracemalloc.start()
    try:
        list(pixel_problems(parts))
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_the_largest_picture_is_valid() -> None:
    """A picture at the size limit has no violation."""
    assert found(BOMBS["largest-picture"]) == {}
