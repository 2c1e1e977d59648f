"""Connections with a wall-clock limit, one per exchange.

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
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from contract_tests.http.framing import FinalResponse
from contract_tests.http.tcp import Connector
from contract_tests.settings import SettingsError

Connect = Callable[[str, int], socket.socket]


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


class _Connection(HTTPConnection):
    response_class = FinalResponse

    def __init__(self, connect: Connect, **options: Any) -> None:
        super().__init__(**options)
        self._connect = connect

    def connect(self) -> None:
        self.sock = self._connect(self.host, self.port or 80)


class _TlsConnection(HTTPSConnection):
    response_class = FinalResponse

    def __init__(self, connect: Connect, context: ssl.SSLContext, **options: Any) -> None:
        super().__init__(**options)
        self._connect = connect
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
    """The adapter of requests for one exchange, whose connections the watchdog shuts down at its limit.

    Args:
        watchdog: The time limit of the exchange.
        connector: Opens the connections.
        context: TLS context for https, or None for http.
    """

    def __init__(self, watchdog: Watchdog, connector: Connector, context: ssl.SSLContext | None = None) -> None:
        def connect(host: str, port: int) -> socket.socket:
            sock = connector.connect(host, port, watchdog.remaining)
            watchdog.guard(sock)
            return sock

        self._connection: Any = (
            partial(_Connection, connect) if context is None else partial(_TlsConnection, connect, context)
        )
        super().__init__(max_retries=0, pool_connections=1, pool_maxsize=1)

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """Return the connection pool of a request, with guarded connections."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = self._connection
        return pool

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Load no certificates: the TLS context has them."""


def ssl_context(ca_bundle: str | None, insecure: bool) -> ssl.SSLContext:
    """Create the TLS context of a run.

    Args:
        ca_bundle: Path of a PEM file that replaces the trusted certificates of the system and of certifi.
        insecure: Accept every certificate.

    Raises:
        SettingsError: The CA bundle cannot be read or contains no certificate.
    """
    try:
        context = ssl.create_default_context(cafile=ca_bundle)
    except (OSError, ssl.SSLError) as error:
        reason = getattr(error, "strerror", None) or "it contains no certificate"
        raise SettingsError(f"the CA bundle {ca_bundle!r} cannot be read: {reason}") from None
    if ca_bundle is None:
        context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
