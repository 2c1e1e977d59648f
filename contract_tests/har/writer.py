"""Writes the exchanges of a run as HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/).

Bodies are the bytes received, with their content coding, in base64. Facts that HAR does not define are in
`_codeContract` objects of the log and of every entry; `reader` uses them to check the recording again.
"""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from contract_tests.engine import waivers
from contract_tests.generated.result import GeneratedFailure
from contract_tests.har.fields import CREATOR, EXTENSION_KEY
from contract_tests.har.redaction import redact_body
from contract_tests.http.exchange import BodyCapture, Exchange, Request
from contract_tests.message import mapped, translate
from contract_tests.redaction import Redactor
from contract_tests.result import Result
from contract_tests.version import version

_SURROGATES = re.compile("[\ud800-\udfff]")


def write(result: Result) -> bytes:
    """Return the recording as JSON in ASCII, without secrets.

    Raises:
        ValueError: The run did not keep the bodies.
    """
    if not result.collection.keeps_bodies:
        raise ValueError("the run did not keep the bodies; call check(..., keep_bodies=True)")
    printed = json.dumps(result.contract.document, ensure_ascii=False, default=str)
    redactor = result.settings.redactor(public=printed)
    creator = {"name": CREATOR, "version": version()}
    log = {"version": "1.2", "creator": creator, "pages": [], EXTENSION_KEY: _run(result, redactor), "entries": []}
    before, after = _json({"log": log}).rsplit(b"]", 1)
    made = [*result.collection.all(), *result.generated.exchanges]
    # Entry by entry: all of them as one text take several times their size in memory.
    written = io.BytesIO()
    written.write(before)
    for number, each in enumerate(each for each in made if each.held is not BodyCapture.NOTHING):
        written.write((b",\n" if number else b"\n") + _json(_entry(each, result, redactor)))
    written.write(b"\n]" + after + b"\n")
    return written.getvalue()


def _run(result: Result, redactor: Redactor) -> dict[str, Any]:
    """Return the facts about the run; notes on waivers are left out, because a replay has its own."""
    own = set(waivers.waiver_notes(result.settings, result.verdicts))
    return {
        "contract": {"title": result.contract.title, "version": result.contract.version},
        "baseUrl": redactor.text(result.settings.base_url),
        "throttled": result.collection.throttled,
        "elapsed": result.elapsed,
        "notes": [
            _sentence("text", note, result.settings.redact) for note in result.collection.notes if note not in own
        ],
        "generated": {
            "checked": result.generated.checked,
            "failures": [_failure(each, result) for each in result.generated.failures],
            "checkErrors": [_sentence("text", each, result.settings.redact) for each in result.generated.check_errors],
        },
    }


def _failure(failure: GeneratedFailure, result: Result) -> dict[str, Any]:
    redact, violation = result.settings.redact, failure.violation
    return {
        "operation": failure.exchange.operation,
        "index": failure.exchange.index,
        "path": None if failure.place is None else [redact(name) for name in failure.place],
        **_sentence("where", violation.where, redact),
        "expected": violation.expected,
        **_sentence("received", violation.received, redact),
    }


def _sentence(name: str, sentence: str, redact: Callable[[str], str]) -> dict[str, str]:
    """Return a sentence in English and in Chinese, which a replay shows."""
    shown = mapped(sentence, redact)
    return {name: str(shown), f"{name}Zh": translate(shown, "zh")}


def _entry(exchange: Exchange, result: Result, redactor: Redactor) -> dict[str, Any]:
    ttfb = exchange.elapsed if exchange.ttfb is None else exchange.ttfb
    body = redact_body(exchange, redactor)
    headers = [(redactor.text(name), redactor.text(value)) for name, value in exchange.headers]
    error = exchange.error
    redact = result.settings.redact
    detail = "" if error is None else redact(error.detail)
    return {
        "startedDateTime": datetime.fromtimestamp(exchange.started, timezone.utc).isoformat(timespec="milliseconds"),
        "time": exchange.elapsed * 1000,
        "request": _request(exchange.request, redactor),
        "response": _response(exchange, headers, body, redactor) | ({"_error": detail} if error else {}),
        "cache": {},
        "timings": {"send": 0, "wait": ttfb * 1000, "receive": max(0.0, exchange.elapsed - ttfb) * 1000},
        EXTENSION_KEY: {
            "label": exchange.label,
            "client": exchange.request.client,
            "operation": exchange.operation,
            "index": exchange.index,
            "ttfb": exchange.ttfb,
            "lines": redactor.text(exchange.lines.decode("latin-1")),
            "reuse": exchange.reuse,
            "transportError": error and {"kind": error.kind.value, **_sentence("detail", error.detail, redact)},
            "redacted": body != exchange.body or headers != list(exchange.headers),
        },
    }


def _request(request: Request, redactor: Redactor) -> dict[str, Any]:
    url = redactor.text(request.url)
    headers = [(name, redactor.header_value(value)) for name, value in request.headers]
    written: dict[str, Any] = {
        "method": request.method,
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": list(_pairs(headers)),
        "queryString": list(_pairs(parse_qsl(urlsplit(url).query, keep_blank_values=True))),
        "headersSize": -1,
        "bodySize": len(request.body or b""),
    }
    if request.body is not None:
        kind = next((value for name, value in headers if name.lower() == "content-type"), "")
        text = redactor.raw(request.body).decode("utf-8", "replace")
        written["postData"] = {"mimeType": kind, "params": [], "text": text}
    return written


def _response(exchange: Exchange, headers: list[tuple[str, str]], body: bytes, redactor: Redactor) -> dict[str, Any]:
    """Return the response; its status is 0 if no head arrived, as browsers write it."""
    by_name = {name.lower(): value for name, value in headers}
    return {
        "status": exchange.status or 0,
        "statusText": redactor.text(exchange.reason),
        "httpVersion": f"HTTP/{exchange.http_version}" if exchange.http_version else "",
        "cookies": [],
        "headers": list(_pairs(headers)),
        "content": {
            "size": len(body),
            "mimeType": by_name.get("content-type", "x-unknown"),
            "text": base64.b64encode(body).decode("ascii"),
            "encoding": "base64",
            "_coding": "wire",
        },
        "redirectURL": by_name.get("location", ""),
        "headersSize": -1,
        "bodySize": len(body) if exchange.status is not None else -1,
    }


def _pairs(pairs: list[tuple[str, str]]) -> Iterator[dict[str, str]]:
    for name, value in pairs:
        yield {"name": name, "value": value}


def _json(value: Any) -> bytes:
    return json.dumps(_without_surrogates(value), indent=1).encode("ascii")


def _without_surrogates(value: Any) -> Any:
    """Return a JSON value without lone surrogates, which strict parsers reject (RFC 8259 §8.2)."""
    if isinstance(value, str):
        return _SURROGATES.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    return [_without_surrogates(item) for item in value] if isinstance(value, list) else value
