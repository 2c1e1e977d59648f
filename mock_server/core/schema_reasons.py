"""Reasons for the errors of JSON Schema, made of their keyword and data, in the words of jsonschema."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from code_contract.marks import field_names
from code_contract.patterns import additional_names
from mock_server.reasons import Reason

_MAX_TEXT = 120
"""Characters of a value that is quoted."""
_QUOTE_NAMES_ONLY = ("additionalProperties", "dependentRequired", "required")
"""Keywords whose reasons quote names and no values."""
_OF_VALUE = {
    None: "nothing-allowed",
    "anyOf": "no-alternative",
    "contains": "none-contained",
    "not": "excluded",
    "oneOf": "no-alternative",
}
"""Codes of the reasons that quote the value alone, by keyword; None for the schema false."""
_OF_BOUND = {
    "exclusiveMaximum": "not-below",
    "exclusiveMinimum": "not-above",
    "maximum": "above-maximum",
    "minimum": "below-minimum",
    "multipleOf": "not-a-multiple",
}
_OF_SIZE = {
    "maxItems": ("not-empty", "too-long"),
    "maxLength": ("not-empty", "too-long"),
    "maxProperties": ("not-empty", "too-many-properties"),
    "minItems": ("empty", "too-short"),
    "minLength": ("empty", "too-short"),
    "minProperties": ("empty", "too-few-properties"),
}
"""Codes for the lowest limit that can be violated, and for any other."""


def schema_reason(error: Any, hidden: bool) -> Reason:
    """Return the reason for an error of `BoundedValidator`.

    Args:
        error: The error.
        hidden: True if the value is or has a secret, so that it is not quoted.
    """
    keyword, expected = error.validator, error.validator_value
    if hidden and keyword not in _QUOTE_NAMES_ONLY:
        return _of_keyword(keyword)
    value = _text(error.instance)
    match keyword:
        case "type":
            types = ", ".join(map(repr, [expected] if isinstance(expected, str) else expected))
            return Reason("wrong-type", value=value, type=types)
        case "enum":
            return Reason("not-in-enum", value=value, values=_text(expected))
        case "const":
            return Reason("not-const", value=_text(expected))
        case "required":
            return Reason("required", value=_text(expected))
        case "dependentRequired":
            return Reason("dependent", value=_text(expected[0]), name=_text(expected[1]))
        case "additionalProperties":
            names = additional_names(error.instance, error.schema)
            return Reason("additional" if len(names) == 1 else "additional-several", names=_listed(names))
        case "unevaluatedProperties" if expected is False:
            # Those that no part of the schema has, whether it applies or not. The error does not have its names.
            names = sorted(error.instance.keys() - field_names(error.schema)) or list(error.instance)
            return Reason("unevaluated" if len(names) == 1 else "unevaluated-several", names=_listed(names))
        case "pattern":
            return Reason("no-match", value=value, pattern=_text(expected))
        case "format":
            return Reason("wrong-format", value=value, format=expected)
        case "uniqueItems":
            return Reason("not-unique")
        case "oneOf" if isinstance(expected, int):
            return Reason("several-alternatives", value=value, count=expected)
        case "items":
            return Reason("too-many-items", value=value, limit=len(error.schema.get("prefixItems", ())))
        case "minContains":
            return Reason("too-few-contained", bound=expected)
        case "maxContains":
            return Reason("too-many-contained", bound=expected)
    if keyword in _OF_VALUE:
        return Reason(_OF_VALUE[keyword], value=value)
    if keyword in _OF_BOUND:
        return Reason(_OF_BOUND[keyword], value=value, bound=_text(expected))
    if keyword in _OF_SIZE:
        lowest, other = _OF_SIZE[keyword]
        return Reason(lowest if expected == keyword.startswith("min") else other, value=value)
    return _of_keyword(keyword)


def _of_keyword(keyword: str | None) -> Reason:
    return Reason("keyword", keyword=repr(keyword))


def _listed(names: Iterable[str]) -> str:
    return _cut(", ".join(map(repr, names)))


def _text(value: Any) -> str:
    return _cut(repr(value))


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else f"{text[: _MAX_TEXT - 1]}…"
