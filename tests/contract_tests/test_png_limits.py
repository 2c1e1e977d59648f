"""PNG: exact limits, every size of an interlaced picture, and runs of chunks of any length."""

from __future__ import annotations

import pytest

from contract_tests.pictures.png import (
    COLOUR_TYPES,
    MAX_CHUNKS,
    MAX_PIXELS,
    MAX_SIDE,
    header_problems,
    order_problems,
    parse,
    require_size,
)
from contract_tests.pictures.png_stream import pixel_problems
from contract_tests.verdict import LimitExceeded
from tests.contract_tests.png_samples import (
    DEPTHS,
    GREY,
    GREY_ALPHA,
    HEAD,
    HIDDEN_HEAD,
    HIDDEN_IDAT,
    IDAT,
    IEND,
    PALETTE,
    chunk,
    drawn,
    found,
    ihdr,
    png,
)

IDATS = [chunk(b"IDAT", IDAT[8:-4][at : at + 9]) for at in range(0, len(IDAT) - 12, 9)]
TEXT = chunk(b"tEXt", b"a\x00b")


@pytest.mark.parametrize("width", range(1, 19))
def test_every_size_of_an_interlaced_picture_is_valid(width: int) -> None:
    """Sizes that are no multiples of the eight columns and rows of a pass (§8.2), and two of them."""
    for height in range(1, 19):
        assert list(pixel_problems(parse(drawn(width, height, 1, GREY, 1)))) == [], height


def received(width: int, height: int) -> list[str]:
    return [each.received for each in header_problems(parse(png(ihdr(width, height, 8, GREY), IDAT, IEND)))]


def test_limits_of_the_size_are_exact() -> None:
    """The largest picture and the longest side; a width and a height of 31 bits are too large, but valid."""
    for size in ((MAX_SIDE, MAX_PIXELS // MAX_SIDE), (MAX_PIXELS // MAX_SIDE, MAX_SIDE), (2000, 2000)):
        require_size(*size)
    for size in ((1, MAX_SIDE + 1), (MAX_SIDE + 1, 1), (2001, 2000), (2**31 - 1, 1), (1, 2**31 - 1)):
        with pytest.raises(LimitExceeded, match=f"more than {MAX_PIXELS} pixels"):
            require_size(*size)
        assert received(*size) == []
    for width, height in ((2**31, 1), (1, 2**31)):
        (problem,) = header_problems(parse(png(ihdr(width, height, 8, GREY), IDAT, IEND)))
        assert "from 1 to 2147483647" in problem.expected


def test_the_limit_of_chunks_is_exact() -> None:
    """A picture of as many chunks as the limit is valid."""
    texts = TEXT * (MAX_CHUNKS - 3)
    assert parse(png(HEAD, texts, IDAT, IEND)).error is None
    with pytest.raises(LimitExceeded, match=f"more than {MAX_CHUNKS} chunks"):
        parse(png(HEAD, texts, TEXT, IDAT, IEND))


@pytest.mark.parametrize("at", range(1, len(IDATS)))
def test_a_chunk_between_the_pixels_is_found_anywhere(at: int) -> None:
    """The first chunk between IDATs is reported; one behind them is allowed."""
    (problem,) = found(png(HEAD, *IDATS[:at], TEXT, *IDATS[at:], IEND))["order"]
    assert problem.received == f"chunk {at + 2} (tEXt) at byte {33 + 21 * at} between them"
    assert found(png(HEAD, TEXT, *IDATS, TEXT, TEXT, IEND)) == {}


def test_every_depth_of_a_colour_type_is_listed() -> None:
    """The colour types and depths of table 8 (§11.2.1), and no other."""
    assert {colour: depths for colour, (_, depths) in COLOUR_TYPES.items()} == DEPTHS
    for colour in range(8):
        for depth in range(18):
            problems = list(header_problems(parse(png(ihdr(5, 3, depth, colour), IDAT, IEND))))
            assert bool(problems) is (depth not in DEPTHS.get(colour, ())), (colour, depth)


@pytest.mark.parametrize(("depth", "most"), [(1, 2), (2, 4), (4, 16), (8, 256)])
def test_a_palette_has_at_most_as_many_colours_as_its_depth(depth: int, most: int) -> None:
    """From one colour to all that the samples can name (§11.2.2)."""
    for colours, is_valid in ((1, True), (most, True), (most + 1, False), (0, False)):
        data = png(ihdr(5, 3, depth, PALETTE), chunk(b"PLTE", bytes(3 * colours)), HIDDEN_IDAT, IEND)
        assert (list(header_problems(parse(data))) == []) is is_valid, colours


@pytest.mark.parametrize("colour", DEPTHS)
def test_a_palette_is_required_allowed_or_forbidden(colour: int) -> None:
    """Indexed colour requires PLTE, true colour allows it as a suggestion, greyscale forbids it (§11.2.2)."""
    header, palette = ihdr(5, 3, 8, colour), chunk(b"PLTE", bytes(3))
    assert bool(list(order_problems(parse(png(header, IDAT, IEND))))) is (colour == PALETTE)
    assert bool(list(order_problems(parse(png(header, palette, IDAT, IEND))))) is (colour in (GREY, GREY_ALPHA))


def test_each_critical_chunk_in_the_wrong_place_is_reported() -> None:
    """A second IEND, a palette without samples, and unknown chunks, of which the first one is named."""
    assert [each.received for each in found(png(HIDDEN_HEAD, HIDDEN_IDAT, IEND))["order"]] == ["none"]
    unknown = png(HEAD, chunk(b"ABCD"), chunk(b"EFGH"), IDAT, IEND)
    assert [each.received for each in found(unknown)["order"]] == ["chunk 2 (ABCD) at byte 33"]
    assert found(png(HEAD, chunk(b"aBCD"), IDAT, IEND)) == {}
