"""Entities: values that depend on the seed, their resource and the parameters that identify them. Nothing is stored."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from code_contract import Example, FieldPath
from code_contract.pointers import value_at
from code_contract.sampler import Sampler, UnsatisfiableError
from mock_server.core.coercion import Coercion
from mock_server.core.places import properties, schema_at
from mock_server.core.representations import Representation
from mock_server.core.resources import Resource, View
from mock_server.core.values import Assignment, assign

MIN_ITEMS, MAX_ITEMS = 3, 20
"""Entities of a list, if its schema does not ask for more."""
MAX_REQUIRED_ITEMS = 200
"""Entities that a schema can ask for."""
MAX_SCHEMAS = 3000
"""Schemas inside the entities of a list; lists of larger entities are shorter."""
MAX_CACHED = 1024
"""Entities that are kept."""

Ids = tuple[str, ...]
"""The values of the parameters of a resource, as text."""


class Entities:
    """The entities of a contract. Safe to use from several threads.

    Args:
        seed: The seed.
        samplers: The samplers of values that prefer examples (False), and of those that do not (True).
        coercion: Types the texts of parameters.
        example_of: Returns the example of a representation.
    """

    def __init__(
        self,
        seed: str,
        samplers: Mapping[bool, Sampler],
        coercion: Coercion,
        example_of: Callable[[Representation], Example | None],
    ) -> None:
        self._seed = seed
        self._samplers = samplers
        self._example_of = example_of
        self.coercion = coercion
        self.entity = lru_cache(MAX_CACHED)(self._entity)
        self.ids = lru_cache(MAX_CACHED)(self._ids)
        self._stated = lru_cache(MAX_CACHED)(self._examples)

    def _entity(self, resource: Resource, ids: Ids, is_dynamic: bool) -> Any:
        """Return the entity with these ids. Raises UnsatisfiableError."""
        sampler, seed = self._samplers[is_dynamic], f"{self._seed} {resource.key} {json.dumps(ids)}"
        base = None if is_dynamic else self._example(resource, ids)
        if base is None:
            base = sampler.sample(resource.schema, seed)
        identity = self.assignments(resource.schema, resource.places, dict(zip(resource.parameters, ids, strict=True)))
        return assign(sampler, resource.schema, seed, base, identity)

    def shown(self, view: View, ids: Ids, path: Mapping[str, str], is_dynamic: bool) -> Any:
        """Return the entity with these ids as a response shows it. Raises UnsatisfiableError.

        Args:
            view: The response.
            ids: The ids.
            path: The values of the path parameters by name.
            is_dynamic: True to use no example.
        """
        found, sampler = self.entity(view.resource, ids, is_dynamic), self._samplers[is_dynamic]
        seed = f"{self._seed} {view.resource.key} {json.dumps(ids)}"
        parents = self.assignments(view.schema, view.parents, path)
        if view.schema is view.resource.schema:
            return assign(sampler, view.schema, seed, found, parents) if parents else found
        fields: list[Assignment] = [((name,), found[name]) for name in properties(view.schema) if name in found]
        return assign(sampler, view.schema, seed, sampler.sample(view.schema, seed), [*fields, *parents])

    def assignments(
        self, schema: Any, places: Mapping[str, FieldPath], values: Mapping[str, str | None]
    ) -> list[Assignment]:
        """Return the values of parameters, typed, with their places in a value of the schema."""
        known = ((place, values.get(name)) for name, place in places.items())
        typed = self.coercion.typed
        return [(place, typed(text, (schema_at(schema, place),))) for place, text in known if text is not None]

    def id_at(self, resource: Resource, value: Any) -> str | None:
        """Return the own id in an entity, None if it has none."""
        found = value_at(value, resource.own_place) if resource.own_place else None
        return None if found is None or isinstance(found, (dict, list)) else _text(found)

    def new_ids(self, resource: Resource, known: tuple[str | None, ...], seed: str) -> Ids:
        """Return ids that are not known, by a seed."""
        names = zip(resource.parameters, known, strict=True)
        return tuple(self._id(resource, name, f"{seed} {name}") if each is None else each for name, each in names)

    def _id(self, resource: Resource, parameter: str, seed: str) -> str:
        place = resource.places.get(parameter)
        is_own = parameter == resource.parameters[-1]
        schema = resource.id_schema if is_own else schema_at(resource.schema, place or ("",))
        try:
            found = self._samplers[True].sample(schema, f"{self._seed} {resource.key} {seed}", (place or ("id",))[-1])
        except UnsatisfiableError as error:
            found = error.nearest
        return _text(found)

    def _ids(
        self, resource: Resource, known: tuple[str | None, ...], scope: str, is_dynamic: bool, at_least: int = 0
    ) -> tuple[Ids, ...]:
        """Return the ids of the entities of a list.

        Args:
            resource: The resource.
            known: The ids that all entities have, None for those that differ.
            scope: Values of further parameters on which the list depends.
            is_dynamic: True to use no example.
            at_least: The least number of entities.
        """
        seed = f"list {json.dumps(known)} {scope}"
        size = random.Random(f"{self._seed} {resource.key} {seed}").randint(MIN_ITEMS, MAX_ITEMS)
        most = max(MIN_ITEMS, MAX_SCHEMAS // resource.schema_count)
        size = max(min(size, most), min(at_least, MAX_REQUIRED_ITEMS))
        found: dict[str, Ids] = {}
        for number in range(3 * size):
            if len(found) >= size:
                break
            each = self.new_ids(resource, known, f"{seed} {number}")
            found.setdefault(each[-1] if resource.own_place else str(number), each)
        return tuple(found.values())

    def _examples(self, resource: Resource) -> tuple[Any, dict[str, Any]]:
        """The example of an entity, and those in the example of a list by id."""
        listed: dict[str, Any] = {}
        for representation, place in resource.lists:
            example = self._example_of(representation)
            for each in _items(example and value_at(example.value, place)):
                listed.setdefault(self.id_at(resource, each) or "", each)
        example = self._example_of(resource.detail[0]) if resource.detail else None
        found = value_at(example.value, resource.detail[1]) if example and resource.detail else None
        return found if isinstance(found, dict) else None, listed

    def _example(self, resource: Resource, ids: Ids) -> Any:
        """The example on which an entity is based, None if it is generated."""
        own, listed = self._stated(resource)
        if own is not None and self.id_at(resource, own) in (ids[-1], None):
            return own
        if ids[-1] in listed:
            return listed[ids[-1]]
        if own is None or (not listed and ids in self.ids(resource, (*ids[:-1], None), "", False)):
            return None
        return own


def _items(value: Any) -> Iterator[Any]:
    yield from (each for each in (value if isinstance(value, list) else ()) if isinstance(each, dict))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
