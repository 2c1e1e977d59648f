"""Parameters, headers, and the bodies of requests and responses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from code_contract.docs.fields import Field, LocalizedText, Table, TypePart, name
from code_contract.docs.schemas import Schemas
from code_contract.examples import Example
from code_contract.media_types import is_json, mime_essence
from code_contract.operations import Operation
from code_contract.parameters import Parameter
from code_contract.responses import Response

SERIALIZATION = ("style", "explode", "allowReserved", "allowEmptyValue")


@dataclass(frozen=True)
class ExampleMessage:
    """An example of a body; `status` is its HTTP status, "" for a request."""

    summary: LocalizedText
    status: str
    media_type: str
    value: Any

    @property
    def text(self) -> str | None:
        """The body as text, None if it is JSON."""
        return self.value if isinstance(self.value, str) and not is_json(mime_essence(self.media_type)) else None


@dataclass(frozen=True)
class Content:
    """A body: the media types in which it is sent, its value, the tables of its fields, and its examples."""

    media_types: tuple[str, ...]
    value: Field
    tables: tuple[Table, ...]
    samples: tuple[ExampleMessage, ...]


@dataclass(frozen=True)
class RequestBody:
    """The body of a request."""

    description: LocalizedText
    is_required: bool
    contents: tuple[Content, ...]


@dataclass(frozen=True)
class ResponseSection:
    """A response: its anchor, its status as written, its description, its headers, and its bodies."""

    anchor: str
    status: str
    description: LocalizedText
    headers: tuple[Field, ...]
    contents: tuple[Content, ...]


def schemas_of(operation: Operation, successes_only: bool) -> Iterator[Any]:
    """Yield the schemas of the parameters, headers and bodies of an operation."""
    yield from (_value_schema(each.raw) for each in operation.parameters)
    yield from _by_schema(operation.node.get("requestBody", {}).get("content", {})).values()
    for response in _printed(operation, successes_only):
        yield from map(_value_schema, response.headers.values())
        yield from _by_schema(response.content).values()


class Bodies:
    """Makes the tables of what an operation takes and returns."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas

    def parameter(self, parameter: Parameter) -> Field:
        """Return the row of a parameter."""
        found = self._value(parameter.name, parameter.raw, parameter.example)
        return replace(found, location=parameter.location, required=parameter.required)

    def request(self, node: Mapping[str, Any] | None) -> RequestBody | None:
        """Return the body of a request, None without one."""
        if node is None:
            return None
        contents = tuple(self._contents(node.get("content", {}), None, {}))
        return RequestBody(name(node, "description"), node.get("required") is True, contents)

    def responses(self, operation: Operation, anchor: str, successes_only: bool) -> Iterator[ResponseSection]:
        """Yield the responses. The fields of a schema are printed once, with the success if it has them."""
        success = operation.success_response
        printed = filter(None, _by_schema(success.content).values())
        at = f"{anchor}--{success.status}"
        links = {id(each): TypePart(self._schemas.name_of(each) or success.status, at) for each in printed}
        for response in _printed(operation, successes_only):
            yield ResponseSection(
                f"{anchor}--{response.status}",
                response.status,
                LocalizedText(response.description, response.zh),
                tuple(self._value(key, each, None) for key, each in response.headers.items()),
                tuple(self._contents(response.content, response, {} if response is success else links)),
            )

    def _value(self, key: str, node: Mapping[str, Any], example: Any) -> Field:
        """Return the row of a Parameter or Header Object, whose annotations come before those of its schema."""
        annotations = {k: node[k] for k in ("description", "deprecated", "x-i18n-zh", "x-assumption") if k in node}
        found = self._schemas.field(key, [annotations, _value_schema(node)])
        extra = [(each, node[each]) for each in SERIALIZATION if each in node]
        extra += [("content", media_type) for media_type in node.get("content", {})]
        if example is None:
            example = node.get("example", found.example)
        return replace(found, example=example, limits=(*extra, *found.limits), required=node.get("required") is True)

    def _contents(
        self, content: Mapping[str, Any], response: Response | None, links: Mapping[int, TypePart]
    ) -> Iterator[Content]:
        """Yield the bodies of a request, for which `response` is None, or of a response."""
        is_root = response is None or not links
        for media_types, schema in _by_schema(content).items():
            link = links.get(id(schema))
            value = self._schemas.field("", [schema], is_root=is_root or link is not None)
            samples = [each for key in media_types for each in _samples(key, content[key], response)]
            if not samples and value.example is not None:
                samples = [
                    ExampleMessage(
                        LocalizedText(""), response.status if response else "", media_types[0], value.example
                    )
                ]
            tables = () if link else tuple(self._schemas.tables([schema], (), is_root=is_root))
            yield Content(media_types, replace(value, type=(link,)) if link else value, tables, tuple(samples))


def _printed(operation: Operation, successes_only: bool) -> Iterator[Response]:
    if "responses" in operation.node:
        yield from [operation.success_response] if successes_only else operation.responses.values()


def _by_schema(content: Mapping[str, Any]) -> dict[tuple[str, ...], Any]:
    """Return the schemas of a body, each with the media types that share it."""
    found: dict[int, tuple[list[str], Any]] = {}
    for media_type, node in content.items():
        schema = node.get("schema", node.get("itemSchema"))
        found.setdefault(id(schema), ([], schema))[0].append(media_type)
    return {tuple(media_types): schema for media_types, schema in found.values()}


def _samples(media_type: str, node: Mapping[str, Any], response: Response | None) -> Iterator[ExampleMessage]:
    if response is not None and media_type == response.media_type:
        for example in response.examples.values():
            yield ExampleMessage(
                LocalizedText(example.summary, example.zh), _status(example, response.status), media_type, example.value
            )
        return
    status = response.status if response else ""
    for each in node.get("examples", {}).values():
        if "value" in each:
            yield ExampleMessage(name(each, "summary"), status, media_type, each["value"])
    if "example" in node:
        yield ExampleMessage(LocalizedText(""), status, media_type, node["example"])


def _status(example: Example, status: str) -> str:
    """Return the status of an example; one of a range or of `default` has its own only if it is written."""
    return status if example.status == 200 and not status.isdigit() else str(example.status)


def _value_schema(node: Mapping[str, Any]) -> Any:
    """Return the schema of a Parameter or Header Object, which may be that of its content."""
    return next((each.get("schema") for each in node.get("content", {}).values()), node.get("schema"))
