"""Validation of our extensions of OpenAPI by their JSON Schema, x-clauses.schema.json.

The schema is the only grammar of the extensions. Editors complete from it, and it holds the hints of errors
(`errorMessage`). docs/x-clauses.md specifies the extensions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from code_contract import pointers, refs
from code_contract.errors import ContractError, UnknownNameError

if TYPE_CHECKING:
    import jsonschema_rs


def validate(document: dict[str, Any]) -> frozenset[str]:
    """Validate the extensions of an unresolved document.

    Returns:
        The keys of the extensions that the document has.

    Raises:
        ContractError: One violates the schema; the message names the JSON pointer, the value and the fix.
    """
    used: set[str] = set()
    for pointer, kind, node in refs.objects(document):
        keys = _keys(kind) & node.keys()
        if not keys:
            continue
        used |= keys
        errors = list(_validator(kind).iter_errors({key: node[key] for key in keys}))
        if errors:
            # A misspelled key explains why another one is missing.
            found = min(errors, key=lambda each: each.kind.name != "additionalProperties")
            raise _contract_error(found, node, pointer)
    return frozenset(used)


@lru_cache(1)
def schema() -> dict[str, Any]:
    """Return the JSON Schema of the extensions."""
    found: dict[str, Any] = json.loads(Path(__file__).with_name("x-clauses.schema.json").read_bytes())
    return found


@lru_cache
def _keys(kind: str) -> frozenset[str]:
    """Return the keys of the extensions that an object of a kind may have."""
    definitions = schema()["$defs"]
    own = definitions.get(kind, {})
    parts = [own, *(definitions[each["$ref"].rpartition("/")[2]] for each in own.get("allOf", ()))]
    return frozenset(key for part in parts for key in part.get("properties", ()) if key.startswith("x-"))


@lru_cache
def _validator(kind: str) -> jsonschema_rs.Draft202012Validator:
    import jsonschema_rs  # only documents with extensions wait for this import

    return jsonschema_rs.Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": schema()["$defs"]})


def _contract_error(error: jsonschema_rs.ValidationError, node: dict[str, Any], pointer: str) -> ContractError:
    """Return the sentence for an error in an object at a pointer."""
    path, keyword = list(error.instance_path), error.kind.name
    is_about_owner = keyword in ("additionalProperties", "required")
    depth = len(path) if is_about_owner else _depth_of_owner(node, path)
    key = "" if is_about_owner else str(path[depth])
    schemas = _schemas(error.schema_path)
    title = next((each for each in _texts(schemas, "title") if each != key), "")
    at = pointers.join(pointer, *path)
    owner = _name(title, pointers.find(node, path[:depth]), pointers.join(pointer, *path[:depth]))
    details = error.kind.as_dict()
    if keyword == "additionalProperties":
        return UnknownNameError(f"{title} key", min(details["unexpected"]), schemas[0]["properties"], at)
    if keyword == "required":
        return ContractError(f"{owner} has no {details['property']}", f"add {details['property']}", at)
    of_owner = f" of {owner}" if owner else ""
    if keyword == "enum":
        allowed = ", ".join(map(str, details["options"]))
        return ContractError(f"unknown {key} {error.instance!r:.60}{of_owner}", f"use one of {allowed}", at)
    hint = next(_texts(schemas, "errorMessage"), f"use a {schemas[0].get('type')}")
    return ContractError(f"{key}{of_owner} is {error.instance!r:.60}", hint, at)


def _depth_of_owner(node: Any, path: list[str | int]) -> int:
    """Return the number of tokens that lead to the last mapping above the value at a path."""
    return max(depth for depth in range(len(path)) if isinstance(pointers.find(node, path[:depth]), dict))


def _schemas(path: list[str | int]) -> list[dict[str, Any]]:
    """Return the schemas on the way to a keyword of the schema, the innermost first."""
    found = [pointers.find(schema(), path[:depth]) for depth in range(len(path) - 1, 1, -1)]
    return [each for each in found if isinstance(each, dict)]


def _texts(schemas: list[dict[str, Any]], key: str) -> Iterator[str]:
    # A mapping of properties may have one of that name.
    return (each[key] for each in schemas if isinstance(each.get(key), str))


def _name(title: str, owner: dict[str, Any], at: str) -> str:
    if not title or title.startswith("x-"):
        return title
    token = pointers.split(at)[-1]
    name = owner.get("id") if token.isdigit() else token
    return f"the {title} {name!r:.60}" if isinstance(name, str) else f"the {title}"
