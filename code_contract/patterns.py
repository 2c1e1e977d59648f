"""Regular expressions of JSON Schema: the syntax of ECMA-262, and a limit on backtracking.

Python's `re` has another syntax, and a pattern such as `^(a+)+$` can keep it busy for years. jsonschema-rs knows the
syntax and stops.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from code_contract.errors import ContractError

MAX_BACKTRACKS = 100_000
"""Steps back in one search; a text that takes more does not match."""


@lru_cache(maxsize=1024)
def _search(pattern: str) -> Callable[[Any], bool]:
    import jsonschema_rs  # only documents with patterns wait for this import

    return jsonschema_rs.Draft202012Validator({"pattern": portable(pattern)}, pattern_options=options()).is_valid


def options() -> Any:
    """Return the options of jsonschema-rs for patterns: the limit on backtracking."""
    import jsonschema_rs

    return jsonschema_rs.FancyRegexOptions(backtrack_limit=MAX_BACKTRACKS)


_TOKEN = re.compile(r"\\k<[^>]*>|\\c[A-Za-z]|\\.|\[\^?\]|\(\?<[^=!>][^>]*>|\(\?|.", re.DOTALL)


def portable(pattern: str) -> str:
    """Return the pattern without what jsonschema-rs lacks of ECMA-262: [], [^], [\\b], \\0, \\cX, \\k<name>."""
    parts, in_class, groups = _TOKEN.findall(pattern), False, list[str]()
    for position, part in enumerate(parts):
        if re.fullmatch(r"\\c[A-Za-z]", part):
            parts[position] = rf"\x{ord(part[2]) % 32:02x}"
        elif in_class:
            in_class = part.startswith("\\") or not part.endswith("]")
            parts[position] = {"\\b": r"\x08", "\\0": r"\x00"}.get(part, part)
        elif part == "[":
            in_class = True
        elif part == "(" or (part.startswith("(?<") and part.endswith(">")):
            groups.append(part[3:-1])
        elif part.startswith("\\k<") and part[3:-1] in groups:
            parts[position] = rf"(?:\{groups.index(part[3:-1]) + 1})"
        else:
            parts[position] = {"[]": r"[^\s\S]", "[^]": r"[\s\S]", "\\0": r"\x00"}.get(part, part)
    return "".join(parts)


def matches(pattern: str, text: str) -> bool:
    """Return True if a pattern matches a part of a text; lone surrogates match as U+FFFD."""
    return _search(pattern)(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def require_valid(pattern: str, pointer: str) -> None:
    """Reject a pattern that is not a regular expression.

    Raises:
        ContractError: It is not; the message names the JSON pointer.
    """
    try:
        _search(pattern)
    except ValueError:
        raise ContractError(
            f"the pattern {pattern[:80]!r} is not valid, or too large",
            "use the syntax of ECMA-262 (flag u)",
            pointer,
        ) from None


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    if validator.is_type(instance, "string") and not matches(pattern, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, patterns: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if validator.is_type(instance, "object"):
        for pattern, below in patterns.items():
            for name, value in instance.items():
                if matches(pattern, name):
                    yield from validator.descend(value, below, path=name, schema_path=pattern)


def additional_names(instance: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Return the names of a value to which `additionalProperties` of its schema applies."""
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    return [name for name in instance if name not in known and not any(matches(each, name) for each in patterns)]


def _additional_properties(validator: Any, allowed: Any, instance: Any, schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    if not validator.is_type(instance, "object"):
        return
    extra = additional_names(instance, schema)
    if allowed is False and extra:
        names = ", ".join(map(repr, extra))
        verb = "was" if len(extra) == 1 else "were"
        yield ValidationError(f"Additional properties are not allowed ({names} {verb} unexpected)")
    elif isinstance(allowed, dict):
        for name in extra:
            yield from validator.descend(instance[name], allowed, path=name)


def _unique_items(validator: Any, is_unique: bool, instance: Any, schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    if is_unique and validator.is_type(instance, "array") and len(set(map(_frozen, instance))) < len(instance):
        yield ValidationError("the array has equal items")


def _frozen(value: Any) -> Any:
    """Return a hashable value, equal for equal JSON values: 1 equals 1.0, but not true (JSON Schema core §4.2.2)."""
    if isinstance(value, dict):
        return frozenset((name, _frozen(each)) for name, each in value.items())
    if isinstance(value, list):
        return tuple(map(_frozen, value))
    return (type(value), value) if isinstance(value, (bool, str)) else value


def _one_of(validator: Any, branches: Any, instance: Any, schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    errors: list[Any] = []
    valid = 0
    for index, branch in enumerate(branches):
        found = list(validator.descend(instance, branch, schema_path=index))
        errors += found
        valid += not found
    if not valid:
        yield ValidationError("no alternative of oneOf applies", context=errors)
    elif valid > 1 and "discriminator" not in schema:
        # A discriminator selects one of the schemas, which need not exclude each other (OpenAPI 3.1 §4.8.25).
        yield ValidationError(f"{valid} alternatives of oneOf apply", validator_value=valid)


def _not(validator: Any, excluded: Any, instance: Any, schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    if validator.evolve(schema=excluded).is_valid(instance):
        yield ValidationError(f"{instance!r} is valid under the schema that `not` excludes")


KEYWORDS: dict[str, Any] = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "uniqueItems": _unique_items,
    "oneOf": _one_of,
    "not": _not,
}
"""The keywords whose time is bounded here, as `jsonschema.validators.extend` takes them.

jsonschema compares each object of an array with every other one for `uniqueItems`, and prints the schemas of `oneOf`
and `not` into its messages, which takes exponential time for schemas that share parts. That of `oneOf` does not quote
the value either: it occurs at several levels of one value.
"""
