"""Reads an XML document as the value that a schema describes (OpenAPI 3.1 §4.8.26): no entities, within limits."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from code_contract.marks import parts
from code_contract.merging import types

MAX_ELEMENTS, MAX_DEPTH = 20_000, 100
_NUMBER = re.compile(r"[+-]?\d{1,300}(\.\d{1,300})?([eE][+-]?\d{1,3})?", re.ASCII)
_NIL = "http://www.w3.org/2001/XMLSchema-instance nil"


class XmlError(Exception):
    """A body is not the XML document that a schema describes.

    Attributes:
        code: The code of the reason.
        values: The values of the reason by name.
    """

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code, values)
        self.code, self.values = code, values


class UnreadableXmlError(XmlError):
    """A body is XML that is not read: it has a document type, or exceeds a limit."""


@dataclass
class _Element:
    """An element: its name without namespace, its attributes, its text and the elements inside."""

    name: str
    attributes: Mapping[str, str]
    texts: list[str] = field(default_factory=list)
    children: list[_Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.texts)


def read_xml(data: bytes, schema: Any) -> Any:
    """Return the value that an XML document stands for.

    Args:
        data: The document.
        schema: The resolved schema of the value. Elements that it does not name are read by their own names.

    Returns:
        A JSON value. Texts have the type that the schema states, if they have its form. For the schema of a string, it
        is the document as text.

    Raises:
        XmlError: The document is not well-formed, has another root element, has a document type, or exceeds a limit.
    """
    root = _parse(data)
    stated = _xml(schema).get("name")
    if isinstance(stated, str) and root.name != stated:
        raise XmlError("other-root", value=repr(root.name[:80]), expected=repr(stated))
    if _types(schema) == {"string"}:
        return data.decode("utf-8", "replace")  # the document as it is
    return _value(root, schema)


def _parse(data: bytes) -> _Element:
    holder = _Element("", {})
    path, count = [holder], 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if len(path) > MAX_DEPTH or count > MAX_ELEMENTS:
            raise UnreadableXmlError("too-many-elements", limit=MAX_ELEMENTS, depth=MAX_DEPTH)
        path[-1].children.append(_Element(name.rpartition(" ")[2], attributes))
        path.append(path[-1].children[-1])

    def text(data: str) -> None:
        path[-1].texts.append(data)

    def refuse(*arguments: Any) -> None:
        raise UnreadableXmlError("document-type")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, lambda name: path.pop()
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = text, refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError):  # or of an encoding that expat does not know
        raise XmlError("no-xml") from None
    return holder.children[0]


def _value(element: _Element, schema: Any) -> Any:
    """The value of an element: an object, else its text."""
    if element.attributes.get(_NIL) in ("true", "1"):
        return None
    kinds, properties = _types(schema), _properties(schema)
    if not properties and "object" not in kinds:
        if "array" in kinds:
            return _items(element, schema)
        if not element.children:
            return _typed(element.text, schema, kinds)
    found: dict[str, Any] = {}
    waiting: dict[str, list[_Element]] = {}
    for each in element.children:
        waiting.setdefault(each.name, []).append(each)
    for name, below in properties.items():
        found.update((name, value) for value in _property(element, name, below, waiting))
    for name, elements in waiting.items():
        values = [_value(each, _unnamed(schema)) for each in elements]
        found.setdefault(name, values[0] if len(values) == 1 else values)
    for name in _required(schema) - found.keys():
        below = properties.get(name)
        if "array" in _types(below) and not _is_wrapped(below):
            found[name] = []  # an empty list that is not wrapped leaves no trace
    return found


def _property(element: _Element, name: str, schema: Any, waiting: dict[str, list[_Element]]) -> Iterator[Any]:
    """Yield the value of a property, if the element has it; its elements no longer wait."""
    xml, kinds = _xml(schema), _types(schema)
    own, kind = str(xml.get("name") or name), xml.get("nodeType", "attribute" if xml.get("attribute") else "element")
    if kind == "attribute":
        texts = (each for key, each in element.attributes.items() if key.rpartition(" ")[2] == own)
        yield from (_typed(each, schema, kinds) for each in texts)
    elif kind in ("text", "cdata"):
        yield _typed(element.text, schema, kinds)
    elif "array" not in kinds or _is_wrapped(schema):
        # Several elements are a list that the schema does not admit.
        values = [_value(each, schema) for each in waiting.pop(own, ())]
        yield from [values] if len(values) > 1 else values
    else:
        # The name of a list that is not wrapped has no effect.
        elements = waiting.pop(str(_xml(_item_schema(schema)).get("name") or name), ())
        yield from [[_value(each, _item_schema(schema)) for each in elements]] if elements else ()


def _is_wrapped(schema: Any) -> bool:
    xml = _xml(schema)
    return xml.get("wrapped") is True or xml.get("nodeType") == "element"


def _items(element: _Element, schema: Any) -> list[Any]:
    return [_value(each, _item_schema(schema)) for each in element.children]


def _typed(text: str, schema: Any, kinds: set[str]) -> Any:
    """A text as the value of the type that its schema states; the text itself if it has not its form."""
    stripped = text.strip()
    for part in parts(schema):
        for each in (*part.get("enum", ()), part.get("const", "")):
            if not isinstance(each, str) and json.dumps(each) == stripped:
                return each
    if "string" in kinds:
        return text
    if kinds & {"integer", "number"} and _NUMBER.fullmatch(stripped):
        return int(stripped) if stripped.lstrip("+-").isdigit() else float(stripped)
    if "boolean" in kinds and stripped in ("true", "false", "1", "0"):
        return stripped in ("true", "1")
    return None if "null" in kinds and not stripped else text


def _xml(schema: Any) -> Mapping[str, Any]:
    return next((each for part in parts(schema) if isinstance(each := part.get("xml"), Mapping)), {})


def _types(schema: Any) -> set[str]:
    return {each for part in parts(schema) for each in types(part) or ["array"] * ("items" in part)}


def _properties(schema: Any) -> dict[str, Any]:
    return {name: each for part in reversed(list(parts(schema))) for name, each in part.get("properties", {}).items()}


def _required(schema: Any) -> set[str]:
    return {name for part in parts(schema) for name in part.get("required", ())}


def _item_schema(schema: Any) -> Any:
    return next((part["items"] for part in parts(schema) if "items" in part), {})


def _unnamed(schema: Any) -> Any:
    found = (each for part in parts(schema) if isinstance(each := part.get("additionalProperties"), Mapping))
    return next(found, {})
