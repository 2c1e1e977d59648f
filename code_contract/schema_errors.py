"""Sentences for the errors of a JSON Schema: the value, its place, and the hint of the schema (`errorMessage`)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from code_contract import pointers
from code_contract.errors import ContractError, UnknownNameError

if TYPE_CHECKING:
    import jsonschema_rs


@lru_cache
def read_schema(name: str) -> dict[str, Any]:
    """Return a JSON Schema of this package by the name of its file."""
    found: dict[str, Any] = json.loads(Path(__file__).with_name(name).read_bytes())
    return found


def require_valid(
    validator: jsonschema_rs.Draft202012Validator, schema: dict[str, Any], value: dict[str, Any], pointer: str
) -> None:
    """Validate an object.

    Args:
        validator: The validator.
        schema: The schema in which the validator locates keywords, below `$defs`. The `title` of an object names it.
        value: The object.
        pointer: JSON pointer of the object.

    Raises:
        ContractError: It violates the schema; the message names the JSON pointer, the value and the fix.
    """
    try:
        errors = list(validator.iter_errors(value))
    except UnicodeEncodeError:  # a lone surrogate (RFC 8259 §8.2) in an invalid value
        value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
        errors = list(validator.iter_errors(value))
    if errors:
        # A misspelled key explains why another one is missing.
        found = min(errors, key=lambda each: each.kind.name != "additionalProperties")
        raise _contract_error(found, schema, value, pointer)


def _contract_error(
    error: jsonschema_rs.ValidationError, schema: dict[str, Any], value: dict[str, Any], pointer: str
) -> ContractError:
    path, keyword, details = list(error.instance_path), error.kind.name, error.kind.as_dict()
    is_about_owner = keyword in ("additionalProperties", "required")
    depth = len(path) if is_about_owner else _depth_of_owner(value, path)
    key = "" if is_about_owner else str(path[depth])
    schemas = _schemas(schema, error.schema_path)
    title = next((each for each in _texts(schemas[not is_about_owner :], "title") if each != key), "")
    at = pointers.join(pointer, *path)
    owner = _name(title, pointers.find(value, path[:depth]), pointers.join(pointer, *path[:depth]))
    if keyword == "additionalProperties":
        return UnknownNameError(f"{title} key", min(details["unexpected"]), schemas[0]["properties"], at)
    if keyword == "required":
        return ContractError(f"{owner} has no {details['property']}", f"add {details['property']}", at)
    of_owner = f" of {owner}" if owner else ""
    if keyword == "enum":
        allowed = ", ".join(map(str, details["options"]))
        return ContractError(f"unknown {key} {error.instance!r:.60}{of_owner}", f"use one of {allowed}", at)
    # The hint of the value itself or of the array that has it, not of the object around.
    own = [schemas[0], *takewhile(lambda each: not isinstance(each.get("title"), str), schemas[1:])]
    own += [each for each in schemas[1:2] if each.get("title") == key]
    hint = next(_texts(own, "errorMessage"), f"use a {schemas[0].get('type')}")
    return ContractError(f"{key}{of_owner} is {error.instance!r:.60}", hint, at)


def _depth_of_owner(value: Any, path: list[str | int]) -> int:
    """Return the number of tokens that lead to the last object above the value at a path."""
    return max(depth for depth in range(len(path)) if isinstance(pointers.find(value, path[:depth]), dict))


def _schemas(schema: dict[str, Any], path: list[str | int]) -> list[dict[str, Any]]:
    """Return the schemas below `$defs` on the way to a keyword, the innermost first."""
    found = [pointers.find(schema, path[:depth]) for depth in range(len(path) - 1, 1, -1)]
    return [each for each in found if isinstance(each, dict)]


def _texts(schemas: list[dict[str, Any]], key: str) -> Iterator[str]:
    # A mapping of properties may have one of that name.
    return (each[key] for each in schemas if isinstance(each.get(key), str))


def _name(title: str, owner: dict[str, Any], at: str) -> str:
    if not title or title.startswith("x-"):
        return title
    token = pointers.split(at)[-1] if at else ""
    name = token if token and not token.isdigit() else owner.get("id")
    return f"the {title} {name!r:.60}" if isinstance(name, str) and name != title else f"the {title}"
