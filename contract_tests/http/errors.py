"""What an error of the network stack says of a target, as a Trouble."""

from __future__ import annotations

import http.client
import socket
import ssl
from typing import Any

import urllib3

from contract_tests import sanitize as showing
from contract_tests.http.exchange import TransportError, TransportErrorKind


def _causes(error: BaseException) -> list[BaseException]:
    """An error and all that it was made of."""
    found: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting and len(found) < 20:
        each = waiting.pop(0)
        if isinstance(each, BaseException) and each not in found:
            found.append(each)
            waiting += [each.__cause__, each.__context__, getattr(each, "reason", None), *each.args]
    return found


def classify_error(error: BaseException, *, fired: bool, limit: float, in_body: bool) -> TransportError:
    """The trouble that an error stands for: before the head, or `in_body`; `fired` where `limit` seconds were over."""
    chain = _causes(error)

    def first(*kinds: type[BaseException]) -> BaseException | None:
        return next((each for each in chain if isinstance(each, kinds)), None)

    within = f"within {limit:.3g} s"
    said = showing.escape(str(chain[-1]) or type(chain[-1]).__name__)
    if in_body:
        if fired or first(TimeoutError, urllib3.exceptions.ReadTimeoutError):
            return TransportError(TransportErrorKind.TOO_SLOW, f"the body did not end {within}")
        return TransportError(TransportErrorKind.INCOMPLETE, f"the body broke off: {said}")
    if found := first(socket.gaierror, UnicodeError):
        detail = f"the host has no address: {showing.escape(str(found))}"
        return TransportError(TransportErrorKind.NAME_NOT_FOUND, detail)
    if first(ConnectionRefusedError):
        return TransportError(TransportErrorKind.REFUSED, "the connection was refused: nothing listens there")
    if fired or first(TimeoutError, urllib3.exceptions.TimeoutError):
        return TransportError(TransportErrorKind.NO_ANSWER, f"no answer {within}")
    if found := first(ssl.SSLError):
        reason = getattr(found, "verify_message", "") or getattr(found, "reason", "") or str(found)
        return TransportError(TransportErrorKind.TLS, f"TLS failed: {showing.escape(str(reason))}")
    if first(http.client.LineTooLong) or "got more than" in said:
        return TransportError(TransportErrorKind.HEAD_TOO_LARGE, f"the head is larger than is read: {said}")
    if first(http.client.RemoteDisconnected, ConnectionError):
        return TransportError(TransportErrorKind.RESET, "the connection was closed before an answer")
    if first(http.client.HTTPException, ValueError):
        return TransportError(TransportErrorKind.NOT_HTTP, f"what came is not HTTP: {said}")
    if first(OSError):
        return TransportError(TransportErrorKind.NO_CONNECTION, f"no connection: {said}")
    return TransportError(TransportErrorKind.NOT_HTTP, f"what came is not HTTP: {said}")
