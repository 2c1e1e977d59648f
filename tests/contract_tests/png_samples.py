"""Samples of PNG, written by hand and by Pillow, and their parts."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO

from PIL import Image

from contract_tests.pictures.pixels import Pixels, decode
from contract_tests.pictures.png import (
    SIGNATURE,
    crc_problems,
    end_problems,
    header_problems,
    order_problems,
    parse,
)
from contract_tests.pictures.png_animation import animation_problems
from contract_tests.pictures.png_chunks import content_problems, place_problems, transparency_problems
from contract_tests.pictures.png_stream import pixel_problems
from contract_tests.verdict import Violation

GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
DEPTHS = {GREY: (1, 2, 4, 8, 16), RGB: (8, 16), PALETTE: (1, 2, 4, 8), GREY_ALPHA: (8, 16), RGBA: (8, 16)}
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}
# The pass of each pixel of an 8 x 8 square, as drawn in PNG §8.2.
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
    """Return one row (PNG §7.2) with filter type 0."""
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
    """Return a picture; `before` are the chunks between IHDR and IDAT."""
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


# A picture of 5 x 3 pixels in RGB, and its parts.
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


VALID = {
    **{f"pillow-{mode}": saved(noise(mode)) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")},
    "pillow-60x20": saved(noise("RGB", 60, 20)),
    "pillow-1000x400": saved(noise("RGB", 1000, 400)),
    "pillow-optimised": saved(noise("P"), optimize=True),
    "pillow-4-bit-palette": saved(noise("RGB").quantize(16), bits=4, transparency=bytes(range(16))),
    "animation": animated(default=False),
    "animation-beside-the-picture": animated(default=True),
    "by-hand": GOOD,
    "every-ancillary-chunk": png(HEAD, BEFORE, IDAT, AFTER, IEND),
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

REQUIREMENTS: dict[str, Callable[[bytes], Iterator[Violation]]] = {
    "structure": lambda data: iter([broken] if (broken := parse(data).error) else []),
    "order": lambda data: order_problems(parse(data)),
    "crc": lambda data: crc_problems(parse(data)),
    "header": lambda data: header_problems(parse(data)),
    "pixels": lambda data: pixel_problems(parse(data)),
    "end": lambda data: end_problems(parse(data)),
    "transparency": lambda data: transparency_problems(parse(data)),
    "animation": lambda data: animation_problems(parse(data)),
    "decoding": lambda data: iter([Violation("", "", why)] if isinstance(why := decode(data), str) else []),
    "places": lambda data: place_problems(parse(data)),
    "contents": lambda data: content_problems(parse(data)),
}


def found(data: bytes) -> dict[str, list[Violation]]:
    """Return the violations of every requirement that has any."""
    violations = {name: list(problems(data)) for name, problems in REQUIREMENTS.items()}
    return {name: problems for name, problems in violations.items() if problems}


def pixels(data: bytes) -> Pixels:
    shown = decode(data)
    assert isinstance(shown, Pixels), shown
    return shown
