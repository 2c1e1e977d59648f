"""The head of a response (RFC 9112 §4 and §5), read as leniently as clients do. The checks read its bytes strictly."""

from __future__ import annotations

import re
from typing import NamedTuple, Protocol

from contract_tests import sanitize
from contract_tests.http.exchange import TransportError, TransportErrorKind
from contract_tests.message import Message

MAX_HEAD = 256 * 1024
"""Maximum size of a head in bytes, interim heads included."""
MAX_HEADERS = 1_000
"""Maximum number of lines of a head."""
SWITCHING_PROTOCOLS = 101
BODYLESS_STATUSES = frozenset({SWITCHING_PROTOCOLS, 204, 304})
_MAX_DIGITS = 18
_STATUS_LINE = re.compile(rb"(?i:HTTP)/(\d+(?:\.\d+)?)[ \t]+(\d{3})(?!\d)[ \t]*(.*)", re.DOTALL)
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# What recipients replace by a space (RFC 9110 §5.5).
_UNSAFE = str.maketrans("\0\r\n", "   ")


class MessageError(Exception):
    """Bytes that are not a complete response. `error` is the transport error of the exchange."""

    def __init__(self, kind: TransportErrorKind, detail: str) -> None:
        super().__init__(detail)
        self.error = TransportError(kind, detail)


class Lines(Protocol):
    """A file that is read in lines."""

    def readline(self, limit: int, /) -> bytes:
        """Return a line with its end, at most `limit` bytes of it; b"" at the end."""


class Head(NamedTuple):
    """The head of a response; `version` is "1.1" or similar, and the values of headers are Latin-1."""

    version: str
    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]

    @property
    def is_interim(self) -> bool:
        """True if another response follows (RFC 9110 §15.2). No request asks to switch protocols."""
        return 100 <= self.status < 200 and self.status != SWITCHING_PROTOCOLS

    def members(self, name: str) -> list[str]:
        """Return the members of a list in headers of that name (RFC 9110 §5.6.1), in order."""
        values = [value for key, value in self.headers if key.lower() == name]
        return [each.strip(" \t") for value in values for each in value.split(",")]

    @property
    def is_last(self) -> bool:
        """True if the server closes the connection after the response (RFC 9112 §9.3)."""
        options = [each.lower() for each in self.members("connection")]
        return "close" in options or (self.version.startswith("1.0") and "keep-alive" not in options)

    def lengths(self) -> set[int] | None:
        """Return the lengths that Content-Length states (RFC 9110 §8.6), None if one of them is malformed."""
        stated = self.members("content-length")
        if not all(each.isascii() and each.isdigit() and len(each.lstrip("0")) <= _MAX_DIGITS for each in stated):
            return None
        return {int(each) for each in stated}


def read_head(file: Lines, received: bytearray) -> Head:
    """Read the head of the final response; interim responses before it are passed over, whatever their status.

    Args:
        file: The bytes of the connection.
        received: The bytes read are appended.

    Raises:
        MessageError: There is no final response, or its head exceeds a limit.
    """
    interim: list[int] = []
    while (head := _read_one(file, received, interim)).is_interim:
        interim.append(head.status)
    return head


def _read_one(file: Lines, received: bytearray, interim: list[int]) -> Head:
    lines = list[bytes]()
    while True:
        line = file.readline(MAX_HEAD + 1 - len(received))
        received += line
        if len(received) > MAX_HEAD or len(lines) > MAX_HEADERS:
            limit = (
                Message("more than {} bytes", MAX_HEAD)
                if len(received) > MAX_HEAD
                else Message("more than {} lines", MAX_HEADERS)
            )
            after = Message(" after {} interim responses", len(interim)) if interim else ""
            raise MessageError(
                TransportErrorKind.HEAD_TOO_LARGE, Message("the head exceeds the maximum size: {}{}", limit, after)
            )
        if not line.endswith(b"\n"):
            raise _ended_early(bytes(received) if lines or line else b"", interim)
        line = line.removesuffix(b"\n").removesuffix(b"\r")
        if not line and lines:
            return _parse(lines)
        lines.append(line)
        if len(lines) == 1 and not _STATUS_LINE.match(line):
            shown = sanitize.quoted(line.decode("latin-1"), 60)
            raise MessageError(
                TransportErrorKind.NOT_HTTP, Message("the response is not HTTP: it begins with {}", shown)
            )


def _ended_early(received: bytes, interim: list[int]) -> MessageError:
    if received and not received.lstrip().upper().startswith(b"HTTP/"):
        shown = sanitize.quoted(received.decode("latin-1"), 60)
        return MessageError(TransportErrorKind.NOT_HTTP, Message("the response is not HTTP: it begins with {}", shown))
    if received:
        return MessageError(TransportErrorKind.RESET, "the connection was closed before a response: its head is cut")
    if interim:
        statuses = ", ".join(map(str, interim[:5])) + (", …" if len(interim) > 5 else "")
        detail = Message("only interim responses arrived ({}), and no final one", statuses)
        return MessageError(
            TransportErrorKind.RESET, Message("the connection was closed before a response: {}", detail)
        )
    return MessageError(TransportErrorKind.RESET, "the connection was closed before a response")


def _parse(lines: list[bytes]) -> Head:
    """Parse the lines of a head without their ends."""
    found = _STATUS_LINE.match(lines[0])
    if found is None:
        raise MessageError(TransportErrorKind.NOT_HTTP, "the response is not HTTP")
    headers = list[tuple[str, str]]()
    for line in (each.decode("latin-1").translate(_UNSAFE) for each in lines[1:]):
        name, colon, value = line.partition(":")
        if line[:1] in (" ", "\t"):
            if headers:
                headers[-1] = (headers[-1][0], f"{headers[-1][1]} {line.strip()}".strip())
        elif colon and _NAME.fullmatch(name.rstrip(" \t")):
            headers.append((name.rstrip(" \t"), value.strip(" \t")))
    reason = found[3].decode("latin-1").translate(_UNSAFE).strip()
    return Head(found[1].decode(), int(found[2]), reason, tuple(headers))
