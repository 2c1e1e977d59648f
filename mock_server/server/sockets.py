"""The listening socket, and the number of connections that the process has room for."""

from __future__ import annotations

import socket
import sys

MAX_CONNECTIONS = 1000
"""Further ones are rejected with status 503."""
RESERVED_CONNECTIONS = 16
"""Connections above the limit that are open for the response that rejects them; further ones are closed at once."""
RESERVED_FILES = 32
"""File descriptors that are not available for connections."""


def max_connections() -> int:
    """Return MAX_CONNECTIONS, or fewer if the process may not open that many files: 256 by default on macOS."""
    try:
        import resource
    except ImportError:
        return MAX_CONNECTIONS
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(1, min(MAX_CONNECTIONS, limit - RESERVED_FILES - RESERVED_CONNECTIONS))


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on the first address of `host`, IPv4 before IPv6.

    Args:
        host: A name or an address.
        port: The port; 0 picks a free one.

    Raises:
        OSError: The address is not available.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = sorted(found, key=lambda each: each[0] != socket.AF_INET)[0]
    sock = socket.socket(family, kind, protocol)
    try:
        # On Windows this option would let two servers share a port; there it is not needed.
        if sys.platform != "win32":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        # From now on clients wait instead of being refused, although the server begins later, in its thread.
        sock.listen(2048)
    except OSError:
        sock.close()
        raise
    return sock
