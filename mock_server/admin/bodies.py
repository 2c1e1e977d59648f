"""The bodies of the admin API: JSON requests, validated by the document, and errors of one sentence."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from flask import Response, jsonify, request
from jsonschema import Draft202012Validator
from jsonschema.exceptions import relevance
from werkzeug.exceptions import RequestEntityTooLarge

from mock_server.admin import ADMIN_PREFIX
from mock_server.admin.schema_errors import explain
from mock_server.core.json_reader import JsonError, read_json
from mock_server.reasons import Reason

MAX_ADMIN_BODY = 64 * 1024
"""Bytes of a request body."""

AdminResponse = Response | tuple[Response | str, int]


class BodyRefusedError(Exception):
    """A request body is refused.

    Attributes:
        response: The response that says why.
    """

    def __init__(self, response: AdminResponse) -> None:
        super().__init__()
        self.response = response


class BodyReader:
    """Reads JSON bodies by the schemas of the document of the admin API.

    Args:
        document: Returns the document, without `$ref`.
    """

    def __init__(self, document: Callable[[], dict[str, Any]]) -> None:
        self.schemas = cache(lambda: document()["components"]["schemas"])
        self._validator = cache(lambda name: Draft202012Validator(self.schemas()[name]))

    def read(self, example: str) -> Any:
        """Return the JSON value of the current request; `example` is a valid one, for the error.

        Raises:
            BodyRefusedError: The body is not JSON.
        """
        if request.mimetype != "application/json":
            sentence = f"the body is {request.mimetype or 'of no media type'}; send application/json"
            raise BodyRefusedError(error(sentence, 415))
        try:
            return read_json(request.get_data())
        except RequestEntityTooLarge:
            raise BodyRefusedError(body_too_large()) from None
        except JsonError as problem:
            raise BodyRefusedError(error(f"{problem.about(Reason('body'))}; send {example}", 400)) from None

    def violation(self, value: Any, schema: str) -> str:
        """Return the sentence on the first violation of a schema by a value, or "" if it is valid."""
        found = max(self._validator(schema).iter_errors(value), key=relevance, default=None)
        return f"{explain(found)}; see {ADMIN_PREFIX}/docs/" if found else ""

    def read_valid(self, schema: str, example: str) -> Any:
        """Return the value of the current request, which conforms to a schema.

        Raises:
            BodyRefusedError: It does not.
        """
        value = self.read(example)
        sentence = self.violation(value, schema)
        if sentence:
            raise BodyRefusedError(error(sentence, 400))
        return value


def error(sentence: str, status: int) -> AdminResponse:
    """Return an error response: the schema `Error` of the document."""
    return jsonify(error=sentence), status


def body_too_large() -> AdminResponse:
    """Return the response to a body of more than MAX_ADMIN_BODY."""
    return error(f"the body is too large; send at most {MAX_ADMIN_BODY} bytes", 413)
