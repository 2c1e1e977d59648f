"""Serves the mock by uvicorn: in the foreground for the command line, in a thread for tests.

It runs inside the process that asks for it, listens on a socket it is given, and lets a fault reach the connection
itself; docs/servers.md has the measurements.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import Any

import uvicorn
from flask import Flask

from mock_server.app import BASE_PATH, NEGOTIATOR, STATE, create_app
from mock_server.captcha.challenge import derive
from mock_server.core.behaviours import ALL_CLIENTS, Behaviour
from mock_server.core.state import State
from mock_server.observability.journal import JournalEntry
from mock_server.server.asgi import Front, Handler
from mock_server.server.protocol import CLIENT_TIMEOUT, MAX_HEADER_BYTES, MockProtocol

SHUTDOWN_TIMEOUT = 5.0
"""Seconds that a stop waits for answers under way."""
MOST_AT_ONCE = 64
"""Connections taken out of a channel at a time."""
MAX_CONNECTIONS = 1000
"""Those above are refused with 503."""


class _Server(uvicorn.Server):
    """uvicorn's, stopped by `stop` at once and in bounded time, whatever the clients do."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.channel: socket.socket | None = None
        self._stopping = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()
        self._adopting: set[asyncio.Task[Any]] = set()

    def stop(self) -> None:
        """Ask for the end, from any thread or a signal handler."""
        self._stopping.set()
        # Closed where it has ended already.
        with suppress(RuntimeError):
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._woken.set)

    def capture_signals(self) -> Any:
        """Leave the signals to the command line, which a test has none of."""
        return nullcontext()

    async def main_loop(self) -> None:
        """Serve until `stop`; once a second, renew the date and close what waits too long."""
        self._loop = asyncio.get_running_loop()
        if self.channel is not None:
            self._loop.add_reader(self.channel, self._adopt, self.channel)
            # Where the other end has closed already, `stop` is about to be called.
            with suppress(OSError):
                self.channel.send(b"1")
        while not self._stopping.is_set():
            await self.on_tick(0)
            connections: Any = self.server_state.connections
            for connection in list(connections):
                connection.close_if_idle()
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._woken.wait(), 1)

    def _adopt(self, channel: socket.socket) -> None:
        """Take the connections that wait in the channel."""
        sent, descriptors, _, _ = socket.recv_fds(channel, MOST_AT_ONCE, MOST_AT_ONCE)
        assert self._loop is not None
        if not sent:
            # The other end is closed.
            self._loop.remove_reader(channel)
        for descriptor in descriptors:
            adopting = self._loop.connect_accepted_socket(self._protocol, socket.socket(fileno=descriptor))
            task = self._loop.create_task(adopting)
            self._adopting.add(task)
            task.add_done_callback(self._adopting.discard)

    def _protocol(self) -> asyncio.Protocol:
        """What serves a connection: that which uvicorn makes for one that it has accepted."""
        made: asyncio.Protocol = MockProtocol(self.config, self.server_state, self.lifespan.state)
        return made

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no further connection, and finish the answers under way within GRACE."""
        for server in self.servers:
            server.close()
        connections: Any = self.server_state.connections
        for connection in list(connections):
            connection.shutdown()
        until = asyncio.get_running_loop().time() + SHUTDOWN_TIMEOUT
        # A connection that is gone may leave a task that is still at its answer.
        while (connections or self.server_state.tasks) and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.01)
        for connection in list(connections):
            connection.transport.abort()


class MockServer:
    """An application of create_app, listening. Port 0 takes a free one. Raises OSError where the address cannot be had.

    `root_url` is where it listens, `base_url` where the operations hang, both without a slash at the end. `relay` is as
    Front takes it.
    """

    def __init__(self, app: Flask, host: str = "127.0.0.1", port: int = 0, *, relay: Handler | None = None) -> None:
        # uvicorn tells of every request that is no HTTP, and of what a fault does to the connection on purpose.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL + 1)
        self.state: State = app.extensions[STATE]
        self._app = app
        self._front = Front(app, relay)
        self._sockets = [_listen(host, port)]
        config = uvicorn.Config(
            self._front,
            loop="asyncio",
            http=MockProtocol,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=MAX_CONNECTIONS,
            timeout_keep_alive=int(CLIENT_TIMEOUT),
            h11_max_incomplete_event_size=MAX_HEADER_BYTES,
        )
        self._server = _Server(config)
        self._thread: threading.Thread | None = None
        bound = self._sockets[0].getsockname()
        shown = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
        self.root_url = f"http://{shown}:{bound[1]}"
        self.base_url = self.root_url + app.config[BASE_PATH]

    def listen_inside(self) -> tuple[str, int]:
        """Listen on a further port too, of this machine alone; which. To be asked before `serve`."""
        self._sockets.append(_listen("127.0.0.1", 0))
        host, port = self._sockets[-1].getsockname()
        return host, port

    def deal(self, away: Callable[[Any], bool]) -> None:
        """Ask of every connection (an asyncio.Transport) whether it was given `away`. To be told before `serve`."""
        self._front.away = away

    def adopt(self, channel: socket.socket) -> None:
        """Serve the connections, too, that arrive through `channel` (socket.send_fds), once a byte was sent there.

        To be told before `serve`.
        """
        self._server.channel = channel

    def replace_app(self, app: Flask) -> None:
        """Answer by another application from the next call on; it should go on with the state of the one before."""
        self._app = app
        self._front.take(app)
        self.base_url = self.root_url + app.config[BASE_PATH]

    @property
    def requests(self) -> list[JournalEntry]:
        """The journal: the last calls, oldest first."""
        return self.state.journal.entries()

    def captcha_answer(self, uuid: str) -> int:
        """The right answer to the captcha of that id."""
        return derive(self.state.secret, uuid).answer

    def set_behaviour(self, scenario: str | None = None, *, client: str = ALL_CLIENTS, **words: Any) -> None:
        """Let a behaviour stand: a `scenario`, or what else PUT /__mock/behaviour takes, by its names.

        `client` is whom it is for. Raises CannotBeHadError where it cannot be done.
        """
        asked = words if scenario is None else {"scenario": scenario, **words}
        self.state.behaviours.put(client, Behaviour.from_json(asked, self._app.extensions[NEGOTIATOR]))

    def reset(self) -> None:
        """Be honest again, and forget the journal."""
        self.state.reset()

    def serve(self) -> None:
        """Serve until `stop`; then take no further connection, and finish the answers under way within GRACE."""
        loop = _new_event_loop()
        try:
            loop.run_until_complete(self._server.serve(self._sockets))
        finally:
            loop.close()
            self.state.stopping.set()
            self._front.close()
            for each in self._sockets:
                each.close()

    def start(self) -> None:
        """Serve in a thread of its own."""
        self._thread = threading.Thread(target=self.serve, name="mock_server", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask `serve` to end, and wait where it runs in a thread. Safe to call twice, and by a signal handler."""
        self.state.stopping.set()
        self._server.stop()
        if self._thread is not None:
            self._thread.join(SHUTDOWN_TIMEOUT + 2)


@contextmanager
def running(**settings: Any) -> Iterator[MockServer]:
    """A mock on a free port of 127.0.0.1, stopped at the end; `settings` are those of create_app."""
    server = MockServer(create_app(**settings))
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _new_event_loop() -> asyncio.AbstractEventLoop:
    """uvloop's where it is installed, else Python's own."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def _listen(host: str, port: int) -> socket.socket:
    """A socket bound to the first address of `host`, IPv4 before IPv6."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = sorted(found, key=lambda each: each[0] != socket.AF_INET)[0]
    sock = socket.socket(family, kind, protocol)
    try:
        # On Windows this option would let two servers share a port; there it is not needed.
        if sys.platform != "win32":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        # From now on callers wait instead of being refused, though the server begins later, in its thread.
        sock.listen(2048)
    except OSError:
        sock.close()
        raise
    return sock
