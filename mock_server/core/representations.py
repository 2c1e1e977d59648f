"""Representations: which documented response, in which media type, answers a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from code_contract import Example, Operation, Response
from code_contract.examples import examples_of
from code_contract.media_types import is_json, mime_essence
from code_contract.parameters import schema_of
from mock_server.core import accept

DEPRECATION_DATE = 1735689600
"""The date in `Deprecation` (RFC 9745), for which OpenAPI has no field: 2025-01-01, in seconds since 1970."""


@dataclass(frozen=True, eq=False)
class Representation:
    """A documented response in one media type.

    Attributes:
        operation: The operation.
        response: The response.
        status: The HTTP status to send.
        media_type: The media type as documented, "" without a body.
        content_type: The media type to send.
    """

    operation: Operation
    response: Response
    status: int
    media_type: str
    content_type: str

    @property
    def content(self) -> Mapping[str, Any]:
        """The Media Type Object, empty without a body."""
        found: Mapping[str, Any] = self.response.content.get(self.media_type, {})
        return found

    @property
    def schema(self) -> Mapping[str, Any] | None:
        """The schema of the body, None if it is not documented."""
        return schema_of(self.content) if "schema" in self.content else None

    @cached_property
    def examples(self) -> Mapping[str, Example]:
        """The examples of the media type by name."""
        if self.media_type == self.response.media_type:
            return self.response.examples
        return examples_of(self.content, self.status)


def status_of(written: str) -> int:
    """Return the HTTP status of a documented response: that of a range is its first, that of `default` 200.

    An interim status (1xx) is followed by a final one (RFC 9110 §15.2), which the document leaves open: 200.
    """
    return max(200, int(written.replace("XX", "00"))) if written[:1].isdigit() else 200


def choose(
    operation: Operation, accepted: str, response: Response | None = None, status: int | None = None
) -> Representation | None:
    """Return the representation that answers a request, None if the client accepts none.

    Args:
        operation: The operation.
        accepted: The value of the Accept header. An operation that states its `x-content-type` ignores it.
        response: The response; by default that of a success.
        status: The HTTP status; by default that of the response.
    """
    response = response or operation.success_response
    status = status or status_of(response.status)
    if not response.content:
        return Representation(operation, response, status, "", "")
    if operation.content_type:
        return Representation(operation, response, status, response.media_type or "", operation.content_type)
    found = accept.best(accepted, offered(response))
    return None if found is None else Representation(operation, response, status, *found)


def every(operation: Operation, response: Response, status: int | None = None) -> list[Representation]:
    """Return all representations of a response."""
    status = status or status_of(response.status)
    types = {each: operation.content_type or accept.concrete(each) for each in offered(response)}
    return [Representation(operation, response, status, each, sent) for each, sent in types.items()]


def offered(response: Response) -> list[str]:
    """Return the documented media types; JSON comes first, for clients without a preference."""
    return sorted(response.content, key=lambda each: (each != response.media_type, not is_json(mime_essence(each))))
