"""World: responses that agree with each other and with their requests, from the document and the seed alone.

An item of a list is what the path of that item returns, a write returns what was sent, and pages of a list end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlsplit

from code_contract import Contract, Example, FieldPath
from code_contract.media_types import mime_essence
from code_contract.parameters import schema_of
from code_contract.sampler import Sampler
from mock_server.core import request_bodies
from mock_server.core.answer import Answer, AnswerBuilder, HeaderValues, Subject
from mock_server.core.coercion import Coercion
from mock_server.core.entities import Entities
from mock_server.core.errors import InputError
from mock_server.core.places import parent_places
from mock_server.core.representations import Representation
from mock_server.core.resources import Resources, View
from mock_server.core.values import echoed

_WRITES = ("POST", "PUT", "PATCH")


class World:
    """The entities of a contract in its responses. Safe to use from several threads.

    Args:
        contract: The contract.
        names: Names of its schemas, by identity.
        seed: The seed.
        samplers: The samplers of values that prefer examples (False), and of those that do not (True).
        example_of: Returns the example of a representation.
    """

    def __init__(
        self,
        contract: Contract,
        names: Mapping[int, str],
        seed: str,
        samplers: Mapping[bool, Sampler],
        example_of: Callable[[Representation], Example | None],
    ) -> None:
        self._contract = contract
        self._names = names
        self._seed = seed
        self._samplers = samplers
        self._example_of = example_of
        self._coercion = Coercion(names)
        self._entities = Entities(seed, samplers, self._coercion, example_of)
        self._views: dict[tuple[str, int], tuple[View | None, dict[str, FieldPath]]] = {}

    @cached_property
    def _resources(self) -> Resources:
        return Resources(self._contract.operations, self._names)

    def answer(self, representation: Representation, subject: Subject, is_dynamic: bool) -> Answer | None:
        """Return the response to a request, None if it depends on nothing else.

        Args:
            representation: The representation.
            subject: The request.
            is_dynamic: True to use no example.

        Raises:
            UnsatisfiableError: No value conforms to a schema.
        """
        operation, schema = representation.operation, representation.schema
        if schema is None or operation.mock_fields or not 200 <= representation.status < 300:
            return None
        key = operation.id, id(schema)
        if key not in self._views:
            self._views[key] = self._resources.view(operation, schema), parent_places(operation, schema)
        view, parents = self._views[key]
        sent = self._sent(representation, subject) if operation.method in _WRITES else None
        if view is None and not parents and not sent:
            return None
        example = None if is_dynamic else self._example_of(representation)
        if example is not None and not isinstance(example.value, (dict, list)):
            return None
        run = AnswerBuilder(
            self._entities, self._samplers[is_dynamic], self._seed, representation, subject, is_dynamic, example
        )
        if view is None:
            return run.unknown(parents, sent)
        if view.is_list:
            return run.listed(view)
        found = run.entity(view, sent)
        is_created = found.own is not None and self._resources.created_by(operation) is view.resource
        return found._replace(headers=self._location(subject, found.own)) if found.own and is_created else found

    def created(self, representation: Representation, subject: Subject) -> HeaderValues:
        """Return the values of the headers of a response without a body."""
        operation = representation.operation
        resource = self._resources.created_by(operation) if "Location" in representation.response.headers else None
        if resource is None:
            return ()
        known = tuple(dict(subject.path).get(each) for each in resource.parameters[:-1])
        return self._location(subject, self._entities.new_ids(resource, (*known, None), subject.seed)[-1])

    def _location(self, subject: Subject, own: str) -> HeaderValues:
        path = quote(subject.target.rpartition("?")[0], errors="surrogatepass")
        reference = f"{path}/{quote(own, safe='', errors='surrogatepass')}"
        return (("location", (reference, self._origin + reference)),)

    @cached_property
    def _origin(self) -> str:
        servers = self._contract.resolved.get("servers") or [{}]
        found = urlsplit(str(servers[0].get("url", "")))
        is_usable = found.scheme in ("http", "https") and found.netloc and "{" not in found.netloc
        return f"{found.scheme}://{found.netloc}" if is_usable else "https://api.example.com"

    def _sent(self, representation: Representation, subject: Subject) -> Any:
        """The body of the request without what only goes in one direction, None if it is not understood."""
        contents = representation.operation.request_contents
        content = request_bodies.documented(contents, mime_essence(subject.content_type)) if subject.body else None
        if content is None:
            return None
        try:
            media_type = subject.content_type or next(iter(contents))
            found = next(request_bodies.read(content, media_type, subject.body, self._coercion), None)
        except InputError:
            return None
        return echoed(schema_of(content), found, keeps_unknown=True) if isinstance(found, (dict, list)) else None
