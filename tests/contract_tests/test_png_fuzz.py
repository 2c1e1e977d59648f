"""No bytes make the checks of a picture raise, and no damage goes undetected."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contract_tests.pictures.png import SIGNATURE
from tests.contract_tests.png_samples import IEND, VALID, chunk, found, png

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
SMALL = [each for each in VALID.values() if len(each) < 5000]


@SHORT
@given(st.binary(max_size=200))
@example(b"")
@example(SIGNATURE)
def test_no_bytes_raise(data: bytes) -> None:
    """Every requirement is checked on any bytes, with or without the signature."""
    found(data)
    found(SIGNATURE + data)


@SHORT
@given(st.lists(st.tuples(KINDS, st.binary(max_size=60) | HEADERS), max_size=8))
def test_no_chunks_raise(parts: list[tuple[bytes, bytes]]) -> None:
    """Every requirement is checked on any sequence of chunks with correct CRCs."""
    found(png(*(chunk(kind, data) for kind, data in parts)))


@SHORT
@given(
    HEADERS,
    st.binary(max_size=300),
    st.lists(st.tuples(KINDS, st.binary(max_size=30)), max_size=3),
    st.booleans(),
)
def test_no_header_or_pixels_raise(
    header: bytes, data: bytes, between: list[tuple[bytes, bytes]], compressed: bool
) -> None:
    """Every requirement is checked on any header, ancillary chunks and pixels."""
    content = zlib.compress(data) if compressed else data
    inner = (chunk(kind, each) for kind, each in between)
    found(png(chunk(b"IHDR", header), *inner, chunk(b"IDAT", content), IEND))


@SHORT
@given(st.sampled_from(SMALL), st.data())
def test_no_damage_raises(data: bytes, choose: st.DataObject) -> None:
    """Every requirement is checked on a picture with bytes changed, inserted or removed."""
    at = choose.draw(st.integers(0, len(data)))
    until = at + choose.draw(st.integers(0, 8))
    found(data[:at] + choose.draw(st.binary(max_size=8)) + data[until:])


@pytest.mark.parametrize("name", ["by-hand", "every-ancillary-chunk", "animation"])
def test_a_truncated_picture_is_detected(name: str) -> None:
    """A picture truncated anywhere has an incomplete chunk, no pixels, or no end."""
    whole = VALID[name]
    for length in range(len(whole)):
        assert {"structure", "order", "end"} & set(found(whole[:length])), length


@pytest.mark.parametrize("name", ["by-hand", "pillow-4-bit-palette"])
def test_a_flipped_bit_is_detected(name: str) -> None:
    """Any flipped bit violates a requirement."""
    whole = VALID[name]
    for at in range(min(len(whole), 600)):
        changed = whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :]
        assert found(changed), at
