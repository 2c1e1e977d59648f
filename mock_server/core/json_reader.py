"""Reads and validates JSON from clients, in bounded time."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable, Iterator, Mapping, Set
from functools import cache, partial
from itertools import islice
from typing import Any

from code_contract import patterns, pointers
from mock_server.core.errors import InputError
from mock_server.reasons import Reason, ReasonError

MAX_DEPTH = 64
"""Objects and arrays inside each other."""
MAX_STEPS = 100_000
"""Keywords of a schema that are evaluated for one value, about half a second."""

_ERROR_STEPS = 20
"""Steps that an error counts for, since it takes as long."""


class JsonError(InputError):
    """A text that is not JSON, or not JSON that every parser reads alike (RFC 7493)."""


class TooComplexError(ReasonError):
    """The validation of a value takes more than MAX_STEPS."""

    def __init__(self) -> None:
        super().__init__(Reason("too-complex", limit=MAX_STEPS))


def read_json(text: bytes) -> Any:
    """Return the value of a JSON text.

    Raises:
        JsonError: It is not JSON in UTF-8 (RFC 8259), has NaN, Infinity or a number beyond double precision, repeats a
            name, or is deeper than MAX_DEPTH.
    """
    try:
        value = json.loads(
            text.decode(), parse_constant=_reject_constant, parse_float=_finite, object_pairs_hook=_unique_names
        )
    except JsonError:
        raise
    except RecursionError:
        raise JsonError("nested-too-deeply", limit=MAX_DEPTH) from None
    except ValueError:
        raise JsonError("no-json") from None
    if pointers.is_deeper_than(value, MAX_DEPTH):
        raise JsonError("nested-too-deeply", limit=MAX_DEPTH)
    return value


def _reject_constant(name: str) -> Any:
    raise JsonError("invalid-json-value", value=name)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise JsonError("number-too-precise", value=text[:40])
    return number


def _unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise JsonError("name-repeated", value=repr(name[:40]))
        found[name] = value
    return found


class BoundedValidator:
    """Validates values against a JSON Schema, in at most MAX_STEPS. Safe to use from several threads.

    Args:
        schema: The schema, resolved.
        optional: Names that a schema does not require although it says so, by its identity.
        names: Names of the schemas under components by identity; discriminators need them.
    """

    def __init__(
        self, schema: Any, optional: Mapping[int, Set[str]] | None = None, names: Mapping[int, str] | None = None
    ) -> None:
        self._validator = _validator_class()(schema)
        self._optional = optional or {}
        self._names = names or {}

    def first_error(self, value: Any) -> Any:
        """Return the first error of jsonschema, or None if the value is valid.

        Raises:
            TooComplexError: The validation was stopped.
        """
        return next(iter(self.errors(value, 1)), None)

    def errors(self, value: Any, limit: int) -> list[Any]:
        """Return the first errors of jsonschema, at most so many as the limit.

        Raises:
            TooComplexError: The validation was stopped.
        """
        _budget.left, _budget.optional, _budget.names = MAX_STEPS, self._optional, self._names
        try:
            return list(islice(self._validator.iter_errors(value), limit))
        except (RecursionError, ArithmeticError):
            raise TooComplexError from None


_budget = threading.local()


@cache
def _validator_class() -> Any:
    # Imported here: it takes as long as the rest of the core, and the mock starts without it.
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    own = {"required": _required, "dependentRequired": _dependent_required, "format": _format}
    keywords = dict(Draft202012Validator.VALIDATORS) | patterns.KEYWORDS | own
    keywords |= {keyword: partial(_alternatives, keywords[keyword]) for keyword in ("anyOf", "oneOf")}
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


def _required(validator: Any, required: Any, instance: Any, schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    if validator.is_type(instance, "object"):
        optional = _budget.optional.get(id(schema), ())
        for name in required:
            if name not in instance and name not in optional:
                yield ValidationError("required", validator_value=name)


def _dependent_required(validator: Any, dependencies: Any, instance: Any, schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    if validator.is_type(instance, "object"):
        for name, needed in dependencies.items():
            missing = [each for each in needed if each not in instance] if name in instance else []
            yield from (ValidationError("dependentRequired", validator_value=(each, name)) for each in missing)


def _alternatives(keyword: Callable[..., Any], validator: Any, branches: Any, instance: Any, schema: Any) -> Any:
    """The errors of the alternative that a discriminator names (OpenAPI 3.1 §4.8.25), else those of the keyword."""
    discriminator = schema.get("discriminator", {})
    label = instance.get(discriminator.get("propertyName")) if discriminator and isinstance(instance, dict) else None
    if isinstance(label, str):
        mapping = discriminator.get("mapping")
        target = mapping.get(label, label) if isinstance(mapping, dict) else label
        name = str(target).rpartition("/")[2]
        named = [index for index, branch in enumerate(branches) if _budget.names.get(id(branch)) == name]
        if len(named) == 1:
            return validator.descend(instance, branches[named[0]], schema_path=named[0])
    return keyword(validator, branches, instance, schema)


_FORMATS = ("date", "date-time", "time", "email", "uuid", "ipv4", "ipv6", "uri")
_RANGES = {"int32": 2**31, "int64": 2**63}


def _format(validator: Any, name: Any, instance: Any, schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    if name in _FORMATS and validator.is_type(instance, "string"):
        is_valid = _format_validator(name)(instance.encode("utf-8", "replace").decode())
    elif name in _RANGES and validator.is_type(instance, "integer"):
        is_valid = -_RANGES[name] <= instance < _RANGES[name]
    else:
        return
    if not is_valid:
        yield ValidationError("format")


@cache
def _format_validator(name: str) -> Callable[[Any], bool]:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True).is_valid
