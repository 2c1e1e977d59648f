"""Repairs: what a document violates, and what of it is read nevertheless.

Documents of others are often slightly invalid: `required: true` in a schema, an empty `enum`, an unquoted status. Such
a value is left out or read as it was meant, and reported; the rest of the document is served.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from code_contract import grammar, patterns, pointers
from code_contract.errors import ContractError, Problem, Problems

TYPES = ("null", "boolean", "object", "array", "number", "string", "integer")

_TEMPLATE = re.compile(r"/(?:[^{}]|\{[^{}]+\})*", re.DOTALL)
_DIALECTS = ("https://json-schema.org/draft/2020-12/", "https://spec.openapis.org/oas/3.")
_STATUS = re.compile(r"(?:[1-5](?:[0-9]{2}|XX)|default)", re.IGNORECASE)
IDENTIFIERS = ("$schema", "$id", "$anchor", "$dynamicAnchor", "$vocabulary")
"""Keywords that name a schema and constrain nothing."""
_LOCATIONS = ("path", "query", "header", "cookie", "querystring")


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return _is_number(value) and value >= 0 and value == int(value)


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _is_map(value: Any) -> bool:
    return isinstance(value, dict)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_type(value: Any) -> bool:
    return value in TYPES if isinstance(value, str) else bool(value) and _are_texts(value) and set(value) <= set(TYPES)


def _is_pattern(value: Any) -> bool:
    try:
        patterns.require_valid(value, "")
    except (ContractError, AttributeError, TypeError):
        return False
    return True


def is_header_text(value: str) -> bool:
    """Return True if a text can be sent in a header (RFC 9110 §5.5)."""
    return value.isascii() and value.isprintable()


def _is_dialect(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(_DIALECTS)


def _never(value: Any) -> bool:
    return False


def _texts(*keys: str) -> dict[str, Callable[[Any], bool]]:
    return dict.fromkeys(keys, _is_text)


_DESCRIBED = _texts("summary", "description", "title")
_VALUE = {**_DESCRIBED, "required": _is_bool, **_texts("style"), "explode": _is_bool}

VALID: dict[str, dict[str, Callable[[Any], bool]]] = {
    "document": {"jsonSchemaDialect": _is_dialect},
    "info": _texts("title", "version", "description", "summary"),
    "server": _texts("url"),
    "path-item": _DESCRIBED,
    "operation": {**_DESCRIBED, **_texts("operationId"), "deprecated": _is_bool, "tags": _are_texts},
    "parameter": {**_VALUE, **_texts("name"), "in": lambda value: value in _LOCATIONS},
    "header": _VALUE,
    "request-body": {"required": _is_bool, **_DESCRIBED},
    "response": _DESCRIBED,
    "example": _DESCRIBED,
    "security-scheme": _texts("type", "name", "in", "scheme"),
    "encoding": _texts("contentType", "style"),
    "schema": {
        **_DESCRIBED,
        **_texts("format", "contentEncoding", "contentMediaType"),
        "type": _is_type,
        "required": _are_texts,
        "enum": lambda value: _is_list(value) and bool(value),
        "examples": _is_list,
        "pattern": _is_pattern,
        **dict.fromkeys(("minimum", "maximum"), _is_number),
        "multipleOf": lambda value: _is_number(value) and value > 0,
        **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _is_count),
        **dict.fromkeys(("minProperties", "maxProperties", "minContains", "maxContains"), _is_count),
        **dict.fromkeys(("uniqueItems", "nullable", "readOnly", "writeOnly", "deprecated"), _is_bool),
        **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), lambda value: _is_number(value) or _is_bool(value)),
        "dependentRequired": _is_map,
        "$schema": _is_dialect,
        "$dynamicRef": _never,
        "discriminator": lambda value: _is_map(value) and _is_text(value.get("propertyName")),
    },
}
"""Predicates of the values that the mock, the checks and the docs read, by kind and key."""


class Reader:
    """Reads the objects of one document.

    Args:
        problems: Receives a problem for every value that is left out.
        target: Returns the object that a written object leads to by `$ref`, or the object itself.
        is_3_0: True if schemas are those of OpenAPI 3.0.
    """

    def __init__(self, problems: Problems, target: Callable[[dict[str, Any], str], Any], is_3_0: bool) -> None:
        self._problems = problems
        self._target = target
        self._is_3_0 = is_3_0

    def readable(self, kind: str, node: dict[str, Any], pointer: str) -> dict[str, Any]:
        """Return the keys of an object with the values that can be read, in terms of OpenAPI 3.1."""
        valid, kept = VALID.get(kind, {}), {}
        for key, value in node.items():
            child = grammar.child(kind, key)
            if child is not None:
                found = self._child(child, value, pointers.join(pointer, key))
                if found is not None:
                    kept[key] = found
            elif key in valid and not valid[key](value):
                problem = f"{key} is {_short(value)}, which is not valid; it is ignored"
                self._problems.append(Problem(pointers.join(pointer, key), problem))
            else:
                kept[key] = value
        if kind == "example" and "value" not in kept:
            return _example_as_3_1(kept)
        if kind != "schema":
            return kept
        # References are resolved: an identifier would only change what a validator takes for the base URI.
        kept = {key: value for key, value in kept.items() if key not in IDENTIFIERS}
        for key in () if self._is_3_0 else ("nullable", "exclusiveMinimum", "exclusiveMaximum"):
            if isinstance(kept.get(key), bool):
                text = f"{key}: {str(kept[key]).lower()} is of OpenAPI 3.0; it is read as there"
                self._problems.append(Problem(pointers.join(pointer, key), text))
        return _as_3_1(kept)

    def _child(self, child: grammar.Child, value: Any, at: str) -> Any:
        """Return the readable part of a child, None if there is none."""
        if child.form == "one":
            return value if self._is_object(child.kind, value, at) else None
        if not isinstance(value, dict if child.form == "map" else list):
            self._ignore(value, at)
            return None
        if isinstance(value, list):
            return [each for index, each in enumerate(value) if self._is_readable(child, index, each, at)]
        return {name: each for name, each in value.items() if self._is_readable(child, name, each, at)}

    def _is_readable(self, child: grammar.Child, name: Any, value: Any, parent: str) -> bool:
        if child.kind in ("path-item", "response") and str(name).startswith("x-"):
            return False  # an extension
        at = pointers.join(parent, name)
        invalid = _INVALID_NAMES.get(child.kind)
        if invalid is not None and child.form == "map" and not parent.startswith(("/components/", "/webhooks")):
            is_valid, expected = invalid
            if not is_valid(name):
                self._problems.append(Problem(at, f"{_short(name)} is not a valid {expected}; it is ignored"))
                return False
        return self._is_object(child.kind, value, at)

    def _is_object(self, kind: str, value: Any, at: str) -> bool:
        if isinstance(value, dict) and "$ref" in value:
            value = self._target(value, at)
        if isinstance(value, dict):
            required = _REQUIRED.get(kind, ())
            if not required or all(VALID[kind][key](value.get(key)) for key in required):
                return True
        if kind == "schema" and isinstance(value, bool):
            return True
        self._ignore(value, at)
        return False

    def _ignore(self, value: Any, at: str) -> None:
        text = f"{_short(value)} is not the object that OpenAPI expects here; it is ignored"
        self._problems.append(Problem(at, text))


_REQUIRED = {"parameter": ("name", "in"), "server": ("url",)}
_INVALID_NAMES: dict[str, tuple[Callable[[str], Any], str]] = {
    "path-item": (_TEMPLATE.fullmatch, "path template"),
    "media-type": (is_header_text, "media type"),
    "response": (_STATUS.fullmatch, "HTTP status"),
}


def _example_as_3_1(example: dict[str, Any]) -> dict[str, Any]:
    """Return an Example Object of OpenAPI 3.2 with its value where 3.1 has it: what is serialized is JSON or a text."""
    if "dataValue" in example:
        return {**example, "value": example["dataValue"]}
    if not isinstance(text := example.get("serializedValue"), str):
        return example
    try:
        return {**example, "value": json.loads(text, parse_constant=int)}  # NaN is not one
    except (ValueError, RecursionError):
        return {**example, "value": text}


def _as_3_1(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without the keywords of OpenAPI 3.0, as one of JSON Schema 2020-12."""
    found = {key: value for key, value in schema.items() if key not in ("nullable", "example")}
    if schema.get("nullable") and isinstance(schema.get("type"), str):
        found["type"] = [schema["type"], "null"]
    for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(found.get(exclusive), bool) and found.pop(exclusive) and limit in found:
            found[exclusive] = found.pop(limit)
    if "example" in schema:
        found.setdefault("examples", [schema["example"]])
    return found


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
