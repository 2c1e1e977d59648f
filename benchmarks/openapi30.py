"""The contract in OpenAPI 3.0, for peers that read no 3.1: what 3.0 cannot say is left out, mechanically.

What is lost makes a peer's work lighter (no `if`, no `const`), never heavier.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from contract import load

UNKNOWN = frozenset(["if", "then", "else", "examples", "const", "not"])
"""Keywords of a schema that 3.0 has not, or that say nothing without `type: 'null'`."""


def write(folder: Path) -> Path:
    """A JSON file with the contract in OpenAPI 3.0.3."""
    path = folder / "openapi-3.0.json"
    path.write_text(json.dumps(down(load().resolved)), encoding="utf-8")
    return path


def down(document: dict[str, Any]) -> dict[str, Any]:
    """A document of OpenAPI 3.1 without references as one of 3.0.3, without the components that nothing names then."""
    plain = _without_extensions(document)
    info = {key: value for key, value in plain["info"].items() if key != "summary"}
    info["license"] = {"name": info.get("license", {}).get("name", "none")}
    return {"openapi": "3.0.3", "info": info, "servers": plain["servers"], "paths": _schemas_down(plain["paths"])}


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
        kept["type"], *others = [kind for kind in schema["type"] if kind != "null"]
        if others:
            raise SystemExit(f"OpenAPI 3.0 has no schema of several types: {schema['type']}")
        kept["nullable"] = True
    if "properties" in kept:
        kept["properties"] = {name: _schema(each) for name, each in kept["properties"].items()}
    if "items" in kept:
        kept["items"] = _schema(kept["items"])
    if "allOf" in kept:
        # An `if` alone leaves nothing behind.
        kept["allOf"] = [each for part in kept["allOf"] if (each := _schema(part))]
        if not kept["allOf"]:
            del kept["allOf"]
    return kept
