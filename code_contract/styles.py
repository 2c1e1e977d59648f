"""Serialization of parameters (OpenAPI 3.1 §4.8.12.2, RFC 6570)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from code_contract.parameters import Parameter

_RESERVED = ":/?#[]@!$&'()*+,;="
_SEPARATORS = {"spaceDelimited": "%20", "pipeDelimited": "%7C"}


class Parts:
    """The parts of a request that parameters fill in.

    Args:
        path: The path of the operation, as templated.

    Attributes:
        headers: Names and values of headers.
    """

    def __init__(self, path: str) -> None:
        self.headers: list[tuple[str, str]] = []
        self._path = path
        self._query: list[str] = []
        self._cookies: list[str] = []

    def add(self, parameter: Parameter, value: Any) -> None:
        """Add a parameter.

        Args:
            parameter: The parameter.
            value: Its value; the items of an array may be given as a text, separated by commas.
        """
        name = parameter.name
        if isinstance(value, str) and parameter.schema.get("type") == "array" and parameter.media_type is None:
            value = value.split(",")
        if parameter.media_type is not None and not isinstance(value, str):
            value = json.dumps(value, ensure_ascii=False)
        match parameter.location:
            case "path":
                self._path = self._path.replace("{" + name + "}", _in_path(parameter, value))
            case "query":
                self._query += _in_query(parameter, value)
            case "querystring":
                self._query.append(quote(_text(value), safe=_RESERVED))
            case "header":
                self.headers.append((name, _simple(value, parameter.explode, ",")))
            case _:
                self._cookies += _in_cookie(parameter, value)

    def add_query(self, name: str, value: str) -> None:
        """Add a query parameter that is not documented as one, such as an API key."""
        self._query.append(f"{quote(name, safe='')}={quote(value, safe='')}")

    def add_cookie(self, name: str, value: str) -> None:
        """Add a cookie."""
        self._cookies.append(f"{name}={value}")

    def target(self) -> str:
        """Return the path and the query."""
        return self._path + (f"?{'&'.join(self._query)}" if self._query else "")

    def all_headers(self) -> list[tuple[str, str]]:
        """Return the headers, with that of the cookies."""
        return [*self.headers, *([("Cookie", "; ".join(self._cookies))] if self._cookies else [])]


def _in_path(parameter: Parameter, value: Any) -> str:
    name = quote(parameter.name, safe="")
    explode = parameter.explode
    if parameter.style == "label":
        return "." + _simple(value, explode, "." if explode else ",", safe="")
    if parameter.style == "matrix":
        if isinstance(value, list) and explode:
            return "".join(f";{name}={_quoted(each)}" for each in value)
        if isinstance(value, dict) and explode:
            return "".join(f";{_quoted(key)}={_quoted(each)}" for key, each in value.items())
        return f";{name}={_simple(value, False, ',', safe='')}"
    return _simple(value, explode, ",", safe="")


def _in_query(parameter: Parameter, value: Any) -> list[str]:
    name = quote(parameter.name, safe="")
    safe = _RESERVED.replace("&", "").replace("#", "").replace("+", "") if parameter.raw.get("allowReserved") else ""
    if isinstance(value, dict) and parameter.style == "deepObject":
        return [f"{name}%5B{_quoted(key)}%5D={_quoted(each, safe)}" for key, each in value.items()]
    if isinstance(value, dict) and parameter.explode:
        return [f"{_quoted(key)}={_quoted(each, safe)}" for key, each in value.items()]
    if isinstance(value, list) and parameter.explode:
        return [f"{name}={_quoted(each, safe)}" for each in value]
    separator = _SEPARATORS.get(parameter.style, ",")
    return [f"{name}={_simple(value, False, separator, safe=safe)}"]


def _in_cookie(parameter: Parameter, value: Any) -> list[str]:
    if isinstance(value, list) and parameter.explode:
        return [f"{parameter.name}={_text(each)}" for each in value]
    return [f"{parameter.name}={_simple(value, False, ',')}"]


def _simple(value: Any, explode: bool, separator: str, safe: str | None = None) -> str:
    """A value in the style simple; percent-encoded except for `safe` characters, unless that is None."""

    def text(each: Any) -> str:
        return _text(each) if safe is None else _quoted(each, safe)

    if isinstance(value, list):
        return separator.join(text(each) for each in value)
    if isinstance(value, dict):
        equals = "=" if explode else separator
        return separator.join(f"{text(key)}{equals}{text(each)}" for key, each in value.items())
    return text(value)


def _quoted(value: Any, safe: str = "") -> str:
    return quote(_text(value), safe=safe)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
