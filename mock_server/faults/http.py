"""Faults of HTTP: statuses, headers, codings, and what is demanded of the caller."""

from __future__ import annotations

import json
from collections.abc import Callable

from mock_server.faults.model import SCHEMA_CLAUSE, CallContext, Fault, Stage
from mock_server.response import ConnectionFault

# Every header that the suite's own client and the usual ones send by themselves.
_USUAL_HEADERS = {
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "host",
    "origin",
    "referer",
    "source",
    "user-agent",
}


def _refused(name: str, every: int = 1) -> Callable[[CallContext], None]:
    """Refuses one call in `every` with the example of that name."""

    def effect(call: CallContext) -> None:
        if call.number % every == every - 1:
            call.error_example = name

    return effect


def _source_ignored(call: CallContext) -> None:
    call.error_example = None


def _body_demanded(call: CallContext) -> None:
    if not call.request_body:
        call.error_example = "request-refused"


def _unknown_header_refused(call: CallContext) -> None:
    if set(call.request_headers) - _USUAL_HEADERS:
        call.error_example = "server-error"


def _status(status: int, *headers: tuple[str, str]) -> Callable[[CallContext], None]:
    def effect(call: CallContext) -> None:
        call.answer.status = status
        call.answer.headers.extend(headers)

    return effect


def _empty_body(status: int, *headers: tuple[str, str]) -> Callable[[CallContext], None]:
    """An answer without a body."""

    def effect(call: CallContext) -> None:
        _status(status, *headers)(call)
        call.answer.body = b""

    return effect


def _content_type(value: str) -> Callable[[CallContext], None]:
    def effect(call: CallContext) -> None:
        call.answer.content_type = value

    return effect


def _header(name: str, value: str) -> Callable[[CallContext], None]:
    return lambda call: call.answer.headers.append((name, value))


def _body_bytes(change: Callable[[bytes], bytes]) -> Callable[[CallContext], None]:
    def effect(call: CallContext) -> None:
        call.answer.body = change(call.answer.body_bytes())

    return effect


def _connection_fault(below: ConnectionFault) -> Callable[[CallContext], None]:
    def effect(call: CallContext) -> None:
        call.answer.below = below

    return effect


