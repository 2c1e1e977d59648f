"""The journal as HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/), as browsers export it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from http import HTTPStatus
from importlib import metadata
from typing import Any
from urllib.parse import quote, urlencode

from mock_server.core.delivery import CLIENT_ABORTED, CONNECTION_RESET, MOCK_STOPPED
from mock_server.observability.journal import JournalEntry
from mock_server.observability.recorded_response import RecordedResponse
from mock_server.observability.redaction import Redactor

CREATOR = "code-contract mock"

_ERRORS = {
    CLIENT_ABORTED: "net::ERR_ABORTED",
    MOCK_STOPPED: "net::ERR_ABORTED",
    CONNECTION_RESET: "net::ERR_CONNECTION_RESET",
    "connection-reset": "net::ERR_CONNECTION_RESET",
    "body-truncated": "net::ERR_CONTENT_LENGTH_MISMATCH",
    "body-never-ended": "net::ERR_INCOMPLETE_CHUNKED_ENCODING",
}
"""The errors that Chromium reports, by the code of the first reason."""
_PHRASES = {each.value: each.phrase for each in HTTPStatus}


def recording(entries: Iterable[JournalEntry], root_url: str, redactor: Redactor | None) -> dict[str, Any]:
    """Return entries of the journal as a HAR document.

    Args:
        entries: The entries.
        root_url: The URL of the mock, without a trailing slash.
        redactor: Redacts the responses. None leaves them as they were sent; the requests have been redacted already.
    """
    try:
        version = metadata.version("code-contract")
    except metadata.PackageNotFoundError:
        version = "dev"
    written = [_entry(entry, root_url, redactor) for entry in entries]
    creator = {"name": CREATOR, "version": version}
    return {"log": {"version": "1.2", "creator": creator, "pages": [], "entries": written}}


def as_bytes(document: dict[str, Any]) -> bytes:
    """Return a HAR document as JSON in UTF-8, in which U+FFFD stands for a lone surrogate."""
    text = json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass")
    return text.decode("utf-8", "replace").encode() + b"\n"


def _entry(entry: JournalEntry, root_url: str, redactor: Redactor | None) -> dict[str, Any]:
    error = _ERRORS.get(entry.outcome.parts[0].code, "")
    if entry.status is None:
        error = error or "net::ERR_EMPTY_RESPONSE"
    began = datetime.fromtimestamp(entry.answered - entry.milliseconds / 1000, timezone.utc)
    return {
        "startedDateTime": began.isoformat(timespec="milliseconds"),
        "time": entry.milliseconds,
        "request": _request(entry, root_url),
        "response": _response(entry.response, redactor) | ({"_error": error} if error else {}),
        "cache": {},
        "timings": {"send": 0, "wait": entry.milliseconds, "receive": 0},
        "comment": entry.outcome,
        "_number": entry.number,
        "_client": entry.client,
        "_source": entry.source,
        "_violations": entry.violations,
    }


def _request(entry: JournalEntry, root_url: str) -> dict[str, Any]:
    query = urlencode(entry.query, errors="replace")
    path = quote(entry.path, safe="/:@!$&'()*+,;=~%", errors="replace")
    written: dict[str, Any] = {
        "method": entry.method,
        "url": f"{root_url}{path}{'?' if query else ''}{query}",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(entry.headers),
        "queryString": _pairs(entry.query),
        "headersSize": -1,
        "bodySize": len(entry.body.encode("utf-8", "replace")),
    }
    if entry.body:
        kind = next((value for name, value in entry.headers if name.lower() == "content-type"), "")
        written["postData"] = {"mimeType": kind, "params": [], "text": entry.body}
    return written


def _response(response: RecordedResponse, redactor: Redactor | None) -> dict[str, Any]:
    """The response; its status is 0 if none reached the client, as browsers write it."""
    if redactor is None:
        pairs: Sequence[tuple[str, str]] = response.sent_headers
        text, encoding = base64.b64encode(response.body).decode("ascii"), "base64"
    else:
        shown = response.as_json(redactor)
        pairs, text, encoding = shown["headers"], shown["body"], shown["encoding"]
    by_name = {name.lower(): value for name, value in pairs}
    status = response.status or 0
    content = {"size": response.size, "mimeType": by_name.get("content-type", "x-unknown"), "text": text}
    return {
        "status": status,
        "statusText": _PHRASES.get(status, ""),
        "httpVersion": "HTTP/1.1" if status else "",
        "cookies": [],
        "headers": _pairs(pairs),
        "content": content | ({"encoding": encoding} if encoding == "base64" else {}),
        "redirectURL": by_name.get("location", ""),
        "headersSize": -1,
        "bodySize": response.size if status else -1,
    }


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]
