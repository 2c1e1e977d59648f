"""Documented responses of operations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from code_contract import marks
from code_contract.examples import Example, examples_of
from code_contract.media_types import is_json, mime_essence
from code_contract.parameters import schema_of
from code_contract.pointers import FieldPath


@dataclass(frozen=True)
class Response:
    """A documented response.

    Attributes:
        status: As written: "200", "4XX" or "default".
        description: Description.
        media_type: Media type of the body, None without a body.
        schema: Schema of the body, None without a body.
        examples: Examples by name.
        content: Media Type Objects by media type as written.
        headers: Header Objects by name.
        zh: Description in Chinese, "" without one.
    """

    status: str
    description: str
    media_type: str | None
    schema: Mapping[str, Any] | None
    examples: Mapping[str, Example]
    content: Mapping[str, Any]
    headers: Mapping[str, Any]
    zh: str = ""

    @cached_property
    def field_names(self) -> frozenset[str]:
        """The names of the fields of the body."""
        return marks.field_names(self.schema)

    def documents(self, place: FieldPath) -> bool:
        """Return True if the schema has a field at this path."""
        return marks.documents(self.schema, place)


def response_of(status: str, node: Mapping[str, Any]) -> Response:
    """Return the response of a resolved Response Object, by its status as written."""
    contents = node.get("content", {}).items()
    # A marked picture comes before the JSON of an error beside it.
    marked = ((name, each) for name, each in contents if "x-mock" in schema_of(each))
    media_type, content = next(marked, None) or json_content(node)
    own = int(status) if re.fullmatch("[2-5][0-9][0-9]", status) else 200
    return Response(
        status=status,
        description=node.get("description", ""),
        media_type=media_type,
        schema=None if content is None else schema_of(content),
        examples=examples_of(content or {}, own),
        content=node.get("content", {}),
        headers=node.get("headers", {}),
        zh=node.get("x-i18n-zh", {}).get("description", ""),
    )


def json_content(node: Mapping[str, Any]) -> tuple[str | None, Mapping[str, Any] | None]:
    """Return the JSON content of a body, else the first content."""
    content = node.get("content", {})
    for media_type, found in content.items():
        if is_json(mime_essence(media_type)):
            return media_type, found
    return next(iter(content.items()), (None, None))
