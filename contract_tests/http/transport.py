"""Connections that are watched by the wall clock, and used once.

requests' own timeout is per read; the bound here is the wall clock's: at the instant, a watchdog shuts the socket down,
and whatever waits for it ends.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import suppress
from typing import Any

import certifi
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from contract_tests.settings import SettingsError


class Watchdog:
    """The wall clock of one call: at `limit` seconds it shuts down the socket that was given to it."""

    current = threading.local()

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
        """Seconds since it began."""
        return time.monotonic() - self._begun

    @property
    def remaining(self) -> float:
        """Seconds left, never none: a timeout of 0 means something else to a socket."""
        return max(self.limit - self.elapsed, 0.001)

    def __enter__(self) -> Watchdog:
        self.current.watch = self
        self._timer.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._timer.cancel()
        self.current.watch = None
        with self._lock:
            for each in self._sockets:
                each.close()
            self._sockets.clear()

    def guard(self, sock: socket.socket) -> None:
        """Watch over a socket: by a duplicate, since TLS takes the socket itself away from its object."""
        with self._lock:
            self._sockets.append(sock.dup())
        if self.expired:
            self._fire()

    def _fire(self) -> None:
        with self._lock:
            self.expired = True
            for each in self._sockets:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)


def _connect(host: str, port: int, watch: Watchdog) -> socket.socket:
    """A TCP connection within the time left, over all the addresses of a name."""
    last: OSError = TimeoutError("no time left")
    for family, kind, protocol, _, address in _resolve(host, port, watch.remaining):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(watch.remaining)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.connect(address)
            watch.guard(sock)
            return sock
        except OSError as error:
            sock.close()
            last = error
    raise last


def _resolve(host: str, port: int, limit: float) -> list[Any]:
    """The addresses of a name. The system's resolver knows no time limit, so a thread of its own waits for it."""
    found: list[Any] = []

    def ask() -> None:
        try:
            found.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(limit)
    if not found:
        raise socket.gaierror(f"no answer to the question for its address within {limit:.1f} s")
    if isinstance(found[0], Exception):
        raise found[0]
    return list(found[0])


class _Connection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self._dns_host, self.port or 80, Watchdog.current.watch)


class _TlsConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self._dns_host, self.port or 443, Watchdog.current.watch)

    def connect(self) -> None:
        super().connect()
        # Who asked for --insecure has been told; a warning at every call says nothing more.
        self.is_verified = True


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.close()


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.close()


class DeadlineAdapter(HTTPAdapter):
    """requests' adapter over pools that keep nothing, with one TLS context for all calls."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._context = context
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """The pools of HTTPAdapter, of our kinds."""
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Nothing: the context has the certificates, loaded once."""


def ssl_context(ca_bundle: str | None, insecure: bool) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca_bundle)
    except (OSError, ssl.SSLError) as error:
        reason = getattr(error, "strerror", None) or "it holds no certificate"
        raise SettingsError(f"the CA bundle {ca_bundle!r} cannot be read: {reason}") from None
    if ca_bundle is None:
        context.load_verify_locations(certifi.where())
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
