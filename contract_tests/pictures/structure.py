"""Formats of pictures by their first bytes, and what their parsers have in common."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from contract_tests.message import Message
from contract_tests.pictures.png import SIGNATURE
from contract_tests.verdict import Violation

_MAX_HEAD = 8192
_SVG_START = re.compile(rb"(\xef\xbb\xbf)?\s*<[^\0]{0,4096}?<?(\w{1,40}:)?svg[\s>/]", re.DOTALL)


@dataclass(frozen=True)
class Structure:
    """The structure of a picture.

    Attributes:
        sizes: Widths and heights in pixels that the file states, in order; empty if it states none.
        error: The first violation of its specification, None if it is complete and nothing follows it.
    """

    sizes: tuple[tuple[int, int], ...]
    error: Violation | None = None


def detect(data: bytes) -> str | None:
    """Return the format that the first bytes announce, None for an unknown one."""
    if data.startswith(SIGNATURE):
        return "PNG"
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    head = data[:_MAX_HEAD]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):  # XML in UTF-16
        head = head[2:].replace(b"\0", b"")
    return "SVG" if _SVG_START.match(head) or head.lstrip().startswith(b"<svg") else None


def size_problems(structure: Structure) -> Iterator[Violation]:
    """Check that every stated size is positive."""
    for width, height in structure.sizes:
        if width <= 0 or height <= 0:
            yield Violation(Message("size"), "a positive width and height", Message("{}x{} pixels", width, height))
            return
