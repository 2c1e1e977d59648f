"""The tunnel that an HTTP proxy opens for TLS (CONNECT, RFC 9110 §9.3.6)."""

from __future__ import annotations

import re
import socket

from contract_tests.http.exchange import TransportErrorKind
from contract_tests.http.head import MessageError
from contract_tests.message import Message

MAX_HEAD = 64 * 1024
"""Maximum size of the response to CONNECT, in bytes."""


def open_tunnel(sock: socket.socket, host: str, port: int, credentials: str) -> None:
    """Ask the proxy at the other end of a connection for a tunnel.

    Args:
        sock: The connection, whose time limit applies.
        host: The host of the target.
        port: Its port.
        credentials: The value of Proxy-Authorization, "" for none.

    Raises:
        MessageError: The proxy opens none.
        OSError: The connection failed.
    """
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    lines += [f"Proxy-Authorization: {credentials}"] if credentials else []
    sock.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
    head = bytearray()
    while b"\r\n\r\n" not in head:
        received = sock.recv(4096)
        if not received or len(head) > MAX_HEAD:
            raise MessageError(TransportErrorKind.NO_CONNECTION, "the proxy opened no tunnel")
        head += received
    status = re.match(rb"HTTP/1\.[01] (\d{3})", head)
    if status is None or not status[1].startswith(b"2"):
        if status is None:
            raise MessageError(TransportErrorKind.NO_CONNECTION, "the response of the proxy is not HTTP")
        detail = Message("the proxy responded {} to CONNECT {}", status[1].decode(), target)
        raise MessageError(TransportErrorKind.NO_CONNECTION, detail)
