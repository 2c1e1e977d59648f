"""The response of a journal entry: a reference to what was sent, which is redacted when it is read."""

from __future__ import annotations

import base64
import re
from codecs import getincrementaldecoder
from functools import lru_cache
from itertools import chain, count
from typing import Any, NamedTuple

from mock_server.observability.redaction import MASK, Redactor
from mock_server.response import Headers

MAX_RESPONSE_BYTES = 64 * 1024
"""Bytes that are kept of a body: a picture of usual size is whole."""
_MAX_HEADERS = 50
_PAIR_BYTES = 200
"""Bytes of memory that a header takes besides its characters."""
_UNFRAMED_STATUSES = (None, 204, 304)
"""Responses without Content-Length (RFC 9110 §8.6)."""
_IMAGE = re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF.{4}WEBP", re.DOTALL)
_PICTURE = re.compile(
    r'(?<=")(?:data:image/[\w.+-]+;base64,|iVBOR|/9j/|R0lGOD|UklGR|PHN2Zy|PD94b)[A-Za-z0-9+/]*={0,2}', re.ASCII
)
"""A picture as base64 or as a data URI in JSON, by the type that it begins with."""
_PICTURE_BYTES = re.compile(_PICTURE.pattern.encode())
_FRAMING = ("content-length", "transfer-encoding")
_HEADER = re.compile(rb"([^:\r\n]+?)[ \t]*:[ \t]*((?:[^\r\n]|\r?\n[ \t])*)\r?\n")


class RecordedResponse(NamedTuple):
    """A response as it reached the client.

    Attributes:
        status: The HTTP status, or None if none reached it.
        headers: The headers; Content-Length is added when they are read.
        body: The first MAX_RESPONSE_BYTES bytes of the body.
        size: The bytes of the whole body.
    """

    status: int | None
    headers: Headers = ()
    body: bytes = b""
    size: int = 0

    @property
    def memory(self) -> int:
        """The approximate bytes of memory that it takes."""
        return len(self.body) + _memory_of(self.headers)

    def as_json(self, redactor: Redactor) -> dict[str, Any]:
        """Return the response as JSON values, redacted: the schema `Response` of the admin API."""
        text, encoding = _redacted(self.body, redactor, is_whole=self.size == len(self.body))
        return {
            "status": self.status,
            "headers": redactor.pairs(self.sent_headers),
            "body": text,
            "encoding": encoding,
            "size": self.size,
            "truncated": self.size > len(self.body),
        }

    @property
    def sent_headers(self) -> Headers:
        """The headers, with the Content-Length that the server adds."""
        if self.status in _UNFRAMED_STATUSES or any(name.lower() in _FRAMING for name, _ in self.headers):
            return self.headers
        return (*self.headers, ("Content-Length", str(self.size)))


@lru_cache(maxsize=128)
def _memory_of(headers: Headers) -> int:
    return _PAIR_BYTES * len(headers) + sum(map(len, chain.from_iterable(headers)))


NO_RESPONSE = RecordedResponse(None)


def recorded(status: int, headers: Headers, body: bytes) -> RecordedResponse:
    """Return a response to record, within the limits."""
    return RecordedResponse(status, headers[:_MAX_HEADERS], body[:MAX_RESPONSE_BYTES], len(body))


def recorded_message(message: bytes) -> RecordedResponse:
    """Return the response that the bytes of an HTTP/1.1 message are, malformed as they may be.

    An interim response alone (RFC 9110 §15.2) is none.
    """
    end = re.search(rb"\r?\n\r?\n", message)
    head, body = (message[: end.start()] + b"\r\n", message[end.end() :]) if end else (message, b"")
    status = int(found[1]) if (found := re.match(rb"HTTP/1\.1 (\d{3})", head)) else 0
    if status < 200:
        return NO_RESPONSE
    line_end = head.find(b"\n") + 1
    pairs = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in _HEADER.findall(head, line_end))
    return recorded(status, tuple(pairs), body)


@lru_cache(maxsize=4)
def _response_redactor(redactor: Redactor) -> Redactor:
    return Redactor(redactor.names, MAX_RESPONSE_BYTES)


def _redacted(body: bytes, redactor: Redactor, *, is_whole: bool) -> tuple[str, str]:
    """The body as text or base64, and the name of that encoding."""
    try:
        # The last character of a body that was cut may be incomplete.
        text = getincrementaldecoder("utf-8")().decode(body, final=is_whole)
    except UnicodeDecodeError:
        is_secret = not _IMAGE.match(body) and MASK in redactor.body(_PICTURE_BYTES.sub(b"", body))
        return (MASK, "utf-8") if is_secret else (base64.b64encode(body).decode("ascii"), "base64")
    # Pictures are set aside: base64 contains anything, even what looks like a secret.
    pictures = _PICTURE.findall(text)
    numbers = count()
    text = _response_redactor(redactor).body(_PICTURE.sub(lambda _: f"<picture {next(numbers)}>", text).encode())
    for number, picture in enumerate(pictures):
        text = text.replace(f"<picture {number}>", picture, 1)
    return text, "utf-8"
