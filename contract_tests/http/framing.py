"""The framing of a response (RFC 9112 §6 to §8): the final response of a connection, and the end of its body.

http.client accepts what clients disagree on, and describes the rest in terms of Python. So the head and the framing are
read here, and http.client gets the bytes of the body, up to its end.
"""

from __future__ import annotations

import http.client
import io
import re
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from contract_tests import sanitize
from contract_tests.http.exchange import TransportErrorKind
from contract_tests.http.head import BODYLESS_STATUSES, MAX_HEAD, Head, MessageError, read_head
from contract_tests.message import Message

MAX_LINES = 64 * 1024
"""Maximum size in bytes of the lines kept of a chunked body, and of its trailers."""
MAX_LINE = 8 * 1024
"""Maximum size in bytes of the line before a chunk."""
MAX_EXCERPT = 60

# Whitespace is allowed around the parts of an extension only (§7.1.1). A bare LF is left to the checks.
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})(?:[ \t]*;[^\r\n\0]*)?\r?\n")
_CHUNK_LINE_START = re.compile(rb"[0-9A-Fa-f]{1,16}(?:[ \t]*;[^\r\n\0]*)?\r?")
_TRAILER = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n\0]*\r?\n")


@dataclass
class Received:
    """The response that is being received.

    Attributes:
        wait: Seconds to wait for bytes behind the end of the response.
        lines: The bytes of all heads, and of the lines around chunks.
        head: The final head, once it has arrived.
    """

    wait: float = 0.0
    lines: bytearray = field(default_factory=bytearray)
    head: Head | None = None

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of an exchange that the head gives."""
        if self.head is None:
            return {}
        version = self.head.version if self.head.version in ("1.0", "1.1") else ""
        fields = {"status": self.head.status, "reason": self.head.reason, "headers": self.head.headers}
        return fields | {"http_version": version}


class FinalResponse(http.client.HTTPResponse):
    """The final response of a request.

    Args:
        received: The record of the response.
        sock: The connection.
    """

    def __init__(self, received: Received, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self._received = received
        self._connection = sock
        self._has_body = options.get("method") != "HEAD"

    def begin(self) -> None:
        """Read the head. http.client calls this before the body is read."""
        head = read_head(self.fp, self._received.lines)
        self._received.head = head
        self.version = 10 if head.version == "1.0" else 11
        self.code = self.status = head.status
        self.reason = head.reason
        self.headers = self.msg = http.client.HTTPMessage()
        # To http.client the body ends where its file ends.
        self.chunked, self.length = False, None
        body = MessageBody(self.fp, self._received, self._connection, self._has_body)
        self.will_close = head.is_last or body.ends_with_connection
        self.fp = body  # type: ignore[assignment]  # typeshed expects a buffered file; only read methods are called


class MessageBody(io.RawIOBase):
    """The body of a response without its transfer coding; it ends where the head states.

    Reading raises MessageError if the body is incomplete or malformed, or if bytes follow it.
    """

    def __init__(self, file: Any, received: Received, connection: socket.socket, has_body: bool = True) -> None:
        super().__init__()
        self._file = file
        self._received = received
        self._connection = connection
        self._ended = False
        self._chunked, self._left = _framing(received.head, has_body)
        self._read = 0
        self.ends_with_connection = self._left is None or self._left < 0

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        """Read bytes of the body; return 0 at its end."""
        if self._left is not None and self._left < 0 and self._received.head is not None:
            head = self._received.head
            name = "Transfer-Encoding" if head.members("transfer-encoding") else "Content-Length"
            stated = sanitize.quoted(", ".join(head.members(name.lower())), MAX_EXCERPT)
            raise MessageError(
                TransportErrorKind.LENGTH, Message("the end of the body is unknown: {} is {}", name, stated)
            )
        if self._chunked and self._left == 0 and not self._ended:
            self._next_chunk()
        if self._ended:
            return 0
        if self._left == 0:
            self._end()
            return 0
        wanted = len(buffer) if self._left is None else min(len(buffer), self._left)
        data = self._file.read1(wanted)
        buffer[: len(data)] = data
        self._read += len(data)
        if self._left is None:
            self._ended = not data
            return len(data)
        if not data:
            unit = Message("chunk") if self._chunked else "Content-Length"
            raise _incomplete(
                Message("the connection was closed {} bytes before the end that its {} states", self._left, unit)
            )
        self._left -= len(data)
        if self._chunked and self._left == 0:
            self._end_chunk(data[-1:])
        return len(data)

    def _next_chunk(self) -> None:
        line = self._line()
        if not line:
            raise _incomplete("the last chunk, whose size is 0, is missing")
        found = _CHUNK_LINE.fullmatch(line)
        if found is None:
            if _is_cut(line) and _CHUNK_LINE_START.fullmatch(line):
                raise _incomplete("the connection was closed in the line before a chunk")
            raise _invalid_chunk(Message("{} in place of the size of a chunk", _quoted(line)))
        self._left = int(found[1], 16)
        if self._left == 0:
            self._read_trailers()
            self._end()

    def _end_chunk(self, last: bytes) -> None:
        end = self._file.readline(2)
        # CR LF, of which the chunk has CR, is no bare LF.
        if end not in (b"\r\n", b"\n") or last + end == b"\r\n":
            if len(end) < 2 and b"\r\n".startswith(end):
                raise _incomplete("the last chunk, whose size is 0, is missing")
            shown = _quoted(end) if len(end) > 1 else _quoted(last + end)
            raise _invalid_chunk(Message("{} in place of the line end after a chunk: its size is wrong", shown))
        self._keep(end)

    def _read_trailers(self) -> None:
        size = 0
        while (line := self._line()) not in (b"\r\n", b"\n"):
            size += len(line)
            if not line or _is_cut(line):
                raise _invalid_chunk("the empty line after the last chunk is missing")
            if size > MAX_LINES or not _TRAILER.fullmatch(line):
                raise _invalid_chunk(
                    Message("{} in place of a trailer or the empty line after the last chunk", _quoted(line))
                )

    def _line(self) -> bytes:
        line: bytes = self._file.readline(MAX_LINE)
        self._keep(line)
        return line

    def _keep(self, line: bytes) -> None:
        if len(self._received.lines) < MAX_HEAD + MAX_LINES:
            self._received.lines += line

    def _end(self) -> None:
        """End the body, and look for bytes behind it."""
        self._ended = True
        excess = b""
        with suppress(OSError):
            limit = self._connection.gettimeout()
            self._connection.settimeout(self._received.wait)
            try:
                excess = self._file.peek(MAX_EXCERPT)
            finally:
                self._connection.settimeout(limit)
        if excess:
            detail = Message("{} after the end of the response, at byte {} of the body", _quoted(excess), self._read)
            raise MessageError(TransportErrorKind.EXCESS, detail)


def _framing(head: Head | None, has_body: bool) -> tuple[bool, int | None]:
    """Return True for a chunked body, and the length in bytes (RFC 9112 §6.3).

    The length is None if the end of the connection is that of the body, and -1 if it is unknown.
    """
    if head is None or not has_body or head.status in BODYLESS_STATUSES:
        return False, 0
    codings = [each.lower() for each in head.members("transfer-encoding")]
    if codings:
        # The request accepts no other coding (RFC 9110 §10.1.4).
        return (True, 0) if codings == ["chunked"] else (False, -1)
    lengths = head.lengths()
    return False, -1 if lengths is None or len(lengths) > 1 else next(iter(lengths), None)


def _is_cut(line: bytes) -> bool:
    """True if the connection was closed within a line."""
    return not line.endswith(b"\n") and len(line) < MAX_LINE


def _quoted(data: bytes) -> str:
    return sanitize.quoted(data[:MAX_EXCERPT].decode("latin-1"), MAX_EXCERPT)


def _incomplete(detail: str) -> MessageError:
    return MessageError(TransportErrorKind.INCOMPLETE, Message("the body ended early: {}", detail))


def _invalid_chunk(detail: str) -> MessageError:
    return MessageError(TransportErrorKind.CHUNK, detail)
