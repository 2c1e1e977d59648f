"""Faults of HTTP: statuses, headers, codings, and what is demanded of the caller."""

from __future__ import annotations

import json
from collections.abc import Callable

from mock_server.answers import Below
from mock_server.faults.model import CONFORMS, Call, Fault, Stage

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


def _refused(name: str, every: int = 1) -> Callable[[Call], None]:
    """Refuses one call in `every` with the example of that name."""

    def effect(call: Call) -> None:
        if call.number % every == every - 1:
            call.refusal = name

    return effect


def _source_ignored(call: Call) -> None:
    call.refusal = None


def _body_demanded(call: Call) -> None:
    if not call.request_body:
        call.refusal = "request-refused"


def _unknown_header_refused(call: Call) -> None:
    if set(call.request_headers) - _USUAL_HEADERS:
        call.refusal = "server-error"


def _status(status: int, *headers: tuple[str, str]) -> Callable[[Call], None]:
    def effect(call: Call) -> None:
        call.answer.status = status
        call.answer.headers.extend(headers)

    return effect


def _bare(status: int, *headers: tuple[str, str]) -> Callable[[Call], None]:
    """An answer without a body."""

    def effect(call: Call) -> None:
        _status(status, *headers)(call)
        call.answer.body = b""

    return effect


def _content_type(value: str) -> Callable[[Call], None]:
    def effect(call: Call) -> None:
        call.answer.content_type = value

    return effect


def _header(name: str, value: str) -> Callable[[Call], None]:
    return lambda call: call.answer.headers.append((name, value))


def _bytes(change: Callable[[bytes], bytes]) -> Callable[[Call], None]:
    def effect(call: Call) -> None:
        call.answer.body = change(call.answer.written())

    return effect


def _instead(below: Below) -> Callable[[Call], None]:
    def effect(call: Call) -> None:
        call.answer.below = below

    return effect


def _cut(call: Call) -> None:
    """Announces more than it sends; the server then closes the connection (RFC 9112 §8)."""
    body = call.answer.written()
    call.answer.headers.append(("Content-Length", str(len(body))))
    call.answer.body = body[: len(body) // 2]


def _without_allow(call: Call) -> None:
    call.answer.headers = [pair for pair in call.answer.headers if pair[0] != "Allow"]


def _in_words(call: Call) -> None:
    call.answer.content_type = "text/plain;charset=UTF-8"
    call.answer.body = b"refused"


def _first_name_repeated(body: bytes) -> bytes:
    name = next(iter(json.loads(body)))
    return b"{" + json.dumps(name).encode() + b":null," + body[1:]


def _head_fault(name: str, breaks: str, effect: Callable[[Call], None], text: str, *also: str) -> Fault:
    return Fault(name, breaks, Stage.ANSWER, effect, text, also)


# fmt: off
FAULTS = (
    _head_fault(Below.RESET.value, "answer-arrives", _instead(Below.RESET), "resets the connection in place of an answer"),
    _head_fault(Below.EMPTY.value, "answer-arrives", _instead(Below.EMPTY), "closes the connection without an answer"),
    _head_fault(Below.DRIP.value, "answer-is-complete", _instead(Below.DRIP), "sends a byte a second and never ends"),
    _head_fault("truncated", "answer-is-complete", _cut, "closes the connection in the middle of the body"),
    Fault("not-served", "post-code-is-served", Stage.REQUEST, _refused("not-found"), "answers 404 at the documented address"),
    Fault("post-refused", "post-code-is-served", Stage.REQUEST, _refused("method-not-allowed"), "answers 405 to the documented method"),
    Fault("always-refused", "call-succeeds", Stage.REQUEST, _refused("refused"), "refuses every call in the envelope"),
    Fault("flaky-refusals", "call-succeeds", Stage.REQUEST, _refused("refused", every=12), "refuses one call in twelve in the envelope"),
    Fault("server-error", "call-succeeds", Stage.REQUEST, _refused("server-error"), "answers 500 to every call", (CONFORMS,)),
    Fault("flaky-errors", "call-succeeds", Stage.REQUEST, _refused("server-error", every=4), "answers 500 to one call in four", ()),
    _head_fault("redirect", "call-succeeds", _bare(302, ("Location", "/elsewhere")), "redirects elsewhere", CONFORMS),
    _head_fault("status-201", "success-is-http-200", _status(201), "grants with status 201"),
    _head_fault("status-500-on-success", "success-is-http-200", _status(500), "grants with status 500", CONFORMS),
    Fault("body-demanded", "takes-no-parameters", Stage.REQUEST, _body_demanded, "refuses calls without a body", ("call-succeeds",)),
    _head_fault("content-type-html", "content-type-is-json", _content_type("text/html;charset=UTF-8"), "calls its JSON text/html", CONFORMS),
    _head_fault("content-type-missing", "content-type-is-json", _content_type(""), "names no content type", CONFORMS),
    _head_fault("charset-gbk", "charset-is-utf-8", _content_type("application/json;charset=GBK"), "names another charset"),
    _head_fault("charset-missing", "charset-is-stated", _content_type("application/json"), "names no charset"),
    _head_fault("gzip-lie", "content-coding-is-honest", _header("Content-Encoding", "gzip"), "says gzip of a plain body", CONFORMS),
    _head_fault("coding-unasked", "content-coding-is-honest", _header("Content-Encoding", "br"), "says a coding that was not asked for", CONFORMS),
    _head_fault("body-not-utf-8", "body-is-utf-8", _bytes(lambda b: b[:-1] + b',"\xe9":0}'), "writes a letter in Latin-1", CONFORMS),
    _head_fault("byte-order-mark", "body-has-no-byte-order-mark", _bytes(lambda b: b"\xef\xbb\xbf" + b), "begins with a byte order mark", CONFORMS),
    _head_fault("trailing-comma", "body-is-json", _bytes(lambda b: b[:-1] + b",}"), "ends its object with a comma", CONFORMS),
    _head_fault("not-a-number", "body-is-json", _bytes(lambda b: b[:-1] + b',"extra":NaN}'), "writes NaN, which is no JSON", CONFORMS),
    _head_fault("empty-body", "body-is-json", _bytes(lambda b: b""), "sends an empty body", CONFORMS),
    _head_fault("body-cut", "body-is-json", _bytes(lambda b: b[: len(b) // 2]), "sends half of the JSON text", CONFORMS),
    _head_fault("name-repeated", "names-are-unique", _bytes(_first_name_repeated), "repeats a name in an object"),
    Fault("credentials-demanded", "no-authentication-needed", Stage.ANSWER, _bare(401, ("WWW-Authenticate", "Bearer")), "demands credentials", (CONFORMS,)),
    Fault("source-ignored", "source-is-required", Stage.REQUEST, _source_ignored, "grants calls without a source"),
    _head_fault("cacheable", "answer-is-not-cacheable", _header("Cache-Control", "public, max-age=3600"), "lets its answers be kept for an hour"),
    Fault("405-without-allow", "405-names-the-methods", Stage.REFUSAL, _without_allow, "answers 405 without saying what is served"),
    Fault("refusal-in-words", "refusal-uses-the-envelope", Stage.REFUSAL, _in_words, "refuses in plain text"),
    Fault("unknown-header-refused", CONFORMS, Stage.REQUEST, _unknown_header_refused, "answers 500 to a request header it does not know"),
)
# fmt: on
