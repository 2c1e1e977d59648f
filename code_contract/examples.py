"""Examples of responses: the value, and the status and headers beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from code_contract.errors import ContractError

HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A token (RFC 9110 §5.6.2), as every header's name is."""


@dataclass(frozen=True)
class Example:
    """A named example of a response.

    Attributes:
        name: Key under `examples`.
        summary: Description.
        value: The JSON body.
        status: HTTP status: `x-status`, else that of the response it belongs to, else 200.
        headers: Additional headers (`x-headers`).
    """

    name: str
    summary: str
    value: Any
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)


def example(name: str, node: Mapping[str, Any], default_status: int = 200) -> Example:
    """Parse an Example Object, which has `default_status` unless it has `x-status`.

    Raises:
        ContractError: `x-status` or `x-headers` cannot be sent.
    """
    status, headers = node.get("x-status", default_status), node.get("x-headers", {})
    if isinstance(status, bool) or not isinstance(status, int) or not 200 <= status <= 599:
        raise ContractError(f"the example {name!r} has x-status {status!r}", "use an integer from 200 to 599")
    if not isinstance(headers, dict) or not all(map(_is_header, headers.items())):
        raise ContractError(
            f"the example {name!r} has x-headers {headers!r}", "use a mapping of header names to strings"
        )
    return Example(name, node.get("summary", ""), node["value"], status, headers)


def _is_header(pair: tuple[str, Any]) -> bool:
    """Return True if the name and the value are valid in a header (RFC 9110 §5.1, §5.5)."""
    name, value = pair
    return bool(HEADER_NAME.fullmatch(name)) and isinstance(value, str) and value.isascii() and value.isprintable()
