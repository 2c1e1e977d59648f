"""Errors of `oneOf` and `anyOf`, traced to the alternative that the value is meant to fulfil."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from jsonschema.exceptions import ValidationError

Path = tuple[str | int, ...]


def resolved(errors: Iterable[ValidationError]) -> list[ValidationError]:
    """Return the errors of a value, those of alternatives as specific as possible.

    If type and constants of a value leave one alternative, its errors replace the one of `oneOf` or `anyOf`. An error
    of alternatives is left out if one of them fails only at values with errors of other keywords.
    """
    found: list[ValidationError] = []
    known: set[Path] = set()
    # Those of inner values first, and plain ones before all.
    for error in sorted(errors, key=lambda each: -len(each.absolute_path) if each.context else float("-inf")):
        if not error.context or not _follows(error, known):
            new = list(_specific(error))
            found += new
            known.update(map(_value_path, new))
    return found


def wrong_type(error: ValidationError) -> list[str]:
    """Return the types that a value should have had, [] for an error of another kind."""
    if error.validator == "type":
        expected: object = error.validator_value
        return [expected] if isinstance(expected, str) else list(expected)  # type: ignore[call-overload]
    types = [
        [name for each in branch if not each.relative_path for name in wrong_type(each)] for branch in _branches(error)
    ]
    return list(dict.fromkeys(name for each in types for name in each)) if types and all(types) else []


def missing(error: ValidationError) -> str:
    """Return the name that an error of `required` is about."""
    names: Iterable[str] = error.validator_value  # type: ignore[assignment]
    return next(str(name) for name in names if error.message == f"{name!r} is a required property")


def _specific(error: ValidationError) -> Iterator[ValidationError]:
    candidates = _branches(error)
    for excludes in (_is_about_type, _is_about_constant):
        candidates = [branch for branch in candidates if not any(map(excludes, branch))]
        if len(candidates) == 1:
            for each in candidates[0]:
                yield from _specific(each)
            return
    yield error


def _is_about_type(error: ValidationError) -> bool:
    return not error.relative_path and bool(wrong_type(error))


def _is_about_constant(error: ValidationError) -> bool:
    """Return True for an error of a constant that the value is, or that one of its fields has."""
    return len(error.relative_path) <= 1 and error.validator in ("const", "enum")


def _follows(error: ValidationError, known: set[Path]) -> bool:
    return any(all(_value_path(each) in known for each in branch) for branch in _branches(error))


def _branches(error: ValidationError) -> list[list[ValidationError]]:
    """Return the errors of each alternative; none for an error of another keyword."""
    found = defaultdict[object, list[ValidationError]](list)
    for each in error.context or ():
        found[each.relative_schema_path[0]].append(each)
    return list(found.values())


def _value_path(error: ValidationError) -> Path:
    return (*error.absolute_path, *([missing(error)] if error.validator == "required" else []))
