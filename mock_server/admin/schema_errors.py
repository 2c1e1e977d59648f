"""Sentences on JSON values that violate a schema of the admin API."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any, TypeAlias

from code_contract import UnknownNameError
from code_contract.patterns import additional_names

Error: TypeAlias = Any
"""A ValidationError of jsonschema, whose types leave open what a validated schema has."""

MAX_SHOWN = 60
"""Characters of a value in a sentence."""
_UNSPECIFIC = ("oneOf", "anyOf", "not", "pattern")
"""Keywords whose messages show a schema; the description of the schema is clearer."""


def explain(error: Error) -> str:
    """Return the sentence on a violation: its place, the value and what is valid there."""
    error, description = _nearest(error)
    value = error.instance
    shown = _json(value)
    if error.validator == "additionalProperties" and (extra := _extra_fields(error)):
        sentence = str(UnknownNameError("field", extra[0][:MAX_SHOWN], _fields(error)))
    elif error.validator == "enum" and isinstance(value, str):
        kind = error.schema.get("x-names", "values").removesuffix("s")
        sentence = str(UnknownNameError(kind, value[:MAX_SHOWN], error.validator_value))
    elif error.validator in _UNSPECIFIC and description:
        sentence = f"{shown} is not valid ({description})"
    else:
        sentence = error.message.replace(repr(value), shown)[:200]
    return f"{error.json_path}: {sentence}"


def _nearest(error: Error) -> tuple[Error, str]:
    """The error inside of the alternative that the value is meant for, and the description of what is valid."""
    description = ""
    while True:
        description = error.schema.get("description", description).rstrip(".")
        branches: dict[Any, list[Error]] = defaultdict(list)
        for each in error.context or ():
            branches[each.relative_schema_path[0]].append(each)
        ranks = sorted((_distance(errors), branch) for branch, errors in branches.items())
        if not ranks or (len(ranks) > 1 and ranks[0][0] == ranks[1][0]):
            return error, description
        error = branches[ranks[0][1]][0]


def _distance(errors: list[Error]) -> tuple[int, int, int]:
    """The order of alternatives: those of its type first, then those with few other fields and few errors."""
    others = sum(each.validator == "type" and not each.relative_path for each in errors)
    fields = sum(len(_extra_fields(each)) or each.validator == "required" for each in errors)
    return others, fields, len(errors)


def _extra_fields(error: Error) -> list[str]:
    if error.validator != "additionalProperties" or error.validator_value is not False:
        return []
    return additional_names(error.instance, error.schema)


def _fields(error: Error) -> set[str]:
    """The fields that the object may have, in each of the alternatives."""
    alternatives = [error.schema, *(error.parent.validator_value if error.parent else ())]
    return {name for each in alternatives for name in each.get("properties", ())}


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
