"""JSON pointers (RFC 6901) into the contract."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def join(pointer: str, *tokens: str | int) -> str:
    """The pointer to what `tokens` name below `pointer`."""
    for token in tokens:
        pointer += "/" + str(token).replace("~", "~0").replace("/", "~1")
    return pointer


def split(pointer: str) -> list[str]:
    """The tokens of a pointer, unescaped; "" has none."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def find(document: Any, tokens: Iterable[str | int]) -> Any:
    """The node that `tokens` lead to. Raises LookupError where there is none."""
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
