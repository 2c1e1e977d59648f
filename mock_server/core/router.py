"""Finds the operation that a request reaches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, RequestRedirect, Rule

from code_contract import Operation


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
    """Routes requests to the operations of a contract."""

    def __init__(self, operations: Iterable[Operation], base_path: str) -> None:
        self._routes: dict[str, tuple[Operation, list[str]]] = {}
        rules = []
        for number, operation in enumerate(operations):
            # OpenAPI allows any name for a parameter, werkzeug only identifiers.
            names = re.findall(r"\{([^}]+)\}", operation.path)
            pattern = operation.path
            for position, name in enumerate(names):
                pattern = pattern.replace("{" + name + "}", f"<p{position}>", 1)
            self._routes[str(number)] = operation, names
            rules.append(Rule(base_path + pattern, endpoint=str(number), methods=[operation.method]))
        self._map = Map(rules, merge_slashes=False).bind("localhost")

    def match(self, method: str, path: str) -> Route:
        """Route a request by its method and its decoded path."""
        try:
            endpoint, values = self._map.match(path, method)
        except MethodNotAllowed as error:
            return Route(None, allowed=tuple(sorted(error.valid_methods or ())))
        except (NotFound, RequestRedirect):
            return Route(None)
        operation, names = self._routes[endpoint]
        return Route(operation, {name: str(values[f"p{position}"]) for position, name in enumerate(names)})

    def serves(self, path: str) -> bool:
        """Return True if there is an operation at the path, for any method."""
        route = self.match("GET", path)
        return bool(route.operation or route.allowed)
