"""The mock as an ASGI application: reads a request, asks the core for the response, and carries it out."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from functools import cache, lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from a2wsgi import WSGIMiddleware
from werkzeug.datastructures import Headers as RequestHeaders

from mock_server.admin import is_flask_path, require_no_collision
from mock_server.admin.access import AccessPolicy
from mock_server.admin.event_stream import EVENTS_PATH, InvalidQueryError, TooManyStreamsError
from mock_server.core.delivery import CLIENT_ABORTED, CONNECTION_RESET, MOCK_STOPPED, Delivery
from mock_server.core.mock import Mock
from mock_server.core.parsed_request import MAX_CACHED_HEAD, RawPathRequest
from mock_server.core.unrouted import MAX_BODY_SIZE
from mock_server.observability.events import Change
from mock_server.response import ConnectionFault, Headers, MessageFault, TransportFault
from mock_server.server.event_sender import send_events
from mock_server.server.request_body import for_flask, read_body

if TYPE_CHECKING:
    from mock_server.server.passing import Passing

CONNECTION_KEY = "mock_server.server.protocol"
"""The key of a scope's state under which the server puts the connection."""
MAX_DRIBBLE_SECONDS = 600
HALF_CLOSE_TIMEOUT = 0.1
"""Seconds after a request in which a client that closes its half still waits for a delayed response."""
CACHE_SIZE = 128
"""Cached requests. With everything parsed from them they take at most about 12 MiB."""

RawHeaders = tuple[tuple[bytes, bytes], ...]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


