"""The record of one exchange: the request, and the unchanged response or the transport error."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

ACCEPT_ENCODING = "gzip, deflate"
"""The content codings that the client accepts, unless a request states others."""


class TransportErrorKind(Enum):
    """The kind of a transport error. The value is the name in reports."""

    NAME_NOT_FOUND = "name not found"
    REFUSED = "connection refused"
    NO_CONNECTION = "no connection"
    TLS = "TLS failed"
    NO_RESPONSE = "no response"
    RESET = "connection lost"
    NOT_HTTP = "not HTTP"
    HEAD_TOO_LARGE = "head too large"
    INCOMPLETE = "body incomplete"
    TOO_SLOW = "body too slow"
    TOO_LARGE = "body too large"
    LENGTH = "length unknown"
    CHUNK = "invalid chunk"
    EXCESS = "bytes after the response"

    @property
    def is_limit(self) -> bool:
        """True if the response exceeds a limit of the client."""
        return self in (TransportErrorKind.HEAD_TOO_LARGE, TransportErrorKind.TOO_LARGE)


@dataclass(frozen=True)
class TransportError:
    """The reason why an exchange is incomplete. `detail` is a sanitized sentence for people."""

    kind: TransportErrorKind
    detail: str


class BodyCapture(Enum):
    """The form in which an exchange holds the body of its response. Live exchanges hold the bytes of the wire."""

    WIRE = "the bytes as received"
    BYTES = "the bytes with their content coding undone"
    TEXT = "the decoded text"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Request:
    """A request: an absolute URL without credentials, ordered headers, and an optional body.

    A body of b"" is sent with "Content-Length: 0", None without Content-Length. `client` is the name of the client
    profile that the headers follow, "" for none. `unknown` names the values that only the owner of the target knows and
    that were generated, and "credentials" if they are missing: such a request may be rejected.

    Requests with the same `connection` use one connection, as far as the server keeps it open; those without one use a
    new connection each. The last one has the header "Connection: close".
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    connection: str = ""
    client: str = ""
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its response.

    Attributes:
        request: The request.
        label: "plain" for a baseline request, or the label of a probe.
        operation: Id of the operation.
        index: Index of the request within its operation, from 0.
        started: Unix time at which it was sent.
        status: Status code, or None if no head arrived.
        reason: Reason phrase.
        http_version: "1.0", "1.1" or "".
        headers: Header fields in order.
        body: The body after the transfer coding is removed (RFC 9112 §7), with its content coding (RFC 9110 §8.4)
            unless `held` differs.
        ttfb: Seconds to the head, or None.
        elapsed: Seconds to the end.
        error: The transport error, or None.
        held: The form of `body`.
        lines: The bytes of all heads, interim ones included, and of the lines around chunks, as received; b"" if they
            were not recorded.
        reuse: Number of earlier exchanges over the same connection.
        is_live: False for an exchange of a third-party recording.
        request_is_complete: False if such a request lacks something that the contract requires.

    An exchange that is not retained has neither headers nor body.
    """

    request: Request
    label: str
    operation: str
    index: int
    started: float
    status: int | None = None
    reason: str = ""
    http_version: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    ttfb: float | None = None
    elapsed: float = 0.0
    error: TransportError | None = None
    held: BodyCapture = BodyCapture.WIRE
    lines: bytes = b""
    reuse: int = 0
    is_live: bool = True
    request_is_complete: bool = True

    def header(self, name: str) -> str | None:
        """Return the value of a header, repeated ones joined by commas (RFC 9110 §5.3), or None if it is absent."""
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(found) if found else None
