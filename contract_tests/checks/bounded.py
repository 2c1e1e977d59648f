"""A JSON Schema validator whose work on one value is limited."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from code_contract import patterns
from contract_tests.message import Message
from contract_tests.verdict import LimitExceeded

MAX_STEPS = 200_000
"""Keywords applied to one body and its parts, about ten microseconds each."""

Keyword = Callable[[Any, Any, Any, Any], "Iterator[ValidationError] | None"]


class BoundedValidator:
    """Validates values against one schema, each within MAX_STEPS. Not thread-safe.

    Args:
        schema: A JSON Schema (2020-12).
        keywords: Functions of further keywords, as `jsonschema.validators.extend` takes them.
    """

    def __init__(self, schema: Mapping[str, Any] | bool, keywords: Mapping[str, Keyword] | None = None) -> None:
        self._steps = 0
        known: dict[str, Any] = {**Draft202012Validator.VALIDATORS, **patterns.KEYWORDS, **_WITHOUT_VALUES}
        counted = {name: self._counted(function) for name, function in known.items()}
        self._validator: Validator = extend(Draft202012Validator, counted | dict(keywords or {}))(schema)

    def iter_errors(self, value: Any) -> Iterator[ValidationError]:
        """Yield the errors of a value. Raises LimitExceeded."""
        self._steps = 0
        yield from self._validator.iter_errors(value)

    def is_valid(self, value: Any) -> bool:
        """Return True if a value is valid. Raises LimitExceeded."""
        return next(self.iter_errors(value), None) is None

    def _counted(self, keyword: Keyword) -> Keyword:
        def count(validator: Any, expected: Any, instance: Any, schema: Any) -> Iterator[ValidationError] | None:
            self._steps += 1
            if self._steps > MAX_STEPS:
                raise LimitExceeded(Message("the schema takes more than {} steps", MAX_STEPS))
            return keyword(validator, expected, instance, schema)

        return count


def _type(validator: Any, types: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if not any(validator.is_type(instance, each) for each in ([types] if isinstance(types, str) else types)):
        yield ValidationError("another type")


def _any_of(validator: Any, branches: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    errors: list[ValidationError] = []
    for index, branch in enumerate(branches):
        found = list(validator.descend(instance, branch, schema_path=index))
        if not found:
            return
        errors += found
    yield ValidationError("no alternative applies", context=errors)


_WITHOUT_VALUES = {"type": _type, "anyOf": _any_of}
"""Keywords whose errors occur at several levels of one value. Those of jsonschema print the whole value into each
message, which nothing here reads: ten times the size of the largest body."""
