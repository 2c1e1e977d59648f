"""Validation of a document: OpenAPI, and examples against their schemas.

Imported only when a document is validated: the validators take two thirds of a second to import.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError as JsonSchemaError
from jsonschema.validators import extend

from code_contract import patterns, pointers
from code_contract.directions import required_of_responses, without_marked
from code_contract.errors import ContractError, Problem, Problems
from code_contract.examples import Example
from code_contract.media_types import is_json, mime_essence
from code_contract.operations import Operation
from code_contract.responses import Response


def require_valid(document: dict[str, Any], problems: Problems) -> None:
    """Validate an unresolved document against the version of OpenAPI that it states.

    Args:
        document: The document.
        problems: The problems that were found when it was read.

    Raises:
        ContractError: The document violates the specification, or has a problem.
    """
    for each in problems:
        raise ContractError(each.text, "correct it", each.pointer, each.document)
    from prance import BaseParser, ValidationError

    version = document["openapi"].rpartition(".")[0]
    at = ""
    try:
        BaseParser(spec_string=json.dumps(document), backend="openapi-spec-validator")
        return
    except ValidationError as error:
        found = error.__cause__ or error
        if isinstance(found, JsonSchemaError):
            while found.context:
                found = max(found.context, key=lambda each: len(each.absolute_path))
            at = pointers.join("", *found.absolute_path)
        text = found.message if isinstance(found, JsonSchemaError) else str(found)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as unexpected:
        # The validator expects some properties of a document that it has not checked yet.
        text = str(unexpected) or type(unexpected).__name__
    problem = f"not valid OpenAPI {version}: {text.splitlines()[0][:300]}"
    raise ContractError(problem, f"see the OpenAPI {version} specification", at)


def checked_examples(operations: Mapping[str, Operation], problems: Problems, has_hidden: bool) -> dict[str, Operation]:
    """Return the operations without the response examples that violate their schemas, and without `writeOnly` fields.

    Args:
        operations: Operations by id.
        problems: Receives a problem for each example that is left out.
        has_hidden: True if the document may have `writeOnly` fields.
    """
    # Operations share schemas and examples (resolution.resolve). They keep both alive, so an id stays unique.
    plain = extend(Draft202012Validator, patterns.KEYWORDS)
    validators: dict[int, Any] = {}
    known: dict[tuple[int, int], str] = {}

    def validator(schema: Any) -> Any:
        if not has_hidden:
            return plain(schema or {})
        if id(schema) not in validators:
            validators[id(schema)] = extend(plain, {"required": required_of_responses(schema)})(schema or {})
        return validators[id(schema)]

    def error(response: Response, value: Any) -> str:
        if isinstance(value, str) and not is_json(mime_essence(response.media_type or "")):
            return ""  # the text is the body itself
        pair = id(response.schema), id(value)
        if pair not in known:
            found = next(validator(response.schema).iter_errors(value), None)
            known[pair] = f"{found.json_path}: {found.message[:200]}" if found else ""
        return known[pair]

    def checked(operation: Operation, response: Response) -> Response:
        invalid = {each.name: text for each in response.examples.values() if (text := error(response, each.value))}
        at = pointers.join(operation.pointer, "responses", response.status)
        for name, text in invalid.items():
            problems.append(Problem(at, f"the example {name!r} violates its schema, and is not served: {text}"))
        kept = {name: each for name, each in response.examples.items() if name not in invalid}
        if has_hidden and response.schema is not None:
            kept = {name: _visible(each, response.schema) for name, each in kept.items()}
        return replace(response, examples=kept) if kept != response.examples else response

    return {
        name: replace(each, responses={status: checked(each, found) for status, found in each.responses.items()})
        for name, each in operations.items()
    }


def _visible(example: Example, schema: Mapping[str, Any]) -> Example:
    value = without_marked(example.value, [schema], "writeOnly")
    return example if value is example.value else replace(example, value=value)
