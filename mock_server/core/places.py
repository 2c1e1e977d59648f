"""Places: the properties of a schema that have the values of path parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from code_contract import FieldPath, Operation
from code_contract.marks import parts
from code_contract.merging import types
from code_contract.parameters import ANY
from code_contract.words import singular

Schema = Mapping[str, Any]

_PARAMETER = re.compile(r"\{([^{}]+)\}")
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_IDS = ("id", "uuid", "guid", "slug", "key", "number", "code", "name")
"""Names that identify an entity and do not say of which kind."""
_NAMES = ("id", "uuid", "guid", "slug", "key", "login", "username", "handle", "number", "code", "name")
"""Names of properties that identify an entity, the best first."""


def properties(schema: Any) -> dict[str, Any]:
    """Return the properties of a value by name; of those that several parts describe, the schema that says most."""
    found: dict[str, Any] = {}
    for part in parts(schema):
        for name, below in part.get("properties", {}).items():
            if name not in found or (found[name] is not below and _size(below) > _size(found[name])):
                found[name] = below
    return found


def _size(schema: Any) -> int:
    """The number of properties of a value, or of the items of a list."""
    return len(
        {name for each in (schema, items_of(schema)) for part in parts(each) for name in part.get("properties", ())}
    )


def items_of(schema: Any) -> Schema | None:
    """Return the schema of the items of an array, None if it is not one or its items are not described."""
    found = (part["items"] for part in parts(schema) if isinstance(part.get("items"), Mapping))
    return next(found, None)


def schema_at(schema: Any, place: FieldPath) -> Any:
    """Return the schema of a value inside, {} if it is not described."""
    for name in place:
        schema = properties(schema).get(name)
    return schema if isinstance(schema, Mapping) else ANY


def normalized(name: str) -> str:
    """Return a name in any naming style as lower-case letters and digits."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def path_names(path: str) -> list[str]:
    """Return the names of the parameters of a path."""
    return _PARAMETER.findall(path)


def shape(path: str) -> str:
    """Return a path without the names of its parameters."""
    return _PARAMETER.sub("{}", path)


def kind_of(path: str) -> str:
    """The name of an entity by its path: the last literal segment before its parameters, in the singular."""
    literal = [each for each in path.split("/") if each and "{" not in each]
    return normalized(singular(literal[-1].lower())) if literal else ""


def parent_places(operation: Operation, schema: Any, names: list[str] | None = None) -> dict[str, FieldPath]:
    """Return the places in an entity that have the values of path parameters that identify other ones.

    Args:
        operation: The operation.
        schema: The schema of the entity.
        names: The parameters; by default all of the path.
    """
    names = path_names(operation.path) if names is None else names
    return {each: at for each in names if (at := _parent_place(each, schema, operation)) is not None}


def is_scalar(schema: Any) -> bool:
    """Return True for the schema of a value without values inside."""
    return isinstance(schema, Mapping) and not properties(schema) and items_of(schema) is None


def own_place(parameter: str, schema: Any, kind: str, stated: Schema) -> FieldPath | None:
    """Return the property that has the value of the parameter that identifies an entity.

    Args:
        parameter: The name of the parameter.
        schema: The schema of the entity.
        kind: The name of the entity.
        stated: The schema of the parameter, whose type a property of another name shares.
    """
    inside = {normalized(name): (name, below) for name, below in properties(schema).items() if is_scalar(below)}
    words = [each.lower() for each in _WORDS.findall(parameter)]
    for each in (*("".join(words[start:]) for start in range(len(words))), f"{kind}{normalized(parameter)}"):
        if each in inside:
            return (inside[each][0],)
    if normalized(parameter) not in ("", kind) and words[-1] not in _NAMES:
        return None
    found = (inside[each] for each in (*_NAMES, f"{kind}id") if each in inside)
    return next(((name,) for name, below in found if _share_types(below, stated)), None)


def _share_types(first: Schema, second: Schema) -> bool:
    firsts, seconds = set(types(first)), set(types(second))
    return not firsts or not seconds or not firsts.isdisjoint(seconds)


def schema_of_parameter(operation: Operation, name: str) -> Schema:
    """Return the schema of a path parameter, {} if it is not documented."""
    found = (each.schema for each in operation.parameters if each.location == "path" and each.name == name)
    return next(found, {})


def _parent_place(parameter: str, schema: Any, operation: Operation) -> FieldPath | None:
    """The property that has the value of a parameter that identifies another entity, above in the path."""
    kind = kind_of(operation.path[: operation.path.index(f"{{{parameter}}}") + 1])
    words = [each.lower() for each in _WORDS.findall(parameter)]
    full = f"{kind}{normalized(parameter)}" if normalized(parameter) in _IDS else normalized(parameter)
    for name, below in properties(schema).items():
        if normalized(name) == full and is_scalar(below):
            return (name,)
    holders = (full, kind if normalized(parameter) in _IDS else "".join(words[:-1]) or kind)
    stated = schema_of_parameter(operation, parameter)
    for name, below in properties(schema).items():
        inner = own_place(parameter, below, normalized(name), stated) if normalized(name) in holders else None
        if inner is not None:
            return (name, *inner)
    return None
