"""The event loop of the mock: uvicorn's server, which stops at once and within a limit."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from contextlib import nullcontext, suppress
from typing import Any

import uvicorn

SHUTDOWN_TIMEOUT = 5.0
"""Seconds that a stop waits for responses in progress, delayed ones among them."""

_CLOSE_TIMEOUT = 1.0
"""Seconds to wait for the event loop to close connections."""

LOG_INTERVAL = 10.0
"""Seconds between messages about errors of the event loop."""

log = logging.getLogger("mock_server")


class Server(uvicorn.Server):
    """uvicorn's server, except that it stops at once and in bounded time: its own loops wait for 0.1 s at a time.

    The overridden methods are public, but not documented; tests/mock_server/test_protocol.py notices a change.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._stopping = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = 0
        self._woken = asyncio.Event()

    def stop(self) -> None:
        """Ask for the end, from any thread or a signal handler."""
        self._stopping.set()
        # The loop is closed if the server has stopped already.
        with suppress(RuntimeError):
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._woken.set)

    def close_unused(self) -> None:
        """Close the connections that have no request in progress, from any thread; returns once they are closed."""
        if self._loop is None or not self._loop.is_running():
            return
        done = threading.Event()

        def close() -> None:
            for connection in self._connections():
                connection.close_unused()
            done.set()

        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(close)
            if threading.get_ident() != self._thread:
                done.wait(_CLOSE_TIMEOUT)

    def capture_signals(self) -> Any:
        """Leave signals to the command line; a test has none."""
        return nullcontext()

    async def main_loop(self) -> None:
        """Serve until `stop`. Once a second, update the Date header and close idle connections."""
        self._loop, self._thread = asyncio.get_running_loop(), threading.get_ident()
        while not self._stopping.is_set():
            await self.on_tick(0)
            for connection in self._connections():
                connection.close_if_idle()
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._woken.wait(), 1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no further connections, and finish the responses in progress within SHUTDOWN_TIMEOUT."""
        for server in self.servers:
            server.close()
        for connection in self._connections():
            connection.shutdown()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + SHUTDOWN_TIMEOUT
        # A connection that is lost may leave a task that still works on its response.
        while (self._connections() or self.server_state.tasks) and loop.time() < deadline:
            await asyncio.sleep(0.01)
        for connection in self._connections():
            connection.transport.abort()
        for task in tuple(self.server_state.tasks):
            task.cancel()
        await asyncio.gather(*self.server_state.tasks, return_exceptions=True)

    def _connections(self) -> list[Any]:
        return list(self.server_state.connections)


class LoopErrorLog:
    """Logs one error of the event loop in LOG_INTERVAL: without descriptors, Python logs 2,048 tracebacks a second."""

    def __init__(self) -> None:
        self._next = 0.0

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Log the error, unless another one was logged within LOG_INTERVAL."""
        if loop.time() >= self._next:
            self._next = loop.time() + LOG_INTERVAL
            log.error("%s: %r", context.get("message"), context.get("exception"))


def new_event_loop() -> asyncio.AbstractEventLoop:
    """uvloop's if it is installed, else Python's own."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
