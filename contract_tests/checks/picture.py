"""The picture, from its data URI to its pixels. Each check applies only if the checks before it pass."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial

from code_contract import FieldPath
from contract_tests import sanitize
from contract_tests.checks.registry import CheckRegistry
from contract_tests.checks.response import ParsedResponse
from contract_tests.pictures import png as png_format
from contract_tests.pictures.pixels import Pixels, decode
from contract_tests.pictures.png import Png
from contract_tests.pictures.png_stream import pixel_problems
from contract_tests.verdict import Violation

CHECKS = CheckRegistry()

_PREFIX = re.compile(r"data:[^,]*;base64,", re.IGNORECASE)
_ALPHABET = re.compile(r"[A-Za-z0-9+/]*={0,2}")


_PNG_CHECKS: dict[str, Callable[[Png], Iterator[Violation]]] = {
    "png-chunks-are-in-order": png_format.order_problems,
    "png-crcs-are-correct": png_format.crc_problems,
    "png-header-is-valid": png_format.header_problems,
    "png-pixels-fill-the-picture": pixel_problems,
}


@dataclass(frozen=True)
class Picture:
    """One picture as received, parsed as far as possible."""

    path: str
    uri: str

    @cached_property
    def coded(self) -> str | None:
        """The part of the data URI after the comma, None if the text is not a data URI."""
        prefix = _PREFIX.match(self.uri)
        return self.uri[prefix.end() :] if prefix else None

    @cached_property
    def bytes(self) -> bytes | str | None:
        """The decoded bytes, or the reason why the text is not strict base64 (RFC 4648 §4); None without a data URI."""
        coded = self.coded
        if coded is None:
            return None
        if match := re.search(r"[^A-Za-z0-9+/=]", coded):
            return f"{sanitize.quoted(match[0])} at character {match.start()} of {len(coded)}"
        if not _ALPHABET.fullmatch(coded):
            return "padding that is not at the end"
        if len(coded) % 4:
            return f"{len(coded)} characters, not a multiple of 4"
        try:
            return base64.b64decode(coded, validate=True)
        except (binascii.Error, ValueError) as error:
            return str(error)

    @cached_property
    def png(self) -> Png | None:
        """The parsed chunks, None if there are no bytes."""
        return png_format.parse(self.bytes) if isinstance(self.bytes, bytes) else None

    @cached_property
    def png_results(self) -> dict[str, list[Violation]]:
        """The violations by clause, up to the first clause with violations; empty if the chunks cannot be parsed."""
        found: dict[str, list[Violation]] = {}
        if self.png is not None and self.png.error is None:
            for clause, problems in _PNG_CHECKS.items():
                found[clause] = list(problems(self.png))
                if found[clause]:
                    break
        return found

    @property
    def is_valid_png(self) -> bool:
        """True if every check of the PNG structure passed."""
        return len(self.png_results) == len(_PNG_CHECKS) and not any(self.png_results.values())

    @cached_property
    def pixels(self) -> Pixels | str | None:
        """The pixels decoded by Pillow, or the reason why it fails; None if the PNG structure is not valid."""
        return decode(self.bytes) if self.is_valid_png and isinstance(self.bytes, bytes) else None


def _pictures(response: ParsedResponse, place: FieldPath | None) -> Iterator[Picture]:
    for path, value in response.values_at(place or ()):
        if isinstance(value, str):
            yield response.cached(path, partial(Picture, path, value))


def _text(response: ParsedResponse, place: FieldPath | None) -> Iterator[Picture]:
    return (each for each in _pictures(response, place) if each.coded is not None)


def _bytes(response: ParsedResponse, place: FieldPath | None) -> Iterator[Picture]:
    return (each for each in _pictures(response, place) if each.png is not None)


def _parsed(response: ParsedResponse, place: FieldPath | None) -> Iterator[Picture]:
    for each in _bytes(response, place):
        if each.png is not None and each.png.error is None:
            yield each


def _valid(response: ParsedResponse, place: FieldPath | None) -> Iterator[Picture]:
    return (each for each in _pictures(response, place) if each.is_valid_png)


def decoded(response: ParsedResponse, place: FieldPath | None) -> Iterator[tuple[Picture, Pixels]]:
    """Yield every picture at a field path that Pillow decodes, with its pixels."""
    for each in _valid(response, place):
        if isinstance(each.pixels, Pixels):
            yield each, each.pixels


@CHECKS.per_response("img-is-strict-base64", select=_text, skip_reason="no response contained a data URI")
def strict_base64(picture: Picture) -> Iterator[Violation]:
    if isinstance(picture.bytes, str):
        expected = "the standard alphabet, padded, on one line"
        yield Violation(picture.path, expected, picture.bytes)


@CHECKS.per_response("img-is-a-png", select=_bytes, skip_reason="no response contained a picture")
def is_png(picture: Picture) -> Iterator[Violation]:
    if picture.png is not None and picture.png.error is not None:
        yield _prefixed(picture, picture.png.error)


def _register_png_check(clause: str) -> None:
    """Register the check of one clause of the PNG structure."""

    def select(response: ParsedResponse, place: FieldPath | None) -> Iterator[Picture]:
        return (each for each in _pictures(response, place) if clause in each.png_results)

    @CHECKS.per_response(clause, select=select, skip_reason="no picture could be parsed so far")
    def check(picture: Picture) -> Iterator[Violation]:
        return (_prefixed(picture, problem) for problem in picture.png_results[clause])


for _clause in _PNG_CHECKS:
    _register_png_check(_clause)


@CHECKS.per_response("png-ends-with-iend", select=_parsed, skip_reason="no picture could be parsed so far")
def ends(picture: Picture) -> Iterator[Violation]:
    if picture.png is not None:
        yield from (_prefixed(picture, each) for each in png_format.end_problems(picture.png))


@CHECKS.per_response("img-is-decodable", select=_valid, skip_reason="no picture had a valid PNG structure")
def decodable(picture: Picture) -> Iterator[Violation]:
    if isinstance(picture.pixels, str):
        yield Violation(picture.path, "a picture that Pillow decodes", picture.pixels)


@CHECKS.per_response("img-is-not-one-colour", select=decoded, skip_reason="no picture could be decoded")
def not_one_colour(decoded_picture: tuple[Picture, Pixels]) -> Iterator[Violation]:
    picture, pixels = decoded_picture
    if pixels.one_colour:
        size = f"{pixels.width}x{pixels.height} pixels"
        yield Violation(picture.path, "more than one colour", f"{size} of one colour")


@CHECKS.per_response("img-is-not-transparent", select=decoded, skip_reason="no picture could be decoded")
def not_transparent(decoded_picture: tuple[Picture, Pixels]) -> Iterator[Violation]:
    picture, pixels = decoded_picture
    if pixels.transparent:
        yield Violation(picture.path, "a visible pixel", "fully transparent pixels only")


def _with_sample(response: ParsedResponse, place: FieldPath | None) -> Iterator[tuple[Picture, Pixels, Pixels | None]]:
    value = getattr(response.operation.success_example, "value", None)
    for name in place or ():
        value = value.get(name) if isinstance(value, dict) else None
    sample = _sample_pixels(value) if isinstance(value, str) else None
    for picture, pixels in decoded(response, place):
        yield picture, pixels, sample


@CHECKS.per_response("img-has-the-sample-size", select=_with_sample, skip_reason="no picture could be decoded")
def sample_size(decoded_picture: tuple[Picture, Pixels, Pixels | None]) -> Iterator[Violation]:
    picture, pixels, sample = decoded_picture
    if sample is not None and (pixels.width, pixels.height) != (sample.width, sample.height):
        received = f"{pixels.width}x{pixels.height} pixels"
        yield Violation(picture.path, f"{sample.width}x{sample.height} pixels", received)


@lru_cache(maxsize=8)
def _sample_pixels(uri: str) -> Pixels | None:
    """Decode a picture of the contract, once for all responses."""
    pixels = Picture("", uri).pixels
    return pixels if isinstance(pixels, Pixels) else None


def _prefixed(picture: Picture, problem: Violation) -> Violation:
    return Violation(f"{picture.path}, {problem.where}", problem.expected, problem.received)
