"""The suite's own PNG reader accuses every defect under its own fact, no sound picture at all, and never raises."""

from __future__ import annotations

import base64
import random
import struct
import tracemalloc
import warnings
import zlib
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from contract_tests.findings import Problem
from contract_tests.picture import Picture
from contract_tests.pixels import Pixels, decode
from contract_tests.png import (
    MAX_CHUNKS,
    MAX_PIXELS,
    MAX_SIDE,
    SIGNATURE,
    crc_problems,
    end_problems,
    header_problems,
    order_problems,
    pixel_problems,
    split,
)

GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
DEPTHS = {GREY: (1, 2, 4, 8, 16), RGB: (8, 16), PALETTE: (1, 2, 4, 8), GREY_ALPHA: (8, 16), RGBA: (8, 16)}
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}
# The pass in which each pixel of an 8 x 8 square comes, as PNG §8.2 draws it.
ADAM7 = ("16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656", "77777777")

Samples = Callable[[int, int], tuple[int, ...]]


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*chunks: bytes) -> bytes:
    return SIGNATURE + b"".join(chunks)


def ihdr(width: int, height: int, depth: int, colour: int, interlace: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace))


IEND = chunk(b"IEND")


def packed(samples: Iterable[int], depth: int) -> bytes:
    """One row (PNG §7.2), behind filter type 0."""
    bits = "".join(f"{sample:0{depth}b}" for sample in samples)
    return bytes([0, *(int(bits[at : at + 8].ljust(8, "0"), 2) for at in range(0, len(bits), 8))])


def rows(width: int, height: int, depth: int, interlace: int, samples: Samples) -> bytes:
    written = b""
    for number in "1234567" if interlace else "0":
        for y in range(height):
            xs = [x for x in range(width) if not interlace or ADAM7[y % 8][x % 8] == number]
            if xs:
                written += packed((sample for x in xs for sample in samples(x, y)), depth)
    return written


def by_chance(depth: int, colour: int) -> Samples:
    def samples(x: int, y: int) -> tuple[int, ...]:
        chance = random.Random(f"{x} {y}")
        return tuple(chance.getrandbits(depth) for _ in range(CHANNELS[colour]))

    return samples


def drawn(
    width: int,
    height: int,
    depth: int,
    colour: int,
    interlace: int = 0,
    samples: Samples | None = None,
    before: bytes = b"",
) -> bytes:
    """A picture written by hand; `before` are chunks that stand between IHDR and IDAT."""
    if colour == PALETTE and b"PLTE" not in before:
        before = chunk(b"PLTE", random.Random(1).randbytes(3 * 2**depth)) + before
    data = rows(width, height, depth, interlace, samples or by_chance(depth, colour))
    header = ihdr(width, height, depth, colour, interlace)
    return png(header, before, chunk(b"IDAT", zlib.compress(data)), IEND)


def saved(image: Image.Image, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, "PNG", **options)
    return out.getvalue()


def noise(mode: str, width: int = 160, height: int = 60) -> Image.Image:
    chance = random.Random(mode)
    if mode == "I;16":
        return Image.frombytes(mode, (width, height), chance.randbytes(2 * width * height))
    plain = Image.frombytes("RGBA", (width, height), chance.randbytes(4 * width * height))
    return plain.convert("RGB").convert("P") if mode == "P" else plain.convert(mode)


# A picture of 5 x 3 pixels in RGB, in its parts: what the defects below are made of.
HEAD = ihdr(5, 3, 8, RGB)
DATA = rows(5, 3, 8, 0, by_chance(8, RGB))
STREAM = zlib.compress(DATA)
IDAT = chunk(b"IDAT", STREAM)
GOOD = png(HEAD, IDAT, IEND)
PLTE = chunk(b"PLTE", bytes(range(12)))
HIDDEN_HEAD = ihdr(5, 3, 8, PALETTE)
HIDDEN_IDAT = chunk(b"IDAT", zlib.compress(rows(5, 3, 8, 0, lambda x, y: (x % 4,))))


