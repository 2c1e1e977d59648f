"""Parameters of operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# One object each: caches know schemas by identity.
ANY: Mapping[str, Any] = {}
"""The schema of every value."""
NONE: Mapping[str, Any] = {"not": {}}
"""The schema of no value."""


@dataclass(frozen=True)
class Parameter:
    """A documented parameter.

    Attributes:
        name: Name.
        location: "path", "query", "header", "cookie", or "querystring" for the whole query string.
        required: True if a request needs it.
        schema: Schema of the value.
        style: Serialization of arrays and objects, as stated or by default (OpenAPI 3.1 §4.8.12.2).
        explode: True if each item or property is serialized on its own.
        media_type: Media type of a value that is serialized by `content`, None if it is by `style`.
        example: Example, None if there is none.
        assumption: Open question behind it (`x-assumption`), None if there is none.
        is_source: True if it names the source of a request (`x-source`).
        raw: The resolved Parameter Object.
    """

    name: str
    location: str
    required: bool
    schema: Mapping[str, Any]
    style: str
    explode: bool
    media_type: str | None
    example: Any
    assumption: str | None
    is_source: bool
    raw: Mapping[str, Any]


_DEFAULT_STYLES = {"path": "simple", "header": "simple"}


def parameter(node: Mapping[str, Any]) -> Parameter:
    """Return a parameter by its resolved Parameter Object."""
    media_type, content = next(iter(node.get("content", {}).items()), (None, node))
    schema = schema_of(content)
    style = node.get("style", _DEFAULT_STYLES.get(node["in"], "form"))
    example = content.get("example")
    if example is None:
        example = next(
            (e.get("value") for e in content.get("examples", {}).values()),
            next(iter(schema.get("examples", ())), schema.get("default")),
        )
    return Parameter(
        name=node["name"],
        location=node["in"],
        required=bool(node.get("required", False)),
        schema=schema,
        style=style,
        explode=node.get("explode", style in ("form", "cookie")),
        media_type=media_type,
        example=example,
        assumption=node.get("x-assumption"),
        is_source=node.get("x-source") is True,
        raw=node,
    )


def schema_of(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema of a node as an object: a boolean one has an equivalent (JSON Schema core §4.3.2)."""
    schema: Mapping[str, Any] | bool = node.get("schema", True)
    if isinstance(schema, bool):
        return ANY if schema else NONE
    return schema
