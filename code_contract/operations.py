"""Operations: what can be asked of the API, and what it answers, from the resolved document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from code_contract.errors import ContractError

FieldPath = tuple[str, ...]
"""Where a value stands in a JSON body: the names that lead to it, "*" for every item of an array."""

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A token (RFC 9110 §5.6.2), as every header's name is."""


@dataclass(frozen=True)
class Example:
    """A named example of an answer: `status` is the HTTP status it goes with (`x-status`; 200 where none is given),
    `headers` those that it is sent with besides (`x-headers`)."""

    name: str
    summary: str
    value: Any
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Response:
    """A documented response: `status` as written ("200", "4XX", "default"); `schema` and `media_type` of its body,
    None where it has none."""

    status: str
    description: str
    media_type: str | None
    schema: Mapping[str, Any] | None
    examples: Mapping[str, Example]


@dataclass(frozen=True)
class Parameter:
    """A documented parameter.

    `assumption` is the open question behind it (`x-assumption`), None if there is none. `is_source` is True for the
    parameter that names the source of a request (`x-source`).
    """

    name: str
    location: str
    required: bool
    schema: Mapping[str, Any]
    example: Any
    assumption: str | None
    is_source: bool
    raw: Mapping[str, Any]


@dataclass(frozen=True)
class Operation:
    """One operation: `id` its operationId, `method` in capitals, `path` as templated in the document.

    `content_type` is the document's content type line (`x-content-type`), `success` the schema that tells a grant from
    a refusal (`x-success`), `node` the resolved Operation Object, for what is only printed.
    """

    id: str
    method: str
    path: str
    summary: str
    content_type: str | None
    success_schema: Mapping[str, Any] | None
    parameters: tuple[Parameter, ...]
    request_body_content: Mapping[str, Any] | None
    request_body_required: bool
    responses: Mapping[str, Response]
    node: Mapping[str, Any]

    def response(self, status: int) -> Response | None:
        """The documented response to a status: exact, then its range ("4XX"), then `default` (OpenAPI 3.1 §4.8.16)."""
        for key in (str(status), f"{status // 100}XX", "default"):
            if key in self.responses:
                return self.responses[key]
        return None

    @property
    def success_response(self) -> Response:
        """The first documented response of the 2xx kind; of any kind, where there is none."""
        keys = sorted(self.responses, key=lambda status: (not status.startswith("2"), status))
        return self.responses[keys[0]]

    @property
    def success_example(self) -> Example | None:
        """The first example of a granted answer; None where the document shows none."""
        return next(iter(self.success_response.examples.values()), None)

    @cached_property
    def mock_fields(self) -> Mapping[FieldPath, str]:
        """Where in a granted answer the contract marks what the mock puts there, and what that is (`x-mock`)."""
        return dict(_find_mock_fields(self.success_response.schema, ()))


def read(resolved: Mapping[str, Any]) -> dict[str, Operation]:
    """Every operation of a resolved document by id, in its order."""
    return {operation.id: operation for operation in _operations(resolved)}


def _operations(resolved: Mapping[str, Any]) -> Iterator[Operation]:
    for path, item in resolved.get("paths", {}).items():
        for method in METHODS:
            if method not in item:
                continue
            node = item[method]
            body = node.get("requestBody", {})
            shared = {(p["name"], p["in"]): p for p in item.get("parameters", ())}
            own = {(p["name"], p["in"]): p for p in node.get("parameters", ())}
            yield Operation(
                id=node.get("operationId", f"{method} {path}"),
                method=method.upper(),
                path=path,
                summary=node.get("summary", ""),
                content_type=node.get("x-content-type"),
                success_schema=node.get("x-success"),
                parameters=tuple(_parameter(p) for p in (shared | own).values()),
                request_body_content=_json_content(body)[1],
                request_body_required=bool(body.get("required", False)),
                responses={
                    status: _response(status, response) for status, response in node.get("responses", {}).items()
                },
                node=node,
            )


def _parameter(node: Mapping[str, Any]) -> Parameter:
    schema = node.get("schema", {})
    example = node.get("example")
    if example is None:
        example = next(
            (e.get("value") for e in node.get("examples", {}).values()),
            next(iter(schema.get("examples", ())), schema.get("default")),
        )
    return Parameter(
        name=node["name"],
        location=node["in"],
        required=bool(node.get("required", False)),
        schema=schema,
        example=example,
        assumption=node.get("x-assumption"),
        is_source=node.get("x-source") is True,
        raw=node,
    )


def _response(status: str, node: Mapping[str, Any]) -> Response:
    media_type, content = _json_content(node)
    named = dict((content or {}).get("examples", {}))
    if content and "example" in content:
        named.setdefault("example", {"value": content["example"]})
    return Response(
        status=status,
        description=node.get("description", ""),
        media_type=media_type,
        schema=None if content is None else content.get("schema", {}),
        examples={name: example(name, each) for name, each in named.items() if "value" in each},
    )


def example(name: str, node: Mapping[str, Any]) -> Example:
    """An Example Object of the document. Raises ContractError where its status or headers could not be sent."""
    status, headers = node.get("x-status", 200), node.get("x-headers", {})
    if isinstance(status, bool) or not isinstance(status, int) or not 200 <= status <= 599:
        raise ContractError(f"the example {name!r} has x-status {status!r}", "write a whole number from 200 to 599")
    if not isinstance(headers, dict) or not all(map(_is_header, headers.items())):
        raise ContractError(f"the example {name!r} has x-headers {headers!r}", "write names and values, all as text")
    return Example(name, node.get("summary", ""), node["value"], status, headers)


def _is_header(pair: tuple[str, Any]) -> bool:
    """Whether a name and a value could stand in a header (RFC 9110 §5.1, §5.5)."""
    name, value = pair
    return bool(HEADER_NAME.fullmatch(name)) and isinstance(value, str) and value.isascii() and value.isprintable()


def _find_mock_fields(schema: Any, place: FieldPath) -> Iterator[tuple[FieldPath, str]]:
    if not isinstance(schema, Mapping):
        return  # a schema may be true or false
    if "x-mock" in schema:
        yield place, schema["x-mock"]
    beside = [schema[keyword] for keyword in ("then", "else") if keyword in schema]
    for part in (*beside, *(each for keyword in ("allOf", "anyOf", "oneOf") for each in schema.get(keyword, ()))):
        yield from _find_mock_fields(part, place)
    for name, below in schema.get("properties", {}).items():
        yield from _find_mock_fields(below, (*place, name))
    if "items" in schema:
        yield from _find_mock_fields(schema["items"], (*place, "*"))


def mime_essence(media_type: str) -> str:
    """A media type in lower case, without its parameters."""
    return media_type.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    """Whether a media type without parameters is JSON's (RFC 6839 §3.1)."""
    return media_type == "application/json" or media_type.endswith("+json")


def _json_content(node: Mapping[str, Any]) -> tuple[str | None, Mapping[str, Any] | None]:
    """The JSON content of a body, else the first of any kind."""
    content = node.get("content", {})
    for media_type, found in content.items():
        if is_json(mime_essence(media_type)):
            return media_type, found
    return next(iter(content.items()), (None, None))
