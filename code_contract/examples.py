"""Examples of responses: the value, and the status and headers beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

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
        zh: Description in Chinese, "" without one.
    """

    name: str
    summary: str
    value: Any
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    zh: str = ""


def example(name: str, node: Mapping[str, Any], default_status: int = 200) -> Example:
    """Parse an Example Object, which has `default_status` unless it has `x-status`."""
    status, headers = node.get("x-status", default_status), node.get("x-headers", {})
    zh = node.get("x-i18n-zh", {}).get("summary", "")
    return Example(name, node.get("summary", ""), node["value"], int(status), headers, zh)


def examples_of(content: Mapping[str, Any], status: int) -> dict[str, Example]:
    """Return the examples with a value of a Media Type Object, by name.

    Args:
        content: The Media Type Object.
        status: The status of an example without `x-status`.
    """
    named = dict(content.get("examples", {}))
    if "example" in content:
        named.setdefault("example", {"value": content["example"]})
    return {name: example(name, node, status) for name, node in named.items() if "value" in node}
