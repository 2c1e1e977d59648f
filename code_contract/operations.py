"""Operations of a resolved document, with their parameters, responses and examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from code_contract import grammar, marks, pointers
from code_contract.errors import ContractError, Problem, Problems
from code_contract.examples import Example
from code_contract.marks import PictureMark, RequestMark
from code_contract.parameters import Parameter, parameter
from code_contract.pointers import FieldPath
from code_contract.responses import Response, json_content, response_of


@dataclass(frozen=True)
class Operation:
    """One operation of a document.

    Attributes:
        id: operationId, or method and path.
        method: In capitals.
        path: As templated in the document.
        summary: Description.
        content_type: Content type line of the document (`x-content-type`).
        success_schema: Schema that identifies a success response (`x-success`).
        parameters: Own parameters, and those of the path.
        request_body_content: JSON Media Type Object of the request body, None without a body.
        request_body_required: True if a request needs a body.
        responses: Responses by status as written.
        node: The resolved Operation Object.
        pointer: Its JSON pointer.
        is_marked: True if the document has marks (`x-mock`), which take time to search for.
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
    pointer: str
    is_marked: bool

    def response(self, status: int) -> Response | None:
        """Return the response to a status: exact, then its range ("4XX"), then `default` (OpenAPI 3.1 §4.8.16)."""
        for key in (str(status), f"{status // 100}XX", "default"):
            if key in self.responses:
                return self.responses[key]
        return None

    def documented(self, status: int | None) -> Response:
        """Return the response to a status, else that of a success, as which a wrong status is read."""
        return self.response(status or 0) or self.success_response

    @property
    def is_safe(self) -> bool:
        """True if the method is safe: it asks for no change (RFC 9110 §9.2.1)."""
        return self.method in ("GET", "HEAD", "OPTIONS", "TRACE", "QUERY")

    def is_secured(self, document: Mapping[str, Any]) -> bool:
        """Return True if a request needs credentials: by its own `security`, or that of the resolved document.

        A scheme that the document does not define needs none, nor does mutual TLS, of which HTTP knows nothing.
        """
        alternatives = self.security(document)
        return bool(alternatives) and all(
            any(each.get("type") not in (None, "mutualTLS") for each in schemes.values()) for schemes in alternatives
        )

    def security(self, document: Mapping[str, Any]) -> list[dict[str, Mapping[str, Any]]]:
        """Return the alternatives of security schemes, each by name; without one, no credentials are needed.

        Args:
            document: The resolved document, whose `security` applies to an operation without its own.

        Returns:
            Security Scheme Objects; all of one alternative are needed.
        """
        schemes = document.get("components", {}).get("securitySchemes", {})
        alternatives = self.node.get("security", document.get("security", []))
        return [{name: schemes.get(name, {}) for name in each} for each in alternatives]

    @property
    def request_contents(self) -> Mapping[str, Mapping[str, Any]]:
        """Media Type Objects of the request body by media type as written; empty without a body."""
        contents: Mapping[str, Mapping[str, Any]] = self.node.get("requestBody", {}).get("content", {})
        return contents

    @property
    def success_response(self) -> Response:
        """Lowest documented 2xx response, else `default`, else the lowest of all."""
        keys = sorted(self.responses, key=lambda status: (not status.startswith("2"), status != "default", status))
        return self.responses[keys[0]]

    @property
    def success_example(self) -> Example | None:
        """First example of a success response, None if there is none."""
        return next(iter(self.success_response.examples.values()), None)

    @cached_property
    def _marks(self) -> list[marks.Mark]:
        if not self.is_marked:
            return []
        response = self.success_response
        at = ("responses", response.status, "content", response.media_type or "", "schema")
        return marks.find_marks(response.schema, pointers.join(self.pointer, *at))

    @cached_property
    def mock_fields(self) -> Mapping[FieldPath, str]:
        """Values of captchas that the mock generates (`x-mock`), by field path in a success response."""
        kinds = {mark.place: mark.node["x-mock"] for mark in self._marks}
        return {place: kind for place, kind in kinds.items() if kind != marks.CHALLENGE_ANSWER}

    @cached_property
    def answer_fields(self) -> tuple[FieldPath, ...]:
        """Fields of a success response for an answer to a captcha, or for the result of one in the request."""
        return tuple(mark.place for mark in self._marks if mark.node["x-mock"] == marks.CHALLENGE_ANSWER)

    @cached_property
    def answer_marks(self) -> Sequence[RequestMark]:
        """The ids and the answers of captchas in a request; empty if it has no answer.

        Raises:
            ContractError: The request has an answer, but no id of a captcha.
        """
        found = marks.request_marks(self.parameters, self.request_contents) if self.is_marked else ()
        kinds = {each.kind: each for each in found}
        if marks.CHALLENGE_ANSWER in kinds and marks.CHALLENGE_UUID not in kinds:
            at = self.pointer + kinds[marks.CHALLENGE_ANSWER].pointer
            problem = "the request has the answer to a captcha, but not the id of the captcha"
            raise ContractError(problem, f"mark the id with x-mock: {marks.CHALLENGE_UUID}", at)
        return found if marks.CHALLENGE_ANSWER in kinds else ()

    @cached_property
    def id_schema(self) -> Mapping[str, Any]:
        """The schema of the id of a captcha in a success response, empty if there is none."""
        return next((mark.node for mark in self._marks if mark.node["x-mock"] == marks.CHALLENGE_UUID), {})

    @cached_property
    def pictures(self) -> Mapping[FieldPath, PictureMark]:
        """Pictures of captchas in a success response, by field path. Raises ContractError."""
        example = getattr(self.success_example, "value", None)
        return marks.pictures(self._marks, self.success_response.media_type, example)


