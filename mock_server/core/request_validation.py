"""Judges requests by the contract: what is missing, what has the wrong form, and whether that is only assumed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

from code_contract import Operation, Parameter
from code_contract.operations import is_json, mime_essence

UNSUPPORTED_MEDIA_TYPE = "media-type-refused"
"""The example to refuse a body of another media type with."""


@dataclass(frozen=True)
class Violation:
    """What a request does against the contract; `assumed` where the contract only assumes that it must not."""

    text: str
    assumed: bool
    refusal: str = "request-refused"
    """The example to refuse with."""


class RequestValidator:
    """The requirements of one operation, compiled once."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation
        self._media_type = mime_essence(operation.content_type or "")
        self._parameters = [(each, Draft202012Validator(each.schema)) for each in operation.parameters]
        schema = (operation.request_body_content or {}).get("schema", {})
        self._body = Draft202012Validator(schema)

    def violations(
        self,
        values: Mapping[str, Mapping[str, str]],
        media_type: str,
        body: bytes,
    ) -> Iterator[Violation]:
        """What is to be said against a request: `values` by location ("header" with names in lower case)."""
        for parameter, validator in self._parameters:
            found = values.get(parameter.location, {})
            name = parameter.name.lower() if parameter.location == "header" else parameter.name
            assumed = parameter.assumption is not None
            what = f"{parameter.location} parameter {parameter.name}"
            if name not in found:
                if parameter.required:
                    yield Violation(f"{what} is missing", assumed)
                continue
            error = next(validator.iter_errors(_coerce(parameter, found[name])), None)
            if error is not None:
                yield Violation(f"{what}: {error.message[:120]}", assumed)
        yield from self._of_body(media_type, body)

    def _of_body(self, media_type: str, body: bytes) -> Iterator[Violation]:
        if body and self._media_type and media_type != self._media_type:
            yield Violation(
                f"the body is {media_type or 'of no media type'}, not {self._media_type}", False, UNSUPPORTED_MEDIA_TYPE
            )
            return
        if self._operation.request_body_content is None:
            return
        if not body:
            if self._operation.request_body_required:
                yield Violation("the body is missing", False)
            return
        if not is_json(media_type):
            yield Violation(f"the body is {media_type or 'of no media type'}, not JSON", False, UNSUPPORTED_MEDIA_TYPE)
            return
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            yield Violation("the body is no JSON", False)
            return
        error = next(self._body.iter_errors(value), None)
        if error is not None:
            yield Violation(f"body {error.json_path}: {error.message[:120]}", False)


def _coerce(parameter: Parameter, text: str) -> Any:
    """The value of a parameter as its schema's type has it; the text itself where it has not that form."""
    kinds = parameter.schema.get("type", "string")
    if kinds in ("integer", "number", "boolean"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text
