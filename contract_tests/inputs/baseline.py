"""The baseline request of an operation: the one that the contract documents."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from code_contract import Contract, Operation, Parameter, styles
from contract_tests.http.exchange import Request
from contract_tests.inputs import authentication, bodies
from contract_tests.inputs.values import EXAMPLES_ONLY, Values
from contract_tests.settings import Settings

CREDENTIALS = "credentials"
"""The name in `Request.unknown` of the credentials that a secured operation lacks."""


def baseline_request(operation: Operation, settings: Settings, values: Values = EXAMPLES_ONLY) -> Request | None:
    """Build the documented request of an operation.

    The value of a parameter is the first of: the one given in the settings, the one of an earlier response, its
    example. A required one without any is generated from its schema, as is the body.

    Returns:
        The request, or None if something required has no value.
    """
    parts = styles.Parts(operation.path)
    unknown = []
    for parameter in operation.parameters:
        value, is_known = _value(operation, parameter, settings, values)
        if value is None:
            if parameter.required and parameter.location != "header":
                return None
            continue
        parts.add(parameter, value)
        if not is_known:
            unknown.append(parameter.name)
    body = bodies.body(operation, values)
    if body is None and operation.request_body_required:
        return None
    if operation.content_type:
        parts.headers.append(("Content-Type", operation.content_type))
    elif body is not None:
        parts.headers.append(("Content-Type", body.media_type))
    if not authentication.add(operation, values.document, settings, parts):
        unknown.append(CREDENTIALS)
    given = {name.lower() for name, _ in settings.headers}
    kept = [pair for pair in parts.all_headers() if pair[0].lower() not in given]
    data = None if body is None else body.data
    return Request(operation.method, settings.base_url + parts.target(), (*kept, *settings.headers), data,
                   unknown=tuple(unknown))  # fmt: skip


def called_requests(contract: Contract, settings: Settings) -> Iterator[tuple[Operation, Request]]:
    """Yield the operations that a run calls, each with its baseline request, as far as no response is needed for it."""
    values, derived = Values.of(contract, settings), contract.derived_clauses
    for operation in contract.operations.values():
        request = baseline_request(operation, settings, values)
        if request is not None and not not_called_reason(operation, request, settings, derived):
            yield operation, request


def not_called_reason(
    operation: Operation, request: Request | None, settings: Settings, derived: Collection[str]
) -> str:
    """Return the reason why the baseline request of an operation is not sent, "" if it is sent.

    Args:
        operation: The operation.
        request: Its baseline request, None if it cannot be built.
        settings: The settings of the run.
        derived: Ids of the operations whose clauses are derived.
    """
    if request is None:
        return "a required value has no example, and none can be generated; --set gives it"
    if operation.is_safe or settings.allow_writes or operation.id not in derived or _has_examples(operation):
        return ""
    return "it may change data and has no examples; --allow-writes calls it"


def _has_examples(operation: Operation) -> bool:
    """True if every required value has an example, and there is one at all."""
    body = bodies.example(operation)
    if any(each.required and each.example is None for each in operation.parameters):
        return False
    if operation.request_body_required and body is None:
        return False
    return body is not None or any(each.example is not None for each in operation.parameters)


def _value(operation: Operation, parameter: Parameter, settings: Settings, values: Values) -> tuple[Any, bool]:
    """The value of a parameter, None for none, and whether it is more than a guess."""
    if settings.source is not None and parameter.is_source:
        return settings.source or None, True
    known = values.known(operation.id, parameter.name)
    if known is not None:
        return known, True
    example = parameter.example
    if example is not None and not isinstance(example, str) and not values.conforms(parameter.schema, example):
        example = None
    if example is not None or not parameter.required:
        return example, True
    return values.generated(operation.id, parameter), not _is_free(parameter.schema)


def _is_free(schema: Mapping[str, Any]) -> bool:
    """True if a schema leaves open which of its values exist."""
    return not any(keyword in schema for keyword in ("enum", "const", "default")) and schema.get("type") != "boolean"
