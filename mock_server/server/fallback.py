"""The server to which requests that reach no operation are passed on, and its responses as they are received."""

from __future__ import annotations

import http.client
import re
import secrets
import socket
import ssl
from collections.abc import Iterable
from contextlib import suppress
from email.errors import FirstHeaderLineIsContinuationDefect, MissingHeaderBodySeparatorDefect
from http import HTTPStatus

from code_contract.examples import HEADER_NAME
from mock_server.core.behaviours import SOURCE_HEADER
from mock_server.reasons import Reason, ReasonError
from mock_server.response import Headers
from mock_server.server.fallback_url import FallbackUrl

CONNECT_TIMEOUT, READ_TIMEOUT = 5.0, 30.0
"""Seconds until the server must accept a connection, and in which it must send something."""
MAX_RESPONSE_BYTES = 256 * 2**20
"""Bytes of a body, after which the connection to the client is closed."""
CHUNK_BYTES = 64 * 1024
MAX_INTERIM = 100
"""Interim responses (1xx) before the final one."""

_HOP_BY_HOP = frozenset(
    (
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"),
        *("te", "trailer", "transfer-encoding", "upgrade"),
    )
)
"""Headers for one connection only (RFC 9110 §7.6.1)."""
_OWN_REQUEST_HEADERS = frozenset(("host", "content-length", "expect", SOURCE_HEADER.lower()))
_OWN_RESPONSE_HEADERS = frozenset(("date", "content-length"))
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_LENGTH = re.compile(r"[0-9]{1,18}")
_FOLD = re.compile(r"\r?\n[ \t]+")
_HEADER_DEFECTS = (FirstHeaderLineIsContinuationDefect, MissingHeaderBodySeparatorDefect)


class PassingError(ReasonError):
    """A request could not be passed on.

    Attributes:
        status: The status of the response: 502, 504 or 508.
    """

    def __init__(self, status: HTTPStatus, reason: Reason) -> None:
        super().__init__(reason)
        self.status = status


class Fallback:
    """A server to which requests are passed on.

    Args:
        url: Its URL.

    Attributes:
        url: The URL.
    """

    def __init__(self, url: FallbackUrl) -> None:
        self.url = url
        # A pseudonym (RFC 9110 §7.6.3), by which a request that comes back is recognized.
        self._via = f"1.1 code-contract-{secrets.token_hex(8)}"
        self._context = ssl.create_default_context() if url.scheme == "https" else None

    def call(self, method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes) -> Call:
        """Return a request that is ready to be sent.

        Args:
            method: The method.
            target: The path and the query as they were sent.
            headers: The headers as they were sent.
            body: The whole body.

        Raises:
            PassingError: The request was passed on before.
        """
        pairs = list(headers)
        via = ", ".join(value for name, value in pairs if name.lower() == "via")
        if self._via in via:
            raise PassingError(HTTPStatus.LOOP_DETECTED, Reason("fallback-loop", url=str(self.url)))
        # One request a connection: the server may close one that is kept open while the next request is on its way.
        own = [("Host", self.url.authority), ("Via", self._via), ("Connection", "close")]
        if body or method in ("PATCH", "POST", "PUT"):
            own.append(("Content-Length", str(len(body))))
        return Call(self, method, self.url.prefix + target, [*own, *_end_to_end(pairs, _OWN_REQUEST_HEADERS)], body)

    def connection(self) -> http.client.HTTPConnection:
        """Return a connection that is not open yet."""
        host, port = self.url.host, self.url.port
        if self._context is None:
            return http.client.HTTPConnection(host, port, timeout=CONNECT_TIMEOUT)
        return http.client.HTTPSConnection(host, port, timeout=CONNECT_TIMEOUT, context=self._context)

    def failure(self, error: Exception, is_connected: bool) -> PassingError:
        """Return the reason why there is no response."""
        url = str(self.url)
        if isinstance(error, ssl.SSLCertVerificationError):
            return PassingError(HTTPStatus.BAD_GATEWAY, Reason("fallback-certificate", url=url))
        if isinstance(error, TimeoutError):
            reason = Reason("fallback-response-timeout", url=url, seconds=f"{READ_TIMEOUT:g}")
            if not is_connected:
                reason = Reason("fallback-connection-timeout", url=url, seconds=f"{CONNECT_TIMEOUT:g}")
            return PassingError(HTTPStatus.GATEWAY_TIMEOUT, reason)
        reason = Reason("fallback-invalid-response" if is_connected else "fallback-unreachable", url=url)
        return PassingError(HTTPStatus.BAD_GATEWAY, reason)


