"""Operations: what can be asked of the API, and what it answers, from the resolved document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True)
class Example:
    """A named example of an answer: `status` is the HTTP status it goes with (`x-status`; 200 where none is given)."""

    name: str
    summary: str
    value: Any
    status: int


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
    """A documented parameter; `assumption` is None once the reading is confirmed."""

    name: str
    location: str
    required: bool
    schema: Mapping[str, Any]
    example: Any
    assumption: str | None
    node: Mapping[str, Any]


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
    success: Mapping[str, Any] | None
    parameters: tuple[Parameter, ...]
    body: Mapping[str, Any] | None
    body_required: bool
    responses: Mapping[str, Response]
    node: Mapping[str, Any]

    def response(self, status: int) -> Response | None:
        """The documented response to a status: exact, then its range ("4XX"), then `default` (OpenAPI 3.1 §4.8.16)."""
        for key in (str(status), f"{status // 100}XX", "default"):
            if key in self.responses:
                return self.responses[key]
        return None

    @property
    def granted(self) -> Response:
        """The first documented response of the 2xx kind; of any kind, where there is none."""
        keys = sorted(self.responses, key=lambda status: (not status.startswith("2"), status))
        return self.responses[keys[0]]


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
                success=node.get("x-success"),
                parameters=tuple(_parameter(p) for p in (shared | own).values()),
                body=_json_content(body)[1],
                body_required=bool(body.get("required", False)),
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
        node=node,
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
    """An Example Object of the document."""
    return Example(name, node.get("summary", ""), node["value"], int(node.get("x-status", 200)))


def _json_content(node: Mapping[str, Any]) -> tuple[str | None, Mapping[str, Any] | None]:
    """The JSON content of a body, else the first of any kind."""
    content = node.get("content", {})
    for media_type, found in content.items():
        essence = media_type.partition(";")[0].strip().lower()
        if essence == "application/json" or essence.endswith("+json"):
            return media_type, found
    return next(iter(content.items()), (None, None))
