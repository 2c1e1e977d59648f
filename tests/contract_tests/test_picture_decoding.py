"""Decoding of pictures: palette indices, frames, and the reasons why a picture is not decoded."""

from __future__ import annotations

import zlib

import pytest
from PIL import Image

from contract_tests.pictures import pixels as module
from contract_tests.pictures.pixels import Pixels, decode, decode_other
from tests.contract_tests.png_samples import HEAD, IDAT, IEND, PALETTE, chunk, ihdr, png, rows
from tests.contract_tests.test_checks import captcha, exchange
from tests.contract_tests.test_operation_checks import found
from tests.contract_tests.test_picture_checks import uri
from tests.contract_tests.test_picture_formats import saved

COLOURS = {kind: Image.new("RGB", (8, 4), kind) for kind in ("red", "blue")}


def indexed(largest: int, colours: int) -> bytes:
    """Return a picture of the indices 0 to `largest` with a palette of so many colours."""
    palette = chunk(b"PLTE", bytes(range(3 * colours)))
    data = zlib.compress(rows(16, 1, 4, 0, lambda x, y: (min(x, largest),)))
    return png(ihdr(16, 1, 4, PALETTE), palette, chunk(b"IDAT", data), IEND)


def decoded(data: bytes) -> Pixels:
    shown = decode(data)
    assert isinstance(shown, Pixels), shown
    return shown


@pytest.mark.parametrize(
    ("largest", "colours", "stray"), [(3, 4, None), (4, 4, 4), (9, 4, 9), (0, 1, None), (9, 16, None)]
)
def test_the_largest_index_beyond_the_palette(largest: int, colours: int, stray: int | None) -> None:
    """An index without a colour (§11.2.2) is reported; unused colours are allowed."""
    data = indexed(largest, colours)
    assert decoded(data).stray_index == stray
    violation = ("$.data.img", "pixels of the colours of PLTE", f"palette index {stray}")
    expected = [violation] if stray is not None else []
    assert found("png-palette-indices-are-in-range", exchange(captcha(img=uri(data)))) == (1, expected)
    assert decoded(png(HEAD, chunk(b"PLTE", bytes(3)), IDAT, IEND)).stray_index is None


def test_the_reason_why_a_png_is_not_decoded() -> None:
    """The first violation that a decoder would stumble over, else that of Pillow."""
    assert decode(b"") == "byte 0: nothing (expected: the signature 89 50 4e 47 0d 0a 1a 0a)"
    assert decode(png(HEAD, IEND)) == "chunks: none (expected: at least one IDAT)"
    assert decode(png(chunk(b"IHDR", bytes(5)), IDAT, IEND)) == "IHDR: 5 of them (expected: 13 bytes)"
    assert str(decode(png(HEAD, chunk(b"pHYs"), IDAT, IEND))).startswith("Pillow reports: ")


@pytest.mark.parametrize("kind", ["GIF", "JPEG", "WebP"])
def test_the_reason_why_another_picture_is_not_decoded(kind: str) -> None:
    """The error of Pillow, without the address of an object in memory."""
    reason = decode_other(b"no picture", kind)
    assert isinstance(reason, str)
    assert reason.startswith("Pillow reports: cannot identify image file")
    assert "0x" not in reason


def frames(*colours: str) -> Pixels:
    first, *others = (COLOURS[each] for each in colours)
    shown = decode_other(saved("WEBP", first, save_all=True, append_images=others, lossless=True), "WebP")
    assert isinstance(shown, Pixels), shown
    return shown


def test_all_frames_of_an_animation_count() -> None:
    """One colour in every frame, the same in all of them; another order is another picture."""
    assert frames("red").one_colour
    assert not frames("red", "blue").one_colour
    assert (frames("red", "blue").width, frames("red", "blue").height) == (8, 4)
    assert len({frames(*each).digest for each in (("red",), ("blue",), ("red", "blue"), ("blue", "red"))}) == 4
    spotted = COLOURS["red"].copy()
    spotted.putpixel((7, 3), (0, 0, 255))
    shown = decode_other(saved("GIF", spotted, save_all=True, append_images=[spotted]), "GIF")
    assert isinstance(shown, Pixels)
    assert (shown.one_colour, shown.transparent) == (False, False)


def test_frames_are_decoded_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames beyond it are ignored."""
    whole = frames("red", "red", "blue")
    assert not whole.one_colour
    monkeypatch.setattr(module, "MAX_FRAMES", 1)
    assert frames("red", "blue").one_colour


def test_transparency_of_all_frames() -> None:
    """One visible frame suffices."""
    clear, visible = Image.new("RGBA", (8, 4), (0, 0, 0, 0)), Image.new("RGBA", (8, 4), (9, 9, 9, 255))
    for images, is_transparent in (((clear,), True), ((clear, visible), False), ((visible,), False)):
        data = saved("WEBP", images[0], save_all=True, append_images=list(images[1:]), lossless=True)
        shown = decode_other(data, "WebP")
        assert isinstance(shown, Pixels)
        assert shown.transparent is is_transparent