def _truncate_body(call: CallContext) -> None:
    """Announces more than it sends; the server then closes the connection (RFC 9112 §8)."""
    body = call.answer.body_bytes()
    call.answer.headers.append(("Content-Length", str(len(body))))
    call.answer.body = body[: len(body) // 2]


def _without_allow(call: CallContext) -> None:
    call.answer.headers = [pair for pair in call.answer.headers if pair[0] != "Allow"]


def _as_plain_text(call: CallContext) -> None:
    call.answer.content_type = "text/plain;charset=UTF-8"
    call.answer.body = b"refused"


def _first_name_repeated(body: bytes) -> bytes:
    name = next(iter(json.loads(body)))
    return b"{" + json.dumps(name).encode() + b":null," + body[1:]


def _response_fault(name: str, breaks: str, effect: Callable[[CallContext], None], text: str, *also: str) -> Fault:
    return Fault(name, breaks, Stage.ANSWER, effect, text, also)


# fmt: off
FAULTS = (
    _response_fault(ConnectionFault.RESET.value, "answer-arrives", _connection_fault(ConnectionFault.RESET), "resets the connection in place of an answer"),
    _response_fault(ConnectionFault.EMPTY.value, "answer-arrives", _connection_fault(ConnectionFault.EMPTY), "closes the connection without an answer"),
    _response_fault(ConnectionFault.DRIBBLE.value, "answer-is-complete", _connection_fault(ConnectionFault.DRIBBLE), "sends a byte a second and never ends"),
    _response_fault("truncated", "answer-is-complete", _truncate_body, "closes the connection in the middle of the body"),
    Fault("not-served", "post-code-is-served", Stage.REQUEST, _refused("not-found"), "answers 404 at the documented address"),
    Fault("post-not-allowed", "post-code-is-served", Stage.REQUEST, _refused("method-not-allowed"), "answers 405 to the documented method"),
    Fault("always-rejected", "valid-request-succeeds", Stage.REQUEST, _refused("refused"), "refuses every call in the envelope"),
    Fault("flaky-errors-in-envelope", "valid-request-succeeds", Stage.REQUEST, _refused("refused", every=12), "refuses one call in twelve in the envelope"),
    Fault("server-error", "valid-request-succeeds", Stage.REQUEST, _refused("server-error"), "answers 500 to every call", (SCHEMA_CLAUSE,)),
    Fault("flaky-errors", "valid-request-succeeds", Stage.REQUEST, _refused("server-error", every=4), "answers 500 to one call in four", ()),
    _response_fault("redirect", "valid-request-succeeds", _empty_body(302, ("Location", "/elsewhere")), "redirects elsewhere", SCHEMA_CLAUSE),
    _response_fault("status-201", "success-is-http-200", _status(201), "grants with status 201"),
    _response_fault("status-500-on-success", "success-is-http-200", _status(500), "grants with status 500", SCHEMA_CLAUSE),
    Fault("body-required", "takes-no-parameters", Stage.REQUEST, _body_demanded, "refuses calls without a body", ("valid-request-succeeds",)),
    _response_fault("content-type-html", "content-type-is-json", _content_type("text/html;charset=UTF-8"), "calls its JSON text/html", SCHEMA_CLAUSE),
    _response_fault("content-type-missing", "content-type-is-json", _content_type(""), "names no content type", SCHEMA_CLAUSE),
    _response_fault("charset-gbk", "charset-is-utf-8", _content_type("application/json;charset=GBK"), "names another charset"),
    _response_fault("charset-missing", "charset-is-stated", _content_type("application/json"), "names no charset"),
    _response_fault("gzip-false", "content-encoding-is-correct", _header("Content-Encoding", "gzip"), "says gzip of a plain body", SCHEMA_CLAUSE),
    _response_fault("encoding-not-accepted", "content-encoding-is-correct", _header("Content-Encoding", "br"), "says a coding that was not asked for", SCHEMA_CLAUSE),
    _response_fault("body-not-utf-8", "body-is-utf-8", _body_bytes(lambda b: b[:-1] + b',"\xe9":0}'), "writes a letter in Latin-1", SCHEMA_CLAUSE),
    _response_fault("byte-order-mark", "body-has-no-byte-order-mark", _body_bytes(lambda b: b"\xef\xbb\xbf" + b), "begins with a byte order mark", SCHEMA_CLAUSE),
    _response_fault("trailing-comma", "body-is-json", _body_bytes(lambda b: b[:-1] + b",}"), "ends its object with a comma", SCHEMA_CLAUSE),
    _response_fault("not-a-number", "body-is-json", _body_bytes(lambda b: b[:-1] + b',"extra":NaN}'), "writes NaN, which is no JSON", SCHEMA_CLAUSE),
    _response_fault("empty-body", "body-is-json", _body_bytes(lambda b: b""), "sends an empty body", SCHEMA_CLAUSE),
    _response_fault("body-cut", "body-is-json", _body_bytes(lambda b: b[: len(b) // 2]), "sends half of the JSON text", SCHEMA_CLAUSE),
    _response_fault("name-repeated", "names-are-unique", _body_bytes(_first_name_repeated), "repeats a name in an object"),
    Fault("credentials-required", "no-authentication-needed", Stage.ANSWER, _empty_body(401, ("WWW-Authenticate", "Bearer")), "demands credentials", (SCHEMA_CLAUSE,)),
    Fault("source-ignored", "source-is-required", Stage.REQUEST, _source_ignored, "grants calls without a source"),
    _response_fault("cacheable", "answer-is-not-cacheable", _header("Cache-Control", "public, max-age=3600"), "lets its answers be kept for an hour"),
    Fault("405-without-allow", "405-names-the-methods", Stage.REFUSAL, _without_allow, "answers 405 without saying what is served"),
    Fault("error-as-plain-text", "error-uses-the-envelope", Stage.REFUSAL, _as_plain_text, "refuses in plain text"),
    Fault("unknown-header-rejected", SCHEMA_CLAUSE, Stage.REQUEST, _unknown_header_refused, "answers 500 to a request header it does not know"),
)
# fmt: on
