"""What an error of the network stack says of a target, as a Trouble."""

from __future__ import annotations

import http.client
import socket
import ssl
from typing import Any

import urllib3

from contract_tests import showing
from contract_tests.exchange import Trouble, TroubleKind


def _chain(error: BaseException) -> list[BaseException]:
    """An error and all that it was made of."""
    found: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting and len(found) < 20:
        each = waiting.pop(0)
        if isinstance(each, BaseException) and each not in found:
            found.append(each)
            waiting += [each.__cause__, each.__context__, getattr(each, "reason", None), *each.args]
    return found


def trouble(error: BaseException, *, fired: bool, limit: float, in_body: bool) -> Trouble:
    """The trouble that an error stands for: before the head, or `in_body`; `fired` where `limit` seconds were over."""
    chain = _chain(error)

    def first(*kinds: type[BaseException]) -> BaseException | None:
        return next((each for each in chain if isinstance(each, kinds)), None)

    within = f"within {limit:.3g} s"
    said = showing.text(str(chain[-1]) or type(chain[-1]).__name__)
    if in_body:
        if fired or first(TimeoutError, urllib3.exceptions.ReadTimeoutError):
            return Trouble(TroubleKind.TOO_SLOW, f"the body did not end {within}")
        return Trouble(TroubleKind.INCOMPLETE, f"the body broke off: {said}")
    if found := first(socket.gaierror, UnicodeError):
        detail = f"the host has no address: {showing.text(str(found))}"
        return Trouble(TroubleKind.NAME_NOT_FOUND, detail)
    if first(ConnectionRefusedError):
        return Trouble(TroubleKind.REFUSED, "the connection was refused: nothing listens there")
    if fired or first(TimeoutError, urllib3.exceptions.TimeoutError):
        return Trouble(TroubleKind.NO_ANSWER, f"no answer {within}")
    if found := first(ssl.SSLError):
        reason = getattr(found, "verify_message", "") or getattr(found, "reason", "") or str(found)
        return Trouble(TroubleKind.TLS, f"TLS failed: {showing.text(str(reason))}")
    if first(http.client.LineTooLong) or "got more than" in said:
        return Trouble(TroubleKind.HEAD_TOO_LARGE, f"the head is larger than is read: {said}")
    if first(http.client.RemoteDisconnected, ConnectionError):
        return Trouble(TroubleKind.RESET, "the connection was closed before an answer")
    if first(http.client.HTTPException, ValueError):
        return Trouble(TroubleKind.NOT_HTTP, f"what came is not HTTP: {said}")
    if first(OSError):
        return Trouble(TroubleKind.NO_CONNECTION, f"no connection: {said}")
    return Trouble(TroubleKind.NOT_HTTP, f"what came is not HTTP: {said}")
