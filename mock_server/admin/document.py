"""The OpenAPI document of the admin API, openapi.yaml in this folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import yaml

from code_contract import resolution


def read_document() -> dict[str, Any]:
    """Return the document as it is written."""
    text = files("mock_server").joinpath("admin", "openapi.yaml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    return document


def resolved_document(names: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return the document without `$ref`.

    Args:
        names: The values of the enums, by the `x-names` of the schemas; without any, every name is accepted.
    """
    document = read_document()
    for schema in document["components"]["schemas"].values():
        if names.get(schema.get("x-names", "")):
            schema["enum"] = names[schema["x-names"]]
    return resolution.resolve(document, [])
