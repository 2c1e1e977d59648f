"""Whether a document is OpenAPI 3.1, and whether its examples are what their schemas say.

Imported when a contract is loaded and not before: the validators cost a quarter of a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from openapi_spec_validator import OpenAPIV31SpecValidator

from code_contract import pointers
from code_contract.errors import ContractError
from code_contract.operations import Operation


def validate_openapi(document: dict[str, Any]) -> None:
    """Raise ContractError where an unresolved document is not valid OpenAPI 3.1."""
    error = next(_errors(document), None)
    if error is not None:
        deepest = error
        while deepest.context:
            deepest = max(deepest.context, key=lambda each: len(each.absolute_path))
        raise ContractError(
            f"not valid OpenAPI 3.1: {deepest.message[:300]}",
            "see the OpenAPI 3.1 specification",
            pointers.join("", *deepest.absolute_path),
        )


def validate_examples(operations: Iterable[Operation]) -> None:
    """Raise ContractError for an example that breaks its own schema: it would make the mock lie, and the validator of
    OpenAPI does not look."""
    # Operations share schemas and examples (refs.resolve); the operations keep them, so that an id stays one's own.
    seen: set[tuple[int, int]] = set()
    for operation in operations:
        for response in operation.responses.values():
            for example in response.examples.values():
                pair = id(response.schema), id(example.value)
                if response.schema is None or pair in seen:
                    continue
                seen.add(pair)
                error = next(Draft202012Validator(response.schema).iter_errors(example.value), None)
                if error is not None:
                    raise ContractError(
                        f"the example {example.name!r} breaks its own schema: {error.json_path}: {error.message[:200]}",
                        "mend the example or the schema",
                        pointers.join(
                            "", "paths", operation.path, operation.method.lower(), "responses", response.status
                        ),
                    )


def _errors(document: dict[str, Any]) -> Iterator[ValidationError]:
    validator = OpenAPIV31SpecValidator(document)
    schemas: Any = validator.keyword_validators_registry["schema"]
    schemas.visited_schema_ids, schemas.meta_checked_schema_ids = _Seen(), _Seen()
    # What its own iter_errors does, which keeps every document for good, in a cache.
    yield from validator.schema_validator.iter_errors(validator.schema)
    yield from validator.root_validator(validator.schema_path)


class _Seen(list[int]):
    """A list that knows what it holds without looking through it, which takes the validator time by the square of the
    number of schemas."""

    def __init__(self) -> None:
        super().__init__()
        self._held: set[int] = set()

    def append(self, item: int) -> None:
        super().append(item)
        self._held.add(item)

    def __contains__(self, item: object) -> bool:
        return item in self._held
