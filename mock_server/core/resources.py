"""Resources: the entities that a document describes, found by its paths and its schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from code_contract import FieldPath, Operation
from code_contract.finite import finite
from code_contract.merging import types
from mock_server.core.places import (
    Schema,
    items_of,
    kind_of,
    normalized,
    own_place,
    parent_places,
    path_names,
    properties,
    schema_at,
    schema_of_parameter,
    shape,
)
from mock_server.core.representations import Representation, choose

_WRAPPERS = ("data", "result", "item", "payload", "response", "attributes")
"""Names of properties that hold the entity of a response."""
_LISTS = ("data", "items", "results", "records", "content", "values", "entries", "rows", "list", "elements", "nodes")
"""Names of properties that hold the list of a response."""
_SEARCHES = ("search", "query", "filter", "find", "list")
"""Last segments of paths where a POST asks for a list."""


@dataclass(frozen=True, eq=False)
class Resource:
    """A kind of entity.

    Attributes:
        key: The part of a seed that is its own: the name of its schema, or its path.
        schema: The schema of an entity.
        path: The path of an entity, or of the list if no operation returns a single one.
        parameters: The names of the parameters that identify an entity; the last one is its own.
        places: The places in an entity that have the values of these parameters.
        id_schema: The schema of its own id.
        detail: The response that has one of the entities, and its place in it; None if no operation returns one.
        lists: The responses that have a list of the entities at the path above, and its place in them.
    """

    key: str
    schema: Schema
    path: str
    parameters: tuple[str, ...]
    places: Mapping[str, FieldPath]
    id_schema: Schema
    detail: tuple[Representation, FieldPath] | None = None
    lists: list[tuple[Representation, FieldPath]] = field(default_factory=list)

    @cached_property
    def schema_count(self) -> int:
        """The number of schemas inside an entity."""
        return len(finite(self.schema)["$defs"])

    @property
    def own_place(self) -> FieldPath | None:
        """The place of the own id of an entity."""
        return self.places.get(self.parameters[-1])


@dataclass(frozen=True, eq=False)
class View:
    """The part of a response that has an entity, or a list of them.

    Attributes:
        resource: The resource.
        schema: The schema of the entity, or of an item of the list.
        place: The place in the body.
        is_list: True for a list.
        sources: For each parameter of the resource, the path parameter with its value, None if it is not in the path.
        parents: The places in an entity of further path parameters.
    """

    resource: Resource
    schema: Schema
    place: FieldPath
    is_list: bool
    sources: tuple[str | None, ...]
    parents: Mapping[str, FieldPath]


class Resources:
    """The resources of a contract, and the views of its operations."""

    def __init__(self, operations: Mapping[str, Operation], names: Mapping[int, str]) -> None:
        self._names = names
        self._details: dict[str, Resource] = {}  # by path, without the names of its parameters
        self._by_schema: dict[int, list[Resource]] = {}
        found = [(each, success) for each in operations.values() if (success := self._success(each)) is not None]
        details = [(each, rep) for each, rep in found if each.method == "GET" and each.path.endswith("}")]
        for operation, representation in sorted(details, key=lambda each: each[0].path.count("{")):
            self._add(operation, representation)
        for operation, representation in found:
            resource = self._details.get(shape(f"{operation.path}/{{}}"))
            if resource is not None and operation.method == "GET":
                listed = self._list(operation, representation.schema or {}, operation.path.rpartition("/")[2].lower())
                resource.lists.extend([(representation, listed[2])] if listed else [])

    @staticmethod
    def _success(operation: Operation) -> Representation | None:
        representation = choose(operation, "")
        if representation is None or representation.schema is None or operation.mock_fields:
            return None
        return representation

    def _add(self, operation: Operation, representation: Representation) -> None:
        """Add the resource of an operation that returns one entity."""
        names, schema = path_names(operation.path), representation.schema
        place: FieldPath = ()
        if not names or items_of(schema) is not None:
            return
        kind, stated = kind_of(operation.path), schema_of_parameter(operation, names[-1])
        own = own_place(names[-1], schema, kind, stated)
        for wrapper in (*_WRAPPERS, kind) if own is None else ():
            name = next((each for each in properties(schema) if normalized(each) == wrapper), None)
            below = schema_at(schema, (name,)) if name else {}
            if (own := own_place(names[-1], below, kind, stated)) is not None and name:
                schema, place = below, (name,)
                break
        known = next((each for each in self._by_schema.get(id(schema), ()) if each.own_place == own), None)
        if known is not None:
            self._details[shape(operation.path)] = known
            return
        places = {**parent_places(operation, schema, names[:-1]), **({names[-1]: own} if own else {})}
        resource = Resource(
            key=self._names.get(id(schema), operation.path),
            schema=schema or {},
            path=operation.path,
            parameters=tuple(names),
            places=places,
            id_schema=_both(schema_at(schema, own), stated) if own else stated,
            detail=(representation, place),
        )
        self._details[shape(operation.path)] = resource
        if schema:  # that of every value says nothing of the entity
            self._by_schema.setdefault(id(schema), []).append(resource)

    def view(self, operation: Operation, schema: Schema) -> View | None:
        """Return the view of a response with this schema, None if it has no entities."""
        names = path_names(operation.path)
        last = operation.path.rpartition("/")[2].lower()
        is_search = operation.method == "GET" or last in _SEARCHES
        listed = self._list(operation, schema, last) if is_search and "{" not in last else None
        if listed is not None:
            return self._view(operation, names, *listed, is_list=True)
        for path in (operation.path, f"{operation.path}/{{}}", *_above(operation.path)):
            resource = self._details.get(shape(path))
            if resource is None:
                continue
            place = self._entity_place(schema, resource, is_same=len(path) < len(operation.path))
            if place is not None or path == operation.path:
                place = place or ()
                return self._view(operation, names, resource, schema_at(schema, place), place, is_list=False)
        known = None if operation.is_safe else next(iter(self._by_schema.get(id(schema), ())), None)
        return None if known is None else self._view(operation, names, known, schema, (), is_list=False)

    def created_by(self, operation: Operation) -> Resource | None:
        """Return the resource that an operation creates, by its path; None if it creates none."""
        return self._details.get(shape(f"{operation.path}/{{}}")) if operation.method == "POST" else None

    def _list(self, operation: Operation, schema: Schema, last: str) -> tuple[Resource, Schema, FieldPath] | None:
        """The resource, the schema and the place of the list in a response."""
        detail = self._details.get(shape(f"{operation.path}/{{}}"))
        for place, items in _lists(schema):
            known = next(iter(self._by_schema.get(id(items), ())), None)
            is_named = not place or normalized(place[-1]) in (*_LISTS, normalized(last))
            is_entity = bool(place) and not {"id", "uuid"}.isdisjoint(map(normalized, properties(schema)))
            if not properties(items) or not (known or is_named) or is_entity:
                continue
            resource = detail or known or self._own_resource(operation, items)
            return resource, items, place
        return None

    def _own_resource(self, operation: Operation, schema: Schema) -> Resource:
        """The resource of a list whose entities no operation returns."""
        kind = kind_of(f"{operation.path}/{{}}")
        own = own_place("id", schema, kind, {})
        key = f"{self._names.get(id(schema), '')} {operation.path}"
        names = path_names(operation.path)
        places = {**parent_places(operation, schema), **({"": own} if own else {})}
        return Resource(key, schema, operation.path, (*names, ""), places, schema_at(schema, own) if own else {})

    @staticmethod
    def _entity_place(schema: Schema, resource: Resource, is_same: bool) -> FieldPath | None:
        """The place of an entity in a response, None if it has none; `is_same` needs the schema of the resource."""
        kind, own = kind_of(resource.path), (resource.own_place or ("",))[0]
        inside = properties(schema)
        if schema is resource.schema or (own in inside and not is_same):
            return ()
        for name, below in inside.items():
            is_wrapper = not is_same and normalized(name) in (*_WRAPPERS, kind) and own in properties(below)
            if below is resource.schema or is_wrapper:
                return (name,)
        return None

    @staticmethod
    def _view(
        operation: Operation, names: list[str], resource: Resource, schema: Schema, place: FieldPath, is_list: bool
    ) -> View:
        own, detail = resource.parameters, shape(resource.path)
        sources: list[str | None]
        if not is_list and shape(operation.path).startswith(detail):
            sources = [*names[: len(own)]]  # the names of the same parameters may differ
        elif is_list and shape(f"{operation.path}/{{}}") == detail:
            sources = [*names, None]
        else:
            last = names[-1] if not is_list and operation.path.endswith("}") else None
            sources = [*(each if each in names else None for each in own[:-1]), last]
        rest = [each for each in names if each not in sources]
        return View(resource, schema, place, is_list, tuple(sources), parent_places(operation, schema, rest))


def _above(path: str) -> Iterator[str]:
    """Yield the paths above a path, the longest first."""
    while path := path.rpartition("/")[0]:
        yield path


def _lists(schema: Schema) -> Iterator[tuple[FieldPath, Schema]]:
    """Yield the lists in a response: the body, its properties, and those of an object inside."""
    level: list[tuple[FieldPath, Any]] = [((), schema)]
    for _ in range(3):
        for place, each in level:
            items = items_of(each)
            if items is not None:
                yield place, items
        level = [
            ((*place, name), below)
            for place, each in level
            if items_of(each) is None
            for name, below in properties(each).items()
        ]


def _both(schema: Schema, stated: Schema) -> Schema:
    """The schema of an id that both the property and the parameter allow."""
    if not stated or not schema or schema is stated:
        return schema or stated
    return {"allOf": [schema, stated]} if set(types(schema)) & set(types(stated)) else schema
