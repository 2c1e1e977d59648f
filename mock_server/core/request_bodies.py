"""Reads the bodies of requests as values that a schema describes: JSON, XML, forms, multipart forms and text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from werkzeug.datastructures import Headers
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder

from code_contract.media_types import content_of, is_json, is_xml, mime_essence
from code_contract.parameters import schema_of
from code_contract.xml_values import XmlError, read_xml
from mock_server.core import parameter_styles
from mock_server.core.coercion import Coercion
from mock_server.core.errors import InputError
from mock_server.core.json_reader import read_json
from mock_server.core.parameter_styles import read_pairs
from mock_server.core.percent_encoding import unprotect

MAX_FIELDS = 1000
"""Fields of a form, and parts of a multipart body."""
_RESERVED = re.compile(r"[:/?#\[\]@!$'(),;=]")
FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


class Part(NamedTuple):
    """A part of a multipart body."""

    name: str
    headers: Headers
    is_file: bool
    data: bytes


def documented(contents: Mapping[str, Mapping[str, Any]], media_type: str) -> Mapping[str, Any] | None:
    """Return the Media Type Object for a media type without parameters: the most specific one, None if there is none.

    Args:
        contents: Media Type Objects by media type or range, as written.
        media_type: The media type; "" for a body without one, which may be of any.
    """
    if not media_type:
        return next(iter(contents.values()), None)
    found = content_of(contents, media_type)
    return contents.get("*") if found is None else found


def matches(media_type: str, ranges: str) -> bool:
    """Return True if a media type is one of a list of media types and ranges."""
    return documented({each: {} for each in ranges.split(",")}, media_type) is not None


def read(content: Mapping[str, Any], content_type: str, body: bytes, coercion: Coercion) -> Iterator[Any]:
    """Yield the values that a body may stand for; none if nothing is known of its media type.

    Args:
        content: Its Media Type Object.
        content_type: Its media type, with parameters.
        body: Its bytes.
        coercion: Types the fields of forms.

    Raises:
        InputError: It is not of its media type, or a field of a form is not as documented.
    """
    media_type = mime_essence(content_type)
    schema = schema_of(content)
    if is_json(media_type):
        yield read_json(body)
    elif is_xml(media_type):
        try:
            found = read_xml(body, schema)
        except XmlError as error:
            raise InputError(error.code, **error.values) from None
        if not isinstance(found, list):  # OpenAPI leaves open which elements a list at the root has
            yield found
    elif media_type == FORM:
        yield from _form(content, body, coercion)
    elif media_type == MULTIPART:
        yield _multipart(content, _parts(content_type, body), coercion)
    elif media_type.startswith("text/") and coercion.types((schema,)):
        try:
            yield coercion.typed(body.decode(), (schema,))
        except UnicodeDecodeError:
            return


def _form(content: Mapping[str, Any], body: bytes, coercion: Coercion) -> Iterator[Any]:
    text = body.decode("latin-1")
    pairs = read_pairs(text)
    if len(pairs) > MAX_FIELDS:
        raise InputError("too-many-fields", limit=MAX_FIELDS)
    root = (schema_of(content),)
    encodings = content.get("encoding", {})
    nested = {name for name, each in encodings.items() if each.get("style") == "deepObject"}
    names = [name for name in pairs if not any(name.startswith(f"{each}[") for each in nested)]
    found: dict[str, Any] = {}
    for name in dict.fromkeys((*names, *nested)):
        encoding = encodings.get(name, {})
        style = encoding.get("style", "form")
        schemas = coercion.below(root, name)
        if name in pairs and is_json(mime_essence(encoding.get("contentType", ""))):
            values = [_json_field(name, unprotect(each).encode("utf-8", "surrogatepass")) for each in pairs[name]]
            found[name] = values[0] if len(values) == 1 else values
            continue
        if name in pairs and "object" in coercion.types(schemas) and "style" not in encoding:
            # JSON by default (OpenAPI 3.1 §4.8.15.1.1).
            found[name] = coercion.typed(pairs[name][0], schemas)
            continue
        field = parameter_styles.Field(name, style, encoding.get("explode", style == "form"), schemas)
        is_encoded = encoding.get("allowReserved") is False and coercion.is_scalar(schemas)
        try:
            if is_encoded and _is_reserved(name, text):
                raise InputError("reserved")
            values = parameter_styles.from_pairs(field, pairs, lambda other: True, coercion)
        except InputError as error:
            raise error.of_field(name) from None
        if values:
            found[name] = next((each for each in values if coercion.is_valid(each, schemas)), values[0])
    yield found


def _is_reserved(name: str, text: str) -> bool:
    """Return True if a value of a form has a character that RFC 3986 §2.2 reserves; browsers send "*" as it is."""
    pairs = (pair.partition("=") for pair in text.split("&"))
    return any(_RESERVED.search(value) for own, _, value in pairs if unquote_plus(own) == name)


def _json_field(name: str, text: bytes) -> Any:
    try:
        return read_json(text)
    except InputError as error:
        raise error.of_field(name) from None


def _parts(content_type: str, body: bytes) -> list[Part]:
    boundary = parse_options_header(content_type)[1].get("boundary", "")
    if not boundary or len(boundary) > 200 or not boundary.isascii():
        raise InputError("no-boundary", type=MULTIPART)
    decoder = MultipartDecoder(boundary.encode(), max_parts=MAX_FIELDS)
    found: list[Part] = []
    chunks: list[bytes] = []
    try:
        decoder.receive_data(body)
        decoder.receive_data(None)
        while not isinstance(event := decoder.next_event(), Epilogue):
            if isinstance(event, (Field, File)):
                chunks = []
                head = event
            elif isinstance(event, Data):
                chunks.append(event.data)
                if not event.more_data:
                    found.append(Part(head.name or "", head.headers, isinstance(head, File), b"".join(chunks)))
    except RequestEntityTooLarge:
        raise InputError("too-many-parts", limit=MAX_FIELDS) from None
    except ValueError:
        raise InputError("invalid-form", type=MULTIPART) from None
    return found


def _multipart(content: Mapping[str, Any], parts: list[Part], coercion: Coercion) -> dict[str, Any]:
    root = (schema_of(content),)
    encodings = content.get("encoding", {})
    by_name: dict[str, list[Part]] = {}
    for part in parts:
        by_name.setdefault(part.name, []).append(part)
    found: dict[str, Any] = {}
    for name, each in by_name.items():
        schemas = coercion.below(root, name)
        expected = encodings.get(name, {}).get("contentType", "")
        is_array = "array" in coercion.types(schemas)
        items = coercion.below(schemas, None) if is_array else schemas
        values = [_value(part, expected, items, coercion) for part in each]
        if is_array and not (len(values) == 1 and isinstance(values[0], list)):
            found[name] = values
        else:
            found[name] = values[0] if len(values) == 1 else values
    return found


def _value(part: Part, expected: str, schemas: Any, coercion: Coercion) -> Any:
    """The value of a part. Its media type by default follows from its schema (OpenAPI 3.1 §4.8.15.1.1)."""
    media_type = mime_essence(part.headers.get("Content-Type", ""))
    if media_type and expected and not matches(media_type, expected):
        raise InputError("part-media-type", type=media_type, expected=expected).of_field(part.name)
    is_text = not part.is_file or media_type.startswith("text/")
    if is_json(media_type) or (not media_type and is_json(mime_essence(expected))):
        return _json_field(part.name, part.data)
    if is_text:
        return coercion.typed(part.data.decode("utf-8", "replace"), schemas)
    return part.data.decode("latin-1")  # a character for each byte
