"""Passes requests that reach no operation on to the fallback, and its responses back as they arrive."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar

from mock_server.admin.access import AccessPolicy
from mock_server.core.cors import cors_headers, exposing
from mock_server.core.delivery import Delivery
from mock_server.core.mock import Mock
from mock_server.core.parsed_request import RawPathRequest
from mock_server.observability.recorded_response import MAX_RESPONSE_BYTES as MAX_RECORDED
from mock_server.reasons import Reason, Reasons
from mock_server.response import Headers
from mock_server.server.asgi import HALF_CLOSE_TIMEOUT
from mock_server.server.fallback import MAX_RESPONSE_BYTES, Call, Fallback, PassingError

MAX_PASSED_BODY = 16 * 2**20
"""Bytes of a request body that is passed on; a larger one is rejected with 413."""
MAX_CALLS = 64
"""Requests that are passed on at the same time; further ones are rejected with 503."""


_Result = TypeVar("_Result")


class Passing:
    """Passes requests on, each in a thread while it waits.

    Args:
        fallback: The server.
        access: Decides which hosts and origins may use it: to a browser, its responses are the mock's.

    Attributes:
        max_body: Bytes of a request body that is passed on.
    """

    max_body = MAX_PASSED_BODY

    def __init__(self, fallback: Fallback, access: AccessPolicy) -> None:
        self._fallback = fallback
        self._access = access
        self._threads = ThreadPoolExecutor(MAX_CALLS, "mock_server fallback")
        self._calls = 0

    def close(self) -> None:
        """Release the threads and the connections."""
        self._threads.shutdown(wait=False, cancel_futures=True)

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
        call: Call | None = None
        try:
            try:
                call = self._call(request, body)
                await self._run(call, call.open, gone)
            except PassingError as error:
                await _refuse(mock, error, cors, delivery, send)
                return
            except ConnectionAbortedError:
                delivery.aborted()
                return
            headers = _with_cors(call.headers, cors)
            label = Reason("passed-on", url=str(self._fallback.url), status=call.status)
            connection.abandoned_from = 0.0
            record = _Record(delivery, call.status, headers, label)
            try:
                await self._pass_back(request.method, call, record, gone, send)
            except (PassingError, ConnectionAbortedError) as error:
                reason = error.reason if isinstance(error, PassingError) else Reason("aborted")
                record.make(Reason("after-bytes", reason=reason, size=record.size))
                connection.abort()
            except asyncio.CancelledError:
                record.make(Reason("stopped"))
                raise
        finally:
            self._calls -= 1
            connection.abandoned_from = math.inf
            gone.cancel()
            if call is not None and not call.is_aborted:
                call.close()

    def _call(self, request: RawPathRequest, body: bytes | None) -> Call:
        if body is None:
            reason = Reason("body-over-limit", limit=MAX_PASSED_BODY)
            raise PassingError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reason)
        refusal = self._access.refusal(request.method, request.headers)
        if refusal is not None:
            raise PassingError(HTTPStatus.FORBIDDEN, refusal)
        if self._calls > MAX_CALLS:
            raise PassingError(HTTPStatus.SERVICE_UNAVAILABLE, Reason("too-many-passed-on", count=MAX_CALLS))
        query = request.query_string.decode("latin-1")
        target = request.raw_path + (f"?{query}" if query else "")
        return self._fallback.call(request.method, target, request.headers, body)

    async def _pass_back(self, method: str, call: Call, record: _Record, gone: asyncio.Future[None], send: Any) -> None:
        raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in record.headers]
        await send({"type": "http.response.start", "status": call.status, "headers": raw})
        length = 0 if method == "HEAD" or call.status in (204, 304) else call.length
        while record.size != length:
            chunk = await self._run(call, call.read, gone)
            record.add(chunk)
            if not chunk or record.size == length:
                # Before the last byte, so that a client that has the response finds it in the journal.
                record.make()
            if not chunk:
                break
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        record.make()
        await send({"type": "http.response.body", "body": b""})

    async def _run(self, call: Call, step: Callable[[], _Result], gone: asyncio.Future[None]) -> _Result:
        """The result of a step. Raises ConnectionAbortedError if the client disconnects first."""
        work = asyncio.get_running_loop().run_in_executor(self._threads, step)
        try:
            await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not work.done():
                call.abort()
                work.add_done_callback(partial(_close_late, call))
        if not work.done():
            raise ConnectionAbortedError
        return work.result()


class _Record:
    """The record of a response that is passed back, which is made once."""

    def __init__(self, delivery: Delivery, status: int, headers: Headers, label: Reason) -> None:
        self._delivery, self._status, self.headers, self._label = delivery, status, headers, label
        self._kept = bytearray()
        self._is_made = False
        self.size = 0

    def add(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self.size > MAX_RESPONSE_BYTES:
            raise PassingError(HTTPStatus.BAD_GATEWAY, Reason("body-cut", limit=MAX_RESPONSE_BYTES))
        self._kept += chunk[: MAX_RECORDED - len(self._kept)]

    def make(self, problem: Reason | None = None) -> None:
        if not self._is_made:
            self._is_made = True
            outcome = Reasons(self._label, problem) if problem else self._label
            self._delivery.passed_on(self._status, self.headers, bytes(self._kept), self.size, outcome)


async def _disconnected(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _close_late(call: Call, work: asyncio.Future[Any]) -> None:
    if not work.cancelled():
        # Read, so that it is not logged: the step failed because the call was aborted.
        work.exception()
    call.close()


async def _refuse(mock: Mock, error: PassingError, cors: Headers, delivery: Delivery, send: Any) -> None:
    response = mock.protocol_error(error.status, error.reason)
    headers = (*response.headers, ("Content-Length", str(len(response.body))), *cors)
    if error.status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        headers += (("Connection", "close"),)
    outcome = Reason("not-passed-on", reason=error.reason.mapped(mock.redactor.text))
    delivery.passed_on(response.status, headers, response.body, len(response.body), outcome)
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": response.status, "headers": raw})
    await send({"type": "http.response.body", "body": response.body})


def _with_cors(headers: Headers, cors: Headers) -> Headers:
    """The headers with those that let a page of another origin read the response, in place of the fallback's own."""
    if not cors:
        return headers
    kept = tuple(pair for pair in headers if not pair[0].lower().startswith("access-control-"))
    return kept + exposing(cors, (name for name, _ in kept))
