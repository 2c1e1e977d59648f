"""The picture, judged from its bytes: a ladder, each rung of which is asked only where the ones before hold."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial

from code_contract import FieldPath
from contract_tests import sanitize as showing
from contract_tests.checks.registry import CheckRegistry
from contract_tests.checks.response import ParsedResponse
from contract_tests.png import format as png_format
from contract_tests.png.format import Png
from contract_tests.png.pixels import Pixels, decode
from contract_tests.verdict import Violation

JUDGES = CheckRegistry()

_PREFIX = re.compile(r"data:[^,]*;base64,", re.IGNORECASE)
_ALPHABET = re.compile(r"[A-Za-z0-9+/]*={0,2}")


_PNG_CHECKS: dict[str, Callable[[Png], Iterator[Violation]]] = {
    "png-chunks-are-in-order": png_format.order_problems,
    "png-crcs-are-correct": png_format.crc_problems,
    "png-header-is-valid": png_format.header_problems,
    "png-pixels-fill-the-picture": png_format.pixel_problems,
}


@dataclass(frozen=True)
class Picture:
    """One picture as it was sent, and as far as it can be read."""

    path: str
    uri: str

    @cached_property
    def coded(self) -> str | None:
        """What stands behind the comma of the data URI, None where it is none."""
        prefix = _PREFIX.match(self.uri)
        return self.uri[prefix.end() :] if prefix else None

    @cached_property
    def bytes(self) -> bytes | str | None:
        """The decoded bytes, or why the text is no strict base64 (RFC 4648 §4); None where it is no data URI."""
        coded = self.coded
        if coded is None:
            return None
        if match := re.search(r"[^A-Za-z0-9+/=]", coded):
            return f"{showing.quoted(match[0])} at character {match.start()} of {len(coded)}"
        if not _ALPHABET.fullmatch(coded):
            return "padding that is not at the end"
        if len(coded) % 4:
            return f"{len(coded)} characters, no multiple of 4"
        try:
            return base64.b64decode(coded, validate=True)
        except (binascii.Error, ValueError) as error:
            return str(error)

    @cached_property
    def png(self) -> Png | None:
        """Its chunks, None where it has no bytes."""
        return png_format.parse(self.bytes) if isinstance(self.bytes, bytes) else None

    @cached_property
    def png_results(self) -> dict[str, list[Violation]]:
        """What each rung found, up to the first that found something; nothing where the PNG is broken."""
        found: dict[str, list[Violation]] = {}
        if self.png is not None and self.png.error is None:
            for clause, problems in _PNG_CHECKS.items():
                found[clause] = list(problems(self.png))
                if found[clause]:
                    break
        return found

    @property
    def is_valid_png(self) -> bool:
        """Whether every rung was climbed and found nothing."""
        return len(self.png_results) == len(_PNG_CHECKS) and not any(self.png_results.values())

    @cached_property
    def pixels(self) -> Pixels | str | None:
        """What Pillow shows; or why it shows nothing; None where the picture is not sound enough to be decoded."""
        return decode(self.bytes) if self.is_valid_png and isinstance(self.bytes, bytes) else None


def _pictures(reading: ParsedResponse, place: FieldPath | None) -> Iterator[Picture]:
    for path, value in reading.values_at(place or ()):
        if isinstance(value, str):
            yield reading.cached(path, partial(Picture, path, value))


def _text(reading: ParsedResponse, place: FieldPath | None) -> Iterator[Picture]:
    return (each for each in _pictures(reading, place) if each.coded is not None)


def _bytes(reading: ParsedResponse, place: FieldPath | None) -> Iterator[Picture]:
    return (each for each in _pictures(reading, place) if each.png is not None)


def _whole(reading: ParsedResponse, place: FieldPath | None) -> Iterator[Picture]:
    for each in _bytes(reading, place):
        if each.png is not None and each.png.error is None:
            yield each


def _sound(reading: ParsedResponse, place: FieldPath | None) -> Iterator[Picture]:
    return (each for each in _pictures(reading, place) if each.is_valid_png)


def decoded(reading: ParsedResponse, place: FieldPath | None) -> Iterator[tuple[Picture, Pixels]]:
    """Every picture at the place that Pillow shows, and what it shows."""
    for each in _sound(reading, place):
        if isinstance(each.pixels, Pixels):
            yield each, each.pixels


@JUDGES.each("img-is-strict-base64", subject=_text, unasked="no answer carried a data URI")
def strict_base64(picture: Picture) -> Iterator[Violation]:
    if isinstance(picture.bytes, str):
        wanted = "the standard alphabet, padded, on one line"
        yield Violation(picture.path, wanted, picture.bytes)


@JUDGES.each("img-is-a-png", subject=_bytes, unasked="no answer carried a picture")
def is_png(picture: Picture) -> Iterator[Violation]:
    if picture.png is not None and picture.png.error is not None:
        yield _prefixed(picture, picture.png.error)


def _register_png_check(clause: str) -> None:
    """Binds the judge of one rung: it reports what the climb found there."""

    def subject(reading: ParsedResponse, place: FieldPath | None) -> Iterator[Picture]:
        return (each for each in _pictures(reading, place) if clause in each.png_results)

    @JUDGES.each(clause, subject=subject, unasked="no answer carried a picture to ask this of")
    def judge(picture: Picture) -> Iterator[Violation]:
        return (_prefixed(picture, problem) for problem in picture.png_results[clause])


for _clause in _PNG_CHECKS:
    _register_png_check(_clause)


@JUDGES.each("png-ends-with-iend", subject=_whole, unasked="no answer carried a picture to ask this of")
def ends(picture: Picture) -> Iterator[Violation]:
    if picture.png is not None:
        yield from (_prefixed(picture, each) for each in png_format.end_problems(picture.png))


@JUDGES.each("img-is-decodable", subject=_sound, unasked="no picture was sound enough to be decoded")
def decodable(picture: Picture) -> Iterator[Violation]:
    if isinstance(picture.pixels, str):
        yield Violation(picture.path, "a picture that Pillow shows", picture.pixels)


@JUDGES.each("img-is-not-one-colour", subject=decoded, unasked="no picture could be decoded")
def not_one_colour(shown: tuple[Picture, Pixels]) -> Iterator[Violation]:
    picture, pixels = shown
    if pixels.one_colour:
        size = f"{pixels.width}x{pixels.height} pixels"
        yield Violation(picture.path, "more than one colour", f"{size} of one colour")


@JUDGES.each("img-is-not-transparent", subject=decoded, unasked="no picture could be decoded")
def not_transparent(shown: tuple[Picture, Pixels]) -> Iterator[Violation]:
    picture, pixels = shown
    if pixels.transparent:
        yield Violation(picture.path, "something to be seen", "pixels that are all transparent")


def _beside_sample(reading: ParsedResponse, place: FieldPath | None) -> Iterator[tuple[Picture, Pixels, Pixels | None]]:
    value = getattr(reading.operation.success_example, "value", None)
    for name in place or ():
        value = value.get(name) if isinstance(value, dict) else None
    sample = _shown(value) if isinstance(value, str) else None
    for picture, pixels in decoded(reading, place):
        yield picture, pixels, sample


@JUDGES.each("img-has-the-sample-size", subject=_beside_sample, unasked="no picture could be decoded")
def sample_size(shown: tuple[Picture, Pixels, Pixels | None]) -> Iterator[Violation]:
    picture, pixels, sample = shown
    if sample is not None and (pixels.width, pixels.height) != (sample.width, sample.height):
        received = f"{pixels.width}x{pixels.height} pixels"
        yield Violation(picture.path, f"{sample.width}x{sample.height} pixels", received)


@lru_cache(maxsize=8)
def _shown(uri: str) -> Pixels | None:
    """What a picture of the contract's own shows: it is beside every answer, and read once."""
    pixels = Picture("", uri).pixels
    return pixels if isinstance(pixels, Pixels) else None


def _prefixed(picture: Picture, problem: Violation) -> Violation:
    return Violation(f"{picture.path}, {problem.where}", problem.expected, problem.received)
