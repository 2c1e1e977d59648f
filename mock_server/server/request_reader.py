"""Splits the bytes of a connection into requests (RFC 9112), in the same way for every parser of uvicorn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from mock_server.core.parsed_request import MAX_CACHED_HEAD
from mock_server.reasons import Reason
from mock_server.server.head import MAX_HEADER_BYTES, Head, RequestError, read_head, read_header, too_large

MAX_CHUNK_LINE = 4096
"""Bytes of the line before a chunk, with its extensions."""
_CACHE_SIZE = 128

_BEGINNING = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}(?: |\Z)|\r\Z")
_BARE_LF = re.compile(rb"(?<!\r)\n")
# The line before a chunk; that of every chunk but the first also ends the data of the chunk before.
_CHUNK_LINES = tuple(
    re.compile(end + rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\x00-\x08\x0a-\x1f\x7f]*)?\r\n") for end in (b"", rb"\r\n")
)
_cached_head = lru_cache(_CACHE_SIZE)(read_head)


class RequestReader:
    """Reads the requests of one connection, one after another.

    Attributes:
        events: Yields a Head, then the parts of the body in the coding of the parser, and None whenever more bytes are
            needed. Raises RequestError, and then ends.
        in_body: True if the last head was followed by a body whose end was not read yet.
    """

    def __init__(self) -> None:
        self._data = bytearray()
        self._scanned = 0
        self._chunk_left = 0
        self.in_body = False
        self.events: Iterator[Head | bytes | None] = self._read()

    @property
    def buffered(self) -> int:
        """The number of bytes that are not read yet."""
        return len(self._data)

    def feed(self, data: bytes) -> None:
        """Add bytes that the client sent."""
        self._data += data

    def close(self) -> None:
        """Drop what is not read yet: nothing more will be."""
        self._data.clear()

    def _read(self) -> Iterator[Head | bytes | None]:
        while True:
            while (end := self._find_head_end()) < 0:
                yield None
            raw = self._take(end)
            self._take(4)
            head = (_cached_head if end <= MAX_CACHED_HEAD else read_head)(raw)
            self.in_body = head.length != 0
            yield head
            if head.length is None:
                yield from self._read_chunks()
                yield from self._read_trailers()
            else:
                yield from self._read_exactly(head.length)

    def _take(self, size: int) -> bytes:
        taken = bytes(self._data[:size])
        del self._data[:size]
        return taken

    def _find_head_end(self) -> int:
        """The position of the empty line after a head, or -1 if it has not arrived."""
        data = self._data
        # Empty lines before a request are skipped (§2.2).
        while data.startswith(b"\r\n"):
            del data[:2]
        begin = max(0, self._scanned - 3)
        end = data.find(b"\r\n\r\n", begin)
        is_too_large = (len(data) if end < 0 else end) > MAX_HEADER_BYTES
        # First, and not beyond the limit, so that the response does not depend on the parts in which a head arrives.
        is_checked = bool(data) and (end < 0 or is_too_large)
        if is_checked and (not _BEGINNING.match(data) or _BARE_LF.search(data, begin, MAX_HEADER_BYTES)):
            raise RequestError(Reason("not-http"))
        if is_too_large:
            raise too_large(Reason("head-too-large", limit=MAX_HEADER_BYTES))
        self._scanned = len(data) if end < 0 else 0
        return end

    def _read_exactly(self, length: int) -> Iterator[bytes | None]:
        while length:
            part = self._take(length)
            length -= len(part)
            self.in_body = length > 0
            yield part or None

    def _read_chunks(self) -> Iterator[bytes | None]:
        """A chunked body (§7.1), its extensions removed and small chunks joined."""
        is_last, is_first = False, True
        while not is_last:
            parts, at = list[bytes](), 0
            while True:
                if self._chunk_left:
                    part = bytes(self._data[at : at + self._chunk_left])
                    parts.append(part)
                    at += len(part)
                    self._chunk_left -= len(part)
                    if self._chunk_left:
                        break
                line = _CHUNK_LINES[not is_first].match(self._data, at)
                if line is None:
                    begin = at if is_first else at + 2
                    is_ended = is_first or b"\r\n".startswith(self._data[at:begin])
                    if not is_ended or b"\n" in self._data[begin:] or len(self._data) - at > MAX_CHUNK_LINE:
                        raise RequestError(Reason("invalid-chunk"))
                    break
                if line.end() - at > MAX_CHUNK_LINE:
                    raise RequestError(Reason("chunk-extensions-too-large", limit=MAX_CHUNK_LINE))
                is_first, at, self._chunk_left = False, line.end(), int(line[1], 16)
                if not self._chunk_left:
                    is_last = True
                    break
            del self._data[:at]
            joined = b"".join(parts)
            if joined:
                yield b"%x\r\n%b\r\n" % (len(joined), joined)
            if not is_last:
                yield None

    def _read_trailers(self) -> Iterator[bytes | None]:
        """The trailers (§7.1.2), which are checked and dropped."""
        while not self._data.startswith(b"\r\n") and (end := self._data.find(b"\r\n\r\n")) < 0:
            if len(self._data) > MAX_HEADER_BYTES:
                raise too_large(Reason("trailers-too-large", limit=MAX_HEADER_BYTES))
            yield None
        if not self._data.startswith(b"\r\n"):
            if end > MAX_HEADER_BYTES:
                raise too_large(Reason("trailers-too-large", limit=MAX_HEADER_BYTES))
            for line in self._take(end + 2).split(b"\r\n")[:-1]:
                read_header(line)
        self._take(2)
        self.in_body = False
        yield b"0\r\n\r\n"
