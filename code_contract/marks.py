"""Marks (`x-mock`): the values of a response that the mock generates, how a picture among them is carried, and the
answers to captchas in requests.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from code_contract import pointers
from code_contract.errors import ContractError
from code_contract.parameters import Parameter, schema_of
from code_contract.pointers import FieldPath

CHALLENGE_UUID = "challenge-uuid"
CHALLENGE_PICTURE = "challenge-picture"
CHALLENGE_ANSWER = "challenge-answer"
MAX_MARKS = 100
"""Values of one response that the mock generates."""

FORMATS = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/jpg": "JPEG",
    "image/gif": "GIF",
    "image/webp": "WebP",
    "image/svg+xml": "SVG",
}
"""Formats of pictures by media type; `image/jpg` is not registered, but common."""

_DATA_URI = re.compile(r"data:([^;,]*);base64,", re.IGNORECASE)


class Carrier(Enum):
    """The form in which a response carries a picture."""

    DATA_URI = "data-uri"
    BASE64 = "base64"
    BODY = "body"


@dataclass(frozen=True)
class PictureMark:
    """A picture of a captcha (`x-mock: challenge-picture`).

    Attributes:
        carrier: `BODY` in a response that is not JSON, `BASE64` beside `contentEncoding: base64`, else `DATA_URI`.
        media_type: As documented: the media type of the response, `contentMediaType`, `x-picture`, or that of the
            example's data URI; `image/png` by default.
        size: Width and height in pixels (`x-picture`), None if not stated.
        sample: The picture of the example as text, "" if there is none.
        pointer: JSON pointer of the mark in the resolved document.
    """

    carrier: Carrier
    media_type: str
    size: tuple[int, int] | None
    sample: str
    pointer: str

    @property
    def format(self) -> str:
        """The format of the file: "PNG", "JPEG", "GIF", "WebP" or "SVG"."""
        return FORMATS[self.media_type]


class Mark(NamedTuple):
    """A node of the schema of a response, such as one with `x-mock`: its field path, its JSON pointer, the node."""

    place: FieldPath
    pointer: str
    node: Mapping[str, Any]


class RequestMark(NamedTuple):
    """A value of a request with `x-mock`.

    Attributes:
        kind: CHALLENGE_UUID or CHALLENGE_ANSWER.
        location: "path", "query", "header", "cookie" or "body".
        name: The name of the parameter, or the media type of the body as documented.
        place: The field path in the body.
        pointer: JSON pointer of the mark below the operation.
    """

    kind: str
    location: str
    name: str
    place: FieldPath = ()
    pointer: str = ""


def request_marks(parameters: Iterable[Parameter], contents: Mapping[str, Mapping[str, Any]]) -> list[RequestMark]:
    """Return the marks of a request: those of its parameters, then those of its body by media type.

    Raises:
        ContractError: There are more than MAX_MARKS in one schema.
    """
    found = []
    for each in parameters:
        kind = each.raw.get("x-mock", each.schema.get("x-mock"))
        if kind is not None:
            found.append(RequestMark(kind, each.location, each.name, (), "/parameters"))
    for media_type, content in contents.items():
        pointer = pointers.join("", "requestBody", "content", media_type, "schema")
        for mark in find_marks(schema_of(content), pointer):
            found.append(RequestMark(mark.node["x-mock"], "body", media_type, mark.place, mark.pointer))
    return found


def find_marks(schema: Any, pointer: str) -> list[Mark]:
    """Return every mark in the schema of a response.

    Raises:
        ContractError: There are more than MAX_MARKS.
    """
    found: list[Mark] = []
    _collect(schema, pointer, (), found, set(), set())
    return found


def _collect(
    schema: Any, pointer: str, place: FieldPath, found: list[Mark], around: set[int], unmarked: set[int]
) -> None:
    """Add the marks of a schema that is neither `around` itself, as a recursive one, nor known to be `unmarked`."""
    if not isinstance(schema, Mapping) or id(schema) in around or id(schema) in unmarked:
        return
    before = len(found)
    if "x-mock" in schema:
        found.append(Mark(place, pointer, schema))
    if len(found) > MAX_MARKS:
        raise ContractError(f"a response has more than {MAX_MARKS} x-mock", "mark one schema", pointer)
    around.add(id(schema))
    for tokens, below, inner in _children(schema, place):
        _collect(below, pointers.join(pointer, *tokens), inner, found, around, unmarked)
    around.discard(id(schema))
    if len(found) == before:
        unmarked.add(id(schema))


def _children(schema: Mapping[str, Any], place: FieldPath) -> Iterator[tuple[tuple[str | int, ...], Any, FieldPath]]:
    for keyword in ("then", "else"):
        yield (keyword,), schema.get(keyword), place
    for keyword in ("allOf", "anyOf", "oneOf"):
        for index, part in enumerate(schema.get(keyword, ())):
            yield (keyword, index), part, place
    for name, below in schema.get("properties", {}).items():
        yield ("properties", name), below, (*place, name)
    yield ("items",), schema.get("items"), (*place, "*")


def field_names(schema: Any) -> frozenset[str]:
    """Return the names of the fields of a value that a resolved schema describes."""
    return frozenset(name for part in parts(schema) for name in part.get("properties", {}))


def documents(schema: Any, place: FieldPath) -> bool:
    """Return True if a schema, resolved, has a field at a place."""
    level = [schema]
    for name in place:
        found = {id(part): part for each in level for part in parts(each)}.values()
        below = [part.get("items") if name == "*" else part.get("properties", {}).get(name) for part in found]
        level = [each for each in below if each is not None]
    return bool(level)


def parts(schema: Any) -> Iterator[Mapping[str, Any]]:
    """Yield a schema and those within it that apply to the same value."""
    if isinstance(schema, Mapping):
        yield schema
        for _, below, place in _children(schema, ()):
            if not place:
                yield from parts(below)


def pictures(marks: Iterable[Mark], media_type: str | None, example: Any) -> dict[FieldPath, PictureMark]:
    """Parse the marks of pictures, by field path.

    Args:
        marks: The marks of one response.
        media_type: Media type of the response.
        example: The example of the response, None if there is none.

    Raises:
        ContractError: The type or the encoding of a picture is not supported.
    """
    essence = (media_type or "").partition(";")[0].strip().lower()
    found = (mark for mark in marks if mark.node["x-mock"] == CHALLENGE_PICTURE)
    return {mark.place: _picture(mark, essence, pointers.value_at(example, mark.place)) for mark in found}


def _picture(mark: Mark, media_type: str, sample: Any) -> PictureMark:
    is_body = not mark.place and media_type.startswith("image/")
    node, pointer = mark.node, mark.pointer
    stated = node.get("x-picture", {})
    encoding = node.get("contentEncoding")
    if encoding not in (None, "base64"):
        raise ContractError(f"contentEncoding {encoding!r} is not supported", "use base64", pointer)
    sample = sample if isinstance(sample, str) else ""
    uri = _DATA_URI.match(sample)
    in_sample = uri[1].lower() if uri and uri[1].lower() in FORMATS else "image/png"
    found = str(media_type if is_body else node.get("contentMediaType", stated.get("type", in_sample))).lower()
    if found not in FORMATS:
        raise ContractError(f"the picture type {found!r} is not supported", f"use one of {', '.join(FORMATS)}", pointer)
    carrier = Carrier.BODY if is_body else Carrier.BASE64 if encoding else Carrier.DATA_URI
    size = (int(stated["width"]), int(stated["height"])) if "width" in stated else None
    return PictureMark(carrier, found, size, sample, pointer)
