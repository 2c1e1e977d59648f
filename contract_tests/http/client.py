"""The HTTP client: sends one request and records the exchange, within limits of time and size.

requests sends it, through an adapter that follows no redirects, stores no cookies and reads no environment variables.
Each exchange has a connection of its own, unless its request names one, so a server may close idle connections.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

import requests
import truststore
from urllib3.util import SKIP_HEADER

from contract_tests.http.errors import classify_error
from contract_tests.http.exchange import ACCEPT_ENCODING, Exchange, Request, TransportError, TransportErrorKind
from contract_tests.http.rate import RateLimit
from contract_tests.http.tcp import Connector
from contract_tests.http.transport import DeadlineAdapter, Watchdog, ssl_context
from contract_tests.message import Message
from contract_tests.proxy import parse_proxy
from contract_tests.settings import Settings
from contract_tests.version import version

MAX_BODY = 4 * 1024 * 1024
"""Maximum size of a body that is read, in bytes."""
MAX_EVIDENCE_BYTES = 64 * 1024
"""Bytes kept of a body that exceeds the maximum."""
SKIPPED = ("User-Agent", "Accept-Encoding")
"""Headers that urllib3 adds unless a request has them."""
CHUNK_SIZE = 64 * 1024
"""Bytes read from the network at a time."""
REUSE_DELAY = 0.05
"""Seconds from a response to the next request over its connection: time for more bytes, or for the end, to arrive."""


class Client:
    """Sends requests and records exchanges. Safe to use from several threads.

    Args:
        timeout: Wall-clock limit of one exchange, in seconds.
        ca_bundle: Path of a PEM file that replaces the trusted certificates.
        insecure: Accept every certificate.
        cert: Path of a PEM file with the client certificate.
        cert_key: Path of a PEM file with its key, None if `cert` has it.
        proxy: URL of an HTTP proxy, None for none.
        rate: Maximum number of requests a second, None for no limit.
        max_body: Maximum size of a body that is read, in bytes.

    Raises:
        SettingsError: The CA bundle or the client certificate cannot be read.
    """

    def __init__(
        self,
        *,
        timeout: float,
        ca_bundle: str | None = None,
        insecure: bool = False,
        cert: str | None = None,
        cert_key: str | None = None,
        proxy: str | None = None,
        rate: float | None = None,
        max_body: int = MAX_BODY,
    ) -> None:
        self._timeout = timeout
        self._max_body = max_body
        self._tls = ca_bundle, insecure, cert, cert_key
        self._contexts = threading.local()
        self._proxy = None if proxy is None else parse_proxy(proxy)
        self._rate = None if rate is None else RateLimit(rate)
        self._connector = Connector()
        self._kept: dict[str, DeadlineAdapter] = {}
        if ca_bundle is not None or cert is not None:
            _ = self._ssl_context

    @classmethod
    def of(cls, settings: Settings, timeout: float | None = None) -> Client:
        """Return the client of a run.

        Args:
            settings: The options of the run.
            timeout: Wall-clock limit of one exchange, in seconds; None for that of the settings.

        Raises:
            SettingsError: The CA bundle or the client certificate cannot be read.
        """
        names = ("ca_bundle", "insecure", "cert", "cert_key", "proxy", "rate")
        return cls(timeout=timeout or settings.timeout, **{name: getattr(settings, name) for name in names})

    def close(self) -> None:
        """Close the connections that requests have left open."""
        while self._kept:
            self._kept.popitem()[1].close()

    @cached_property
    def _ssl_context(self) -> ssl.SSLContext:
        # Created on first use: loading the certificates takes as long as twenty exchanges, and http needs none.
        return ssl_context(*self._tls)

    def _context(self) -> ssl.SSLContext:
        """Return the TLS context for this thread: a context of truststore admits one handshake at a time."""
        if not isinstance(self._ssl_context, truststore.SSLContext):
            return self._ssl_context
        if not hasattr(self._contexts, "own"):
            self._contexts.own = ssl_context(*self._tls)
        found: ssl.SSLContext = self._contexts.own
        return found

    def send(
        self,
        request: Request,
        *,
        label: str = "plain",
        operation: str = "",
        index: int = 0,
        deadline: float | None = None,
    ) -> Exchange:
        """Send a request and record the exchange.

        Args:
            request: The request.
            label: Label of the exchange: that of the baseline request or of a probe.
            operation: Id of the operation.
            index: Index of the request within its operation, from 0.
            deadline: Time (time.monotonic) at which the exchange ends, even before the timeout.

        Returns:
            The exchange. Errors caused by the target are recorded in it and never raised.
        """
        if not request.client:
            request = _completed(request)
        # Outside the time limit: the first https request creates it.
        context = self._context() if request.url.lower().startswith("https:") else None
        if self._rate is not None:
            self._rate.wait(deadline)
        limit = self._timeout
        if deadline is not None:
            limit = min(limit, deadline - time.monotonic())
        found: dict[str, Any] = {"started": time.time()}
        begun = time.monotonic()
        if limit <= 0:
            found["error"] = TransportError(TransportErrorKind.NO_RESPONSE, "not sent: the deadline of the run passed")
        else:
            with Watchdog(limit) as watchdog:
                try:
                    self._exchange(request, context, watchdog, found)
                except Exception as error:  # whatever a target provokes is evidence, not a crash
                    found["error"] = self._transport_error(error, watchdog, found)
        found["elapsed"] = time.monotonic() - begun
        return Exchange(request, label, operation, index, **found)

    def _exchange(
        self, request: Request, context: ssl.SSLContext | None, watchdog: Watchdog, found: dict[str, Any]
    ) -> None:
        # http.client encodes text in Latin-1; octets outside ASCII are opaque (RFC 9110 §5.5), and UTF-8 in practice.
        headers: dict[str, Any] = {n: v if v.isascii() else v.encode() for n, v in request.headers}
        prepared = requests.Request(request.method, request.url, headers, data=request.body).prepare()
        # What neither requests nor urllib3 is to add.
        prepared.headers.update((name, SKIP_HEADER) for name in SKIPPED if name not in prepared.headers)
        if request.body is None:
            prepared.headers["Content-Length"] = SKIP_HEADER
        adapter = self._kept.pop(request.connection, None) or DeadlineAdapter(self._connector, context, self._proxy)
        adapter.begin_exchange(watchdog, REUSE_DELAY if request.connection else 0.0)
        is_last = not request.connection or ("connection", "close") in [(n.lower(), v) for n, v in request.headers]
        try:
            with adapter.send(prepared, stream=True, timeout=watchdog.limit).raw as raw:
                if watchdog.expired:
                    # A socket that was shut down reads like the end of the head.
                    raise TimeoutError
                found["ttfb"] = watchdog.elapsed
                found |= adapter.received.fields
                self._read_body(raw, found)
        finally:
            found["lines"], found["reuse"] = bytes(adapter.received.lines), adapter.reuse
            if is_last:
                adapter.close()
            else:
                self._kept[request.connection] = adapter
        if watchdog.expired and "error" not in found:
            # A socket that was shut down reads like the end of the body.
            found["error"] = self._transport_error(TimeoutError(), watchdog, found)

    def _read_body(self, raw: Any, found: dict[str, Any]) -> None:
        body = bytearray()
        try:
            for chunk in _chunks(raw):
                body += chunk
                if len(body) > self._max_body:
                    detail = Message("the body has more than {} bytes", self._max_body)
                    found["error"] = TransportError(TransportErrorKind.TOO_LARGE, detail)
                    del body[MAX_EVIDENCE_BYTES:]
                    break
        finally:
            found["body"] = bytes(body)

    def _transport_error(self, error: BaseException, watchdog: Watchdog, found: dict[str, Any]) -> TransportError:
        made = classify_error(error, expired=watchdog.expired, limit=watchdog.limit, in_body="status" in found)
        # Through a proxy, no other host is resolved or connected to.
        if self._proxy is not None and made.kind in (TransportErrorKind.NAME_NOT_FOUND, TransportErrorKind.REFUSED):
            return replace(
                made, detail=Message("no proxy at {}: {}", f"{self._proxy.host}:{self._proxy.port}", made.detail)
            )
        return made


def _completed(request: Request) -> Request:
    """Return a request that follows no client profile with the headers of this program."""
    own = {name.lower() for name, _ in request.headers}
    added = (("User-Agent", f"code-contract/{version()}"), ("Accept", "*/*"), ("Accept-Encoding", ACCEPT_ENCODING))
    headers = tuple(pair for pair in added if pair[0].lower() not in own)
    body = b"" if request.body is None and request.method in ("PATCH", "POST", "PUT") else request.body
    return replace(request, headers=(*headers, *request.headers), body=body)


def _chunks(raw: Any) -> Iterator[bytes]:
    while chunk := raw.read(CHUNK_SIZE, decode_content=False):
        yield chunk
