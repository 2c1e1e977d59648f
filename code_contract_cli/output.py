"""Output files: each is written whole or left as it was, and one that fails does not prevent the others."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import click

# A file can be writable although no other can be created beside it, or although it is a mount point (of a container).
_IN_PLACE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY}


class OutputError(click.ClickException):
    """The output cannot be written."""

    exit_code = 74  # EX_IOERR of sysexits.h


def check_writable(paths: Iterable[Path]) -> None:
    """Check before a run that its output files can be written; nothing is changed.

    Raises:
        UsageError: One cannot, or two are the same file.
    """
    seen: dict[Path, Path] = {}
    for path in paths:
        try:
            existing = _status(path)
            resolved = path.resolve()
            if existing is None and not resolved.parent.is_dir():
                raise FileNotFoundError(errno.ENOENT, "its folder does not exist")
            if existing is not None and stat.S_ISDIR(existing.st_mode):
                raise IsADirectoryError(errno.EISDIR, "it is a folder")
            if not os.access(path if existing else resolved.parent, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        except OSError as error:
            raise click.UsageError(f"{_reason(path, error)}; use another path") from None
        if seen.setdefault(resolved, path) is not path:
            raise click.UsageError(f"{str(path)!r} is given for two outputs; use two paths")


def save_all(outputs: Iterable[tuple[Path, Callable[[], bytes]]]) -> list[Path]:
    """Write output files, each rendered when its turn comes; return their paths.

    Raises:
        OutputError: At least one could not be written; the others are.
    """
    saved, failed, unexpected = list[Path](), list[str](), None
    for path, render in outputs:
        try:
            save(path, render())
            saved.append(path)
        except OSError as error:
            failed.append(_reason(path, error))
        except Exception as error:
            unexpected = error
    if unexpected is not None:
        raise unexpected
    if failed:
        raise OutputError("\n".join(failed))
    return saved


def save(path: Path, content: bytes) -> None:
    """Write a file: through a temporary file beside it, so that an existing one is complete or unchanged.

    A symbolic link stays one, and the mode of an existing file is kept. Devices and FIFOs are written directly.

    Raises:
        OSError: The file cannot be written.
    """
    existing = _status(path)
    special = existing is not None and not stat.S_ISREG(existing.st_mode)
    if special or path.parts[:2] == ("/", "dev"):
        _append(path, content)
        return
    target = path.resolve()
    temporary = target.with_name(f".code-contract-{secrets.token_hex(8)}.tmp")
    try:
        try:
            _create(temporary, content, existing)
            os.replace(temporary, target)
        finally:
            with suppress(OSError):
                temporary.unlink()
    except OSError as error:
        if existing is None or error.errno not in _IN_PLACE:
            raise
        target.write_bytes(content)


def _create(path: Path, content: bytes, like: os.stat_result | None) -> None:
    """Create a file with the owner and the mode of an existing one."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666), "wb") as file:
        file.write(content)
        file.flush()
        # Some file systems report a lack of room only here.
        os.fsync(file.fileno())
    if like is not None:
        if hasattr(os, "chown"):
            with suppress(PermissionError):
                os.chown(path, like.st_uid, like.st_gid)
        os.chmod(path, stat.S_IMODE(like.st_mode))


def _append(path: Path, content: bytes) -> None:
    # A FIFO that nobody reads would block; appending keeps what /dev/stdout has received.
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_NONBLOCK", 0))
    if hasattr(os, "set_blocking"):
        os.set_blocking(descriptor, True)
    with open(descriptor, "wb") as file:
        file.write(content)


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _reason(path: Path, error: OSError) -> str:
    unread = error.errno == errno.ENXIO
    return f"{str(path)!r} cannot be written: {'no process reads it' if unread else error.strerror}"
