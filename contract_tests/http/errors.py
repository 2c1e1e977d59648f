"""Classification of the errors of the network stack as transport errors."""

from __future__ import annotations

import errno
import os
import socket
import ssl
from collections.abc import Mapping
from typing import Any

import urllib3

from contract_tests import sanitize
from contract_tests.http.exchange import TransportError, TransportErrorKind
from contract_tests.http.head import MessageError
from contract_tests.message import Bilingual, Message, translate

_NAMES = {socket.EAI_AGAIN: "the name server did not respond", socket.EAI_NONAME: "there is no such name"}
_SYSTEM = {
    errno.EADDRNOTAVAIL: "no local address is free",
    errno.EHOSTUNREACH: "the host is unreachable",
    errno.EMFILE: "too many files are open",
    errno.ENETUNREACH: "the network is unreachable",
    errno.ETIMEDOUT: "the connection timed out",
}
_CERTIFICATES = {
    9: "the certificate is not yet valid",
    10: "the certificate has expired",
    18: "the certificate is self-signed",
    19: "a certificate of the chain is self-signed",
    20: "the issuer of the certificate is not trusted",
    62: "the certificate is that of another host name",
    64: "the certificate is that of another IP address",
}
"""Sentences by the codes of name resolution, of the system and of OpenSSL: their own texts are English only."""


def _causes(error: BaseException) -> list[BaseException]:
    """Return an error, its causes and its arguments that are errors, at most 20."""
    found: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting and len(found) < 20:
        each = waiting.pop(0)
        if isinstance(each, BaseException) and each not in found:
            found.append(each)
            waiting += [each.__cause__, each.__context__, getattr(each, "reason", None), *each.args]
    return found


def classify_error(error: BaseException, *, expired: bool, limit: float, in_body: bool) -> TransportError:
    """Classify an error that ended an exchange.

    Args:
        error: The error, of any library.
        expired: True if the time limit of the exchange passed.
        limit: The time limit in seconds.
        in_body: True if the head of the response arrived.

    Returns:
        The transport error, whose detail is sanitized.
    """
    chain = _causes(error)

    def first(*kinds: type[BaseException]) -> BaseException | None:
        return next((each for each in chain if isinstance(each, kinds)), None)

    within = Message("within {:.3g} s", limit)
    late = expired or first(TimeoutError, urllib3.exceptions.TimeoutError) is not None
    message = next((each for each in chain if isinstance(each, MessageError)), None)
    if message is not None and not late:
        return message.error
    if in_body:
        if late:
            return TransportError(TransportErrorKind.TOO_SLOW, Message("the body did not end {}", within))
        return TransportError(TransportErrorKind.INCOMPLETE, Message("the body ended early: {}", _reason(chain)))
    if found := first(socket.gaierror, UnicodeError):
        own = next((each for each in found.args if isinstance(each, Message)), None)
        detail = Message(
            "the host name could not be resolved: {}",
            own or _bilingual(str(found), _NAMES, getattr(found, "errno", None)),
        )
        return TransportError(TransportErrorKind.NAME_NOT_FOUND, detail)
    if first(ConnectionRefusedError):
        return TransportError(TransportErrorKind.REFUSED, "the connection was refused: nothing listens there")
    if late:
        return TransportError(TransportErrorKind.NO_RESPONSE, Message("no response {}", within))
    if found := first(ssl.SSLError):
        reason = getattr(found, "verify_message", "") or getattr(found, "reason", "") or str(found)
        shown = _bilingual(str(reason), _CERTIFICATES, getattr(found, "verify_code", None))
        return TransportError(TransportErrorKind.TLS, Message("TLS failed: {}", shown))
    if first(ConnectionError):
        return TransportError(TransportErrorKind.RESET, "the connection was closed before a response")
    if first(OSError):
        return TransportError(TransportErrorKind.NO_CONNECTION, Message("no connection: {}", _reason(chain)))
    return TransportError(TransportErrorKind.NOT_HTTP, "the response is not HTTP")


def _reason(chain: list[BaseException]) -> str:
    """Return the reason of the operating system."""
    if any(isinstance(each, ConnectionError) for each in chain):
        return "the connection was reset"
    found = next((each.errno for each in chain if isinstance(each, OSError) and each.errno), None)
    return "the connection failed" if found is None else _bilingual(os.strerror(found), _SYSTEM, found)


def _bilingual(text: str, sentences: Mapping[int, str], code: object) -> str:
    """Return a text of a library, in Chinese by its code if that is known."""
    shown = sanitize.escape(text)
    return Bilingual(shown, translate(sentences[code], "zh")) if isinstance(code, int) and code in sentences else shown
