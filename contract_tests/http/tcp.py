"""TCP connections to a host name: each of its addresses is tried, within one time limit."""

from __future__ import annotations

import errno
import os
import selectors
import socket
import threading
import time
from itertools import chain, zip_longest
from typing import Any, NamedTuple

from contract_tests.message import Message

ATTEMPT_DELAY = 0.25
"""Seconds until the next address is tried as well (Connection Attempt Delay, RFC 8305 §5)."""
MAX_ADDRESSES = 20
"""Addresses of one name that are tried."""

_IN_PROGRESS = {errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", errno.EWOULDBLOCK)}


class Address(NamedTuple):
    """An address to connect to, as `socket.getaddrinfo` returns it."""

    family: int
    kind: int
    protocol: int
    name: str
    address: Any


class Connector:
    """Opens TCP connections, and remembers the address of each host that accepted one. Safe to use from threads."""

    def __init__(self) -> None:
        self._accepted: dict[tuple[str, int], Address] = {}

    def connect(self, host: str, port: int, limit: float) -> socket.socket:
        """Connect to the first address of a host that accepts a connection.

        An address that does not answer delays the next one by ATTEMPT_DELAY, and remains in the race (RFC 8305 §5).

        Args:
            host: A host name or an IP address.
            port: The port.
            limit: Time limit in seconds.

        Raises:
            OSError: No address accepts a connection; TimeoutError if the limit passed.
        """
        until = time.monotonic() + limit
        waiting = _interleave(_resolve(host, port, limit))
        if (best := self._accepted.get((host, port))) in waiting:
            waiting.insert(0, waiting.pop(waiting.index(best)))
        last: OSError = TimeoutError("the time limit has passed")
        with selectors.DefaultSelector() as selector:
            try:
                while waiting or selector.get_map():
                    if waiting:
                        last = _start(waiting.pop(0), selector) or last
                    left = until - time.monotonic()
                    if left <= 0:
                        raise TimeoutError("the time limit has passed")
                    if not selector.get_map():
                        continue
                    for key, _ in selector.select(min(left, ATTEMPT_DELAY) if waiting else left):
                        selector.unregister(key.fileobj)
                        sock: socket.socket = key.data[0]
                        code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                        if code == 0:
                            self._accepted[host, port] = key.data[1]
                            sock.settimeout(max(until - time.monotonic(), 0.001))
                            return sock
                        sock.close()
                        last = OSError(code, os.strerror(code))
            finally:
                for key in selector.get_map().values():
                    key.data[0].close()
        raise last


def _start(address: Address, selector: selectors.BaseSelector) -> OSError | None:
    """Start to connect; return the error if the attempt fails at once."""
    try:
        sock = socket.socket(address.family, address.kind, address.protocol)
    except OSError as error:
        return error
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        code = sock.connect_ex(address.address)
        if code and code not in _IN_PROGRESS:
            raise OSError(code, os.strerror(code))
        selector.register(sock, selectors.EVENT_WRITE, (sock, address))
    except OSError as error:
        sock.close()
        return error
    return None


def _interleave(found: list[Address]) -> list[Address]:
    """Return addresses with their families alternating (RFC 8305 §4): IPv6 may be broken as a whole."""
    families = dict.fromkeys(each.family for each in found)
    columns = [[each for each in found if each.family == family] for family in families]
    return [each for each in chain.from_iterable(zip_longest(*columns)) if each is not None][:MAX_ADDRESSES]


def _resolve(host: str, port: int, limit: float) -> list[Address]:
    """Resolve a host name in a separate thread, because the system's resolver has no time limit."""
    found: list[Any] = []

    def resolve() -> None:
        try:
            found.append([Address(*each) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
        except (OSError, UnicodeError) as error:
            found.append(error)

    thread = threading.Thread(target=resolve, daemon=True)
    thread.start()
    thread.join(limit)
    if not found:
        raise socket.gaierror(Message("name resolution took longer than {:.1f} s", limit))
    if isinstance(found[0], Exception):
        raise found[0]
    return list(found[0])
