"""Converts the contract to OpenAPI 3.0 for Dredd, which does not read 3.1. Keywords that 3.0 lacks are left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from code_contract import load

UNKNOWN = frozenset(["if", "then", "else", "examples", "const", "not", "oneOf"])
"""Keywords that 3.0 lacks, or that have no effect without constants and the type null."""
_NULL = {"type": "null"}


def write(folder: Path) -> Path:
    """Write the contract as OpenAPI 3.0 in JSON, reduced to what Dredd supports, and return its path."""
    contract = load()
    document = down(contract.resolved)
    for operation in contract.operations.values():
        served = document["paths"][operation.path][operation.method.lower()]
        served["responses"] = _for_dredd(served["responses"], operation.content_type)
    path = folder / "openapi-3.0.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def down(document: dict[str, Any]) -> dict[str, Any]:
    """Convert a document of OpenAPI 3.1 without references to 3.0.3, without its unused components."""
    plain = _without_extensions(document)
    info = {key: value for key, value in plain["info"].items() if key not in ("summary", "license")}
    return {"openapi": "3.0.3", "info": info, "servers": plain["servers"], "paths": _schemas_down(plain["paths"])}


def _for_dredd(responses: dict[str, Any], content_type: str | None) -> dict[str, Any]:
    """Responses without `default`, which Dredd takes for a 200; with one example, and the exact media type sent."""
    kept = {status: response for status, response in responses.items() if status != "default"}
    for response in kept.values():
        for media_type, content in list(response["content"].items()):
            del response["content"][media_type]
            example = next(iter(content.pop("examples").values()))["value"]
            response["content"][content_type or media_type] = content | {"example": example}
    return kept


def _without_extensions(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_extensions(each) for key, each in value.items() if not str(key).startswith("x-")}
    return [_without_extensions(each) for each in value] if isinstance(value, list) else value


def _schemas_down(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _schema(each) if key == "schema" else _schemas_down(each) for key, each in value.items()}
    return [_schemas_down(each) for each in value] if isinstance(value, list) else value


def _schema(schema: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in schema.items() if key not in UNKNOWN}
    if isinstance(kept.get("type"), list):
        kept["type"] = next(kind for kind in schema["type"] if kind != "null")
        kept["nullable"] = "null" in schema["type"]
    if "properties" in kept:
        kept["properties"] = {name: _schema(each) for name, each in kept["properties"].items()}
    if "items" in kept:
        kept["items"] = _schema(kept["items"])
    alternatives = kept.pop("anyOf", [])
    if _NULL in alternatives:
        kept["nullable"] = True
    parts = [*kept.pop("allOf", []), *(each for each in alternatives if each != _NULL)]
    for part in map(_schema, parts):
        # Merged into one schema, because Dredd ignores allOf.
        kept = _merged(kept, part)
    return kept


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """A schema that requires what both require."""
    both = one | other
    if "properties" in one and "properties" in other:
        shared = one["properties"].keys() & other["properties"].keys()
        merged = {name: _merged(one["properties"][name], other["properties"][name]) for name in shared}
        both["properties"] = one["properties"] | other["properties"] | merged
    if "required" in one and "required" in other:
        both["required"] = sorted({*one["required"], *other["required"]})
    return both
