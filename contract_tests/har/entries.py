"""Parses entries of HAR files, written by `--save-har` or by other programs, to exchanges.

Files are untrusted input: everything that reports show of a request is validated.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from code_contract import Operation
from contract_tests import sanitize
from contract_tests.checks.registry import BASELINE
from contract_tests.har.fields import (
    EXTENSION_KEY,
    MalformedEntry,
    from_base64,
    method,
    object_at,
    pairs,
    parse_timestamp,
    seconds,
    string_at,
    url,
)
from contract_tests.http.exchange import BodyCapture, Exchange, Request, TransportError, TransportErrorKind
from contract_tests.message import Bilingual, Message

TRUNCATION_TOLERANCE = 1024
"""Bytes by which a text may be shorter than its stated size; browsers truncate long bodies."""

MAX_CHARS = 400
"""Characters shown of the detail of a transport error."""

_ABORTED = ("ERR_ABORTED", "ERR_BLOCKED", "BINDING_ABORTED")
"""Errors of requests that the browser cancelled."""

_ERRORS = (
    ("NAME_NOT_RESOLVED", TransportErrorKind.NAME_NOT_FOUND),
    ("CONNECTION_REFUSED", TransportErrorKind.REFUSED),
    ("CERT", TransportErrorKind.TLS),
    ("SSL", TransportErrorKind.TLS),
    ("CONNECTION_RESET", TransportErrorKind.RESET),
    ("CONNECTION_CLOSED", TransportErrorKind.RESET),
    ("ADDRESS_UNREACHABLE", TransportErrorKind.NO_CONNECTION),
    ("INTERNET_DISCONNECTED", TransportErrorKind.NO_CONNECTION),
)
"""Parts of the error names of Chromium, with the kind of transport error."""


def parse_own_entry(entry: Any, operations: Mapping[str, Operation], labels: frozenset[str]) -> Exchange:
    """Parse an entry written by `--save-har`.

    Args:
        entry: The JSON value of the entry.
        operations: The operations of the contract by id.
        labels: The labels that an exchange may have.

    Raises:
        MalformedEntry: The entry was changed or is of another version.
    """
    facts = object_at(entry, EXTENSION_KEY)
    label, operation, index = string_at(facts, "label"), string_at(facts, "operation"), facts.get("index")
    if label not in labels or operation not in operations or type(index) is not int or not 0 <= index < 10**9:
        raise MalformedEntry
    lines, reuse = string_at(facts, "lines"), facts.get("reuse")
    if type(reuse) is not int or not 0 <= reuse < 10**9:
        raise MalformedEntry
    made = replace(_exchange(entry), label=label, operation=operation, index=index)
    request = replace(made.request, client=sanitize.escape(string_at(facts, "client"), MAX_CHARS))
    exchange = replace(made, request=request, lines=lines.encode("latin-1", "replace"), reuse=reuse)
    ttfb = facts.get("ttfb")
    error = None
    if facts.get("transportError") is not None:
        written = object_at(facts, "transportError")
        try:
            kind = TransportErrorKind(string_at(written, "kind"))
            error = TransportError(kind, sentence_at(written, "detail"))
        except ValueError:
            raise MalformedEntry from None
    elif exchange.status is None:
        raise MalformedEntry
    content = object_at(object_at(entry, "response"), "content")
    body = from_base64(string_at(content, "text"))
    return replace(exchange, body=body, error=error, ttfb=None if ttfb is None else seconds(ttfb, 1))


def sentence_at(node: Any, key: str) -> str:
    """Return the sentence at `key`, in English and in Chinese if a recording has both. Raises MalformedEntry."""
    texts = (string_at(node, key), string_at(node, f"{key}Zh", ""))
    return Bilingual(*(sanitize.escape(each, MAX_CHARS) for each in texts))


def parse_third_party_entry(entry: Any, operation: Operation, index: int) -> Exchange | None:
    """Parse an entry written by another program.

    Of the request, only headers and query parameters that the contract documents are kept: no cookies, no tokens.

    Args:
        entry: The JSON value of the entry.
        operation: The operation that was requested.
        index: The index of the exchange.

    Returns:
        The exchange, or None if the browser cancelled the request or answered it itself.

    Raises:
        MalformedEntry: The entry does not conform to HAR 1.2.
    """
    found = _exchange(entry)
    response = object_at(entry, "response")
    error = " ".join(str(response.get(key) or entry.get(key) or "") for key in ("_error", "_errorText", "comment"))
    answered_by_browser = entry.get("_fromCache") or response.get("_fetchedViaServiceWorker")
    if answered_by_browser or any(word in error for word in _ABORTED):
        return None
    body, held = _content(object_at(response, "content"), found)
    failed = found.status is None or bool(response.get("_error"))
    return replace(
        found,
        request=_documented_request(found.request, operation),
        # Chromium joins repeated headers with a line feed.
        headers=tuple((name, line) for name, value in found.headers for line in value.split("\n")),
        operation=operation.id,
        index=index,
        body=body,
        held=held,
        error=_transport_error(error, found.status) if failed else None,
        is_live=False,
        request_is_complete=_request_is_complete(found.request, operation),
    )


def _exchange(entry: Any) -> Exchange:
    """Return the exchange of an entry without its body."""
    request, response = object_at(entry, "request"), object_at(entry, "response")
    status = response.get("status")
    if type(status) is not int or status > 999:
        raise MalformedEntry
    posted = request.get("postData")
    body = string_at(posted, "text", "").encode("utf-8", "replace") if isinstance(posted, dict) else None
    version = re.fullmatch(r"http/(\d(?:\.\d)?)", string_at(response, "httpVersion", "").lower())
    return Exchange(
        Request(method(request), url(request), tuple(pairs(request.get("headers"))), body),
        BASELINE,
        "",
        0,
        parse_timestamp(entry.get("startedDateTime")),
        status=status if status > 0 else None,
        reason=string_at(response, "statusText", ""),
        http_version=version[1] if version else "",
        headers=tuple(pairs(response.get("headers"))) if status > 0 else (),
        elapsed=_elapsed(entry, status),
    )


def _elapsed(entry: Mapping[str, Any], status: int) -> float:
    """Return the duration in seconds without the time that the request waited in the browser."""
    if status <= 0 and not isinstance(entry.get("time"), (int, float)):
        return 0.0
    timings = entry.get("timings")
    blocked = timings.get("blocked") if isinstance(timings, dict) else None
    total = seconds(entry.get("time"))
    waiting = seconds(blocked) if isinstance(blocked, (int, float)) and 0 < blocked < math.inf else 0.0
    return max(0.0, total - waiting)


def _content(content: Mapping[str, Any], exchange: Exchange) -> tuple[bytes, BodyCapture]:
    """Return the body and its form; browsers decode the content coding but keep the header that names it."""
    text, size = content.get("text"), content.get("size")
    stated = size if type(size) is int else 0
    if not isinstance(text, str) or (not text and stated > 0):
        return b"", BodyCapture.NOTHING
    if content.get("encoding") == "base64":
        body, held = from_base64(text), BodyCapture.BYTES
        if body[:2] == b"\x1f\x8b" and "gzip" in (exchange.header("content-encoding") or "").lower():
            held = BodyCapture.WIRE  # JSON does not begin with these bytes, so the body was not decoded
    else:
        body, held = text.encode("utf-8", "replace"), BodyCapture.TEXT
    truncated = held is not BodyCapture.WIRE and len(body) + TRUNCATION_TOLERANCE < stated
    return (b"", BodyCapture.NOTHING) if truncated else (body, held)


def _transport_error(error: str, status: int | None) -> TransportError:
    shown = sanitize.escape(" ".join(error.split())) or "the recording has no details"
    if status is not None:
        return TransportError(TransportErrorKind.INCOMPLETE, Message("the body is incomplete: {}", shown))
    kind = next((kind for word, kind in _ERRORS if word in error), TransportErrorKind.NO_RESPONSE)
    return TransportError(kind, Message("the request failed: {}", shown))


def _request_is_complete(request: Request, operation: Operation) -> bool:
    """Return True if the request has every required header, query parameter and body."""
    headers = {name.lower() for name, _ in request.headers}
    query = {name for name, _ in parse_qsl(urlsplit(request.url).query, keep_blank_values=True)}
    for parameter in operation.parameters:
        given = {"header": parameter.name.lower() in headers, "query": parameter.name in query}
        if parameter.required and not given.get(parameter.location, True):
            return False
    return request.body is not None or not operation.request_body_required


def _documented_request(request: Request, operation: Operation) -> Request:
    headers = {p.name.lower() for p in operation.parameters if p.location == "header"} | {"content-type"}
    names = {p.name for p in operation.parameters if p.location == "query"}
    parts = urlsplit(request.url)
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] in names]
    address = without_query(request.url) + (f"?{urlencode(query)}" if query else "")
    kept = tuple(pair for pair in request.headers if pair[0].lower() in headers)
    return Request(request.method, address, kept, request.body)


def without_query(address: str) -> str:
    """Return a URL without user information, query and fragment."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
