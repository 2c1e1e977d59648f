"""A server on a raw socket, whose behaviour on a connection is defined by the test."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

Behave = Callable[[socket.socket], None]


@contextlib.contextmanager
def raw_server(behave: Behave, wrap: Callable[[socket.socket], socket.socket] | None = None) -> Iterator[int]:
    """Run a server that reads the head of a request and then calls `behave` on the connection; yield its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    stopping = threading.Event()
    listener.settimeout(0.1)

    def serve() -> None:
        while not stopping.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = listener.accept()
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

    def answer(connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            connection.settimeout(20)
            connection = wrap(connection) if wrap else connection
            received = b""
            while b"\r\n\r\n" not in received:
                piece = connection.recv(65536)
                if not piece:
                    raise ConnectionError
                received = received[-3:] + piece
            behave(connection)
        connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stopping.set()
        thread.join(2)
        listener.close()


def send(*pieces: bytes, wait: float = 0.0, forever: bool = False, then: str = "close", hold: float = 3) -> Behave:
    """Return a behaviour that sends pieces.

    Args:
        pieces: The bytes to send, in order.
        wait: Seconds between two pieces.
        forever: True to repeat the last piece for `hold` seconds.
        then: "close", "hold" or "reset" the connection at the end.
        hold: Seconds to hold the connection open.
    """

    def behave(connection: socket.socket) -> None:
        until = time.monotonic() + hold
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(wait)
        while forever and time.monotonic() < until:
            connection.sendall(pieces[-1])
            time.sleep(wait)
        if then == "hold":
            time.sleep(hold)
        if then == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return behave


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BODY = b'{"a":1}'

ANSWER = send(HEAD + b"Content-Length: 7\r\n\r\n" + BODY)
"""A complete response."""
