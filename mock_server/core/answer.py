"""Answer: a response that agrees with its request and with the other responses."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from code_contract import Example, FieldPath
from code_contract.marks import parts
from code_contract.pointers import value_at
from code_contract.sampler import Sampler
from mock_server.core import pages
from mock_server.core.entities import MAX_SCHEMAS, MIN_ITEMS, Entities, Ids
from mock_server.core.filters import MAX_CANDIDATES, Filters, find_filters, passing
from mock_server.core.places import items_of, properties, schema_at
from mock_server.core.representations import Representation
from mock_server.core.resources import View
from mock_server.core.values import Assignment, assign, echoed, leaves, without

HeaderValues = tuple[tuple[str, tuple[Any, ...]], ...]
"""The values that headers may have by name in lower case, the best first."""


class Subject(NamedTuple):
    """The parts of a request on which a response depends.

    Attributes:
        target: The path and the query.
        path: The values of the path parameters by name.
        content_type: The media type of the body, with parameters.
        body: The body, b"" if the method is safe.
    """

    target: str
    path: tuple[tuple[str, str], ...] = ()
    content_type: str = ""
    body: bytes = b""

    @property
    def seed(self) -> str:
        """A seed that depends on the target and the body."""
        return f"{self.target} {hashlib.sha256(self.body).hexdigest()}"


class Answer(NamedTuple):
    """A coherent response.

    Attributes:
        value: The value of the body.
        headers: The values of headers that agree with it.
        own: The id of its entity, None if it has none.
    """

    value: Any
    headers: HeaderValues = ()
    own: str | None = None


class AnswerBuilder(NamedTuple):
    """Builds the response to one request.

    Attributes:
        entities: The entities.
        sampler: The sampler of values.
        seed: The seed.
        representation: The representation to send.
        subject: The request.
        is_dynamic: True to use no example.
        example: The example of the representation, None if it has none.
    """

    entities: Entities
    sampler: Sampler
    seed: str
    representation: Representation
    subject: Subject
    is_dynamic: bool
    example: Example | None

    def unknown(self, parents: Mapping[str, FieldPath], sent: Any) -> Answer:
        """A response that has no known entity, with what the path and the body say."""
        schema, base = self._schema, self._base(self.subject.target)
        assignments = self.entities.assignments(schema, parents, dict(self.subject.path))
        for place in ((), *((name,) for name in properties(schema))):
            below = schema_at(schema, place)
            found = echoed(below, sent) if properties(below) or items_of(below) else None
            if found and isinstance(value_at(base, place), type(found)):
                assignments += leaves(found, place)
                break
        return Answer(assign(self.sampler, schema, self.seed, base, assignments))

    def entity(self, view: View, sent: Any) -> Answer:
        """A response with one entity."""
        path, operation = dict(self.subject.path), self.representation.operation
        sent = value_at(sent, view.place) if isinstance(value_at(sent, view.place), dict) else sent
        echo = echoed(view.schema, sent) if isinstance(sent, dict) and properties(view.schema) else {}
        known = tuple(path.get(each) if each else None for each in view.sources)
        if known[-1] is None:
            known = (*known[:-1], self.entities.id_at(view.resource, echo))
        is_detail = view.resource.detail is not None and view.resource.detail[0].operation is operation
        if self.example is not None and not is_detail:
            base, ids = value_at(self.example.value, view.place), known
        else:
            ids = self.entities.new_ids(view.resource, known, self.subject.seed)
            base = self.entities.shown(view, ids, path, self.is_dynamic)
        assignments: list[Assignment] = [*leaves(echo)] if echo else []
        if operation.method == "PATCH":
            # A null removes the field (RFC 7396 §1), unless the field can have it.
            nulls = [place for place, each in assignments if each is None]
            gone = [each for each in nulls if not self.sampler.conforms(schema_at(view.schema, each), None)]
            assignments = [each for each in assignments if each[0] not in gone]
            for each in gone:
                base = without(base, each)
        if view.schema is view.resource.schema or view.place or echo:
            values = dict(zip(view.resource.parameters, ids, strict=True))
            assignments += self.entities.assignments(view.schema, view.resource.places, values)
        assignments += self.entities.assignments(view.schema, view.parents, path)
        completes = bool(echo) and self.example is None and operation.method != "PATCH"
        value = assign(self.sampler, view.schema, f"{self.seed} {ids}", base, assignments, completes=completes)
        return Answer(self._body([(view.place, value)]), own=self.entities.id_at(view.resource, value))

    def listed(self, view: View) -> Answer:
        """A response with a page of a list."""
        schema, query = schema_at(self._schema, view.place), self.subject.target.rpartition("?")[2]
        limits = [part for part in parts(schema) if "minItems" in part or "maxItems" in part]
        least = int(max((part.get("minItems", 0) for part in limits), default=0))
        most = min((part.get("maxItems", math.inf) for part in limits), default=math.inf)
        operation = self.representation.operation
        filters = find_filters(operation, query, view.schema, self.entities.coercion)
        stated = value_at(self.example.value, view.place) if self.example else None
        every: Sequence[Any]
        if isinstance(stated, list):
            chosen = passing(filters, stated, lambda each: each) if filters else []
            every = chosen if chosen and len(chosen) >= least else stated
            ids = [self.entities.id_at(view.resource, each) or str(number) for number, each in enumerate(every, 1)]
        else:
            every = self._listed_ids(view, filters, least)
            ids = [each[-1] for each in every]
        page = pages.find_page(operation, query, ids, most)
        if self.example and every is stated and not page.is_asked:
            return Answer(self.example.value)
        items = every[page.start : page.end]
        if not isinstance(stated, list):
            items = [self._shown(view, each) for each in items]
        assignments: list[Assignment] = [(view.place, items)]
        for place, values in pages.fields(self._schema, page, view.place, self._path, query, ids):
            below = schema_at(self._schema, place)
            assignments += [(place, each) for each in values if self.sampler.conforms(below, each)][:1]
        return Answer(self._body(assignments), pages.headers(page, self._path, query, ids))

    def _listed_ids(self, view: View, filters: Filters, least: int) -> Sequence[Ids]:
        """The ids of the entities of a list that pass its filters; of all if too few do."""
        path = dict(self.subject.path)
        known = tuple(path.get(each) if each else None for each in view.sources)
        scope = repr([each for each in self.subject.path if each[0] not in view.sources])
        find = partial(self.entities.ids, view.resource, known, scope if scope != "[]" else "", self.is_dynamic)
        every, show = find(least), partial(self._shown, view)
        chosen = passing(filters, every, show) if filters else [*every]
        if not chosen:  # further entities, which their own paths have
            further = find(min(MAX_CANDIDATES, MAX_SCHEMAS // view.resource.schema_count))
            chosen = passing(filters, further, show)[: max(least, MIN_ITEMS)]
        return chosen if chosen and len(chosen) >= least else every

    def _shown(self, view: View, ids: Ids) -> Any:
        return self.entities.shown(view, ids, dict(self.subject.path), self.is_dynamic)

    @property
    def _schema(self) -> Any:
        return self.representation.schema

    @property
    def _path(self) -> str:
        return self.subject.target.rpartition("?")[0]

    def _base(self, seed: str) -> Any:
        return self.example.value if self.example else self.sampler.sample(self._schema, f"{self.seed} {seed}")

    def _body(self, assignments: Sequence[Assignment]) -> Any:
        """The body with values at their places; the first one may be all of it."""
        place, value = assignments[0]
        if not place and self.sampler.conforms(self._schema, value):
            return value
        return assign(self.sampler, self._schema, self.seed, self._base(self._path), assignments)
