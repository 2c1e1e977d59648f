"""Reloads the contract when its file or an overlay changes. A broken edit is reported, and changes nothing."""

from __future__ import annotations

import gc
import logging
import stat
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from code_contract import Contract, ContractError, load
from mock_server.core.mock import Mock
from mock_server.server.server import MockServer

POLL_SECONDS = 0.3
"""Seconds between two looks at the file. A change is loaded when it is seen twice, so that it is complete."""

MAX_PROBLEMS = 20
"""Problems of a document that are logged."""

log = logging.getLogger("mock_server")

# Polled, since a watch is of a folder: it misses a symbolic link that is switched above it, as that of a ConfigMap of
# Kubernetes is, and changes in the mounts of containers.
_Signature = tuple[int, ...] | str


@contextmanager
def auto_reload(
    server: MockServer,
    path: Path,
    create: Callable[[Contract], Mock],
    *,
    overlays: Sequence[Path] = (),
    strict: bool = False,
) -> Iterator[None]:
    """Reload the contract of a server whenever its file or an overlay changes, as long as the context is open.

    Args:
        server: The server whose mock is replaced.
        path: The file of the contract. Links are followed anew each time.
        create: Creates the mock of a contract.
        overlays: Files that change the document.
        strict: Reject a document that violates OpenAPI.
    """
    stop = threading.Event()
    files = (path, *overlays)
    arguments = (server, files, create, strict, stop, _signatures(files))
    thread = threading.Thread(target=_watch_loop, args=arguments, name="reload", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(1)


def _watch_loop(
    server: MockServer,
    files: Sequence[Path],
    create: Callable[[Contract], Mock],
    strict: bool,
    stop: threading.Event,
    loaded: list[_Signature],
) -> None:
    before = loaded
    while not stop.wait(POLL_SECONDS):
        now = _signatures(files)
        if now != loaded and now == before:
            loaded = now
            reload(server, files, create, strict)
        before = now


def _signatures(files: Sequence[Path]) -> list[_Signature]:
    return [_signature(each) for each in files]


def _signature(path: Path) -> _Signature:
    """A value that changes with the content of a file, or the reason why it cannot be read."""
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
    # A FIFO would wait for a writer.
    if not stat.S_ISREG(status.st_mode):
        return "not a regular file"
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def reload(server: MockServer, files: Sequence[Path], create: Callable[[Contract], Mock], strict: bool = False) -> None:
    """Serve the contract of the first file, changed by the overlays after it, from the next request on.

    If it is invalid, log why and keep the one before.
    """
    path, *overlays = files
    try:
        for each in files:
            if isinstance(found := _signature(each), str):
                raise ContractError(f"{each} cannot be read: {found}", "restore the file")
        contract = load(path, overlays=overlays, strict=strict)
        server.replace_mock(create(contract))
        gc.unfreeze()  # the contract before is collected
    # Whatever goes wrong, such as a lack of file descriptors, the thread goes on.
    except Exception as error:
        server.state.reload_error = str(error)
        changed = getattr(error, "document", None) or path
        log.warning("%s was changed and is invalid; the contract before the change is served: %s", changed.name, error)
        return
    server.state.reload_error = ""
    log.warning("%s was changed and reloaded", path.name)
    for problem in contract.problems[:MAX_PROBLEMS]:
        log.warning("%s", problem)