class _Response(http.client.HTTPResponse):
    """A response that skips every interim response (RFC 9110 §15.2), of which http.client skips 100 only."""

    def begin(self) -> None:
        """Read the head of the final response: called by http.client, which documents only that it is read."""
        for _ in range(MAX_INTERIM):
            super().begin()
            if self.status >= HTTPStatus.OK:
                return
            # http.client reads another head only without headers; typeshed has no response without.
            self.headers = self.msg = None  # type: ignore[assignment]
        raise http.client.BadStatusLine(f"more than {MAX_INTERIM} interim responses")


class Call:
    """A request that is passed on, and its response. `read` and `abort` may be called in different threads.

    Attributes:
        status: The HTTP status, once the head of the response is received.
        headers: The headers for the client.
        length: The length of the body, None if it is not known.
        is_aborted: True once `abort` was called.
    """

    status: int
    headers: Headers
    length: int | None

    def __init__(
        self, fallback: Fallback, method: str, target: str, headers: list[tuple[str, str]], body: bytes
    ) -> None:
        self._fallback, self._method, self._target, self._headers, self._body = fallback, method, target, headers, body
        self._connection = fallback.connection()
        self._socket: socket.socket | None = None
        self._response: http.client.HTTPResponse | None = None
        self.is_aborted = False
        self._received = 0

    def open(self) -> None:
        """Send the request, and receive the head of the response. Raises PassingError if there is none."""
        try:
            self._connection.connect()
            self._socket = self._connection.sock
            self._socket.settimeout(READ_TIMEOUT)
            if self.is_aborted:
                self.abort()
            self._connection.response_class = _Response
            self._connection.putrequest(self._method, self._target, skip_host=True, skip_accept_encoding=True)
            for name, value in self._headers:
                self._connection.putheader(name, value)
            self._connection.endheaders(self._body or None)
            self._response = self._connection.getresponse()
            self.status = self._response.status
            self.length, self.headers = _checked_head(self._response)
        except (http.client.HTTPException, OSError, ValueError) as error:
            raise self._fallback.failure(error, self._socket is not None) from None

    def read(self) -> bytes:
        """Return the bytes that come next, b"" at the end. Raises PassingError if the body breaks off."""
        limit = CHUNK_BYTES if self.length is None else self.length - self._received
        # For mypy: `open` sets it, and raises if there is no response.
        assert self._response is not None  # noqa: S101
        try:
            chunk = self._response.read1(min(CHUNK_BYTES, limit))
            self._received += len(chunk)
            if not chunk and self.length not in (None, self._received):
                raise http.client.IncompleteRead(b"")
        except (http.client.HTTPException, OSError, ValueError, AttributeError):
            raise PassingError(HTTPStatus.BAD_GATEWAY, Reason("body-broke-off")) from None
        return chunk

    def abort(self) -> None:
        """Close the connection, also while another thread reads."""
        self.is_aborted = True
        with suppress(OSError):
            if self._socket is not None:
                # A thread that waits for the socket does not notice that it is closed.
                self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection, when no other thread uses it."""
        if self._response is not None:
            self._response.close()
        self._connection.close()


def _checked_head(response: http.client.HTTPResponse) -> tuple[int | None, Headers]:
    """The length of the body, and the headers for the client. Raises HTTPException for a head that HTTP has not."""
    message = response.headers
    # http.client takes what follows such a line for the body.
    if response.status > 599 or any(isinstance(each, _HEADER_DEFECTS) for each in message.defects):
        raise http.client.HTTPException
    pairs = [(name, _FOLD.sub(" ", value)) for name, value in message.items()]
    if not all(HEADER_NAME.fullmatch(name) and not _CONTROL.search(value) for name, value in pairs):
        raise http.client.HTTPException
    codings = [value.strip().lower() for value in message.get_all("Transfer-Encoding", [])]
    lengths = {each.strip() for value in message.get_all("Content-Length", []) for each in value.split(",")}
    if codings not in ([], ["chunked"]) or len(lengths) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
        raise http.client.HTTPException
    kept = _end_to_end(pairs, _OWN_RESPONSE_HEADERS)
    # Transfer-Encoding overrides Content-Length (RFC 9112 §6.3); 204 has neither (RFC 9110 §8.6).
    if codings or not lengths or response.status == HTTPStatus.NO_CONTENT:
        return None, tuple(kept)
    length = int(lengths.pop())
    return length, (*kept, ("Content-Length", str(length)))


def _end_to_end(headers: Iterable[tuple[str, str]], own: frozenset[str]) -> list[tuple[str, str]]:
    """The headers without those of one connection, and without those that the next one sets itself."""
    pairs = list(headers)
    named = {
        token.strip().lower() for name, value in pairs if name.lower() == "connection" for token in value.split(",")
    }
    return [pair for pair in pairs if pair[0].lower() not in _HOP_BY_HOP | own | named]
