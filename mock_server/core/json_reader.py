"""Reads and validates JSON from clients, in bounded time."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from code_contract import patterns, pointers

MAX_DEPTH = 64
"""Objects and arrays inside each other."""
MAX_STEPS = 100_000
"""Keywords of a schema that are evaluated for one value, about half a second."""

_ERROR_STEPS = 20
"""Steps that an error counts for, since it takes as long."""


class JsonError(ValueError):
    """A text that is not JSON, or not JSON that every parser reads alike (RFC 7493). The message says why."""


class TooComplexError(Exception):
    """The validation of a value takes more than MAX_STEPS."""

    def __init__(self) -> None:
        super().__init__(f"it takes more than {MAX_STEPS} steps to validate")


def read_json(text: bytes) -> Any:
    """Return the value of a JSON text.

    Raises:
        JsonError: It is not JSON in UTF-8 (RFC 8259), has NaN or Infinity, repeats a name, or is deeper than MAX_DEPTH.
    """
    try:
        value = json.loads(text.decode(), parse_constant=_reject_constant, object_pairs_hook=_unique_names)
    except JsonError:
        raise
    except RecursionError:
        raise JsonError(f"is nested deeper than {MAX_DEPTH} levels") from None
    except ValueError:
        raise JsonError("is not valid JSON") from None
    if pointers.is_deeper_than(value, MAX_DEPTH):
        raise JsonError(f"is nested deeper than {MAX_DEPTH} levels")
    return value


def _reject_constant(name: str) -> Any:
    raise JsonError(f"has {name}, which is not valid JSON")


def _unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise JsonError(f"repeats the name {name[:40]!r}")
        found[name] = value
    return found


class BoundedValidator:
    """Validates values against a JSON Schema, in at most MAX_STEPS. Safe to use from several threads."""

    def __init__(self, schema: Any) -> None:
        self._validator = _validator_class()(schema)

    def first_error(self, value: Any) -> Any:
        """Return the first error of jsonschema, or None if the value is valid.

        Raises:
            TooComplexError: The validation was stopped.
        """
        _budget.left = MAX_STEPS
        try:
            return next(self._validator.iter_errors(value), None)
        except RecursionError:
            raise TooComplexError from None


_budget = threading.local()


@cache
def _validator_class() -> Any:
    # Imported here: it takes as long as the rest of the core, and the mock starts without it.
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    keywords = dict(Draft202012Validator.VALIDATORS) | patterns.KEYWORDS
    return extend(Draft202012Validator, {name: _counted(keyword) for name, keyword in keywords.items()})


def _counted(keyword: Callable[..., Any]) -> Callable[..., Any]:
    def counted(*arguments: Any) -> Iterator[Any]:
        _take_steps(1)
        for error in keyword(*arguments) or ():
            # The message quotes the value.
            _take_steps(_ERROR_STEPS + len(error.message) // 500)
            yield error

    return counted


def _take_steps(count: int) -> None:
    _budget.left -= count
    if _budget.left < 0:
        raise TooComplexError
