"""Filters: query parameters that name a field of the items of a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from code_contract import Operation
from code_contract.pointers import FieldPath, value_at
from mock_server.core.coercion import Coercion
from mock_server.core.errors import InputError
from mock_server.core.pages import is_about_pages
from mock_server.core.parameter_styles import Field, from_pairs, read_pairs
from mock_server.core.places import is_scalar, normalized, properties

MAX_CANDIDATES = 60
"""Entities that are considered where none of a list passes."""

Filters = Mapping[FieldPath, Sequence[Any]]
"""The values that a field of an item may have, by its place."""


def find_filters(operation: Operation, query: str, items: Any, coercion: Coercion) -> Filters:
    """Return the filters that a request asks for.

    Args:
        operation: The operation, whose parameters are those of the query.
        query: The query of the request.
        items: The schema of an item.
        coercion: Types the values.
    """
    pairs = read_pairs(query)
    known = {normalized(name): name for name, schema in properties(items).items() if is_scalar(schema)}
    found: dict[FieldPath, Sequence[Any]] = {}
    for each in operation.parameters if pairs else ():
        name = normalized(each.name.removeprefix("filter"))  # as in filter[status]
        is_page = is_about_pages(name) and "enum" not in each.schema
        if each.location != "query" or each.media_type is not None or name not in known or is_page:
            continue
        field = Field(each.name, each.style, each.explode, (each.schema,))
        try:
            readings = from_pairs(field, pairs, lambda other: True, coercion)
        except InputError:
            continue
        if readings and not isinstance(readings[0], dict):
            found[(known[name],)] = readings[0] if isinstance(readings[0], list) else readings[:1]
    return found


def passing(filters: Filters, items: Sequence[Any], value_of: Callable[[Any], Any]) -> list[Any]:
    """Return the items whose value has one of the values that each filter asks for."""
    texts = {place: set(map(str, values)) for place, values in filters.items()}
    return [each for each in items if all(str(value_at(value_of(each), at)) in texts[at] for at in texts)]
