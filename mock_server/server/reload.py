"""Reloads the contract when its file changes. A broken edit is reported and the contract before it stays."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from watchfiles import watch

from code_contract import Contract, ContractError, load
from mock_server.core.mock import Mock
from mock_server.server.server import MockServer

log = logging.getLogger("mock_server")


@contextmanager
def auto_reload(server: MockServer, path: Path, create: Callable[[Contract], Mock]) -> Iterator[None]:
    """Reload the contract of a server from a file whenever it changes, as long as the context is open.

    Args:
        server: The server whose mock is replaced.
        path: The file of the contract.
        create: Creates the mock of a contract.
    """
    stop = threading.Event()
    thread = threading.Thread(target=_watch_loop, args=(server, path, create, stop), name="reload", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(5)


def _watch_loop(server: MockServer, path: Path, create: Callable[[Contract], Mock], stop: threading.Event) -> None:
    # The folder and not the file: editors replace the file by a new one.
    path = path.resolve()
    try:
        for changes in watch(path.parent, stop_event=stop, recursive=False, rust_timeout=500, raise_interrupt=False):
            if any(Path(changed) == path for _, changed in changes):
                reload(server, path, create)
    except OSError as error:
        log.warning("cannot watch %s: %s; restart the mock after an edit", path.name, error)


def reload(server: MockServer, path: Path, create: Callable[[Contract], Mock]) -> None:
    """Serve the contract at `path` from the next request on. If it is invalid, log why and keep the one before."""
    try:
        mock = create(load(path))
    except (ContractError, ValueError) as error:
        server.state.reload_error = str(error)
        log.warning("%s was changed and is invalid; the contract before the change is served: %s", path.name, error)
        return
    server.state.reload_error = ""
    server.replace_mock(mock)
    log.warning("%s was changed and reloaded", path.name)
