"""Validation of the extensions that are read without a check of their own."""

from __future__ import annotations

from typing import Any

from code_contract import grammar, pointers, repairs
from code_contract.errors import ContractError

_TYPES: dict[str, tuple[type, str]] = {
    **dict.fromkeys(("x-assumption", "x-content-type", "x-quote"), (str, "a string")),
    "x-i18n-zh": (dict, "a mapping of names to strings"),
    "x-success": (dict, "a schema that is a mapping"),
    "x-clauses": (list, "a list of clauses"),
    "x-sections": (list, "a list of sections"),
}


def validate(document: dict[str, Any]) -> None:
    """Validate the types of extensions in an unresolved document.

    Raises:
        ContractError: One has another type.
    """
    for pointer, _, node in grammar.objects(document):
        for key in node.keys() & _TYPES.keys():
            (kind, name), value = _TYPES[key], node[key]
            nested = isinstance(value, dict) and key == "x-i18n-zh" and not all(map(_is_text, value.values()))
            if nested or not isinstance(value, kind):
                raise ContractError(f"{key} is {value!r:.60}", f"use {name}", pointers.join(pointer, key))
            if key == "x-content-type" and not repairs.is_header_text(str(value)):
                # RFC 9110 §5.5
                problem = f"the media type {value!r} cannot be sent in a header"
                raise ContractError(problem, "use one such as application/json", pointers.join(pointer, key))


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
