"""Finds the operation that a request reaches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import unquote

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, RequestRedirect, Rule

from code_contract import ContractError, Operation

# Characters with a meaning in a rule of werkzeug are replaced by private ones, in rules and in paths.
_ESCAPES = {ord(character): 0xE000 + number for number, character in enumerate("<>|")}
_UNESCAPES = {private: character for character, private in _ESCAPES.items()}


class Route(NamedTuple):
    """The result of routing a request.

    Attributes:
        operation: The operation, or None if the request reaches none.
        path_parameters: The values in the path by the name of their parameter.
        allowed: The methods of the path, if it is served with other methods only.
    """

    operation: Operation | None
    path_parameters: Mapping[str, str] = {}
    allowed: tuple[str, ...] = ()


class Router:
    """Routes requests to the operations of a contract. Raises ContractError if it has none."""

    def __init__(self, operations: Iterable[Operation], base_path: str) -> None:
        self._routes: dict[str, tuple[Operation, list[str]]] = {}
        rules = []
        for number, operation in enumerate(operations):
            # OpenAPI allows any name for a parameter, werkzeug only identifiers.
            first, *parts = re.split(r"\{([^}]+)\}", base_path + operation.path)
            names = parts[::2]
            # Requests are matched by their decoded path.
            literals = [unquote(text).translate(_ESCAPES) for text in (first, *parts[1::2])]
            pattern = literals[0] + "".join(f"<p{position}>{text}" for position, text in enumerate(literals[1:]))
            self._routes[str(number)] = operation, names
            rules.append(Rule(pattern, endpoint=str(number), methods=[operation.method]))
        if not rules:
            raise ContractError("the document has no operations to serve", "add one", "/paths")
        self._map = Map(rules, merge_slashes=False).bind("localhost")

    def match(self, method: str, path: str) -> Route:
        """Route a request by its method and its decoded path."""
        try:
            endpoint, values = self._map.match(path.translate(_ESCAPES), method)
        except MethodNotAllowed as error:
            return Route(None, allowed=tuple(sorted(error.valid_methods or ())))
        except (NotFound, RequestRedirect):
            return Route(None)
        operation, names = self._routes[endpoint]
        found = {name: str(values[f"p{position}"]).translate(_UNESCAPES) for position, name in enumerate(names)}
        return Route(operation, found)

    def serves(self, path: str) -> bool:
        """Return True if there is an operation at the path, for any method."""
        route = self.match("GET", path)
        return bool(route.operation or route.allowed)
