"""The calls of a run as HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/), which browsers and proxies open.

A body is the bytes of the wire, always in base64, its content coding not undone (`_coding`). What HAR has no word for
stands under `_codeContract`, beside the log and in every entry; recording.py reads it, and judges again.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from contract_tests.engine import session as judging
from contract_tests.generated.result import GeneratedFailure
from contract_tests.har.fields import CREATOR, EXTENSION_KEY
from contract_tests.har.redaction import Redactor
from contract_tests.http.exchange import Exchange, Request
from contract_tests.result import Result
from contract_tests.version import version

_SURROGATES = re.compile("[\ud800-\udfff]")


def write(result: Result) -> bytes:
    """The recording as bytes: JSON in ASCII, without a secret of the run."""
    return json.dumps(_sound(recording(result)), indent=1).encode("ascii") + b"\n"


def recording(result: Result) -> dict[str, Any]:
    """The recording as a JSON value. Raises ValueError for a run that was not kept whole."""
    if not result.collection.keeps_bodies:
        raise ValueError("this run holds no bodies to record; call check(..., whole=True)")
    hiding = Redactor(result.settings, result.contract)
    made = [*result.collection.all(), *result.generated.exchanges]
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": CREATOR, "version": version()},
            "pages": [],
            "entries": [_entry(exchange, result, hiding) for exchange in made],
            EXTENSION_KEY: _run(result, hiding),
        }
    }


def _run(result: Result, hiding: Redactor) -> dict[str, Any]:
    """What the run knows besides its calls. What is said of waivers is for the run that judges to say."""
    waivers = set(judging.waiver_notes(result.settings, result.verdicts))
    return {
        "contract": {"title": result.contract.title, "version": result.contract.version},
        "baseUrl": hiding.text(result.settings.base_url),
        "throttled": result.collection.throttled,
        "elapsed": result.elapsed,
        "notes": [result.settings.redact(note) for note in result.collection.notes if note not in waivers],
        "generated": {
            "checked": result.generated.checked,
            "failures": [_failure(each, result) for each in result.generated.failures],
            "checkErrors": [result.settings.redact(each) for each in result.generated.check_errors],
        },
    }


def _failure(failure: GeneratedFailure, result: Result) -> dict[str, Any]:
    redact, violation = result.settings.redact, failure.violation
    return {
        "operation": failure.exchange.operation,
        "index": failure.exchange.index,
        "path": None if failure.place is None else [redact(name) for name in failure.place],
        "where": redact(violation.where),
        "expected": violation.expected,
        "received": redact(violation.received),
    }


def _entry(exchange: Exchange, result: Result, hiding: Redactor) -> dict[str, Any]:
    first = exchange.elapsed if exchange.ttfb is None else exchange.ttfb
    body = hiding.body(exchange)
    headers = [(hiding.text(name), hiding.text(value)) for name, value in exchange.headers]
    trouble = exchange.trouble
    detail = "" if trouble is None else hiding.text(result.settings.redact(trouble.detail))
    return {
        "startedDateTime": datetime.fromtimestamp(exchange.started, timezone.utc).isoformat(timespec="milliseconds"),
        "time": exchange.elapsed * 1000,
        "request": _request(exchange.request, hiding),
        "response": _response(exchange, headers, body, hiding) | ({"_error": detail} if trouble else {}),
        "cache": {},
        "timings": {"send": 0, "wait": first * 1000, "receive": max(0.0, exchange.elapsed - first) * 1000},
        EXTENSION_KEY: {
            "label": exchange.label,
            "operation": exchange.operation,
            "index": exchange.index,
            "firstByte": exchange.ttfb,
            "trouble": None if trouble is None else {"kind": trouble.kind.value, "detail": detail},
            "redacted": body != exchange.body or headers != list(exchange.headers),
        },
    }


def _request(request: Request, hiding: Redactor) -> dict[str, Any]:
    url = hiding.text(request.url)
    headers = [(name, hiding.sent(value)) for name, value in request.headers]
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
        text = hiding.raw(request.body).decode("utf-8", "replace")
        written["postData"] = {"mimeType": kind, "params": [], "text": text}
    return written


def _response(exchange: Exchange, headers: list[tuple[str, str]], body: bytes, hiding: Redactor) -> dict[str, Any]:
    """The answer; where no head arrived, status 0, as browsers write it."""
    by_name = {name.lower(): value for name, value in headers}
    return {
        "status": exchange.status or 0,
        "statusText": hiding.text(exchange.reason),
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


def _sound(value: Any) -> Any:
    """A JSON value without lone surrogates, which strict readers refuse (RFC 8259 §8.2)."""
    if isinstance(value, str):
        return _SURROGATES.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_sound(key): _sound(below) for key, below in value.items()}
    return [_sound(item) for item in value] if isinstance(value, list) else value
