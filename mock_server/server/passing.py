"""Passes requests that reach no operation on to the fallback, and its responses back as they arrive."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

from mock_server.core.cors import cors_headers, exposing
from mock_server.core.delivery import Delivery
from mock_server.core.mock import Mock
from mock_server.core.parsed_request import RawPathRequest
from mock_server.observability.recorded_response import MAX_RESPONSE_BYTES as MAX_RECORDED
from mock_server.response import Headers
from mock_server.server.asgi import HALF_CLOSE_TIMEOUT
from mock_server.server.fallback import MAX_RESPONSE_BYTES, Fallback, PassedResponse, PassingError

MAX_PASSED_BODY = 16 * 2**20
"""Bytes of a request body that is passed on; a larger one is rejected with 413."""
MAX_CALLS = 64
"""Requests that are passed on at the same time; further ones are rejected with 503."""


class Passing:
    """Passes requests on, each in a thread while it waits.

    Args:
        fallback: The server.

    Attributes:
        max_body: Bytes of a request body that is passed on.
    """

    max_body = MAX_PASSED_BODY

    def __init__(self, fallback: Fallback) -> None:
        self._fallback = fallback
        self._threads = ThreadPoolExecutor(MAX_CALLS, "mock_server fallback")
        self._calls = 0

    def close(self) -> None:
        """Release the threads and the connections."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._fallback.close()

    async def __call__(
        self, mock: Mock, request: RawPathRequest, body: bytes | None, connection: Any, receive: Any, send: Any
    ) -> None:
        """Pass a request on, and record it.

        Args:
            mock: The mock, which records the request.
            request: The request.
            body: Its body, None if it is larger than MAX_PASSED_BODY.
            connection: The connection of the client.
            receive: Receives from the client.
            send: Sends to the client.
        """
        delivery = mock.passed_on(request, body or b"")
        cors = cors_headers(request.method, {name.lower(): value for name, value in request.headers})
        self._calls += 1
        connection.abandoned_from = asyncio.get_running_loop().time() + HALF_CLOSE_TIMEOUT
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            try:
                response = await self._open(request, body, gone)
            except PassingError as error:
                await _refuse(mock, error, cors, delivery, send)
                return
            if response is None:
                delivery.aborted()
                return
            headers = _with_cors(response.headers, cors)
            label = f"passed on to {self._fallback.url} ({response.status})"
            connection.abandoned_from = 0.0
            record = _Record(delivery, response.status, headers, label)
            try:
                await self._pass_back(request.method, response, record, gone, send)
            except PassingError as error:
                record.make(f"; {error.reason} after {record.size} bytes")
                response.abort()
                connection.abort()
            except asyncio.CancelledError:
                record.make("; mock stopped")
                response.abort()
                raise
        finally:
            self._calls -= 1
            connection.abandoned_from = math.inf
            gone.cancel()

    async def _open(
        self, request: RawPathRequest, body: bytes | None, gone: asyncio.Future[None]
    ) -> PassedResponse | None:
        """The response of the fallback, None if the client disconnects first."""
        if body is None:
            reason = f"the body has more than {MAX_PASSED_BODY} bytes"
            raise PassingError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reason)
        if self._calls > MAX_CALLS:
            raise PassingError(HTTPStatus.SERVICE_UNAVAILABLE, f"{MAX_CALLS} requests are being passed on already")
        query = request.query_string.decode("latin-1")
        target = request.raw_path + (f"?{query}" if query else "")
        headers = list(request.headers)
        opened = self._run(lambda: self._fallback.open(request.method, target, headers, body))
        if await _finished(opened, gone):
            response: PassedResponse = opened.result()
            return response
        opened.add_done_callback(_abort_late)
        return None

    async def _pass_back(
        self, method: str, response: PassedResponse, record: _Record, gone: asyncio.Future[None], send: Any
    ) -> None:
        raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in record.headers]
        await send({"type": "http.response.start", "status": response.status, "headers": raw})
        length = 0 if method == "HEAD" or response.status in (204, 304) else response.length
        while record.size != length:
            reading = self._run(response.read)
            if not await _finished(reading, gone):
                raise PassingError(HTTPStatus.BAD_GATEWAY, "client aborted")
            chunk = reading.result()
            record.add(chunk)
            if not chunk or record.size == length:
                # Before the last byte, so that a client that has the response finds it in the journal.
                record.make()
            if not chunk:
                break
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        record.make()
        await send({"type": "http.response.body", "body": b""})
        response.release()

    def _run(self, call: Callable[[], Any]) -> asyncio.Future[Any]:
        return asyncio.get_running_loop().run_in_executor(self._threads, call)


class _Record:
    """The record of a response that is passed back, which is made once."""

    def __init__(self, delivery: Delivery, status: int, headers: Headers, label: str) -> None:
        self._delivery, self._status, self.headers, self._label = delivery, status, headers, label
        self._kept = bytearray()
        self._is_made = False
        self.size = 0

    def add(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self.size > MAX_RESPONSE_BYTES:
            raise PassingError(HTTPStatus.BAD_GATEWAY, f"the body is cut at {MAX_RESPONSE_BYTES} bytes,")
        self._kept += chunk[: MAX_RECORDED - len(self._kept)]

    def make(self, problem: str = "") -> None:
        if not self._is_made:
            self._is_made = True
            self._delivery.passed_on(self._status, self.headers, bytes(self._kept), self.size, self._label + problem)


async def _disconnected(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _finished(work: asyncio.Future[Any], gone: asyncio.Future[None]) -> bool:
    """Wait for the work, or for the client to disconnect. Returns True if the work is finished."""
    await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
    return work.done()


def _abort_late(opened: asyncio.Future[PassedResponse]) -> None:
    if not opened.cancelled() and opened.exception() is None:
        opened.result().abort()


async def _refuse(mock: Mock, error: PassingError, cors: Headers, delivery: Delivery, send: Any) -> None:
    response = mock.protocol_error(error.status, error.reason)
    headers = (*response.headers, ("Content-Length", str(len(response.body))), *cors)
    if error.status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        headers += (("Connection", "close"),)
    delivery.passed_on(response.status, headers, response.body, len(response.body), f"not passed on: {error.reason}")
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": response.status, "headers": raw})
    await send({"type": "http.response.body", "body": response.body})


def _with_cors(headers: Headers, cors: Headers) -> Headers:
    """The headers with those that let a page of another origin read the response, in place of the fallback's own."""
    if not cors:
        return headers
    kept = tuple(pair for pair in headers if not pair[0].lower().startswith("access-control-"))
    return kept + exposing(cors, (name for name, _ in kept))
