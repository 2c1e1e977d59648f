"""More processes than one: each answers plain calls, and hands whatever else it meets to the first.

So there is one place for the journal, the behaviours and the admin API, which is the first process; a challenge follows
from its uuid, so any process can give one. What a helper has written down, the first asks it for when somebody looks.
"""

from __future__ import annotations

import logging
import multiprocessing
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from flask import Flask

from code_contract import Contract, load
from mock_server.app import create_app
from mock_server.core.calls import ValidationMode
from mock_server.core.state import State
from mock_server.faults import fault
from mock_server.observability.access_log import access_log
from mock_server.server.relay import Relay
from mock_server.server.reload import auto_reload
from mock_server.server.server import SHUTDOWN_TIMEOUT, MockServer

PATIENCE = 10.0
"""Seconds that a helper has to say what it has written down; by then it is lost."""

log = logging.getLogger("mock_server")


@dataclass(frozen=True)
class Service:
    """How a contract is served: all that another process has to be told to serve it in the same way.

    `spec` is the contract's file, None for the project's own; `log_format` one of logs.FORMATS; the rest is as
    create_app takes it, faults by name.
    """

    spec: Path | None
    secret: bytes
    faults: tuple[str, ...]
    base_path: str | None
    validate: ValidationMode
    admin: bool
    log_format: str
    watch: bool

    def app(self, contract: Contract, state: State) -> Flask:
        """The application. Raises UnknownNameError for a fault that there is not."""
        return create_app(
            contract,
            faults=[fault(name) for name in self.faults],
            base_path=self.base_path,
            validate=self.validate,
            admin=self.admin,
            state=state,
        )

    @contextmanager
    def watching(self, server: MockServer, contract: Contract) -> Iterator[None]:
        """As long as it is open, `server` follows the contract's file, if it is to."""
        if not self.watch:
            yield
            return
        with auto_reload(server, contract.path, lambda edited: self.app(edited, server.state)):
            yield


@contextmanager
def helped(server: MockServer, service: Service, number: int) -> Iterator[None]:
    """As long as it is open, so many processes more answer at the address of `server`."""
    context = multiprocessing.get_context("spawn")
    standing = context.RawValue("b", 0)
    server.state.behaviours.active = standing
    address = server.listen_inside()
    helpers = []
    for _ in range(number):
        pipe, their_pipe = context.Pipe()
        channel, their_channel = socket.socketpair()
        channel.setblocking(False)
        process = context.Process(
            target=_help, args=(service, their_channel, address, standing, their_pipe), daemon=True
        )
        process.start()
        their_pipe.close()
        their_channel.close()
        helpers.append(_Helper(process, pipe, channel))
    server.state.sync = _Gatherer(server.state, helpers)
    server.deal(_Turns(address, [helper.channel for helper in helpers]))
    try:
        yield
    finally:
        for helper in helpers:
            # That its pipe is closed tells it to end.
            helper.pipe.close()
            helper.channel.close()
        for helper in helpers:
            helper.process.join(SHUTDOWN_TIMEOUT + 2)
            if helper.process.is_alive():
                helper.process.kill()


@dataclass
class _Helper:
    """`pipe` is for what it has written down, `channel` for the connections that it is given."""

    process: SpawnProcess
    pipe: Pipe
    channel: socket.socket


class _Turns:
    """Deals connections out, one to each process in turn.

    Were they all to accept at one socket, whoever wakes first would take every connection that waits, and answer alone.
    """

    def __init__(self, inside: tuple[str, int], channels: Sequence[socket.socket]) -> None:
        self._inside = inside
        self._awaited = list(channels)
        self._ready: list[socket.socket] = []
        self._turn = 0

    def __call__(self, transport: Any) -> bool:
        """Whether a new connection was given away; those that a helper has made stay with the first process."""
        if transport.get_extra_info("sockname") == self._inside:
            return False
        for channel in list(self._awaited):
            with suppress(BlockingIOError):
                channel.recv(1)
                self._awaited.remove(channel)
                self._ready.append(channel)
        self._turn = (self._turn + 1) % (len(self._ready) + 1)
        if not self._turn:
            return False
        channel = self._ready[self._turn - 1]
        try:
            socket.send_fds(channel, [b"1"], [transport.get_extra_info("socket").fileno()])
        except BlockingIOError:
            return False
        except OSError:
            self._ready.remove(channel)
            return False
        return True


class _Gatherer:
    """Asks the helpers for what they have written down since it last asked."""

    def __init__(self, state: State, helpers: Sequence[_Helper]) -> None:
        self._state = state
        self._helpers = list(helpers)
        self._lock = threading.Lock()

    def __call__(self) -> None:
        with self._lock:
            for helper in list(self._helpers):
                try:
                    helper.pipe.send(None)
                    if not helper.pipe.poll(PATIENCE):
                        raise TimeoutError
                    self._state.merge(*helper.pipe.recv())
                except (OSError, EOFError) as error:
                    self._helpers.remove(helper)
                    log.warning("a worker is lost (%s); the others go on", type(error).__name__)


def _help(service: Service, channel: socket.socket, address: tuple[str, int], standing: Any, pipe: Pipe) -> None:
    """The life of a helper."""
    # Ctrl-C is meant for all; the first process decides, and closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(format="%(message)s", level=logging.ERROR)
    contract = load(service.spec)
    state = State.new(service.secret)
    state.behaviours.active = standing
    server = MockServer(service.app(contract, state), relay=Relay(address))
    server.adopt(channel)
    threading.Thread(target=_tell, args=(pipe, state, server), name="telling", daemon=True).start()
    with access_log(sys.stderr, service.log_format) as line, service.watching(server, contract):
        state.observers.append(line)
        server.serve()


def _tell(pipe: Pipe, state: State, server: MockServer) -> None:
    """Say what was written down, whenever asked, until there is nobody to ask."""
    try:
        while True:
            pipe.recv()
            pipe.send(state.drain())
    except (OSError, EOFError):
        server.stop()
