"""The parts of a request that the response depends on, parsed once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode

from werkzeug.datastructures import MultiDict
from werkzeug.sansio.request import Request

from code_contract import Operation
from code_contract.marks import CHALLENGE_UUID
from mock_server.core.behaviours import client_id
from mock_server.core.cors import cors_headers
from mock_server.core.headers import APPLIED_HEADER, escaped_header
from mock_server.core.preferences import (
    NO_PREFERENCES,
    QUERY_PREFIX,
    Preferences,
    UnsatisfiablePreferenceError,
    from_request,
)
from mock_server.core.request_validation import RequestValidator, Violation
from mock_server.core.router import Route, Router
from mock_server.observability.journal import count_head_bytes
from mock_server.observability.redaction import Redactor
from mock_server.response import Headers

MAX_CACHED_HEAD = 4096
"""Size of the headers and the query of a request that a cache may keep, counted as in RFC 9113 §6.5.2."""


# Compared by identity, which makes it a cheap key of a cache.
@dataclass(frozen=True, eq=False)
class ParsedRequest:
    """A request without its body.

    Attributes:
        target: The path and the query without preferences.
        client: The client it names, for behaviours and the journal.
        headers: The headers, names in lower case, repeated ones joined.
        captcha_id: The id of the captcha that the request chooses (`x-mock` of a parameter), or "".
        media_type: The media type of the body, without parameters, in lower case.
        shown_path: The path for the journal, redacted.
        shown_query: The query parameters for the journal, redacted.
        shown_headers: The headers for the journal, redacted.
        shown_size: The approximate bytes of memory of these three.
        violations: The violations of the contract by its parameters.
        preferences: The preferences, or the reason why they cannot be applied.
        unknown_preferences: The names in Prefer that are unknown.
        applied_header: The response header that confirms the preferences.
        cors_headers: The response headers for a page of another origin.
        is_small: True if a cache may keep it.
    """

    method: str
    path: str
    target: str
    client: str
    headers: Mapping[str, str]
    captcha_id: str
    media_type: str
    shown_path: str
    shown_query: list[tuple[str, str]]
    shown_headers: list[tuple[str, str]]
    shown_size: int
    route: Route
    violations: tuple[Violation, ...]
    preferences: Preferences | str
    unknown_preferences: list[str]
    applied_header: Headers
    cors_headers: Headers
    is_small: bool


def parse(
    request: Request, router: Router, validator: Callable[[Operation], RequestValidator], redactor: Redactor
) -> ParsedRequest:
    """Parse, route and validate a request, except for its body."""
    headers: dict[str, str] = {}
    for name, value in request.headers:
        lower = name.lower()
        headers[lower] = f"{headers[lower]}, {value}" if lower in headers else value
    query = query_of(request)
    route = router.match(request.method, request.path)
    violations: tuple[Violation, ...] = ()
    captcha_id = ""
    if route.operation is not None:
        values = {"header": headers, "query": query, "cookie": request.cookies, "path": route.path_parameters}
        violations = tuple(validator(route.operation).parameters(values))
        captcha_id = _captcha_id(route.operation, values)
    preferences: Preferences | str
    unknown: list[str] = []
    applied: Headers = ()
    try:
        preferences, unknown = from_request(request.headers.getlist("Prefer"), query)
        if preferences != NO_PREFERENCES:
            applied = (escaped_header(APPLIED_HEADER, str(preferences)),)
    except UnsatisfiablePreferenceError as error:
        # Not the exception, whose traceback would keep the frames of every request that raises it again.
        preferences = str(error)
    shown = (
        redactor.path(request.path, route.path_parameters.items()),
        redactor.query(query.items(multi=True)),
        redactor.pairs((name.title(), value) for name, value in request.headers),
    )
    return ParsedRequest(
        method=request.method,
        path=request.path,
        target=f"{request.path}?{urlencode([p for p in query.items(multi=True) if not p[0].startswith(QUERY_PREFIX)])}",
        client=client_id(request.headers, query),
        headers=headers,
        captcha_id=captcha_id,
        media_type=request.mimetype,
        shown_path=shown[0],
        shown_query=shown[1],
        shown_headers=shown[2],
        shown_size=count_head_bytes(*shown),
        route=route,
        violations=violations,
        preferences=preferences,
        unknown_preferences=unknown,
        applied_header=applied,
        cors_headers=cors_headers(request.method, headers),
        is_small=sum(32 + len(n) + len(v) for n, v in headers.items()) + len(request.query_string) <= MAX_CACHED_HEAD,
    )


def _captcha_id(operation: Operation, values: Mapping[str, Mapping[str, str]]) -> str:
    for each in operation.parameters:
        if each.raw.get("x-mock") == CHALLENGE_UUID:
            return values[each.location].get(each.name.lower() if each.location == "header" else each.name, "")
    return ""


def query_of(request: Request) -> MultiDict[str, str]:
    """Return the query parameters of a request."""
    try:
        return request.args
    except UnicodeDecodeError:
        # Bytes that are neither ASCII nor UTF-8, which a URL does not allow (RFC 3986 §2) and clients send.
        return MultiDict(parse_qsl(quote(request.query_string, safe="%&=+"), keep_blank_values=True))
