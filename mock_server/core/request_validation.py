"""Validates requests against the contract: missing and malformed parameters, media types, bodies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from code_contract import Operation, Parameter
from code_contract.operations import is_json, mime_essence
from mock_server.core.errors import MEDIA_TYPE_ERROR, REQUEST_ERROR
from mock_server.core.headers import WARNING_HEADER, escaped_header
from mock_server.core.json_reader import BoundedValidator, JsonError, TooComplexError, read_json
from mock_server.core.preferences import PREFERENCE_NAMES
from mock_server.observability.redaction import MAX_JSON_BYTES, Redactor
from mock_server.response import Headers

_MAX_MESSAGE = 120
_QUOTE_NAMES_ONLY = ("additionalProperties", "dependentRequired", "required")
"""Keywords whose messages quote names and no values."""
_MAX_CACHED_VALUE = 256
"""Characters of a parameter's value up to which its validation is cached."""


class ValidationMode(Enum):
    """The treatment of invalid requests.

    Attributes:
        DEFAULT: Reject them, but only warn about requirements that the contract assumes (`x-assumption`).
        STRICT: Reject them.
        WARN: Respond as if they were valid, with a warning.
        OFF: Do not validate requests.
    """

    DEFAULT = "default"
    STRICT = "strict"
    WARN = "warn"
    OFF = "off"


class Violation(NamedTuple):
    """A violation of the contract by a request.

    Attributes:
        text: A sentence that names the parameter or the body.
        assumed: True if the contract only assumes the requirement.
        error_example: The name of the example to reject the request with.
    """

    text: str
    assumed: bool
    error_example: str = REQUEST_ERROR


class Validation(NamedTuple):
    """The consequences of the violations of a request.

    Attributes:
        violations: Their sentences, for the journal.
        warnings: Response headers that warn of what is not rejected.
        error: The name of the example to reject the request with, or None.
        outcome: The outcome for the journal, unless a preference changes the response.
    """

    violations: list[str]
    warnings: Headers
    error: str | None
    outcome: str


def summarize(violations: Sequence[Violation], mode: ValidationMode, unknown_preferences: Sequence[str]) -> Validation:
    """Decide which violations reject a request and which only warn."""
    warnings, error, outcome = list[str](), None, "success"
    for each in violations:
        assumed = each.assumed and mode is not ValidationMode.STRICT
        if assumed or mode is ValidationMode.WARN:
            warnings.append(f"{each.text} ({'assumed; ' if assumed else ''}not rejected)")
        elif error is None:
            error, outcome = each.error_example, f"rejected: {each.text}"
    known = ", ".join(PREFERENCE_NAMES)
    warnings += [f"unknown preference {name!r}; known: {known}" for name in unknown_preferences[:5]]
    headers = tuple(escaped_header(WARNING_HEADER, each) for each in warnings)
    return Validation([each.text for each in violations], headers, error, outcome)


class RequestValidator:
    """Validates the requests of one operation."""

    def __init__(self, operation: Operation, redactor: Redactor) -> None:
        self._operation = operation
        self._redactor = redactor
        self._media_type = mime_essence(operation.content_type or "")
        self._check = lru_cache(256)(self._check_value)

    def parameters(self, values: Mapping[str, Mapping[str, str]]) -> Iterator[Violation]:
        """Validate the parameters of a request.

        Args:
            values: The values by location ("header", "query", "path", "cookie") and name; header names in lower case.
        """
        for position, parameter in enumerate(self._operation.parameters):
            name = parameter.name.lower() if parameter.location == "header" else parameter.name
            value = values.get(parameter.location, {}).get(name)
            if value is None:
                message = " is missing" if parameter.required else ""
            else:
                check = self._check if len(value) <= _MAX_CACHED_VALUE else self._check_value
                message = check(position, value)
            if message:
                yield Violation(
                    f"{parameter.location} parameter {parameter.name}{message}", parameter.assumption is not None
                )

    def body(self, media_type: str, body: bytes) -> Iterator[Violation]:
        """Validate the body of a request; `media_type` is without parameters, "" if the request names none."""
        if body and self._media_type and media_type != self._media_type:
            yield Violation(f"the body is {media_type or 'of no media type'}, not {self._media_type}", False,
                            MEDIA_TYPE_ERROR)  # fmt: skip
            return
        if self._operation.request_body_content is None:
            return
        if not body:
            if self._operation.request_body_required:
                yield Violation("the body is missing", False)
            return
        if not is_json(media_type):
            yield Violation(f"the body is {media_type or 'of no media type'}, not JSON", False, MEDIA_TYPE_ERROR)
            return
        try:
            value = read_json(body)
        except JsonError as reason:
            yield Violation(f"the body {reason}", False)
            return
        try:
            error = self._validators[-1].first_error(value)
        except TooComplexError as reason:
            yield Violation(f"the body was not validated to its end: {reason}", True)
            return
        if error is not None:
            hidden = len(body) > MAX_JSON_BYTES or self._redactor.hides(value, error.absolute_path)
            yield Violation(f"body {error.json_path}: {_message(error, hidden)}", False)

    def _check_value(self, position: int, text: str) -> str:
        """The rest of a sentence about the value of a parameter, or "" if it is valid."""
        parameter = self._operation.parameters[position]
        try:
            error = self._validators[position].first_error(_coerce(parameter, text))
        except TooComplexError as reason:
            return f": {reason}"
        hidden = self._redactor.is_secret(parameter.name) or self._redactor.text(text) != text
        return "" if error is None else f": {_message(error, hidden)}"

    @cached_property
    def _validators(self) -> list[BoundedValidator]:
        """Those of the parameters in order, then that of the body."""
        body = (self._operation.request_body_content or {}).get("schema", {})
        return [BoundedValidator(schema) for schema in (*(p.schema for p in self._operation.parameters), body)]


def _message(error: Any, hidden: bool) -> str:
    """The message of an error of jsonschema. It may quote the value, which is not shown if it is or has a secret."""
    if hidden and error.validator not in _QUOTE_NAMES_ONLY:
        return f"violates the keyword {error.validator!r} of its schema"
    return str(error.message[:_MAX_MESSAGE])


def _coerce(parameter: Parameter, text: str) -> Any:
    """The value of a parameter in the type of its schema; the text itself if it is not of that type."""
    if parameter.schema.get("type", "string") in ("integer", "number", "boolean"):
        try:
            return read_json(text.encode("utf-8", "surrogatepass"))
        except JsonError:
            return text
    return text
