"""Connections with a wall-clock limit for each exchange.

The timeout of requests applies to each read. Here a watchdog shuts the socket down at the end of the limit, which ends
every operation that waits for it.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import certifi
import truststore
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import SKIP_HEADER

from contract_tests.http import tls
from contract_tests.http.framing import FinalResponse, Received
from contract_tests.http.tcp import Connector
from contract_tests.http.tunnel import open_tunnel
from contract_tests.proxy import Proxy
from contract_tests.settings import SettingsError

Connect = Callable[[str, int], socket.socket]
NewResponse = Any


class Watchdog:
    """Shuts down the sockets of one exchange `limit` seconds after its creation. A context manager."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.expired = False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._begun = time.monotonic()
        self._timer = threading.Timer(limit, self._fire)
        self._timer.daemon = True

    @property
    def elapsed(self) -> float:
        """Seconds since the creation."""
        return time.monotonic() - self._begun

    @property
    def remaining(self) -> float:
        """Seconds left, at least 0.001: a timeout of 0 makes a socket non-blocking."""
        return max(self.limit - self.elapsed, 0.001)

    def __enter__(self) -> Watchdog:
        self._timer.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._timer.cancel()
        with self._lock:
            for each in self._sockets:
                each.close()
            self._sockets.clear()

    def guard(self, sock: socket.socket) -> None:
        """Shut this socket down at the end of the limit."""
        with self._lock:
            # A duplicate: TLS detaches the original from its object.
            self._sockets.append(sock.dup())
        if self.expired:
            self._fire()

    def _fire(self) -> None:
        with self._lock:
            self.expired = True
            for each in self._sockets:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)


class _WithoutLength(HTTPConnection):
    """Sends no Content-Length if a request has none: urllib3 adds it to a POST without a body."""

    # The types of http.client and urllib3 differ; this is the signature of urllib3, whose method it extends.
    def putheader(self, header: str, *values: Any) -> None:  # type: ignore[override]
        if header != "Content-Length" or values != (SKIP_HEADER,):
            super().putheader(header, *values)


class _Connection(_WithoutLength):
    def __init__(self, connect: Connect, response: NewResponse, **options: Any) -> None:
        super().__init__(**options)
        self._connect = connect
        self.response_class = response

    def connect(self) -> None:
        self.sock = self._connect(self.host, self.port or 80)


class _TlsConnection(_WithoutLength, HTTPSConnection):
    def __init__(self, connect: Connect, response: NewResponse, context: ssl.SSLContext, **options: Any) -> None:
        super().__init__(**options)
        self._connect = connect
        self.response_class = response
        self._context = context

    def connect(self) -> None:
        sock = self._connect(self.host, self.port or 443)
        try:
            self.sock = self._context.wrap_socket(sock, server_hostname=self.host)
        except BaseException:
            sock.close()
            raise
        # With --insecure too: otherwise urllib3 warns about every request.
        self.is_verified = True


class DeadlineAdapter(HTTPAdapter):
    """The adapter of requests for one connection at a time, which the watchdog of an exchange shuts down at its limit.

    A connection that the server has closed is replaced.

    Args:
        connector: Opens the connections.
        context: TLS context for https, or None for http.
        proxy: The proxy to connect to in place of the target, None for none.

    Attributes:
        reuse: Number of earlier exchanges over the connection.
        received: The response of the exchange in progress.
    """

    def __init__(self, connector: Connector, context: ssl.SSLContext | None = None, proxy: Proxy | None = None) -> None:
        self.reuse = -1
        self._proxy = proxy
        self._is_tls = context is not None
        self.received = Received()
        self._connector = connector
        self._watchdog: Watchdog | None = None
        # A duplicate: TLS detaches the original from its object.
        self._socket: socket.socket | None = None
        kind: Any = _Connection if context is None else partial(_TlsConnection, context=context)
        self._connection = partial(kind, connect=self._connect, response=self._response)
        super().__init__(max_retries=0, pool_connections=1, pool_maxsize=1)

    def begin_exchange(self, watchdog: Watchdog, wait: float = 0.0) -> None:
        """Prepare for the next exchange.

        Args:
            watchdog: The time limit of the exchange.
            wait: Seconds to wait for bytes behind the end of its response.
        """
        self.received = Received(wait)
        self.reuse += 1
        self._watchdog = watchdog
        if self._socket is not None:
            watchdog.guard(self._socket)

    def close(self) -> None:
        """Close the connection."""
        super().close()
        if self._socket is not None:
            self._socket.close()

    def _connect(self, host: str, port: int) -> socket.socket:
        # For mypy: requests connects only within an exchange, after begin_exchange.
        assert self._watchdog is not None  # noqa: S101
        proxy = self._proxy
        address = (host, port) if proxy is None else (proxy.host, proxy.port)
        sock = self._connector.connect(*address, self._watchdog.remaining)
        if self._socket is not None:
            self._socket.close()
        self._socket = sock.dup()
        self._watchdog.guard(sock)
        self.reuse = 0
        if proxy is not None and self._is_tls:
            try:
                open_tunnel(sock, host, port, proxy.credentials)
            except BaseException:
                sock.close()
                raise
        return sock

    def _response(self, *args: Any, **options: Any) -> FinalResponse:
        return FinalResponse(self.received, *args, **options)

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """Return the connection pool of a request, with guarded connections."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = self._connection
        return pool

    def request_url(self, request: Any, proxies: Any) -> str:
        """Return the target of a request: the whole URL for a proxy (RFC 9112 §3.2.2)."""
        if self._proxy is None or self._is_tls:
            return super().request_url(request, proxies)
        return str(request.url)

    def add_headers(self, request: Any, **kwargs: Any) -> None:
        """Add the credentials of the proxy, unless it only forwards bytes."""
        if self._proxy is not None and self._proxy.credentials and not self._is_tls:
            request.headers["Proxy-Authorization"] = self._proxy.credentials

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Load no certificates: the TLS context has them."""


def ssl_context(
    ca_bundle: str | None, insecure: bool, cert: str | None = None, cert_key: str | None = None
) -> ssl.SSLContext:
    """Create the TLS context of a run.

    Without a CA bundle the trust store of the system decides. Where that is no file, truststore asks the system; its
    context admits one handshake at a time.

    Args:
        ca_bundle: Path of a PEM file that replaces the trusted certificates of the system and of certifi.
        insecure: Accept every certificate.
        cert: Path of a PEM file with the client certificate, and with its key unless `cert_key` has it.
        cert_key: Path of a PEM file with the key.

    Raises:
        SettingsError: The CA bundle cannot be read or contains no certificate, or the client certificate is unusable.
    """
    context: ssl.SSLContext
    try:
        if ca_bundle is None and not insecure and tls.has_native_store():
            context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        else:
            context = ssl.create_default_context(cafile=ca_bundle)
    except (OSError, ssl.SSLError) as error:
        reason = getattr(error, "strerror", None) or "it contains no certificate"
        raise SettingsError(f"the CA bundle {ca_bundle!r} cannot be read: {reason}") from None
    if ca_bundle is None and not tls.has_native_store():
        # A slim container has no certificates.
        context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if cert is not None:
        tls.load_client_certificate(context, cert, cert_key)
    return context
