"""One picture as received, parsed as far as possible: its carrier, its bytes, its structure, its pixels."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from code_contract import Carrier, PictureMark
from code_contract.marks import FORMATS
from contract_tests import sanitize
from contract_tests.message import Message
from contract_tests.pictures import gif, jpeg, png_chunks, svg, webp
from contract_tests.pictures import png as png_format
from contract_tests.pictures.pixels import Pixels, decode, decode_other
from contract_tests.pictures.png import Png, require_size
from contract_tests.pictures.png_animation import animation_problems
from contract_tests.pictures.png_stream import pixel_problems
from contract_tests.pictures.structure import Structure, detect, size_problems
from contract_tests.pictures.svg import Svg
from contract_tests.verdict import LimitExceeded, Violation

PNG_IN_DATA_URI = PictureMark(Carrier.DATA_URI, "image/png", None, "", "")

_PREFIX = re.compile(r"data:([^;,]*)[^,]*;base64,", re.IGNORECASE)
_ALPHABET = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_PARSERS: dict[str, Callable[[bytes], Structure]] = {"GIF": gif.parse, "JPEG": jpeg.parse, "WebP": webp.parse}


@dataclass(frozen=True)
class ParsedPicture:
    """One picture as received, parsed as far as possible.

    Attributes:
        path: JSON path, or "body".
        value: The text of the field, or the bytes of the body.
        mark: The documented carrier and type.
        content_type: Media type of the response, if the picture is its body.
    """

    path: str
    value: str | bytes
    mark: PictureMark = PNG_IN_DATA_URI
    content_type: str = ""

    @cached_property
    def _uri(self) -> re.Match[str] | None:
        return _PREFIX.match(self.value) if isinstance(self.value, str) else None

    @property
    def claimed(self) -> str | None:
        """The format that the data URI or the Content-Type names, None for another one or none."""
        return FORMATS.get((self._uri[1] if self._uri else self.content_type).lower())

    @property
    def carrier_problem(self) -> Violation | None:
        """The reason why the picture is not carried as documented, None if it is."""
        text = self.value if isinstance(self.value, str) else ""
        match self.mark.carrier:
            case Carrier.BODY if self.claimed != self.mark.format:
                return Violation("header Content-Type", self.mark.media_type, sanitize.quoted(self.content_type, 60))
            case Carrier.DATA_URI if self.claimed != self.mark.format:
                return Violation(self.path, f"data:{self.mark.media_type};base64,…", sanitize.quoted(text, 60))
            case Carrier.BASE64 if text[:5].lower() == "data:":
                return Violation(self.path, "base64 without a data URI", sanitize.quoted(text, 60))
        return None

    @cached_property
    def coded(self) -> str | None:
        """The base64, None if the value is not in the documented carrier."""
        if self.mark.carrier is Carrier.BASE64 and isinstance(self.value, str):
            return None if self.carrier_problem else self.value
        return self._uri.string[self._uri.end() :] if self._uri else None

    @cached_property
    def content(self) -> bytes | str | None:
        """The decoded bytes, or the reason why the text is not strict base64 (RFC 4648 §4); None without a picture."""
        if isinstance(self.value, bytes):
            return self.value
        coded = self.coded
        if coded is None:
            return None
        if match := re.search(r"[^A-Za-z0-9+/=]", coded):
            return Message("{} at character {} of {}", sanitize.quoted(match[0]), match.start(), len(coded))
        if not _ALPHABET.fullmatch(coded):
            return "padding that is not at the end"
        if len(coded) % 4:
            return Message("{} characters, not a multiple of 4", len(coded))
        return base64.b64decode(coded)

    @cached_property
    def data(self) -> bytes | None:
        """The decoded bytes; None if there are none, or if they are of another type, which the response claims."""
        other = self.claimed not in (None, self.mark.format)
        if not isinstance(self.content, bytes) or (other and detect(self.content) == self.claimed):
            return None
        return self.content

    @cached_property
    def png(self) -> Png | None:
        """The parsed chunks, None if no bytes are to be a PNG."""
        return None if self.data is None or self.mark.format != "PNG" else png_format.parse(self.data)

    @cached_property
    def svg(self) -> Svg:
        """The parsed SVG, empty if there are no bytes."""
        return svg.parse(self.data or b"")

    @cached_property
    def structure(self) -> Structure:
        """The structure of a picture that is not a PNG."""
        return self.svg.structure if self.mark.format == "SVG" else _PARSERS[self.mark.format](self.data or b"")

    @cached_property
    def _evaluated(self) -> tuple[dict[str, list[Violation]], str]:
        found: dict[str, list[Violation]] = {}
        if self.data is None:
            return found, ""
        try:
            for clause, problems in LADDERS[self.mark.format].items():
                found[clause] = list(problems(self))
                if found[clause] and clause not in _INDEPENDENT:
                    return found, ""
            for width, height in self._sizes_to_decode:
                require_size(width, height)
        except LimitExceeded as error:
            return found, error.reason
        return found, ""

    @property
    def _sizes_to_decode(self) -> tuple[tuple[int, int], ...]:
        if self.png is not None:
            return ((self.png.header.width, self.png.header.height),) if self.png.header else ()
        return () if self.mark.format == "SVG" else self.structure.sizes

    @property
    def results(self) -> dict[str, list[Violation]]:
        """The violations by clause, up to the first clause whose violations make later ones meaningless."""
        return self._evaluated[0]

    @property
    def limit(self) -> str:
        """The limit that keeps the remaining clauses from being checked, "" if there is none."""
        return self._evaluated[1]

    @property
    def is_valid(self) -> bool:
        """True if the structure of the picture is valid."""
        ladder = LADDERS[self.mark.format].keys()
        return (
            not self.limit
            and self.results.keys() == ladder
            and not any(self.results[each] for each in ladder - _INDEPENDENT)
        )

    @cached_property
    def pixels(self) -> Pixels | str | None:
        """The pixels, or the reason why they cannot be decoded; None if the structure is not valid."""
        if not self.is_valid or self.data is None:
            return None
        if self.mark.format == "SVG":
            return self.svg.pixels
        return decode(self.data) if self.mark.format == "PNG" else decode_other(self.data, self.mark.format)


def _type_problems(picture: ParsedPicture) -> Iterator[Violation]:
    data, expected = picture.data or b"", picture.mark.format
    found = detect(data)
    if found != expected:
        received = Message("a {}", found) if found else sanitize.hexadecimal(data[:8]) or "nothing"
        yield Violation("first bytes", Message("those of {}", expected), received)
    elif expected == "SVG" and picture.svg.root not in ("", f"{svg.NAMESPACE} svg"):
        yield Violation(
            Message("root"), Message("svg in the namespace {}", svg.NAMESPACE), sanitize.quoted(picture.svg.root, 60)
        )


def _png_problems(check: Callable[[Png], Iterator[Violation]]) -> Callable[[ParsedPicture], Iterator[Violation]]:
    return lambda picture: check(picture.png) if picture.png else iter(())


def at_most_one(problem: Violation | None) -> Iterator[Violation]:
    return iter(() if problem is None else (problem,))


_STEPS: dict[str, Callable[[ParsedPicture], Iterator[Violation]]] = {
    "img-is-of-the-documented-type": _type_problems,
    "img-is-well-formed": lambda picture: at_most_one(picture.structure.error),
    "img-size-is-valid": lambda picture: size_problems(picture.structure),
}
LADDERS: dict[str, dict[str, Callable[[ParsedPicture], Iterator[Violation]]]] = {
    "PNG": {
        "img-is-a-png": lambda picture: at_most_one(picture.png.error if picture.png else None),
        "png-ends-with-iend": _png_problems(png_format.end_problems),
        "png-chunks-are-in-order": _png_problems(png_format.order_problems),
        "png-crcs-are-correct": _png_problems(png_format.crc_problems),
        "png-header-is-valid": _png_problems(png_format.header_problems),
        "png-pixels-fill-the-picture": _png_problems(pixel_problems),
        "png-transparency-is-valid": _png_problems(png_chunks.transparency_problems),
        "png-animation-is-valid": _png_problems(animation_problems),
    },
    "GIF": _STEPS,
    "JPEG": _STEPS,
    "WebP": _STEPS,
    "SVG": {
        **_STEPS,
        "svg-has-no-script": lambda picture: iter(picture.svg.scripts),
        "svg-is-self-contained": lambda picture: iter(picture.svg.references),
    },
}
"""The checks of the structure of a picture, by format and clause."""
_INDEPENDENT = {"png-ends-with-iend", "svg-has-no-script", "svg-is-self-contained"}
"""Clauses whose violations leave the picture readable."""