def with_idat(stream: bytes) -> bytes:
    return png(HEAD, chunk(b"IDAT", stream), IEND)


def raw_deflate_window(bits: int) -> bytes:
    deflater = zlib.compressobj(9, zlib.DEFLATED, bits)
    return deflater.compress(DATA) + deflater.flush()


BEFORE = b"".join(
    (
        chunk(b"acTL", struct.pack(">II", 1, 0)),
        chunk(b"cHRM", bytes(32)),
        chunk(b"cICP", b"\x01\x0d\x00\x01"),
        chunk(b"gAMA", struct.pack(">I", 45455)),
        chunk(b"sBIT", b"\x08\x08\x08"),
        chunk(b"sRGB", b"\x00"),
        chunk(b"PLTE", b"rgb"),
        chunk(b"bKGD", bytes(6)),
        chunk(b"hIST", bytes(2)),
        chunk(b"tRNS", bytes(6)),
        chunk(b"eXIf", b"MM\x00*\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00"),
        chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 5, 3, 0, 0, 1, 1, 0, 0)),
        chunk(b"pHYs", struct.pack(">IIB", 2835, 2835, 1)),
        chunk(b"sPLT", b"name\x00\x08"),
        chunk(b"tEXt", b"Title\x00before"),
    )
)
AFTER = b"".join(
    (
        chunk(b"tIME", struct.pack(">HBBBBB", 2026, 1, 1, 0, 0, 0)),
        chunk(b"tEXt", b"Title\x00behind"),
        chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(b"behind" * 100)),
        chunk(b"iTXt", "Author\x00\x00\x00zh\x00\x00验证码".encode()),
        chunk(b"prVt", b"private"),
        chunk(b"unKn"),
    )
)


def animated(default: bool) -> bytes:
    frames = [noise("RGB", 20, 10), noise("L", 20, 10).convert("RGB"), noise("RGBA", 20, 10).convert("RGB")]
    return saved(frames[0], save_all=True, append_images=frames[1:], default_image=default)


