"""JSON pointers (RFC 6901)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, unquote

FieldPath = tuple[str, ...]
"""Path of a value in a JSON body: field names, "*" for every item of an array."""


def join(pointer: str, *tokens: str | int) -> str:
    """Return the pointer extended by escaped tokens."""
    for token in tokens:
        text = str(token)
        if "~" in text or "/" in text:
            text = text.replace("~", "~0").replace("/", "~1")
        pointer += f"/{text}"
    return pointer


def split(pointer: str) -> list[str]:
    """Return the unescaped tokens of a pointer; "" has none."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def of_reference(reference: str) -> str:
    """Return the pointer in a `$ref` to the same document: its fragment, percent-decoded (RFC 6901 §6)."""
    return unquote(reference[1:])


def to_reference(pointer: str) -> str:
    """Return the `$ref` to a pointer in the same document, percent-encoded (RFC 6901 §6)."""
    return f"#{quote(pointer)}"


def find(document: Any, tokens: Iterable[str | int]) -> Any:
    """Return the node at the tokens.

    Raises:
        LookupError: The document has no such node.
    """
    node = document
    for token in tokens:
        if isinstance(node, list):
            try:
                node = node[int(token)]
            except ValueError:
                raise LookupError(token) from None
        elif isinstance(node, dict):
            node = node[token]
        else:
            raise LookupError(token)
    return node


def value_at(value: Any, place: FieldPath) -> Any:
    """Return the part of a JSON value at a path of field names, None if there is none."""
    for name in place:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def is_deeper_than(value: Any, limit: int) -> bool:
    """Return True if a JSON value has more than `limit` objects and arrays inside each other."""
    level, depth = [value], 0
    while level := [each for each in level if isinstance(each, (dict, list))]:
        depth += 1
        if depth > limit:
            return True
        level = [below for each in level for below in (each.values() if isinstance(each, dict) else each)]
    return False
