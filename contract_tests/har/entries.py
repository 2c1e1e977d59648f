"""One entry of a HAR file, as an exchange: one of ours, or one that a browser or a proxy wrote.

A file is as hostile as an answer. What is not as HAR 1.2 says raises Malformed, and what is shown of a request later is
held to what a request can be.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from code_contract import Operation
from contract_tests import sanitize as showing
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

TRUNCATION_TOLERANCE = 1024
"""Bytes that a text may be shorter than the size stated for it; a browser keeps only the beginning of a long body."""

_ABORTED = ("ERR_ABORTED", "ERR_BLOCKED", "BINDING_ABORTED")
"""Errors of a browser that stopped a call by itself."""

_TROUBLES = (
    ("NAME_NOT_RESOLVED", TransportErrorKind.NAME_NOT_FOUND),
    ("CONNECTION_REFUSED", TransportErrorKind.REFUSED),
    ("CERT", TransportErrorKind.TLS),
    ("SSL", TransportErrorKind.TLS),
    ("CONNECTION_RESET", TransportErrorKind.RESET),
    ("CONNECTION_CLOSED", TransportErrorKind.RESET),
    ("ADDRESS_UNREACHABLE", TransportErrorKind.NO_CONNECTION),
    ("INTERNET_DISCONNECTED", TransportErrorKind.NO_CONNECTION),
)
"""What the words of a browser's error mean."""


def parse_own_entry(entry: Any, operations: Mapping[str, Operation], labels: frozenset[str]) -> Exchange:
    """An entry that this project wrote. Raises Malformed."""
    facts = object_at(entry, EXTENSION_KEY)
    label, operation, index = string_at(facts, "label"), string_at(facts, "operation"), facts.get("index")
    if label not in labels or operation not in operations or type(index) is not int or not 0 <= index < 10**9:
        raise MalformedEntry
    exchange = replace(_exchange(entry), label=label, operation=operation, index=index)
    first = facts.get("firstByte")
    trouble = None
    if facts.get("trouble") is not None:
        said = object_at(facts, "trouble")
        try:
            trouble = TransportError(
                TransportErrorKind(string_at(said, "kind")), showing.escape(string_at(said, "detail"), 400)
            )
        except ValueError:
            raise MalformedEntry from None
    elif exchange.status is None:
        raise MalformedEntry
    content = object_at(object_at(entry, "response"), "content")
    body = from_base64(string_at(content, "text"))
    return replace(exchange, body=body, trouble=trouble, ttfb=None if first is None else seconds(first, 1))


def parse_third_party_entry(entry: Any, operation: Operation, index: int) -> Exchange | None:
    """An entry that another program wrote, of a call to `operation`; None where the target was not asked.

    Of the request is kept what the contract speaks of: no cookie, no token. Raises Malformed.
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
        # Chrome joins repeated headers by a line feed.
        headers=tuple((name, line) for name, value in found.headers for line in value.split("\n")),
        operation=operation.id,
        index=index,
        body=body,
        held=held,
        trouble=_trouble(error, found.status) if failed else None,
        is_live=False,
        request_is_complete=_request_is_complete(found.request, operation),
    )


def _exchange(entry: Any) -> Exchange:
    """What an entry says of its call, whoever wrote it; without its body."""
    sent, response = object_at(entry, "request"), object_at(entry, "response")
    status = response.get("status")
    if type(status) is not int or status > 999:
        raise MalformedEntry
    posted = sent.get("postData")
    body = string_at(posted, "text", "").encode("utf-8", "replace") if isinstance(posted, dict) else None
    version = re.fullmatch(r"http/(\d(?:\.\d)?)", string_at(response, "httpVersion", "").lower())
    return Exchange(
        Request(method(sent), url(sent), tuple(pairs(sent.get("headers"))), body),
        "plain",
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
    """Seconds from sending to the end; the time that a browser kept the call in its queue is not the target's."""
    if status <= 0 and not isinstance(entry.get("time"), (int, float)):
        return 0.0
    timings = entry.get("timings")
    blocked = timings.get("blocked") if isinstance(timings, dict) else None
    took = seconds(entry.get("time"))
    waited = seconds(blocked) if isinstance(blocked, (int, float)) and 0 < blocked < math.inf else 0.0
    return max(0.0, took - waited)


def _content(content: Mapping[str, Any], exchange: Exchange) -> tuple[bytes, BodyCapture]:
    """The body as it was kept: browsers undo its content coding and leave the header that names it as it is."""
    written, size = content.get("text"), content.get("size")
    stated = size if type(size) is int else 0
    if not isinstance(written, str) or (not written and stated > 0):
        return b"", BodyCapture.NOTHING
    if content.get("encoding") == "base64":
        body, held = from_base64(written), BodyCapture.BYTES
        if body[:2] == b"\x1f\x8b" and "gzip" in (exchange.header("content-encoding") or "").lower():
            held = BodyCapture.WIRE  # no JSON begins so: it was left as it came
    else:
        body, held = written.encode("utf-8", "replace"), BodyCapture.TEXT
    return (
        (b"", BodyCapture.NOTHING)
        if held is not BodyCapture.WIRE and len(body) + TRUNCATION_TOLERANCE < stated
        else (body, held)
    )


def _trouble(error: str, status: int | None) -> TransportError:
    shown = showing.escape(" ".join(error.split())) or "the recording says no more"
    if status is not None:
        return TransportError(TransportErrorKind.INCOMPLETE, f"the body broke off: {shown}")
    kind = next((kind for word, kind in _TROUBLES if word in error), TransportErrorKind.NO_ANSWER)
    return TransportError(kind, f"the call failed: {shown}")


def _request_is_complete(request: Request, operation: Operation) -> bool:
    """Whether a call brings every header and query parameter that the contract requires, and a body where it must."""
    headers = {name.lower() for name, _ in request.headers}
    query = {name for name, _ in parse_qsl(urlsplit(request.url).query, keep_blank_values=True)}
    for parameter in operation.parameters:
        brought = {"header": parameter.name.lower() in headers, "query": parameter.name in query}
        if parameter.required and not brought.get(parameter.location, True):
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
    """An address without user-info, query and fragment."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
