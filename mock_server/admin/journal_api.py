"""The routes of the admin API on the journal."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from flask import Blueprint, Response, jsonify, request

from mock_server.admin import har
from mock_server.admin.bodies import AdminResponse, BodyReader, error
from mock_server.admin.event_stream import (
    HEADERS,
    HEARTBEAT,
    HEARTBEAT_SECONDS,
    EventStream,
    TooManyStreamsError,
    journal_query,
)
from mock_server.core.mock import Mock
from mock_server.observability.journal import APP, describe_entry
from mock_server.observability.matcher import InvalidMatcherError, Matcher, limits, verify

NO_CHECKS = (
    "the checks are not available here; start the mock with `code-contract mock` and its default dependencies, or pass "
    "check_journal to create_app"
)
MAX_WSGI_SECONDS = 25.0
"""Seconds after which a stream in a thread of a WSGI server ends; the client continues it with Last-Event-ID."""


def add_journal(admin: Blueprint, mock: Mock, bodies: BodyReader) -> None:
    """Add the routes on the journal to the admin API of a mock."""
    journal = mock.state.journal

    @admin.get("/requests")
    def requests() -> AdminResponse:
        client, source, after = journal_query(request)
        entries = journal.entries(client, after or 0, source)
        return jsonify(requests=[describe_entry(entry, mock.redactor) for entry in entries])

    @admin.delete("/requests")
    def clear_requests() -> AdminResponse:
        journal.clear(journal_query(request).client)
        return "", 204

    @admin.get("/requests.har")
    def requests_as_har() -> AdminResponse:
        client, source, after = journal_query(request)
        entries = journal.entries(client, after or 0, source)
        body = har.as_bytes(har.recording(entries, _root_url(), mock.redactor))
        disposition = 'attachment; filename="mock.har"'
        return Response(body, content_type="application/json", headers={"Content-Disposition": disposition})

    checking = threading.Lock()

    @admin.post("/check")
    def check() -> AdminResponse:
        if mock.state.check_journal is None:
            return error(NO_CHECKS, 501)
        query = journal_query(request)
        # The checks see what the app saw: a masked value could violate the contract.
        document = har.recording(journal.entries(query.client, query.after or 0, APP), _root_url(), None)
        if not checking.acquire(blocking=False):
            return error("a check of the journal is in progress; repeat the request when it has ended", 503)
        try:
            return jsonify(mock.redactor.value(mock.state.check_journal(mock.contract, har.as_bytes(document))))
        except ValueError as reason:
            return error(str(reason), 409)
        finally:
            checking.release()

    @admin.post("/verify")
    def verify_requests() -> AdminResponse:
        given = bodies.read_valid("Matcher", 'a matcher such as {"method": "POST", "path": "/code", "times": 1}')
        low, high = limits(given.pop("times", None))
        try:
            return jsonify(verify(journal.entries(), Matcher(**given), low, high).as_json())
        except InvalidMatcherError as reason:
            return error(str(reason), 400)

    @admin.get("/events")
    def events() -> AdminResponse:
        if request.method == "HEAD":
            # Werkzeug drops the body of such a response without closing it.
            return Response(headers=HEADERS)
        woken = threading.Event()
        try:
            stream = EventStream(mock, request, woken.set)
        except TooManyStreamsError as reason:
            return error(str(reason), 503)
        # A server with one thread could do nothing else meanwhile.
        seconds = MAX_WSGI_SECONDS if request.environ.get("wsgi.multithread") else 0.0
        response = Response(_parts(stream, woken, seconds), headers=HEADERS)
        response.call_on_close(stream.close)
        return response


def _root_url() -> str:
    return f"{request.scheme}://{request.host}"


def _parts(stream: EventStream, woken: threading.Event, seconds: float) -> Iterator[bytes]:
    """The parts of a stream, for a number of seconds; what is there already in any case."""
    end = time.monotonic() + seconds
    while stream.has_more or time.monotonic() < end:
        woken.clear()
        yield stream.next_part()
        if not stream.has_more and not woken.wait(min(HEARTBEAT_SECONDS, max(0.0, end - time.monotonic()))):
            yield HEARTBEAT
