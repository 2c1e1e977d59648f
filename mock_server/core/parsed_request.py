"""The parts of a request that the response depends on, parsed once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode

from werkzeug.datastructures import MultiDict
from werkzeug.sansio.request import Request

from code_contract import Operation
from code_contract.marks import CHALLENGE_UUID
from mock_server.core.behaviours import SOURCE_HEADER, client_id, request_source
from mock_server.core.cors import cors_headers
from mock_server.core.parameter_styles import RequestTexts
from mock_server.core.percent_encoding import decode, unprotect
from mock_server.core.preferences import (
    QUERY_PREFIX,
    Preferences,
    UnsatisfiablePreferenceError,
    from_request,
)
from mock_server.core.request_validation import RequestValidator
from mock_server.core.router import Route, Router
from mock_server.core.violations import Violation
from mock_server.observability.journal import count_head_bytes
from mock_server.observability.redaction import Redactor
from mock_server.reasons import Reason
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
        source: APP or PAGE.
        headers: The headers, names in lower case, repeated ones joined; without that of the source.
        captcha: The values of the parameters with `x-mock`, by mark.
        content_type: The media type of the body, with parameters, or "".
        shown_path: The path for the journal, redacted.
        shown_query: The query parameters for the journal, redacted.
        shown_headers: The headers for the journal, redacted.
        shown_size: The approximate bytes of memory of these three.
        violations: The violations of the contract by its parameters.
        preferences: The preferences, or the reason why they cannot be applied.
        unknown_preferences: The names in Prefer that are unknown.
        cors_headers: The response headers for a page of another origin.
        is_small: True if a cache may keep it.
    """

    method: str
    path: str
    target: str
    client: str
    source: str
    headers: Mapping[str, str]
    captcha: Mapping[str, str]
    content_type: str
    shown_path: str
    shown_query: list[tuple[str, str]]
    shown_headers: list[tuple[str, str]]
    shown_size: int
    route: Route
    violations: tuple[Violation, ...]
    preferences: Preferences | Reason
    unknown_preferences: list[str]
    cors_headers: Headers
    is_small: bool

    @property
    def captcha_id(self) -> str:
        """The id of the captcha that the request chooses, or "" if the mock chooses it."""
        operation = self.route.operation
        return "" if operation is None or operation.answer_marks else self.captcha.get(CHALLENGE_UUID, "")


def parse(
    request: Request, router: Router, validator: Callable[[Operation], RequestValidator], redactor: Redactor
) -> ParsedRequest:
    """Parse, route and validate a request, except for its body."""
    headers: dict[str, str] = {}
    for name, value in request.headers:
        lower = name.lower()
        headers[lower] = f"{headers[lower]}, {value}" if lower in headers else value
    headers.pop(SOURCE_HEADER.lower(), None)
    query = query_of(request)
    path = _protected_path(request)
    route = router.match(request.method, path)
    violations: tuple[Violation, ...] = ()
    captcha: Mapping[str, str] = {}
    if route.operation is not None:
        query_string = request.query_string.decode("latin-1")
        texts = RequestTexts(route.protected_parameters, query_string, headers)
        violations = tuple(validator(route.operation).head(texts))
        captcha = dict(_captcha(route.operation, texts))
    preferences: Preferences | Reason
    unknown: list[str] = []
    try:
        preferences, unknown = from_request(request.headers.getlist("Prefer"), query)
    except UnsatisfiablePreferenceError as error:
        # Not the exception, whose traceback would keep the frames of every request that raises it again.
        preferences = error.reason
    shown = (
        unprotect(redactor.path(path, route.protected_parameters.items())),
        redactor.query(query.items(multi=True)),
        redactor.pairs((name.title(), value) for name, value in request.headers),
    )
    return ParsedRequest(
        method=request.method,
        path=request.path,
        target=f"{request.path}?{urlencode([p for p in query.items(multi=True) if not p[0].startswith(QUERY_PREFIX)])}",
        client=client_id(request.headers, query),
        source=request_source(request.headers),
        headers=headers,
        captcha=captcha,
        content_type=request.headers.get("Content-Type", ""),
        shown_path=shown[0],
        shown_query=shown[1],
        shown_headers=shown[2],
        shown_size=count_head_bytes(*shown),
        route=route,
        violations=violations,
        preferences=preferences,
        unknown_preferences=unknown,
        cors_headers=cors_headers(request.method, headers),
        is_small=sum(32 + len(n) + len(v) for n, v in headers.items()) + len(request.query_string) <= MAX_CACHED_HEAD,
    )


class RawPathRequest(Request):
    """A request that knows its path as it was sent, in which an encoded "/" differs from others.

    Attributes:
        raw_path: The path, percent-encoded.
    """

    raw_path = ""


def _protected_path(request: Request) -> str:
    """The path, with encoded delimiters protected; those of a server that does not keep the path as sent are lost."""
    environ = getattr(request, "environ", {})
    raw = getattr(request, "raw_path", "") or environ.get("REQUEST_URI") or environ.get("RAW_URI") or ""
    if "%" not in raw:
        return request.path
    path = decode(raw.partition("?")[0])
    return path if unprotect(path) == request.path else request.path


def _captcha(operation: Operation, texts: RequestTexts) -> Iterator[tuple[str, str]]:
    """The values of the parameters with `x-mock`."""
    for each in operation.parameters:
        kind = each.raw.get("x-mock", each.schema.get("x-mock"))
        if kind is None:
            continue
        text = texts.text(each.location, each.name)
        if each.location in ("query", "cookie"):
            pairs = texts.query if each.location == "query" else texts.cookies
            text = next(iter(pairs.get(each.name, ())), None)
        if text is not None:
            yield kind, text if each.location == "header" else unprotect(text)


def query_of(request: Request) -> MultiDict[str, str]:
    """Return the query parameters of a request."""
    try:
        return request.args
    except UnicodeDecodeError:
        # Bytes that are neither ASCII nor UTF-8, which a URL does not allow (RFC 3986 §2) and clients send.
        return MultiDict(parse_qsl(quote(request.query_string, safe="%&=+"), keep_blank_values=True))
