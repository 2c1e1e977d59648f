"""Watches the contract's file and serves what it says as soon as it changes; a broken edit changes nothing."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from watchfiles import watch

from code_contract import Contract, ContractError, load
from mock_server.server.server import MockServer

log = logging.getLogger("mock_server")


@contextmanager
def auto_reload(server: MockServer, path: Path, make: Callable[[Contract], Flask]) -> Iterator[None]:
    """As long as it is open, `server` follows the file at `path`; `make` gives the application of a contract."""
    stop = threading.Event()
    thread = threading.Thread(target=_watch_loop, args=(server, path, make, stop), name="watching", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(5)


def _watch_loop(server: MockServer, path: Path, make: Callable[[Contract], Flask], stop: threading.Event) -> None:
    # The folder and not the file: editors put a new file in the place of the old one.
    path = path.resolve()
    try:
        for changes in watch(path.parent, stop_event=stop, recursive=False, rust_timeout=500, raise_interrupt=False):
            if any(Path(changed) == path for _, changed in changes):
                reload(server, path, make)
    except OSError as error:
        log.warning("%s cannot be watched: %s; start again after an edit", path.name, error)


def reload(server: MockServer, path: Path, make: Callable[[Contract], Flask]) -> None:
    """Serve the contract at `path` from the next call on; where it cannot be used, say why and keep the one before."""
    try:
        app = make(load(path))
    except (ContractError, ValueError) as error:
        server.state.reload_error = str(error)
        log.warning("%s was changed and cannot be used; the one before is served: %s", path.name, error)
        return
    server.state.reload_error = ""
    server.replace_app(app)
    log.warning("%s was changed and is served now", path.name)
