"""The frames of an animated PNG: the first violation, with its place."""

from __future__ import annotations

import struct
import zlib

import pytest

from contract_tests.pictures import png_animation
from contract_tests.pictures.png import parse
from contract_tests.pictures.png_animation import animation_problems
from tests.contract_tests.png_samples import IEND, RGB, by_chance, chunk, png, rows
from tests.contract_tests.png_zoo import HEAD, IDAT, STREAM, actl, fctl, fdat

SMALL = zlib.compress(rows(3, 2, 8, 0, by_chance(8, RGB)))


def first(*before: bytes, after: tuple[bytes, ...] = ()) -> tuple[str, str, str] | None:
    """Return the only violation of a picture with chunks before and after IDAT."""
    found = list(animation_problems(parse(png(HEAD, *before, IDAT, *after, IEND))))
    assert len(found) <= 1
    return (found[0].where, found[0].expected, found[0].received) if found else None


def control(number: int, disposal: int = 0, blend: int = 0) -> bytes:
    return chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, 12, 8, 0, 0, 1, 10, disposal, blend))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((), ()),
        ((actl(1), fctl(0)), ()),
        ((fctl(0), actl(1)), ()),
        ((actl(1),), (fctl(0), fdat(1))),
        ((actl(2), fctl(0)), (fctl(1), fdat(2))),
        (
            (actl(3), fctl(0)),
            (fctl(1, 3, 2, 9, 6), fdat(2, SMALL), fctl(3, 3, 2), fdat(4, SMALL[:5]), fdat(5, SMALL[5:])),
        ),
        ((actl(1),), (fctl(0), fdat(1, b""), fdat(2))),
        ((actl(2), control(0, 2, 1)), (control(1, 1, 0), fdat(2))),
    ],
)
def test_a_valid_animation_has_no_violation(before: tuple[bytes, ...], after: tuple[bytes, ...]) -> None:
    """With the picture as its first frame or beside it; frames within the picture, in any number of parts."""
    assert first(*before, after=after) is None


@pytest.mark.parametrize(
    ("before", "after", "violation"),
    [
        ((actl(1),), (fdat(0),), ("chunk 4 (fdAT)", "an fcTL between IDAT and fdAT", "none")),
        ((actl(1), fctl(0)), (fdat(1),), ("chunk 5 (fdAT)", "an fcTL between IDAT and fdAT", "none")),
        ((actl(1), fctl(0), fdat(1)), (), ("chunk 4 (fdAT)", "an fcTL between IDAT and fdAT", "none")),
        (
            (actl(1),),
            (fctl(0), chunk(b"fdAT", b"\0\0\1")),
            ("chunk 5 (fdAT)", "at least 4 bytes", "3 of them"),
        ),
        ((actl(2), fctl(0), fctl(1)), (), ("chunk 4 (fcTL)", "one fcTL before IDAT", "another")),
        ((actl(1), chunk(b"fcTL", bytes(25))), (), ("chunk 3 (fcTL)", "26 bytes", "25 of them")),
        ((actl(1), chunk(b"fcTL", bytes(27))), (), ("chunk 3 (fcTL)", "26 bytes", "27 of them")),
        *(
            ((actl(1), fctl(0, *region)), (), ("chunk 3 (fcTL)", "12x8 pixels at 0, 0", shown))
            for region, shown in (
                ((11, 8, 0, 0), "11x8 pixels at 0, 0"),
                ((12, 7, 0, 0), "12x7 pixels at 0, 0"),
                ((12, 8, 1, 0), "12x8 pixels at 1, 0"),
                ((12, 8, 0, 1), "12x8 pixels at 0, 1"),
            )
        ),
        *(
            ((actl(1),), (fctl(0, *region), fdat(1)), ("chunk 4 (fcTL)", "a region of 12x8 pixels", shown))
            for region, shown in (
                ((12, 8, 1, 0), "12x8 pixels at 1, 0"),
                ((12, 8, 0, 1), "12x8 pixels at 0, 1"),
                ((0, 8, 0, 0), "0x8 pixels at 0, 0"),
                ((12, 0, 0, 0), "12x0 pixels at 0, 0"),
            )
        ),
        *(
            (
                (actl(1), control(0, *bits)),
                (),
                ("chunk 3 (fcTL)", "a disposal of 0 to 2 and a blending of 0 or 1", shown),
            )
            for bits, shown in (((3, 1), "3 and 1"), ((2, 2), "2 and 2"))
        ),
        ((actl(1), fctl(1)), (), ("chunk 3 (fcTL)", "sequence number 0", "1")),
        ((actl(1),), (fctl(0), fdat(0)), ("chunk 5 (fdAT)", "sequence number 1", "0")),
        ((fctl(0),), (), ("chunks", "one acTL", "0 of them")),
        ((actl(1), actl(1), fctl(0)), (), ("chunks", "one acTL", "2 of them")),
        ((fctl(0),), (actl(1),), ("chunk 4 (acTL)", "acTL before IDAT", "acTL after it")),
        ((chunk(b"acTL", b"\0\0\0\1"), fctl(0)), (), ("chunk 2 (acTL)", "8 bytes", "4 of them")),
        ((actl(2), fctl(0)), (), ("chunk 2 (acTL)", "1 frame(s), one for each fcTL", "2")),
        ((actl(1), fctl(0)), (fctl(1), fdat(2)), ("chunk 2 (acTL)", "2 frame(s), one for each fcTL", "1")),
        ((actl(0),), (), ("chunk 2 (acTL)", "1 frame(s), one for each fcTL", "0")),
        (
            (actl(1),),
            (fctl(0), fdat(1, b"x" + STREAM)),
            (
                "frame of chunk 4 (fcTL)",
                "a zlib stream",
                "no header of zlib (RFC 1950 §2.2)",
            ),
        ),
        (
            (actl(2),),
            (fctl(0), fdat(1), fctl(2), fdat(3, SMALL)),
            ("frame of chunk 6 (fcTL)", "296 bytes for 12x8 pixels", "20 bytes"),
        ),
        ((actl(1),), (fctl(0, 3, 2), fdat(1)), ("frame of chunk 4 (fcTL)", "20 bytes for 3x2 pixels", "more")),
    ],
)
def test_the_first_violation_is_reported(
    before: tuple[bytes, ...], after: tuple[bytes, ...], violation: tuple[str, str, str]
) -> None:
    """A violation is not reported if it follows from another one."""
    found = first(*before, after=after)
    assert found is not None
    assert (found[0].partition(" at byte")[0], *found[1:]) == violation


def test_frames_are_inflated_up_to_the_limit_of_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames of exactly as many pixels as the limit are checked, further ones are not."""
    damaged = (fctl(0), fdat(1), fctl(2), fdat(3, b"x"))
    monkeypatch.setattr(png_animation, "MAX_PIXELS", 2 * 12 * 8)
    assert first(actl(2), after=damaged) is not None
    monkeypatch.setattr(png_animation, "MAX_PIXELS", 2 * 12 * 8 - 1)
    assert first(actl(2), after=damaged) is None


def test_a_picture_without_pixels_or_header_has_no_animation() -> None:
    """Other requirements report both."""
    assert list(animation_problems(parse(png(HEAD, actl(0), IEND)))) == []
    assert list(animation_problems(parse(png(actl(0), IDAT, IEND)))) == []
