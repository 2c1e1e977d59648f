"""The frames of an animated PNG (§4.9, §11.3.6)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from contract_tests.message import Message
from contract_tests.pictures.png import CHUNKS, MAX_PIXELS, Chunk, Header, Png, bytes_received
from contract_tests.pictures.png_stream import stream_problems
from contract_tests.verdict import Violation

_KINDS = (b"acTL", b"fcTL", b"fdAT")


@dataclass
class _Frame:
    """One frame: its fcTL, its size, and the parts of its pixels."""

    chunk: Chunk
    header: Header
    parts: list[memoryview] = field(default_factory=list)


def animation_problems(png: Png) -> Iterator[Violation]:
    """Check acTL, fcTL and fdAT. The pixels of frames are checked up to MAX_PIXELS in all."""
    kinds = [chunk.type for chunk in png.chunks]
    if png.header is None or b"IDAT" not in kinds or not any(kind in kinds for kind in _KINDS):
        return
    pixels = kinds.index(b"IDAT")
    frames: list[_Frame] = []
    for number, chunk in enumerate(each for each in png.chunks if each.type in _KINDS[1:]):
        if wrong := _chunk_problem(chunk, png.header, pixels, frames):
            yield wrong
            return
        if (received := int.from_bytes(chunk.data[:4], "big")) != number:
            yield Violation(chunk.name, Message("sequence number {}", number), str(received))
            return
        if chunk.type == b"fdAT":
            frames[-1].parts.append(chunk.data[4:])
        else:
            width, height = struct.unpack_from(">II", chunk.data, 4)
            frames.append(_Frame(chunk, replace(png.header, width=width, height=height)))
    if (control := _control_problem(png, pixels, len(frames))) is not None:
        yield control
    yield from _frame_problems([each for each in frames if each.chunk.number > pixels])


def _chunk_problem(chunk: Chunk, header: Header, pixels: int, frames: list[_Frame]) -> Violation | None:
    """Check an fcTL or an fdAT; `pixels` is the number of chunks before IDAT."""
    if chunk.type == b"fdAT":
        if not frames or frames[-1].chunk.number <= pixels:
            return Violation(chunk.name, "an fcTL between IDAT and fdAT", "none")
        return (
            None if len(chunk.data) >= 4 else Violation(chunk.name, "at least 4 bytes", bytes_received(len(chunk.data)))
        )
    before = chunk.number <= pixels
    if before and frames:
        return Violation(chunk.name, "one fcTL before IDAT", "another")
    if len(chunk.data) != 26:
        return Violation(chunk.name, "26 bytes", bytes_received(len(chunk.data)))
    _, width, height, left, top, _, _, disposal, blend = struct.unpack(">IIIIIHHBB", chunk.data)
    region = Message("{}x{} pixels at {}, {}", width, height, left, top)
    if before and (width, height, left, top) != (header.width, header.height, 0, 0):
        return Violation(chunk.name, Message("{}x{} pixels at 0, 0", header.width, header.height), region)
    if not (width and height) or left + width > header.width or top + height > header.height:
        return Violation(chunk.name, Message("a region of {}x{} pixels", header.width, header.height), region)
    if disposal > 2 or blend > 1:
        return Violation(
            chunk.name, "a disposal of 0 to 2 and a blending of 0 or 1", Message("{} and {}", disposal, blend)
        )
    return None


def _control_problem(png: Png, pixels: int, frames: int) -> Violation | None:
    """Check acTL (§11.3.6.1)."""
    controls = [chunk for chunk in png.chunks if chunk.type == b"acTL"]
    if len(controls) != 1:
        return Violation(CHUNKS, "one acTL", Message("{} of them", len(controls)))
    chunk = controls[0]
    if chunk.number > pixels:
        return Violation(chunk.name, "acTL before IDAT", "acTL after it")
    if len(chunk.data) != 8:
        return Violation(chunk.name, "8 bytes", bytes_received(len(chunk.data)))
    stated = int.from_bytes(chunk.data[:4], "big")
    if stated != frames or not frames:
        return Violation(chunk.name, Message("{} frame(s), one for each fcTL", max(frames, 1)), str(stated))
    return None


def _frame_problems(frames: list[_Frame]) -> Iterator[Violation]:
    """Check the pixels of the frames after IDAT, up to the first violation."""
    left = MAX_PIXELS
    for frame in frames:
        left -= frame.header.width * frame.header.height
        if left < 0:
            return
        problem = next(stream_problems(Message("frame of {}", frame.chunk.name), frame.header, frame.parts), None)
        if problem is not None:
            yield problem
            return
