"""One call to a hostile target: bounded in time, in size, and in what it can make us do.

requests sends it, through an adapter that follows no redirect, keeps no cookie, reads no environment and opens a fresh
connection for every call, so that a connection closed while idle is never held against a server.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import requests

from contract_tests.http.errors import classify_error
from contract_tests.http.exchange import Exchange, Request, TransportError, TransportErrorKind
from contract_tests.http.transport import DeadlineAdapter, Watchdog, ssl_context
from contract_tests.version import version

MAX_BODY = 4 * 1024 * 1024
"""Bytes of a body that are read."""
MAX_EVIDENCE_BYTES = 64 * 1024
"""Bytes kept as evidence of a body that is larger."""
CHUNK_SIZE = 64 * 1024


class Client:
    """Sends Requests and records Exchanges. For use by many threads; `timeout` is wall-clock seconds per call.

    Raises SettingsError at once for a `ca_bundle` that cannot be read.
    """

    def __init__(
        self,
        *,
        timeout: float,
        ca_bundle: str | None = None,
        insecure: bool = False,
        max_body: int = MAX_BODY,
    ) -> None:
        self._timeout = timeout
        self._max_body = max_body
        self._insecure = insecure
        self._ca_bundle = ca_bundle
        self._plain = DeadlineAdapter()
        if ca_bundle is not None:
            _ = self._secure
        self._defaults = {
            "User-Agent": f"code-contract/{version()}",
            "Accept": "*/*",
            "Accept-Encoding": "gzip, deflate",
        }

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exc: object) -> None:
        self._plain.close()
        if "_secure" in vars(self):
            self._secure.close()

    @cached_property
    def _secure(self) -> DeadlineAdapter:
        # Reading all the certificates there are takes as long as twenty calls; http needs none.
        return DeadlineAdapter(ssl_context(self._ca_bundle, self._insecure))

    def send(
        self,
        request: Request,
        *,
        label: str = "plain",
        operation: str = "",
        index: int = 0,
        deadline: float | None = None,
    ) -> Exchange:
        """Make one call, within `timeout` and before `deadline` (time.monotonic); never raises for a target."""
        limit = self._timeout
        if deadline is not None:
            limit = min(limit, deadline - time.monotonic())
        adapter = self._secure if request.url.lower().startswith("https:") else self._plain
        found: dict[str, Any] = {"started": time.time()}
        begun = time.monotonic()
        if limit <= 0:
            found["trouble"] = TransportError(TransportErrorKind.NO_ANSWER, "not sent: the run's time was over")
        else:
            with Watchdog(limit) as watch:
                try:
                    self._exchange(adapter, request, watch, found)
                except Exception as error:  # whatever a target provokes is evidence, not a crash
                    found["trouble"] = _transport_error(error, watch, found)
        found["elapsed"] = time.monotonic() - begun
        return Exchange(request, label, operation, index, **found)

    def _exchange(self, adapter: DeadlineAdapter, request: Request, watch: Watchdog, found: dict[str, Any]) -> None:
        own = {name.lower() for name, _ in request.headers}
        headers = {name: value for name, value in self._defaults.items() if name.lower() not in own}
        prepared = requests.Request(
            request.method, request.url, headers | dict(request.headers), data=request.body
        ).prepare()
        response = adapter.send(prepared, stream=True, timeout=watch.limit, verify=not self._insecure)
        raw = response.raw
        try:
            if watch.expired:
                # A socket that was shut down reads like the end of the head.
                raise TimeoutError
            found["ttfb"] = watch.elapsed
            found["reason"] = raw.reason or ""
            found["http_version"] = {10: "1.0", 11: "1.1"}.get(raw.version, "")
            found["headers"] = tuple((str(k), str(v)) for k, v in raw.headers.items())
            found["status"] = raw.status
            body = bytearray()
            found["body"] = b""
            try:
                for piece in _chunks(raw):
                    body += piece
                    if len(body) > self._max_body:
                        found["trouble"] = TransportError(
                            TransportErrorKind.TOO_LARGE,
                            f"more than the {self._max_body} bytes that are read of a body",
                        )
                        del body[MAX_EVIDENCE_BYTES:]
                        break
            finally:
                found["body"] = bytes(body)
            if watch.expired and "trouble" not in found:
                # A socket that was shut down reads like the end of the body.
                found["trouble"] = _transport_error(TimeoutError(), watch, found)
        finally:
            raw.close()


def _chunks(raw: Any) -> Iterator[bytes]:
    while piece := raw.read(CHUNK_SIZE, decode_content=False):
        yield piece


def _transport_error(error: BaseException, watch: Watchdog, found: dict[str, Any]) -> TransportError:
    return classify_error(error, fired=watch.expired, limit=watch.limit, in_body="status" in found)
