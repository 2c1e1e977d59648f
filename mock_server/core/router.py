"""Finds the operation that a request reaches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from code_contract import Operation
from mock_server.core.percent_encoding import decode, unprotect

_PARAMETER = re.compile(r"\{([^{}]+)\}")
_MAX_SEGMENT = 1000
"""Characters of a segment with several parameters, whose matching takes more than linear time."""


class Route(NamedTuple):
    """The result of routing a request.

    Attributes:
        operation: The operation, or None if the request reaches none.
        path_parameters: The values in the path by the name of their parameter.
        allowed: The methods of the path, if it is served with other methods only.
        protected_parameters: The values, with delimiters that were percent-encoded still told apart.
    """

    operation: Operation | None
    path_parameters: Mapping[str, str] = {}
    allowed: tuple[str, ...] = ()
    protected_parameters: Mapping[str, str] = {}


class _Node:
    """A segment of paths, and those that may follow."""

    def __init__(self) -> None:
        self.literal: dict[str, _Node] = {}
        self.templated: dict[str, tuple[re.Pattern[str], int, _Node]] = {}
        self.operations: dict[str, tuple[Operation, list[str]]] = {}


class Router:
    """Routes requests to operations. A literal segment comes before a templated one (OpenAPI 3.1 §4.8.8.2).

    Args:
        operations: Each operation, with the prefixes of its path.
    """

    def __init__(self, operations: Iterable[tuple[Operation, Iterable[str]]]) -> None:
        self._root = _Node()
        for operation, prefixes in operations:
            for prefix in prefixes:
                self._add(operation, prefix + operation.path)

    def match(self, method: str, path: str) -> Route:
        """Route a request by its method and its path, decoded by `percent_encoding.decode` or a server."""
        allowed = set[str]()
        for node, values in _find(self._root, path.split("/")[1:], []):
            found = node.operations.get(method) or (node.operations.get("GET") if method == "HEAD" else None)
            if found is not None:
                protected = dict(zip(found[1], values, strict=True))
                return Route(found[0], {name: unprotect(each) for name, each in protected.items()}, (), protected)
            allowed.update(node.operations, ["HEAD"] if "GET" in node.operations else [])
        return Route(None, allowed=tuple(sorted(allowed)))

    def serves(self, path: str) -> bool:
        """Return True if there is an operation at the path, for any method."""
        return next(_find(self._root, path.split("/")[1:], []), None) is not None

    def _add(self, operation: Operation, path: str) -> None:
        node, names = self._root, []
        for segment in path.split("/")[1:]:
            literals = _PARAMETER.split(segment)
            names += literals[1::2]
            if len(literals) == 1:
                node = node.literal.setdefault(decode(segment), _Node())
                continue
            pattern = "([^/]+)".join(re.escape(decode(text)) for text in literals[::2])
            if pattern not in node.templated:
                node.templated[pattern] = re.compile(pattern, re.DOTALL), len(literals) // 2, _Node()
                # The most literal characters first.
                node.templated = dict(sorted(node.templated.items(), key=lambda item: -len(item[0])))
            node = node.templated[pattern][2]
        node.operations.setdefault(operation.method, (operation, names))


def _find(node: _Node, segments: list[str], values: list[str]) -> Iterator[tuple[_Node, list[str]]]:
    """Yield the nodes with operations that the segments lead to, with the values on the way, the best first."""
    if not segments:
        if node.operations:
            yield node, values
        return
    first, rest = segments[0], segments[1:]
    if first in node.literal:
        yield from _find(node.literal[first], rest, values)
    for pattern, count, below in node.templated.values():
        found = pattern.fullmatch(first) if count == 1 or len(first) <= _MAX_SEGMENT else None
        if found is not None:
            yield from _find(below, rest, [*values, *found.groups()])
