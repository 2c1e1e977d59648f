"""XML bodies: a value as an XML document (OpenAPI 3.1 §4.8.26)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from code_contract.errors import UnsatisfiableError
from code_contract.merging import merged, unnamed

_NAME = re.compile(r"[^\w.-]|^(?=[\d.-])", re.ASCII)
_CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def xml_bytes(value: Any, schema: Any, names: Mapping[int, str]) -> bytes:
    """Return a value as an XML document in UTF-8.

    Args:
        value: A JSON value.
        schema: Its resolved schema, whose `xml` is followed.
        names: Names of the schemas under components, by identity: those of the root and of the items of a list.
    """
    holder = ElementTree.Element("holder")
    items = schema.get("items") if isinstance(schema, Mapping) else None
    if isinstance(value, list):
        root = ElementTree.SubElement(holder, *_qualified(names.get(id(schema), "root"), _xml(_flat(schema))))
        for each in value:
            _append(root, names.get(id(items), "item"), each, items)
    else:
        _append(holder, names.get(id(schema), "root"), value, schema)
    return b'<?xml version="1.0" encoding="UTF-8"?>' + b"".join(ElementTree.tostring(each, "utf-8") for each in holder)


def _append(parent: ElementTree.Element, name: str, value: Any, schema: Any) -> None:
    """Append a value as an element, or as several, or set it as an attribute or text."""
    flat = _flat(schema)
    xml = _xml(flat)
    own, namespace = _qualified(name, xml)
    kind = xml.get("nodeType", "attribute" if xml.get("attribute") else "")
    if kind == "attribute" and not isinstance(value, (dict, list)):
        parent.set(own, _text(value))
        parent.attrib.update(namespace)
    elif kind in ("text", "cdata"):
        parent.text = (parent.text or "") + _text(value)
    elif isinstance(value, list):
        is_wrapped = xml.get("wrapped") is True or kind == "element"
        holder = ElementTree.SubElement(parent, own, namespace) if is_wrapped else parent
        # The name of a list that is not wrapped has no effect.
        item_name = str(xml.get("name") or name) if is_wrapped else name
        for each in value:
            _append(holder, item_name, each, flat.get("items"))
    else:
        element = ElementTree.SubElement(parent, own, namespace)
        if isinstance(value, dict):
            for key, below in value.items():
                properties = flat.get("properties", {})
                _append(element, key, below, properties[key] if key in properties else unnamed(flat, key))
        elif value is not None:
            element.text = _text(value)


def _xml(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    found = schema.get("xml")
    return found if isinstance(found, Mapping) else {}


def _flat(schema: Any) -> Mapping[str, Any]:
    try:
        return merged(schema) if isinstance(schema, Mapping) else {}
    except UnsatisfiableError:
        return schema  # type: ignore[no-any-return]


def _qualified(name: str, xml: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The name with its prefix, and the attribute that declares its namespace."""
    prefix, namespace = xml.get("prefix"), xml.get("namespace")
    local = _NAME.sub("_", str(xml.get("name") or name))
    declared = {f"xmlns:{prefix}" if prefix else "xmlns": str(namespace)} if namespace else {}
    return (f"{_NAME.sub('_', str(prefix))}:{local}" if prefix else local), declared


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else _CONTROL.sub("\ufffd", str(value))