class AsgiApp:
    """An ASGI 3 application for one mock, which can be replaced. Flask responds in a thread to what belongs to it."""

    def __init__(
        self, mock: Mock, admin: bool, access: AccessPolicy, max_connections: int, passing: Passing | None = None
    ) -> None:
        self._passing = passing
        self._admin = admin
        self._access = access
        self.max_connections = max_connections
        self._flask = WSGIMiddleware(lambda environ, start_response: self._flask_app()(environ, start_response))
        self.stopping = False
        self.replace_mock(mock)

    def replace_mock(self, mock: Mock) -> None:
        """Use another mock from the next request on. Raises ContractError if it has a path of the admin API."""
        require_no_collision(mock, self._admin)

        # Created on the first request that belongs to it: Flask takes half as long to import as all the rest.
        @cache
        def flask_app() -> Any:
            from mock_server.admin.flask_app import flask_app

            return flask_app(mock, admin=self._admin, access=self._access)

        self._flask_app = flask_app
        has_home = self._passing is None
        self._is_flask_path = lru_cache(CACHE_SIZE)(lambda path: is_flask_path(mock, path, self._admin, has_home))
        self.mock = mock

    def close(self) -> None:
        """Release the threads."""
        self._flask.executor.shutdown(wait=False, cancel_futures=True)
        if self._passing is not None:
            self._passing.close()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Respond to one request."""
        was_breaking, connection = self.mock.breaks_connections, scope["state"].get(CONNECTION_KEY)
        head = tuple(scope["headers"])
        size = sum([32 + len(name) + len(value) for name, value in head])
        parse = _request if size + len(scope["path"]) + len(scope["query_string"]) <= MAX_CACHED_HEAD else _parse
        request, has_body = parse(scope["method"], scope["path"], scope["raw_path"], scope["query_string"], head)
        close: RawHeaders = ()
        body: bytes | None = b""
        is_of_flask = self._is_flask_path(request.path)
        passing = self._passing
        if passing is not None and (is_of_flask or not self.mock.reaches_no_operation(request)):
            passing = None
        if has_body:
            try:
                body = await read_body(receive, request, passing.max_body if passing else MAX_BODY_SIZE)
            except ConnectionError:
                return
            close = ((b"connection", b"close"),) if body is None else ()
        if is_of_flask:
            send = self._closing(send, connection, was_breaking)
            if request.path == EVENTS_PATH and await self._sent_events(request, scope, receive, send):
                return
            await self._flask(*for_flask(scope, body, receive), send)
            return
        if passing is not None:
            send = self._closing(send, connection, was_breaking)
            await passing(self.mock, request, body, connection, receive, send)
            return
        delivery = self.mock.decide(request, body, can_break_connection=True)
        response = delivery.response
        try:
            is_read = not response.delay or await _delay(response.delay, receive, connection)
        except asyncio.CancelledError:
            delivery.aborted(MOCK_STOPPED)
            raise
        if not is_read or connection.transport.is_closing():
            delivery.aborted()
            return
        fault = response.connection_fault
        if fault is not None and not (fault is ConnectionFault.REUSED and connection.requests == 1):
            await self._break(fault, delivery, connection, self._closing(send, connection, was_breaking))
            # So the connection is closed before uvicorn looks for the end of the response.
            await receive()
            return
        # Before the first byte, so that a client that has the response finds it in the journal.
        delivery.sent()
        raw, has_length = _encoded(response.headers)
        # Neither 204 nor 304 has a length (RFC 9110 §8.6); that of 205 is 0.
        if response.status not in (204, 304) and not has_length:
            raw += ((b"content-length", b"%d" % len(response.body)),)
        raw += close
        if was_breaking or self.mock.breaks_connections:
            raw = _closing_headers(raw, connection)
        await send({"type": "http.response.start", "status": response.status, "headers": raw})
        await send({"type": "http.response.body", "body": response.body})

    async def _sent_events(self, request: RawPathRequest, scope: Any, receive: Receive, send: Send) -> bool:
        """Serves a stream of events here, since in Flask each would need a thread. False if Flask is to refuse it."""
        if request.method != "GET" or self._access.refusal(request.method, request.headers) is not None:
            return False
        with suppress(InvalidQueryError, TooManyStreamsError):
            await send_events(self, request, scope["state"][CONNECTION_KEY], receive, send)
            return True
        return False

    def stop(self) -> None:
        """End the streams of events and the bodies that never end."""
        self.stopping = True
        self.mock.state.events.publish(Change.STOPPED)

    def _closing(self, send: Send, connection: Any, was_breaking: bool) -> Send:
        """A channel that closes the connection after the response while connections are broken: see `Mock`.

        A browser repeats a request by itself if a connection that it reuses ends without a response. The fault would
        only be seen on a connection that is new, and not even on one that was opened ahead.
        """

        async def send_and_close(message: Any) -> None:
            if message["type"] == "http.response.start" and (was_breaking or self.mock.breaks_connections):
                message = {**message, "headers": _closing_headers(message["headers"], connection)}
            await send(message)

        return send_and_close

    async def _break(self, fault: TransportFault, delivery: Delivery, connection: Any, send: Send) -> None:
        response = delivery.response
        headers, _ = _encoded(tuple(pair for pair in response.headers if pair[0] != "Content-Length"))
        if isinstance(fault, MessageFault):
            message = fault.change(_message(response.status, headers, response.body))
            delivery.sent_message(message)
            connection.transport.write(message)
            connection.transport.close()
        elif fault is ConnectionFault.DRIBBLE:
            await self._dribble(headers, delivery, connection, send)
            connection.abort(reset=True)
        else:
            delivery.broken()
            connection.abort(reset=fault is ConnectionFault.RESET)

    async def _dribble(self, headers: RawHeaders, delivery: Delivery, connection: Any, send: Send) -> None:
        sent, reason = 0, MOCK_STOPPED
        try:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            while sent < MAX_DRIBBLE_SECONDS and not self.stopping:
                await send({"type": "http.response.body", "body": b" ", "more_body": True})
                sent += 1
                await asyncio.sleep(1)
                if connection.transport.is_closing():
                    reason = CLIENT_ABORTED
                    break
            else:
                reason = reason if self.stopping else CONNECTION_RESET
        finally:
            delivery.endless(sent, reason)


def _parse(
    method: str, path: str, raw_path: bytes, query_string: bytes, headers: RawHeaders
) -> tuple[RawPathRequest, bool]:
    """The request, and whether it has a body (RFC 9112 §6.3)."""
    decoded = RequestHeaders([(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers])
    request = RawPathRequest(method, "http", None, "", path, query_string, decoded, None)
    request.raw_path = raw_path.decode("latin-1")
    return request, "Transfer-Encoding" in decoded or decoded.get("Content-Length", "0") != "0"


_request = lru_cache(CACHE_SIZE)(_parse)


def _closing_headers(headers: Iterable[tuple[bytes, bytes]], connection: Any) -> RawHeaders:
    """Closes the idle connections, and returns the headers with the one that closes this connection."""
    connection.close_others()
    return (*(pair for pair in headers if pair[0] != b"connection"), (b"connection", b"close"))


def _message(status: int, headers: RawHeaders, body: bytes) -> bytes:
    """The response as HTTP/1.1 (RFC 9112 §2.1)."""
    framing = ((b"content-length", b"%d" % len(body)), (b"connection", b"close"))
    lines = (b"%b: %b\r\n" % pair for pair in (*headers, *framing))
    return b"HTTP/1.1 %d %b\r\n%b\r\n%b" % (status, HTTPStatus(status).phrase.encode(), b"".join(lines), body)


@lru_cache(CACHE_SIZE)
def _encoded(headers: Headers) -> tuple[RawHeaders, bool]:
    """The headers as bytes, and whether Content-Length is among them."""
    raw = tuple((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers)
    return raw, b"content-length" in dict(raw)


async def _delay(seconds: float, receive: Receive, connection: Any) -> bool:
    """Waits. Returns False, at once, if the client disconnects."""
    connection.abandoned_from = asyncio.get_running_loop().time() + HALF_CLOSE_TIMEOUT

    async def disconnected() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    try:
        await asyncio.wait_for(disconnected(), seconds)
    except asyncio.TimeoutError:
        return True
    finally:
        connection.abandoned_from = math.inf
    return False
