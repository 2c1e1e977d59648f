"""The picture, from its carrier to its pixels. Each check applies only if the checks before it pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache, partial

from code_contract import Carrier, FieldPath, PictureMark
from contract_tests.checks.parsed_picture import LADDERS, PNG_IN_DATA_URI, ParsedPicture, at_most_one
from contract_tests.checks.registry import CheckRegistry
from contract_tests.checks.response import ParsedResponse
from contract_tests.message import Message
from contract_tests.pictures import png_chunks
from contract_tests.pictures.pixels import Pixels
from contract_tests.pictures.png import Png
from contract_tests.verdict import LimitExceeded, Violation

CHECKS = CheckRegistry()


def pictures(response: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedPicture]:
    """Yield every picture at a field path."""
    mark = response.operation.pictures.get(place or (), PNG_IN_DATA_URI)
    if mark.carrier is Carrier.BODY:
        if response.is_api_response and response.body is not None:
            found = partial(ParsedPicture, "body", response.body, mark, response.media_type[0])
            yield response.cached("body", found)
        return
    for path, value in response.values_at(place or ()):
        if isinstance(value, str):
            yield response.cached(path, partial(ParsedPicture, path, value, mark))


def _checkable(
    response: ParsedResponse, place: FieldPath | None, applies: Callable[[ParsedPicture], bool]
) -> Iterator[ParsedPicture]:
    """Yield the pictures that a check applies to. Raises LimitExceeded after them if it could apply to others."""
    limit = ""
    for each in pictures(response, place):
        if applies(each):
            yield each
        else:
            limit = limit or each.limit
    if limit:
        raise LimitExceeded(limit)


def _text(response: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedPicture]:
    return (each for each in pictures(response, place) if each.coded is not None)


def decoded(response: ParsedResponse, place: FieldPath | None) -> Iterator[tuple[ParsedPicture, Pixels]]:
    """Yield every picture at a field path that can be decoded, with its pixels. Raises LimitExceeded after them."""
    for each in _checkable(response, place, lambda picture: isinstance(picture.pixels, Pixels)):
        if isinstance(each.pixels, Pixels):
            yield each, each.pixels


@CHECKS.per_response("img-is-carried-as-documented", select=pictures, skip_reason="no response contained a picture")
def carried(picture: ParsedPicture) -> Iterator[Violation]:
    return at_most_one(picture.carrier_problem)


@CHECKS.per_response("img-is-strict-base64", select=_text, skip_reason="no response contained base64 of a picture")
def strict_base64(picture: ParsedPicture) -> Iterator[Violation]:
    if isinstance(picture.content, str):
        expected = "the standard alphabet, padded, on one line"
        yield Violation(picture.path, expected, picture.content)


def _register_structure_check(clause: str) -> None:
    """Register the check of one clause of the structure."""

    def select(response: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedPicture]:
        return _checkable(response, place, lambda picture: clause in picture.results)

    @CHECKS.per_response(clause, select=select, skip_reason="no picture could be parsed so far")
    def check(picture: ParsedPicture) -> Iterator[Violation]:
        for each in picture.results[clause]:
            yield Violation(Message("{}, {}", picture.path, each.where), each.expected, each.received)


for _clause in dict.fromkeys(clause for ladder in LADDERS.values() for clause in ladder):
    _register_structure_check(_clause)


def _valid(response: ParsedResponse, place: FieldPath | None) -> Iterator[ParsedPicture]:
    return _checkable(response, place, lambda picture: picture.is_valid)


@CHECKS.per_response("img-is-decodable", select=_valid, skip_reason="no picture had a valid structure")
def decodable(picture: ParsedPicture) -> Iterator[Violation]:
    if isinstance(picture.pixels, str):
        yield Violation(picture.path, "a picture that decoders accept", picture.pixels)


@CHECKS.per_response("png-palette-indices-are-in-range", select=decoded, skip_reason="no picture could be decoded")
def in_palette(decoded_picture: tuple[ParsedPicture, Pixels]) -> Iterator[Violation]:
    picture, pixels = decoded_picture
    if pixels.stray_index is not None:
        yield Violation(picture.path, "pixels of the colours of PLTE", Message("palette index {}", pixels.stray_index))


def _register_ancillary_check(clause: str, problems: Callable[[Png], Iterator[Violation]]) -> None:
    """Register a check of ancillary chunks, which decoders ignore if they decode the picture."""

    @CHECKS.per_response(clause, select=decoded, skip_reason="no picture could be decoded")
    def check(decoded_picture: tuple[ParsedPicture, Pixels]) -> Iterator[Violation]:
        picture, _ = decoded_picture
        for each in problems(picture.png) if picture.png else ():
            yield Violation(Message("{}, {}", picture.path, each.where), each.expected, each.received)


_register_ancillary_check("png-ancillary-chunks-are-in-order", png_chunks.place_problems)
_register_ancillary_check("png-ancillary-chunks-are-valid", png_chunks.content_problems)


@CHECKS.per_response("img-is-not-one-colour", select=decoded, skip_reason="no picture could be decoded")
def not_one_colour(decoded_picture: tuple[ParsedPicture, Pixels]) -> Iterator[Violation]:
    picture, pixels = decoded_picture
    if pixels.one_colour:
        size = Message("{}x{} pixels", pixels.width, pixels.height)
        yield Violation(picture.path, "more than one colour", Message("{} of one colour", size))


@CHECKS.per_response("img-is-not-transparent", select=decoded, skip_reason="no picture could be decoded")
def not_transparent(decoded_picture: tuple[ParsedPicture, Pixels]) -> Iterator[Violation]:
    picture, pixels = decoded_picture
    if pixels.transparent:
        yield Violation(picture.path, "a visible pixel", "fully transparent pixels only")


@CHECKS.per_response("img-has-the-sample-size", select=decoded, skip_reason="no picture could be decoded")
def sample_size(decoded_picture: tuple[ParsedPicture, Pixels]) -> Iterator[Violation]:
    picture, pixels = decoded_picture
    expected, received = _sample_size(picture.mark), (pixels.width, pixels.height)
    if expected is not None and expected != received:
        yield Violation(picture.path, Message("{}x{} pixels", *expected), Message("{}x{} pixels", *received))


@lru_cache(maxsize=8)
def _sample_size(mark: PictureMark) -> tuple[int, int] | None:
    """The documented size: the stated one, or that of the example, decoded once for all responses."""
    if mark.size or not mark.sample:
        return mark.size
    pixels = ParsedPicture("", mark.sample, mark).pixels
    return (pixels.width, pixels.height) if isinstance(pixels, Pixels) else None
