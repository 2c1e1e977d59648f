"""Values that one response gives to the requests of other operations (OpenAPI 3.1 §4.8.20, Link Object)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from code_contract import Contract, Operation, pointers
from contract_tests.checks.json_text import parse_json
from contract_tests.checks.response import ParsedResponse

MAX_VALUE = 1000
"""Characters of a value that is taken from a response."""

_EMBEDDED = re.compile(r"\{(\$[^{}]+)\}")


def targets(contract: Contract, operation: Operation) -> set[str]:
    """Return the ids of the operations to which the links of an operation lead."""
    nodes = (node for each in operation.node.get("responses", {}).values() for node in each.get("links", {}).values())
    return {name for name in (_target(contract, node) for node in nodes) if name is not None}


def linked_values(contract: Contract, response: ParsedResponse) -> Iterator[tuple[str, str, Any]]:
    """Yield what a response gives to other requests: operation id, name of the parameter, value."""
    documented = response.operation.response(response.status or 0)
    if documented is None or not response.is_complete:
        return
    for link in response.operation.node["responses"].get(documented.status, {}).get("links", {}).values():
        name = _target(contract, link)
        for parameter, expression in link.get("parameters", {}).items() if name is not None else ():
            value = _evaluate(expression, response)
            if isinstance(value, (str, int, float)) and len(str(value)) <= MAX_VALUE:
                # The location may come before the name, as in path.id.
                yield str(name), str(parameter).rpartition(".")[2] or str(parameter), value


def _target(contract: Contract, link: Mapping[str, Any]) -> str | None:
    if link.get("operationId") in contract.operations:
        return str(link["operationId"])
    tokens = pointers.split(str(link.get("operationRef", "")).lstrip("#")) if link.get("operationRef") else ()
    if len(tokens) != 3 or tokens[0] != "paths":
        return None
    return next(
        (
            each.id
            for each in contract.operations.values()
            if (each.path, each.method) == (tokens[1], str(tokens[2]).upper())
        ),
        None,
    )


def _evaluate(expression: Any, response: ParsedResponse) -> Any:
    """The value of a runtime expression, of a text with expressions in braces, or of a constant; None for none."""
    if not isinstance(expression, str):
        return expression
    if expression.startswith("$"):
        return _runtime(expression, response)
    if not _EMBEDDED.search(expression):
        return expression
    found = [_runtime(each, response) for each in _EMBEDDED.findall(expression)]
    if any(each is None for each in found):
        return None
    values = iter(found)
    return _EMBEDDED.sub(lambda match: str(next(values)), expression)


def _runtime(expression: str, response: ParsedResponse) -> Any:
    request = response.exchange.request
    source, _, rest = expression.partition(".")
    if source == "$url":
        return request.url
    if source == "$method":
        return request.method
    if source == "$statusCode":
        return response.status
    part, _, name = rest.partition(".")
    match source, part.partition("#")[0]:
        case "$response", "body":
            return _at(response.value, rest)
        case "$response", "header":
            return response.exchange.header(name)
        case "$request", "body":
            return _at(parse_json((request.body or b"").decode("utf-8", "replace")).value, rest)
        case "$request", "header":
            return next((value for key, value in request.headers if key.lower() == name.lower()), None)
        case "$request", "query":
            return next(iter(parse_qs(urlsplit(request.url).query).get(name, [])), None)
        case "$request", "path":
            return _in_path(response.operation, urlsplit(request.url).path, name)
    return None


def _at(value: Any, expression: str) -> Any:
    """The value at the JSON pointer of `body#/pointer`, None if there is none."""
    try:
        return pointers.find(value, pointers.split(expression.partition("#")[2]))
    except LookupError:
        return None


def _in_path(operation: Operation, path: str, name: str) -> str | None:
    parts = re.split(r"\{([^}]+)\}", operation.path)
    pattern = "".join(f"(?P<p{index}>[^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts))
    found = re.search(pattern + "$", path)
    return unquote(found[f"p{parts.index(name)}"]) if found and name in parts[1::2] else None
