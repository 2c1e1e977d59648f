"""Reads parameters by their `style` and `explode` (OpenAPI 3.1 §4.8.12.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, NamedTuple

from code_contract.marks import field_names
from mock_server.core.coercion import Coercion, Schemas
from mock_server.core.errors import InputError
from mock_server.core.percent_encoding import decode, unprotect

MAX_NESTING = 10
"""Names in brackets of a field of style deepObject."""

Pairs = Mapping[str, Sequence[str]]
"""Values by name, as `read_pairs` returns them."""


class Field(NamedTuple):
    """A parameter, or a field of a form.

    Attributes:
        name: Its name.
        style: Its style.
        explode: True if items and properties are serialized on their own.
        schemas: Its schemas.
    """

    name: str
    style: str
    explode: bool
    schemas: Schemas


@dataclass(frozen=True)
class RequestTexts:
    """The parts of a request that carry parameters and credentials, as text.

    Attributes:
        path: The values in the path by name, encoded delimiters protected (`percent_encoding`).
        query_string: The query, encoded.
        headers: The headers, names in lower case, repeated ones joined.
    """

    path: Mapping[str, str]
    query_string: str
    headers: Mapping[str, str]

    def text(self, location: str, name: str) -> str | None:
        """Return the value of a parameter in the path or a header, None if there is none."""
        return self.path.get(name) if location == "path" else self.headers.get(name.lower())

    @cached_property
    def query(self) -> Pairs:
        """The parameters of the query."""
        return read_pairs(self.query_string)

    @cached_property
    def cookies(self) -> Pairs:
        """The cookies."""
        return read_pairs(self.headers.get("cookie", ""), ";")

    @cached_property
    def exploded_cookies(self) -> Pairs:
        """The cookies of style form with explode, which OpenAPI separates by "&"."""
        return read_pairs(self.headers.get("cookie", "").replace("; ", "&").replace("+", "%2B"))


def read_pairs(text: str, separator: str = "&") -> dict[str, list[str]]:
    """Return the values of a query string, a form or a Cookie header by name; encoded delimiters stay protected."""
    found: dict[str, list[str]] = {}
    for pair in text.split(separator):
        name, _, value = (pair.replace("+", " ") if separator == "&" else pair.strip()).partition("=")
        if pair:
            found.setdefault(unprotect(decode(name)), []).append(decode(value))
    return found


def from_text(field: Field, text: str, coercion: Coercion) -> list[Any]:
    """Return the values that a text in a path or a header may stand for, the most likely one first.

    Raises:
        InputError: It has another style.
    """
    read = partial(_READERS.get(field.style, _read_simple), field)
    return _of_shapes(field, coercion, lambda shape: _values(read, [text], shape, field, coercion))


def from_pairs(field: Field, pairs: Pairs, others: Callable[[str], bool], coercion: Coercion) -> list[Any]:
    """Return the values that a parameter of a query, a cookie or a form may have; none if it is missing.

    Args:
        field: The parameter.
        pairs: Every value by name.
        others: Returns True for the name of another parameter.
        coercion: Types the values.

    Raises:
        InputError: A value has another style.
    """
    values = list(pairs.get(field.name, ()))
    separator = _SEPARATORS.get(field.style, ",")

    def of_shape(shape: str) -> Iterator[Any]:
        if field.style == "deepObject" and shape != "text":
            nested = _nested(field.name, pairs)
            if nested is None and values:
                raise InputError("no-deep-object")
            if nested is not None:
                yield coercion.typed(nested, field.schemas)
        elif shape == "object" and field.explode:
            found = _exploded(field, pairs, others, coercion)
            if found:
                yield coercion.typed(found, field.schemas)
        elif shape == "array" and field.explode and values:
            yield coercion.typed(values, field.schemas)
        elif shape == "text" and len(values) > 1:
            raise InputError("repeated", count=len(values))
        elif values:
            yield from _values(partial(_split, explode=False, separator=separator), values, shape, field, coercion)

    return _of_shapes(field, coercion, of_shape)


_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|"}


def _of_shapes(field: Field, coercion: Coercion, read: Callable[[str], Iterator[Any]]) -> list[Any]:
    """The values that a parameter may have, by each shape that its schemas allow: "array", "object" or "text"."""
    types = coercion.types(field.schemas)
    shapes: list[str] = [shape for shape in ("array", "object") if shape in types]
    if types - {"array", "object", "null"} or not shapes:
        shapes.append("text")
    found: list[Any] = []
    problem = None
    for shape in shapes if types else ("text", "array"):
        try:
            found += read(shape)
        except InputError as error:
            problem = problem or error
    if problem is not None and not found:
        raise problem
    return found


def _values(
    read: Callable[[str, str], Any], texts: list[str], shape: str, field: Field, coercion: Coercion
) -> Iterator[Any]:
    """Yield the values of texts; clients often encode a delimiter that separates, so that it is read so too."""
    plain = [unprotect(text) for text in texts]
    is_ambiguous = shape != "text" and plain != texts
    if shape != "text" and texts == [""]:
        yield [] if shape == "array" else {}
    for every in (texts, plain) if is_ambiguous else (texts,):
        try:
            found = [read(text, shape) for text in every]
        except InputError:
            if is_ambiguous and every is texts:
                continue
            raise
        value = found[0] if len(found) == 1 or shape != "array" else [item for each in found for item in each]
        yield coercion.typed(value, field.schemas)


def _split(text: str, shape: str, explode: bool, separator: str) -> Any:
    if shape == "text":
        return text
    items = text.split(separator)
    if shape == "array":
        return items
    if explode:
        return dict(item.partition("=")[::2] for item in items)
    if len(items) % 2:
        raise InputError("no-pairs")
    return dict(zip(items[::2], items[1::2], strict=True))


def _read_simple(field: Field, text: str, shape: str) -> Any:
    read = _split(text, shape, field.explode, ",")
    if isinstance(read, list):
        return [each.strip() for each in read]
    return {name.strip(): each.strip() for name, each in read.items()} if isinstance(read, dict) else read


def _read_label(field: Field, text: str, shape: str) -> Any:
    if not text.startswith("."):
        raise InputError("no-label")
    # OpenAPI 3.0 separates by "." in either case, 3.1 by "," without explode.
    separator = "." if field.explode or "," not in text else ","
    return _split(text[1:], shape, field.explode, separator)


def _read_matrix(field: Field, text: str, shape: str) -> Any:
    pairs = [each.partition("=")[::2] for each in text.split(";")[1:]]
    names = {unprotect(name) for name, _ in pairs}
    if not text.startswith(";") or (names != {field.name} and not (shape == "object" and field.explode)):
        raise InputError("no-matrix", value=f"';{field.name}='")
    if shape == "object" and field.explode:
        return dict(pairs)
    if shape == "array" and field.explode:
        return [value for _, value in pairs]
    if len(pairs) > 1:
        raise InputError("repeated", count=len(pairs))
    return _split(pairs[0][1], shape, False, ",")


_READERS = {"label": _read_label, "matrix": _read_matrix}


def _exploded(field: Field, pairs: Pairs, others: Callable[[str], bool], coercion: Coercion) -> dict[str, Any]:
    """The properties of an object that are parameters of their own."""
    known = frozenset().union(*map(field_names, field.schemas))
    is_open = not known or any(isinstance(each.get("additionalProperties"), Mapping) for each in field.schemas)
    names = [name for name in pairs if name in known or (is_open and name != field.name and not others(name))]
    found = {}
    for name in names:
        types = coercion.types(coercion.below(field.schemas, name))
        found[name] = list(pairs[name]) if "array" in types or len(pairs[name]) > 1 else pairs[name][0]
    return found


def _nested(name: str, pairs: Pairs) -> Any:
    """The object whose properties are in brackets, None if there is none; an empty bracket appends to an array."""
    root: dict[str, Any] = {}
    for key, values in pairs.items():
        if not key.startswith(f"{name}["):
            continue
        path = key[len(name) + 1 :].removesuffix("]").split("][")
        if not key.endswith("]") or len(path) > MAX_NESTING:
            raise InputError("deep-object-field", value=repr(key[:80]))
        is_list = len(path) > 1 and not path[-1]
        *above, last = path[:-1] if is_list else path
        node: Any = root
        for step in above:
            node = node.setdefault(step, {})
            if not isinstance(node, dict):
                raise InputError("field-below-value", value=repr(key[:80]))
        node[last] = list(values) if is_list or len(values) > 1 else values[0]
    return root or None
