"""Validation of a document: OpenAPI 3.1, and examples against their schemas.

Imported only when a document is validated: the validators take two thirds of a second to import.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from openapi_spec_validator import OpenAPIV31SpecValidator

from code_contract import patterns, pointers, refs
from code_contract.errors import ContractError
from code_contract.operations import Operation

_TEMPLATE = re.compile(r"/(?:[^{}]|\{[^{}]+\})*", re.DOTALL)

_EXTENSIONS: dict[str, tuple[type, str]] = {
    **dict.fromkeys(("x-assumption", "x-content-type", "x-quote"), (str, "a string")),
    "x-i18n-zh": (dict, "a mapping of names to strings"),
    "x-success": (dict, "a schema that is a mapping"),
    "x-clauses": (list, "a list of clauses"),
    "x-sections": (list, "a list of sections"),
}


def validate_openapi(document: dict[str, Any]) -> None:
    """Validate an unresolved document against OpenAPI 3.1.

    Raises:
        ContractError: The document violates the specification.
    """
    for path in document["paths"] if isinstance(document.get("paths"), dict) else ():
        if not _TEMPLATE.fullmatch(path):
            at = pointers.join("/paths", path)
            raise ContractError(f"{path[:80]!r} is not a valid path template", "name and close every parameter", at)
    try:
        error = next(_errors(document), None)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as problem:
        # The validator expects some properties of a document that it has not checked yet.
        raise ContractError(
            f"not valid OpenAPI 3.1: {problem or type(problem).__name__}".splitlines()[0][:300],
            "see the OpenAPI 3.1 specification",
        ) from None
    if error is not None:
        deepest = error
        while deepest.context:
            deepest = max(deepest.context, key=lambda each: len(each.absolute_path))
        raise ContractError(
            f"not valid OpenAPI 3.1: {deepest.message.splitlines()[0][:300]}",
            "see the OpenAPI 3.1 specification",
            pointers.join("", *deepest.absolute_path),
        )


def validate_extensions(document: dict[str, Any]) -> None:
    """Validate the types of the extensions that are read without a check of their own.

    Raises:
        ContractError: One has another type.
    """
    for pointer, node in refs.nodes(document, ""):
        for key, (kind, name) in _EXTENSIONS.items():
            value = node.get(key)
            nested = isinstance(value, dict) and key == "x-i18n-zh" and not all(map(_is_text, value.values()))
            if key in node and (nested or not isinstance(value, kind)):
                raise ContractError(f"{key} is {value!r:.60}", f"use {name}", pointers.join(pointer, key))


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def validate_patterns(document: dict[str, Any]) -> None:
    """Validate the regular expressions of the schemas.

    Raises:
        ContractError: One is not valid.
    """
    for pointer, node in refs.nodes(document, ""):
        if isinstance(node.get("pattern"), str):
            patterns.require_valid(node["pattern"], pointers.join(pointer, "pattern"))
        for name in node["patternProperties"] if isinstance(node.get("patternProperties"), dict) else ():
            patterns.require_valid(name, pointers.join(pointer, "patternProperties"))


def validate_media_types(operations: Iterable[Operation]) -> None:
    """Validate the media types that responses have in Content-Type.

    Raises:
        ContractError: A media type cannot be sent in a header (RFC 9110 §5.5).
    """
    for operation in operations:
        for media_type in (operation.content_type, *(each.media_type for each in operation.responses.values())):
            text = media_type or ""
            if not (isinstance(text, str) and text.isascii() and text.isprintable()):
                raise ContractError(
                    f"the media type {media_type!r} cannot be sent in a header",
                    "use one such as application/json",
                    pointers.join("", "paths", operation.path, operation.method.lower()),
                )


def validate_examples(operations: Iterable[Operation]) -> None:
    """Validate the response examples against their schemas, which the OpenAPI validator does not do.

    Raises:
        ContractError: An example violates its schema; the mock would serve it.
    """
    # Operations share schemas and examples (refs.resolve). They keep both alive, so an id stays unique.
    validator = extend(Draft202012Validator, patterns.KEYWORDS)
    seen: set[tuple[int, int]] = set()
    for operation in operations:
        for response in operation.responses.values():
            for example in response.examples.values():
                pair = id(response.schema), id(example.value)
                if response.schema is None or pair in seen:
                    continue
                seen.add(pair)
                error = next(validator(response.schema).iter_errors(example.value), None)
                if error is not None:
                    raise ContractError(
                        f"the example {example.name!r} violates its schema: {error.json_path}: {error.message[:200]}",
                        "fix the example or the schema",
                        pointers.join(
                            "", "paths", operation.path, operation.method.lower(), "responses", response.status
                        ),
                    )


def _errors(document: dict[str, Any]) -> Iterator[ValidationError]:
    # Its own iter_errors does the same behind an unbounded cache, which keeps every document alive.
    validator = OpenAPIV31SpecValidator(document)
    yield from validator.schema_validator.iter_errors(validator.schema)
    yield from validator.root_validator(validator.schema_path)