ZOO = {
    **{f"pillow-{mode}": saved(noise(mode)) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")},
    "pillow-60x20": saved(noise("RGB", 60, 20)),
    "pillow-1000x400": saved(noise("RGB", 1000, 400)),
    "pillow-optimised": saved(noise("P"), optimize=True),
    "pillow-4-bit-palette": saved(noise("RGB").quantize(16), bits=4, transparency=bytes(range(16))),
    "animation": animated(default=False),
    "animation-beside-the-picture": animated(default=True),
    "by-hand": GOOD,
    "every-ancillary-chunk": png(HEAD, BEFORE, IDAT, AFTER, IEND),
    "eXIf-behind-the-pixels": png(HEAD, IDAT, chunk(b"eXIf", b"MM\x00*\x00\x00\x00\x08\x00\x00"), IEND),
    "profile": png(HEAD, chunk(b"iCCP", b"name\x00\x00" + zlib.compress(bytes(200))), IDAT, IEND),
    "many-texts": png(HEAD, chunk(b"zTXt", b"k\x00\x00" + zlib.compress(b"text")) * 100, IDAT, IEND),
    "suggested-palette-of-256": png(HEAD, chunk(b"PLTE", bytes(768)), IDAT, IEND),
    "palette-as-wide-as-its-depth": drawn(9, 3, 1, PALETTE, before=chunk(b"PLTE", b"blkwht")),
    "palette-shorter-than-its-depth": png(HIDDEN_HEAD, PLTE, HIDDEN_IDAT, IEND),
    "one-byte-IDATs": png(HEAD, *(chunk(b"IDAT", bytes([each])) for each in STREAM), IEND),
    "empty-IDATs": png(HEAD, chunk(b"IDAT"), IDAT, chunk(b"IDAT"), IEND),
    "empty-IDAT-inside": png(HEAD, chunk(b"IDAT", STREAM[:9]), chunk(b"IDAT"), chunk(b"IDAT", STREAM[9:]), IEND),
    "stored": with_idat(zlib.compress(DATA, 0)),
    "window-of-512-bytes": with_idat(raw_deflate_window(9)),
    "bytes-behind-the-zlib-stream": with_idat(STREAM + b"left over"),
    "IDAT-behind-the-zlib-stream": png(HEAD, IDAT, chunk(b"IDAT", b"left over"), IEND),
    "every-filter": with_idat(zlib.compress(b"".join(bytes([kind % 5]) + DATA[1:16] for kind in (1, 2, 3)))),
}

FACTS: dict[str, Callable[[bytes], Iterator[Problem]]] = {
    "structure": lambda data: iter([broken] if (broken := split(data).broken) else []),
    "order": lambda data: order_problems(split(data)),
    "crc": lambda data: crc_problems(split(data)),
    "header": lambda data: header_problems(split(data)),
    "pixels": lambda data: pixel_problems(split(data)),
    "end": lambda data: end_problems(split(data)),
    "decoding": lambda data: iter([Problem("", "", why)] if isinstance(why := decode(data), str) else []),
}


def found(data: bytes) -> dict[str, list[Problem]]:
    """What every fact has to say, but for those that say nothing."""
    said = {name: list(problems(data)) for name, problems in FACTS.items()}
    return {name: problems for name, problems in said.items() if problems}


def pixels(data: bytes) -> Pixels:
    shown = decode(data)
    assert isinstance(shown, Pixels), shown
    return shown


@pytest.mark.parametrize("data", ZOO.values(), ids=ZOO.keys())
def test_a_sound_picture_is_accused_of_nothing(data: bytes) -> None:
    """What the specification allows is reported under no fact."""
    assert found(data) == {}


@pytest.mark.parametrize("interlace", [0, 1], ids=["at-once", "adam7"])
@pytest.mark.parametrize(
    ("colour", "depth"),
    [(colour, depth) for colour, depths in DEPTHS.items() for depth in depths],
    ids=lambda value: str(value),
)
def test_every_colour_type_and_depth_is_sound_at_every_size(colour: int, depth: int, interlace: int) -> None:
    """All fifteen pairs are read without complaint, interlaced or not, where passes are empty or bytes half full."""
    for width, height in ((1, 1), (2, 1), (1, 2), (1, 9), (4, 4), (5, 1), (3, 8), (9, 5), (17, 16)):
        data = drawn(width, height, depth, colour, interlace)
        assert found(data) == {}, (width, height)
        assert (pixels(data).width, pixels(data).height) == (width, height)
        short = png(ihdr(width, height, depth, colour, interlace), *_parts(data, shorter=1))
        longer = png(ihdr(width, height, depth, colour, interlace), *_parts(data, longer=1))
        assert next(iter(found(short))) == "pixels", (width, height)
        assert list(found(longer)) == ["pixels"], (width, height)


def _parts(data: bytes, shorter: int = 0, longer: int = 0) -> list[bytes]:
    """The chunks behind IHDR, with some bytes of pixels fewer or more."""
    parts = []
    for each in split(data).chunks[1:]:
        held = bytes(each.data)
        if each.type == b"IDAT":
            plain = zlib.decompress(held)
            held = zlib.compress(plain[: len(plain) - shorter] + bytes(longer))
        parts.append(chunk(each.type, held))
    return parts


def ihdr_with(at: int, value: bytes, colour: int = RGB) -> bytes:
    """IHDR of the picture above, some bytes overwritten: width 0, height 4, depth 8, colour 9, methods 10, 11, 12."""
    data = struct.pack(">IIBBBBB", 5, 3, 8, colour, 0, 0, 0)
    return chunk(b"IHDR", data[:at] + value + data[at + len(value) :])


def wrong_crc(data: bytes) -> bytes:
    return data[:-4] + bytes(4)


FILTER_5 = DATA[:32] + b"\x05" + DATA[33:]
INTERLACED = rows(5, 3, 8, 1, by_chance(8, RGB))
TEXT_BOMB = chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(bytes(4_000_000)))
DICTIONARY = zlib.compressobj(zdict=DATA)

