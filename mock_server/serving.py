"""Serves the mock by waitress: in the foreground for the command line, in a thread for tests.

waitress and not granian: it runs inside the process that asks for it, takes port 0 and says which it got, and lets a
fault reach the connection itself; docs/servers.md has the measurements.
"""

from __future__ import annotations

import logging
import select
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.server import create_server
from waitress.task import ErrorTask, WSGITask

from mock_server.answers import CONNECTION, Below
from mock_server.app import BASE_PATH, MAX_REQUEST, MENU, REFUSALS, STATE, create_app
from mock_server.behaviour import EVERYBODY, Behaviour
from mock_server.challenge import derive
from mock_server.journal import Entry
from mock_server.state import State

GRACE = 5.0
"""Seconds that a stop waits for answers under way."""
LONGEST_DRIP = 600
"""Seconds after which even an endless answer is broken off."""
THREADS = 64
"""More than the answers that may be held back at a time (state.MOST_WAITING): the others still get theirs."""

# Two ints everywhere but on Windows, where they are two shorts.
_NO_LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class _Task(WSGITask):
    """Lets the application reach the connection, for the faults below HTTP."""

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        environ[CONNECTION] = {Below.RESET: self._reset, Below.EMPTY: self._hang_up, Below.DRIP: self._drip}
        return environ

    def _reset(self) -> Iterator[bytes]:
        """A body that resets the connection as soon as it is asked for its first byte."""
        # With no time to linger, closing a socket sends RST (RFC 9293 §3.10.4).
        connection: Any = self.channel.socket
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        return self._hang_up()

    def _hang_up(self) -> Iterator[bytes]:
        """A body that closes the connection as soon as it is asked for its first byte."""
        raise ClientDisconnected
        yield b""  # makes this a generator

    def _drip(self) -> Iterator[bytes]:
        """A body of blanks, one a second, until the caller or the mock has enough."""
        server: Any = self.channel.server
        for _ in range(LONGEST_DRIP):
            yield b" "
            if server.state.stopping.wait(1):
                break
        yield from self._reset()


class _Refusal(ErrorTask):
    """What waitress refuses by itself (a request too large, or not HTTP), in the documented envelope."""

    def execute(self) -> None:
        request: Any = self.request
        server: Any = self.channel.server
        error, refusals = request.error, server.refusals
        content_type, body = refusals.get(error.code) or refusals.get(400) or ("text/plain", error.reason.encode())
        self.status = f"{error.code} {error.reason}"
        self.response_headers = [("Content-Type", content_type)]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _Channel(HTTPChannel):
    task_class = _Task
    error_task_class = _Refusal


class MockServer:
    """An application of create_app, listening. Port 0 takes a free one. Raises OSError where the address cannot be had.

    `root_url` is where it listens, `base_url` where the operations hang, both without a slash at the end.
    """

    def __init__(self, app: Flask, host: str = "127.0.0.1", port: int = 0, threads: int = THREADS) -> None:
        # waitress tells of every queued request, and of what a fault does to the connection on purpose.
        logging.getLogger("waitress").setLevel(logging.CRITICAL)
        # A socket of our own: create_server would leave threads behind where the port is taken.
        self._socket = _listen(host, port)
        server: Any = create_server(
            app,
            sockets=[self._socket],
            threads=threads,
            ident=None,
            max_request_body_size=MAX_REQUEST,
            max_request_header_size=64 * 1024,
            channel_timeout=30,
            cleanup_interval=5,
            connection_limit=1000,
            asyncore_use_poll=hasattr(select, "poll"),
        )
        server.channel_class = _Channel
        self.state: State = app.extensions[STATE]
        server.state = self.state
        self._take(server, app)
        self._server = server
        self._stopping = threading.Event()
        # Reentrant, since a signal handler stops the server in the very thread that serves.
        self._trigger = threading.RLock()
        self._thread: threading.Thread | None = None
        bound = self._socket.getsockname()
        shown = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
        self.root_url = f"http://{shown}:{bound[1]}"
        self.base_url = self.root_url + app.config[BASE_PATH]

    def swap(self, app: Flask) -> None:
        """Answer by another application from the next call on; it should go on with the state of the one before."""
        self._take(self._server, app)
        self.base_url = self.root_url + app.config[BASE_PATH]

    @property
    def requests(self) -> list[Entry]:
        """The journal: the last calls, oldest first."""
        return self.state.journal.entries()

    def answer(self, uuid: str) -> int:
        """The right answer to the captcha of that id."""
        return derive(self.state.secret, uuid).answer

    def behave(self, scenario: str | None = None, *, client: str = EVERYBODY, **words: Any) -> None:
        """Let a behaviour stand: a `scenario`, or what else PUT /__mock/behaviour takes, by its names.

        `client` is whom it is for. Raises CannotBeHadError where it cannot be done.
        """
        asked = words if scenario is None else {"scenario": scenario, **words}
        menu = self._server.application.extensions[MENU]
        self.state.behaviours.put(client, Behaviour.of(asked, menu))

    def reset(self) -> None:
        """Be honest again, and forget the journal."""
        self.state.reset()

    def serve(self) -> None:
        """Serve until `stop`; then take no further connection, and finish the answers under way within GRACE."""
        server = self._server
        try:
            while not self._stopping.is_set():
                self._turn(1.0)
        finally:
            self._stopping.set()
            self.state.stopping.set()
            wasyncore.dispatcher.close(server)
            until = time.monotonic() + GRACE
            while self._hang_up(_is_idle) and time.monotonic() < until:
                self._turn(0.05)
            self._hang_up(lambda channel: True)
            server.task_dispatcher.shutdown(timeout=0.5)
            # Last, since the tasks pull it; and never while `stop` does, whose byte would go who knows where.
            with self._trigger:
                server.trigger.close()
            self._socket.close()

    def start(self) -> None:
        """Serve in a thread of its own."""
        self._thread = threading.Thread(target=self.serve, name="mock_server", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask `serve` to end, and wait where it runs in a thread. Safe to call twice, and by a signal handler."""
        with self._trigger:
            if not self._stopping.is_set():
                self._stopping.set()
                self.state.stopping.set()
                self._server.pull_trigger()
        if self._thread is not None:
            self._thread.join(GRACE + 2)

    @staticmethod
    def _take(server: Any, app: Flask) -> None:
        server.refusals = app.config[REFUSALS]
        server.application = app

    def _turn(self, seconds: float) -> None:
        """One round of waitress' own loop, of at most so many seconds."""
        use_poll = self._server.adj.asyncore_use_poll
        wasyncore.loop(timeout=seconds, use_poll=use_poll, map=self._server._map, count=1)

    def _hang_up(self, which: Callable[[Any], bool]) -> bool:
        """Close the connections that are `which`; whether any is left."""
        channels = self._server.active_channels
        for channel in [each for each in list(channels.values()) if which(each)]:
            channel.handle_close()
        return bool(channels)


def _is_idle(channel: Any) -> bool:
    return not channel.requests and not channel.total_outbufs_len


@contextmanager
def running(**settings: Any) -> Iterator[MockServer]:
    """A mock on a free port of 127.0.0.1, stopped at the end; `settings` are those of create_app."""
    server = MockServer(create_app(**settings))
    server.start()
    try:
        yield server
    finally:
        server.stop()


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
    except OSError:
        sock.close()
        raise
    return sock
