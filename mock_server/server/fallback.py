"""The server to which requests that reach no operation are passed on, and its responses as they are received."""

from __future__ import annotations

import secrets
import ssl
from collections.abc import Iterable
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationParseError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util import SKIP_HEADER, Timeout

from mock_server.core.behaviours import SOURCE_HEADER
from mock_server.response import Headers
from mock_server.server.fallback_url import FallbackError, FallbackUrl

CONNECT_TIMEOUT, READ_TIMEOUT = 5.0, 30.0
"""Seconds until the server must accept a connection, and in which it must send something."""
MAX_RESPONSE_BYTES = 256 * 2**20
"""Bytes of a body, after which the connection to the client is closed."""
CHUNK_BYTES = 64 * 1024

_HOP_BY_HOP = frozenset(
    (
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"),
        *("te", "trailer", "transfer-encoding", "upgrade"),
    )
)
"""Headers for one connection only (RFC 9110 §7.6.1)."""
_OWN_REQUEST_HEADERS = frozenset(("host", "content-length", "expect", SOURCE_HEADER.lower()))
_OWN_RESPONSE_HEADERS = frozenset(("date",))


class PassingError(Exception):
    """A request could not be passed on.

    Attributes:
        status: The status of the response: 502, 504 or 508.
        reason: The reason in one sentence.
    """

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Fallback:
    """A server to which requests are passed on. Safe to use from several threads.

    Args:
        url: Its URL.

    Attributes:
        url: The URL.

    Raises:
        FallbackError: The host of the URL is not valid.
    """

    def __init__(self, url: FallbackUrl) -> None:
        self.url = url
        # A pseudonym (RFC 9110 §7.6.3), by which a request that comes back is recognized.
        self._via = f"1.1 code-contract-{secrets.token_hex(8)}"
        pool = urllib3.HTTPConnectionPool if url.scheme == "http" else urllib3.HTTPSConnectionPool
        timeout = Timeout(connect=CONNECT_TIMEOUT, read=READ_TIMEOUT)
        try:
            self._pool = pool(url.host, url.port, timeout=timeout, maxsize=16, retries=False)
        except LocationParseError:
            raise FallbackError(f"--fallback {url} has no valid host; use one such as http://127.0.0.1:8080") from None

    def open(self, method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes) -> PassedResponse:
        """Pass a request on, and return the response once its head is received.

        Args:
            method: The method.
            target: The path and the query as they were sent.
            headers: The headers as they were sent.
            body: The whole body.

        Raises:
            PassingError: There is no response.
        """
        kept = urllib3.HTTPHeaderDict()
        pairs = list(headers)
        via = ", ".join(value for name, value in pairs if name.lower() == "via")
        if self._via in via:
            raise PassingError(
                HTTPStatus.LOOP_DETECTED, f"the fallback {self.url} passed the request back to this mock"
            )
        for name, value in _end_to_end(pairs, _OWN_REQUEST_HEADERS):
            kept.add(name, value)
        kept.add("Via", self._via)
        kept["Host"] = self.url.authority
        # What the client does not send is not sent by the client library either.
        for name in ("accept-encoding", "user-agent"):
            kept.setdefault(name, SKIP_HEADER)
        try:
            response = self._pool.urlopen(
                method,
                self.url.prefix + target,
                body=body or None,
                headers=kept,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
        except (HTTPError, OSError, ValueError) as error:
            raise self._failure(error) from None
        return PassedResponse(response)

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._pool.close()

    def _failure(self, error: Exception) -> PassingError:
        gateway, late = HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT
        if isinstance(error, ConnectTimeoutError) and not isinstance(error, NewConnectionError):
            return PassingError(late, f"the fallback {self.url} accepted no connection within {CONNECT_TIMEOUT:g} s")
        if isinstance(error, ReadTimeoutError):
            return PassingError(late, f"the fallback {self.url} sent no response within {READ_TIMEOUT:g} s")
        if isinstance(error, (SSLError, ssl.SSLError)):
            remedy = "name its authority in SSL_CERT_FILE"
            return PassingError(gateway, f"the fallback {self.url} has no trusted certificate; {remedy}")
        if isinstance(error, NewConnectionError):
            return PassingError(gateway, f"the fallback {self.url} cannot be reached; is it running?")
        return PassingError(gateway, f"the fallback {self.url} sent no valid response")


class PassedResponse:
    """A response whose body is still to be read.

    Attributes:
        status: The HTTP status.
        headers: The headers for the client.
        length: The length of the body, None if it is not known.
    """

    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        self._response: Any = response
        self._chunks = response.read_chunked(decode_content=False) if self._response.chunked else None
        self.status = response.status
        self.headers: Headers = tuple(_end_to_end(response.headers.iteritems(), _OWN_RESPONSE_HEADERS))
        length = response.headers.get("Content-Length", "")
        self.length = int(length) if length.isdigit() and self._chunks is None else None

    def read(self) -> bytes:
        """Return the bytes that come next, b"" at the end. Raises PassingError if the body breaks off."""
        try:
            if self._chunks is not None:
                return next(self._chunks, b"")
            return bytes(self._response.read1(CHUNK_BYTES, decode_content=False))
        except (HTTPError, OSError, ValueError, AttributeError):
            raise PassingError(HTTPStatus.BAD_GATEWAY, "the body broke off") from None

    def release(self) -> None:
        """Give the connection back after the end of the body."""
        self._response.release_conn()

    def abort(self) -> None:
        """Close the connection, also while another thread reads."""
        with suppress(OSError, ValueError, RuntimeError):
            self._response.shutdown()
        self._response.close()


def _end_to_end(headers: Iterable[tuple[str, str]], own: frozenset[str]) -> list[tuple[str, str]]:
    """The headers without those of one connection, and without those that the next one sets itself."""
    pairs = list(headers)
    named = {
        token.strip().lower() for name, value in pairs if name.lower() == "connection" for token in value.split(",")
    }
    return [pair for pair in pairs if pair[0].lower() not in _HOP_BY_HOP | own | named]
