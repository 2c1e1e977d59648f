"""The size of the pictures of an operation: as stated, that of the example's picture, or a default."""

from __future__ import annotations

import base64
import re
import struct
from io import BytesIO

from code_contract import ContractError, Operation, PictureMark
from mock_server.captcha.renderer import CaptchaRenderer

DEFAULT_SIZE = (160, 60)
MAX_SIDE = 1000
_MAX_SAMPLE = 4 * 1024 * 1024
_PNG_HEAD = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
_SVG_SIDE = r'<svg\b[^>]*?\s{}\s*=\s*["\'](\d{{1,5}})(?:px)?["\']'


def renderer(mark: PictureMark) -> CaptchaRenderer:
    """Return a renderer for the pictures that a mark describes.

    Raises:
        ContractError: Pictures of the stated size, or of the example's, cannot be drawn.
    """
    size = mark.size or sample_size(mark.sample) or DEFAULT_SIZE
    try:
        if max(size) > MAX_SIDE:
            raise ValueError(
                f"{size[0]} × {size[1]} pixels are too many: make the picture {MAX_SIDE} × {MAX_SIDE} or smaller."
            )
        return CaptchaRenderer(size, file_format=mark.format)
    except ValueError as error:
        problem = f"the mock cannot draw the picture: {str(error).rstrip('.')}"
        raise ContractError(problem, "state another width and height in x-picture", mark.pointer) from None


def sample_size(sample: str) -> tuple[int, int] | None:
    """Return the size in pixels of a picture in base64, with or without a data URI; None if it is not readable."""
    coded = re.sub(r"[^A-Za-z0-9+/]", "", sample[:_MAX_SAMPLE].rpartition(",")[2])
    data = base64.b64decode(coded[: len(coded) // 4 * 4])
    if data.startswith(_PNG_HEAD) and len(data) >= 24:
        width, height = struct.unpack_from(">II", data, len(_PNG_HEAD))
        return width, height
    if b"<svg" in data[:1024]:
        text = data.decode("utf-8", "replace")
        sides = [re.search(_SVG_SIDE.format(name), text) for name in ("width", "height")]
        return (int(sides[0][1]), int(sides[1][1])) if sides[0] and sides[1] else None
    from PIL import Image  # opening any format loads many plugins

    try:
        with Image.open(BytesIO(data)) as image:
            return image.size
    except Exception:  # decoders raise exceptions of any type
        return None


def picture_of(operation: Operation) -> tuple[PictureMark, CaptchaRenderer]:
    """Return the mark of the picture of an operation, and its renderer.

    Raises:
        ContractError: The pictures of one response differ in type or carrier.
    """
    first, *others = operation.pictures.values()
    for each in others:
        if (each.carrier, each.media_type) != (first.carrier, first.media_type):
            problem = "the pictures of one response differ in type or carrier, which the mock cannot serve"
            raise ContractError(problem, "mark one of them", each.pointer)
    return first, renderer(first)
