"""The places of the ancillary chunks of a PNG, transparency, and the chunks for which decoders refuse a picture."""

from __future__ import annotations

import pytest

from contract_tests.pictures.png_chunks import place_problems, refused, transparency_problems
from tests.contract_tests.png_samples import GREY, GREY_ALPHA, PALETTE, RGB, RGBA, chunk
from tests.contract_tests.png_zoo import IDAT, PLTE
from tests.contract_tests.test_png_chunks import found


def trns(length: int) -> bytes:
    return chunk(b"tRNS", bytes(length))


@pytest.mark.parametrize(
    ("colour", "chunks", "violations"),
    [
        (RGB, (IDAT,), []),
        (RGB, (trns(6), IDAT), []),
        (GREY, (trns(2), IDAT), []),
        (PALETTE, (PLTE, trns(8), IDAT), []),
        (PALETTE, (PLTE, trns(0), IDAT), []),
        (7, (trns(9), IDAT), []),
        (PALETTE, (PLTE, trns(9), IDAT), [("chunk 3 (tRNS)", "at most 8 bytes, one for each colour", "9 of them")]),
        (PALETTE, (trns(1), IDAT), [("chunk 2 (tRNS)", "at most 0 bytes, one for each colour", "1 of them")]),
        (GREY, (trns(6), IDAT), [("chunk 2 (tRNS)", "2 bytes", "6 of them")]),
        (RGB, (trns(2), IDAT), [("chunk 2 (tRNS)", "6 bytes", "2 of them")]),
        (RGB, (trns(6), trns(6), IDAT), [("chunks", "one tRNS", "2 of them")]),
        (GREY_ALPHA, (trns(2), IDAT), [("chunk 2 (tRNS)", "no tRNS in a picture with an alpha channel", "one")]),
        (RGBA, (trns(6), IDAT), [("chunk 2 (tRNS)", "no tRNS in a picture with an alpha channel", "one")]),
        (RGB, (IDAT, trns(6)), [("chunk 3 (tRNS)", "tRNS before IDAT", "tRNS after it")]),
        (RGB, (trns(6), PLTE, IDAT), [("chunk 2 (tRNS)", "tRNS after PLTE", "tRNS before it")]),
    ],
)
def test_transparency(colour: int, chunks: tuple[bytes, ...], violations: list[tuple[str, str, str]]) -> None:
    """One tRNS, between PLTE and IDAT, as long as the colour type says."""
    assert found(transparency_problems, *chunks, colour=colour) == violations


BEFORE_PALETTE = [b"cHRM", b"cICP", b"gAMA", b"iCCP", b"mDCV", b"cLLI", b"sBIT", b"sRGB"]
AFTER_PALETTE = [b"bKGD", b"hIST"]
BEFORE_PIXELS = [*BEFORE_PALETTE, *AFTER_PALETTE, b"eXIf", b"pHYs", b"sPLT"]
ANYWHERE = [b"tEXt", b"zTXt", b"iTXt", b"unKn"]


def about(kind: bytes, *chunks: bytes) -> list[tuple[str, str, str]]:
    """Return the violations about the place of one type; mDCV needs a cICP, which is put before it."""
    needed = (chunk(b"cICP"),) if kind == b"mDCV" else ()
    return found(place_problems, *needed, *chunks)


@pytest.mark.parametrize("kind", [*BEFORE_PIXELS, *ANYWHERE, b"tIME"])
def test_the_place_of_a_chunk(kind: bytes) -> None:
    """Before or after PLTE, before IDAT, or anywhere (§5.6, table 7); once, or any number of times."""
    one, name = chunk(kind), kind.decode()
    wrong = [(f"({name})", f"{name} before IDAT", f"{name} after it")] if kind in BEFORE_PIXELS else []
    assert [(each[0][-6:], *each[1:]) for each in about(kind, IDAT, one)] == wrong
    wrong = [(f"({name})", f"{name} before PLTE", f"{name} after it")] if kind in BEFORE_PALETTE else []
    assert [(each[0][-6:], *each[1:]) for each in about(kind, PLTE, one, IDAT)] == wrong
    wrong = [(f"({name})", f"{name} after PLTE", f"{name} before it")] if kind in AFTER_PALETTE else []
    assert [(each[0][-6:], *each[1:]) for each in about(kind, one, PLTE, IDAT)] == wrong
    twice = [("chunks", f"one {name}", "2 of them")] if kind not in (*ANYWHERE, b"sPLT") else []
    assert about(kind, one, one, IDAT) == twice
    assert about(kind, one) == []


def test_a_misplaced_type_is_reported_once() -> None:
    """The first of its chunks is named."""
    gama = chunk(b"gAMA")
    misplaced = ("chunk 3 (gAMA)", "gAMA before IDAT", "gAMA after it")
    assert found(place_problems, IDAT, gama, gama) == [misplaced, ("chunks", "one gAMA", "2 of them")]
    assert found(place_problems, chunk(b"iCCP"), chunk(b"sRGB"), IDAT) == [("chunks", "either iCCP or sRGB", "both")]
    assert found(place_problems, chunk(b"mDCV"), IDAT) == [("chunks", "a cICP beside mDCV", "none")]
    assert found(place_problems, IDAT, chunk(b"sRGB"), chunk(b"pHYs"))[1][0] == "chunk 4 (pHYs)"


@pytest.mark.parametrize(
    ("colour", "chunks", "violations"),
    [
        (RGB, (chunk(b"bKGD"), IDAT), []),
        (RGB, (chunk(b"bKGD"), PLTE, IDAT), []),
        (PALETTE, (PLTE, chunk(b"bKGD"), IDAT), []),
        (PALETTE, (chunk(b"bKGD"), PLTE, IDAT), [("chunk 2 (bKGD)", "bKGD after PLTE", "bKGD before it")]),
        (RGB, (chunk(b"cICP", b"\1\1\0\0"), chunk(b"cICP", b"\1\1\0\1"), IDAT), []),
        (RGB, (IDAT, chunk(b"cICP", b"\1\1\1\1")), []),
        (RGB, (chunk(b"cICP", b"\1\1\1"), IDAT), []),
        (
            RGB,
            (chunk(b"cICP", b"\1\2\3\4"), IDAT),
            [("chunk 2 (cICP)", "matrix coefficients of 0 and a range flag of 0 or 1", "01 02 03 04")],
        ),
        (RGB, (chunk(b"iCCP", b"a\0\0"), chunk(b"zTXt", b"a\0\0"), chunk(b"zTXt", b"a\0"), chunk(b"zTXt"), IDAT), []),
        (RGB, (chunk(b"tEXt", b"a\0\1"), IDAT), []),
        *(
            (RGB, (chunk(kind, data), IDAT), [(f"chunk 2 ({name})", "compression method 0 after a name", shown)])
            for kind, data, name, shown in (
                (b"iCCP", b"a\0\1", "iCCP", "61 00 01"),
                (b"iCCP", b"a\0", "iCCP", "61 00"),
                (b"iCCP", b"", "iCCP", ""),
                (b"zTXt", b"\0\1" + bytes(20), "zTXt", "00 01" + " 00" * 14),
            )
        ),
    ],
)
def test_chunks_for_which_decoders_refuse_a_picture(
    colour: int, chunks: tuple[bytes, ...], violations: list[tuple[str, str, str]]
) -> None:
    """Those of which Chromium or Pillow shows nothing; all others they ignore."""
    assert found(refused, *chunks, colour=colour) == violations