def read(resolved: Mapping[str, Any], problems: Problems, is_marked: bool = True) -> dict[str, Operation]:
    """Return the operations of a resolved document by id, in order.

    Args:
        resolved: The document.
        problems: Receives a problem for each operationId that is repeated; method and path take its place.
        is_marked: True if the document has marks (`x-mock`).
    """
    found: dict[str, Operation] = {}
    for operation in _operations(resolved, is_marked):
        if operation.id in found:
            at = pointers.join(operation.pointer, "operationId")
            name = f"{operation.method.lower()} {operation.path}"
            problems.append(Problem(at, f"the operationId {operation.id!r} is repeated; it is read as {name!r}"))
            operation = replace(operation, id=name)
        found[operation.id] = operation
    return found


def _operations(resolved: Mapping[str, Any], is_marked: bool) -> Iterator[Operation]:
    for path, item in resolved.get("paths", {}).items():
        for method, keys, node in grammar.operations(item):
            body = node.get("requestBody", {})
            shared = {(p["name"], p["in"]): p for p in item.get("parameters", ())}
            own = {(p["name"], p["in"]): p for p in node.get("parameters", ())}
            yield Operation(
                id=node.get("operationId", f"{method} {path}"),
                # Another method is case-sensitive (RFC 9110 §9.1).
                method=method.upper() if len(keys) == 1 else method,
                path=path,
                summary=node.get("summary", ""),
                content_type=node.get("x-content-type"),
                success_schema=node.get("x-success"),
                parameters=tuple(parameter(p) for p in (shared | own).values()),
                request_body_content=json_content(body)[1],
                request_body_required=bool(body.get("required", False)),
                responses={
                    # An operation without responses leaves all open.
                    name: response_of(name, response)
                    for status, response in (node.get("responses") or {"default": {}}).items()
                    for name in [status.upper() if status[1:].lower() == "xx" else status.lower()]
                },
                node=node,
                pointer=pointers.join("", "paths", path, *keys),
                is_marked=is_marked,
            )