# Under which fact, what is to be read there, the picture.
DEFECTS: dict[str, tuple[str, str, bytes]] = {
    "nothing": ("structure", "nothing", b""),
    "a-jpeg": ("structure", "ff d8", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"),
    "signature-through-a-text-conversion": ("structure", "89 50 4e 47 0a", GOOD.replace(b"\r\n", b"\n", 1)),
    "signature-cut": ("structure", "89 50 4e 47", GOOD[:4]),
    "half-a-picture": ("structure", "a whole IDAT", GOOD[: len(GOOD) // 2]),
    "last-byte-missing": ("structure", "11 byte(s)", GOOD[:-1]),
    "crc-cut": ("structure", "a whole IDAT, 71 bytes: 70 of them", png(HEAD, IDAT[:-1])),
    "chunk-head-cut": ("structure", "5 byte(s)", png(HEAD, IDAT, IEND[:5])),
    "length-beyond-the-end": ("structure", "a whole IDAT, 4294967307 bytes", png(HEAD, b"\xff" * 4 + IDAT[4:], IEND)),
    "type-with-a-digit": ("structure", '"ID4T"', png(HEAD, chunk(b"ID4T", STREAM), IEND)),
    "type-with-an-escape": ("structure", r'"\x1b[2J"', png(HEAD, chunk(b"\x1b[2J", STREAM), IEND)),
    "type-of-other-letters": ("structure", '"éééé"', png(HEAD, chunk(b"\xe9\xe9\xe9\xe9", STREAM), IEND)),
    "chunks-without-number": ("structure", "more", png(HEAD, chunk(b"teSt") * MAX_CHUNKS, IDAT, IEND)),
    "signature-alone": ("order", "no chunk", SIGNATURE),
    "pixels-before-header": ("order", "chunk 1 (IDAT) at byte 8", png(IDAT, HEAD, IEND)),
    "no-header": ("order", "chunk 1 (PLTE) at byte 8", png(PLTE, IDAT, IEND)),
    "text-before-header": ("order", "chunk 1 (tEXt)", png(chunk(b"tEXt", b"a\x00b"), HEAD, IDAT, IEND)),
    "two-headers": ("order", "2 of them", png(HEAD, HEAD, IDAT, IEND)),
    "two-palettes": ("order", "2 of them", png(HIDDEN_HEAD, PLTE, PLTE, HIDDEN_IDAT, IEND)),
    "no-pixels": ("order", "at least one IDAT", png(HEAD, IEND)),
    "end-before-pixels": ("order", "at least one IDAT", png(HEAD, IEND, IDAT)),
    "text-among-pixels": (
        "order",
        "chunk 3 (tEXt)",
        png(HEAD, chunk(b"IDAT", STREAM[:9]), chunk(b"tEXt", b"a\x00b"), chunk(b"IDAT", STREAM[9:]), IEND),
    ),
    "palette-behind-pixels": ("order", "behind", png(HEAD, IDAT, PLTE, IEND)),
    "palette-missing": ("order", "colour type 3", png(HIDDEN_HEAD, HIDDEN_IDAT, IEND)),
    "palette-of-a-grey-picture": ("order", "no PLTE", drawn(5, 3, 8, GREY, before=PLTE)),
    "critical-chunk-unknown": ("order", "chunk 2 (CrIT)", png(HEAD, chunk(b"CrIT"), IDAT, IEND)),
    "crc-of-the-header": ("crc", "CRC 00000000", png(wrong_crc(HEAD), IDAT, IEND)),
    "crc-of-the-pixels": ("crc", "chunk 2 (IDAT) at byte 33", png(HEAD, wrong_crc(IDAT), IEND)),
    "crc-of-a-text": ("crc", "(tEXt)", png(HEAD, wrong_crc(chunk(b"tEXt", b"a\x00b")), IDAT, IEND)),
    "crc-of-the-end": ("crc", "CRC ae426082", png(HEAD, IDAT, wrong_crc(IEND))),
    "header-short": ("header", "12 of them", png(chunk(b"IHDR", bytes(12)), IDAT, IEND)),
    "header-long": ("header", "14 of them", png(chunk(b"IHDR", HEAD[8:21] + b"\x00"), IDAT, IEND)),
    "width-0": ("header", "0x3 pixels", png(ihdr_with(0, bytes(4)), IDAT, IEND)),
    "height-0": ("header", "5x0 pixels", png(ihdr_with(4, bytes(4)), IDAT, IEND)),
    "width-beyond-31-bits": ("header", "from 1 to 2147483647", png(ihdr_with(0, b"\x80\x00\x00\x00"), IDAT, IEND)),
    "picture-bomb": ("header", "60000x60000", png(ihdr(60000, 60000, 8, RGB), IDAT, IEND)),
    "too-many-pixels": ("header", str(MAX_PIXELS), png(ihdr(2001, 2000, 8, RGB), IDAT, IEND)),
    "too-wide": ("header", str(MAX_SIDE), png(ihdr(MAX_SIDE + 1, 1, 8, RGB), IDAT, IEND)),
    "colour-type-1": ("header", "colour type 0, 2, 3, 4 or 6", png(ihdr_with(9, b"\x01"), IDAT, IEND)),
    "depth-3": ("header", "8 or 16 bits for colour type 2", png(ihdr_with(8, b"\x03"), IDAT, IEND)),
    "depth-16-with-a-palette": ("header", "16", png(ihdr_with(8, b"\x10", PALETTE), PLTE, HIDDEN_IDAT, IEND)),
    "compression-method-1": ("header", "compression method 0", png(ihdr_with(10, b"\x01"), IDAT, IEND)),
    "filter-method-1": ("header", "filter method 0", png(ihdr_with(11, b"\x01"), IDAT, IEND)),
    "interlace-method-2": ("header", "interlace method 0 or 1", png(ihdr_with(12, b"\x02"), IDAT, IEND)),
    "palette-empty": ("header", "0 bytes", png(HIDDEN_HEAD, chunk(b"PLTE"), HIDDEN_IDAT, IEND)),
    "palette-of-11-bytes": ("header", "11 bytes", png(HIDDEN_HEAD, chunk(b"PLTE", bytes(11)), HIDDEN_IDAT, IEND)),
    "palette-too-long-for-its-depth": ("header", "1 to 2 colours", drawn(5, 3, 1, PALETTE, before=PLTE)),
    "suggested-palette-of-257": ("header", "1 to 256", png(HEAD, chunk(b"PLTE", bytes(771)), IDAT, IEND)),
    "suggested-palette-of-257-at-16-bits": (
        "header",
        "1 to 256",
        drawn(5, 3, 16, RGB, before=chunk(b"PLTE", bytes(771))),
    ),
    "IDAT-empty": ("pixels", "breaks off after 0 bytes", with_idat(b"")),
    "not-zlib": ("pixels", "a zlib stream", with_idat(b"\x00" + STREAM)),
    "raw-deflate": ("pixels", "a zlib stream", with_idat(STREAM[2:-4])),
    "preset-dictionary": (
        "pixels",
        "a zlib stream",
        with_idat(DICTIONARY.compress(DATA) + DICTIONARY.flush()),
    ),
    "stream-cut": ("pixels", "breaks off", with_idat(STREAM[: len(STREAM) // 2])),
    "checksum-missing": ("pixels", "breaks off after 48 bytes", with_idat(STREAM[:-4])),
    "checksum-wrong": ("pixels", "a zlib stream", with_idat(STREAM[:-4] + bytes(4))),
    "half-of-the-pixels": ("pixels", "24 bytes", with_idat(zlib.compress(DATA[:24]))),
    "one-byte-short": ("pixels", "48 bytes for 5x3 pixels", with_idat(zlib.compress(DATA[:-1]))),
    "one-byte-more": ("pixels", "more", with_idat(zlib.compress(DATA + b"\x00"))),
    "one-byte-more-of-a-large-picture": (
        "pixels",
        "160400 bytes",
        png(ihdr(400, 400, 8, GREY), chunk(b"IDAT", zlib.compress(bytes(160401))), IEND),
    ),
    "pixels-twice": ("pixels", "more", with_idat(zlib.compress(DATA * 2))),
    "filter-5": ("pixels", "IDAT, row 3", with_idat(zlib.compress(FILTER_5))),
    "filter-255-in-a-pass": (
        "pixels",
        "IDAT, pass 7, row 1",
        png(ihdr(5, 3, 8, RGB, 1), chunk(b"IDAT", zlib.compress(INTERLACED[:-16] + b"\xff" * 16)), IEND),
    ),
    "interlaced-in-name-only": ("pixels", "for 5x3 pixels", png(ihdr(5, 3, 8, RGB, 1), IDAT, IEND)),
    "interlaced-unannounced": (
        "pixels",
        "for 9x9 pixels",
        png(ihdr(9, 9, 8, GREY), chunk(b"IDAT", zlib.compress(bytes(len(rows(9, 9, 8, 1, by_chance(8, GREY)))))), IEND),
    ),
    "no-end": ("end", "chunk 2 (IDAT)", png(HEAD, IDAT)),
    "end-with-data": ("end", "4 bytes", png(HEAD, IDAT, chunk(b"IEND", b"data"))),
    "bytes-behind-the-end": ("end", "5 byte(s)", GOOD + b"<?php"),
    "chunk-behind-the-end": ("end", "12 byte(s)", GOOD + chunk(b"teSt")),
    "end-twice": ("end", "12 byte(s)", GOOD + IEND),
    "text-bomb": ("decoding", "ValueError: Decompressed", png(HEAD, TEXT_BOMB, IDAT, IEND)),
    "ancillary-chunk-short": ("decoding", "pHYs", png(HEAD, chunk(b"pHYs"), IDAT, IEND)),
    "animation-out-of-order": (
        "decoding",
        "sequence",
        png(HEAD, chunk(b"fcTL", struct.pack(">IIIIIHHBB", 7, 5, 3, 0, 0, 1, 1, 0, 0)), IDAT, IEND),
    ),
}


@pytest.mark.parametrize(("fact", "words", "data"), DEFECTS.values(), ids=DEFECTS.keys())
def test_a_defect_is_reported_once_under_its_own_fact(fact: str, words: str, data: bytes) -> None:
    """Facts before the broken one say nothing; it says one thing, in words that show what is wrong."""
    said = found(data)
    assert next(iter(said)) == fact
    assert len(said[fact]) == 1
    problem = said[fact][0]
    assert words in f"{problem.where}: {problem.expected}: {problem.received}"


# An early IEND is both: what must come before it does not, and something follows it.
WHOLE = {name: each for name, each in DEFECTS.items() if each[0] != "structure" and name != "end-before-pixels"}


@pytest.mark.parametrize(("fact", "words", "data"), WHOLE.values(), ids=WHOLE.keys())
def test_the_end_is_its_own_fact(fact: str, words: str, data: bytes) -> None:
    """No defect elsewhere is reported as one of the end, so that the end may be asked of any whole picture."""
    assert ("end" in found(data)) == (fact == "end")


def test_a_fact_leaves_alone_what_an_earlier_one_reports() -> None:
    """A picture that begins with another chunk is not accused of its header too, and one that is broken not decoded."""
    assert all("header" not in found(data) for fact, _, data in DEFECTS.values() if fact == "order")
    assert all("decoding" in found(data) for fact, _, data in DEFECTS.values() if fact in ("structure", "order"))


def test_where_the_end_is_broken_nothing_else_is() -> None:
    """A picture whose only defect is its end still decodes, and is judged as a picture."""
    assert all(list(found(data)) == ["end"] for fact, _, data in DEFECTS.values() if fact == "end")


def test_a_signature_alone_is_judged_by_the_suite() -> None:
    """The shortest thing that begins like a PNG goes up the whole ladder of the suite, and stops at the order."""
    picture = Picture("$", "data:image/png;base64," + base64.b64encode(SIGNATURE).decode())
    assert [clause for clause, problems in picture.climbed.items() if problems] == ["png-chunks-are-in-order"]
    assert picture.png is not None
    assert list(end_problems(picture.png)) == []


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
def test_a_picture_of_one_colour_is_told(data: bytes) -> None:
    """Whatever its type and depth, a picture all of whose pixels are the same is of one colour."""
    assert pixels(data).one_colour


@pytest.mark.parametrize("data", SEVERAL_COLOURS.values(), ids=SEVERAL_COLOURS.keys())
def test_a_picture_of_several_colours_is_told(data: bytes) -> None:
    """A difference in any pixel and channel is seen, in grey of 16 bits down to the last of them."""
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
def test_a_picture_of_which_nothing_is_seen_is_told(data: bytes) -> None:
    """Transparency is found in an alpha channel, in a palette's alpha, and in a key colour of any depth."""
    assert pixels(data).transparent


@pytest.mark.parametrize("data", VISIBLE.values(), ids=VISIBLE.keys())
def test_a_picture_of_which_something_is_seen_is_told(data: bytes) -> None:
    """One pixel that is not fully transparent is enough."""
    assert not pixels(data).transparent


def test_the_same_pixels_have_the_same_digest() -> None:
    """Compression, interlacing, division, ancillary chunks and the way colours are stored change nothing."""
    image = noise("RGB").quantize(16).convert("RGB")
    palette = image.quantize(16)
    assert palette.convert("RGB").tobytes() == image.tobytes()

    def samples(x: int, y: int) -> tuple[int, ...]:
        red, green, blue = image.load()[x, y]  # type: ignore[index,misc]
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
    """One bit of one pixel, the shape, or the visibility makes another picture."""
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
    """A large picture is looked at in strips, and none of them is forgotten."""
    image = Image.new("RGBA", (1000, 400))
    assert pixels(saved(image)).one_colour
    assert pixels(saved(image)).transparent
    image.putpixel(at, (0, 0, 0, 1))
    assert not pixels(saved(image)).one_colour
    assert not pixels(saved(image)).transparent


def test_two_halves_are_two_colours() -> None:
    """Strips that are of one colour each do not make a picture of one colour."""
    image = Image.new("RGB", (1024, 512))
    image.paste((255, 255, 255), (0, 256, 1024, 512))
    assert not pixels(saved(image)).one_colour


def test_pillow_is_never_given_a_picture_bomb() -> None:
    """The size is looked at before anything is decoded, in the header that decoders go by."""
    assert "60000x60000" in str(decode(png(ihdr(60000, 60000, 8, RGB), IDAT, IEND)))
    assert "2 of them" in str(decode(png(HEAD, ihdr(60000, 60000, 8, RGB), IDAT, IEND)))


def test_what_pillow_warns_of_stays_inside() -> None:
    """A warning of Pillow's is no exception where warnings are errors."""
    invalid = png(HEAD, chunk(b"acTL", bytes(8)), IDAT, IEND)
    with pytest.warns(UserWarning, match="Invalid APNG"), Image.open(BytesIO(invalid)) as image:
        image.load()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not pixels(invalid).one_colour


def test_a_reason_of_pillows_is_the_same_every_time() -> None:
    """Two readings of one broken picture give one sentence, without an address in memory."""
    broken = DEFECTS["text-bomb"][2]
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
    """However much a stream inflates to, only a step of it is held."""
    parts = split(data)
    tracemalloc.start()
    try:
        list(pixel_problems(parts))
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_texts_that_inflate_take_little_memory() -> None:
    """Dozens of texts, each just small enough for Pillow, are not all unpacked."""
    text = zlib.compress(b"a" * 999_000 + "😀".encode())
    texts = (chunk(b"iTXt", b"k%d\x00\x01\x00\x00\x00" % each + text) for each in range(60))
    data = png(HEAD, *texts, IDAT, IEND)
    tracemalloc.start()
    try:
        assert isinstance(decode(data), Pixels)
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()


def test_the_largest_picture_that_is_read_is_accused_of_nothing() -> None:
    """At the limit itself a picture is read to its last row."""
    assert found(BOMBS["largest-picture"]) == {}


SHORT = settings(max_examples=150, derandomize=True, deadline=None, database=None)
KINDS = st.sampled_from(
    [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"acTL", b"fcTL", b"fdAT", b"iCCP", b"zTXt", b"iTXt", b"gAMA"]
)
HEADERS = st.builds(
    struct.pack,
    st.just(">IIBBBBB"),
    st.integers(0, 20),
    st.integers(0, 20),
    st.sampled_from([0, 1, 2, 3, 4, 8, 16, 255]),
    st.integers(0, 7),
    st.integers(0, 1),
    st.integers(0, 1),
    st.integers(0, 2),
)
SMALL = [each for each in ZOO.values() if len(each) < 5000]


@SHORT
@given(st.binary(max_size=200))
@example(b"")
@example(SIGNATURE)
def test_no_bytes_make_it_raise(data: bytes) -> None:
    """Every fact answers on any bytes, whether or not the facts before it hold, with the signature or without."""
    found(data)
    found(SIGNATURE + data)


@SHORT
@given(st.lists(st.tuples(KINDS, st.binary(max_size=60) | HEADERS), max_size=8))
def test_no_chunks_make_it_raise(parts: list[tuple[bytes, bytes]]) -> None:
    """Every fact answers on any row of chunks whose CRCs are right."""
    found(png(*(chunk(kind, data) for kind, data in parts)))


@SHORT
@given(
    HEADERS,
    st.binary(max_size=300),
    st.lists(st.tuples(KINDS, st.binary(max_size=30)), max_size=3),
    st.booleans(),
)
def test_no_header_or_pixels_make_it_raise(
    header: bytes, data: bytes, between: list[tuple[bytes, bytes]], packed_well: bool
) -> None:
    """Every fact answers on any header, ancillary chunks and pixels."""
    held = zlib.compress(data) if packed_well else data
    inner = (chunk(kind, each) for kind, each in between)
    found(png(chunk(b"IHDR", header), *inner, chunk(b"IDAT", held), IEND))


@SHORT
@given(st.sampled_from(SMALL), st.data())
def test_no_damage_makes_it_raise(data: bytes, choose: st.DataObject) -> None:
    """Every fact answers on a picture with bytes changed, put in or taken out."""
    at = choose.draw(st.integers(0, len(data)))
    until = at + choose.draw(st.integers(0, 8))
    found(data[:at] + choose.draw(st.binary(max_size=8)) + data[until:])


@pytest.mark.parametrize("name", ["by-hand", "every-ancillary-chunk", "animation"])
def test_a_picture_cut_anywhere_is_found_out(name: str) -> None:
    """No beginning of a picture passes for the whole: it is no whole chunk, has no pixels, or has no end."""
    whole = ZOO[name]
    for length in range(len(whole)):
        assert {"structure", "order", "end"} & set(found(whole[:length])), length


@pytest.mark.parametrize("name", ["by-hand", "pillow-4-bit-palette"])
def test_a_changed_bit_is_found_out(name: str) -> None:
    """Whatever bit flips, a fact breaks."""
    whole = ZOO[name]
    for at in range(min(len(whole), 600)):
        changed = whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :]
        assert found(changed), at
