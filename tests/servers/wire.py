"""Servers on raw sockets with persistent connections. The cases are in wire_cases."""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tests.servers.pictures import drawn, saved

CRLF = b"\r\n"
OK = b"HTTP/1.1 200 OK\r\n"
TYPE = b"Content-Type: application/json;charset=UTF-8\r\n"
HEAD = OK + TYPE
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
IMAGE = "data:image/png;base64," + base64.b64encode(saved(drawn())).decode()


def envelope() -> bytes:
    """A success response with a new id and a new picture."""
    image = "data:image/png;base64," + base64.b64encode(saved(drawn())).decode()
    data = {"uuid": uuid.uuid4().hex, "img": image}
    return json.dumps({"succFlag": True, "code": 200, "msg": None, "data": data}).encode()


def sized(body: bytes, head: bytes = HEAD) -> bytes:
    """A response with a correct Content-Length."""
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def chunked(body: bytes, size: int = 700) -> bytes:
    """A chunked body without its last chunk."""
    pieces = (body[at : at + size] for at in range(0, len(body), size))
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)


def coded(coding: bytes, body: bytes) -> bytes:
    """A response with a content coding."""
    return sized(body, HEAD + b"Content-Encoding: " + coding + CRLF)


class Call(NamedTuple):
    """One request: the number of earlier ones over the connection, the headers, the body, and the connection."""

    index: int
    fields: dict[bytes, bytes]
    body: bytes
    connection: socket.socket


Answer = Callable[[Call], "bytes | None"]
"""Returns the response to a request; None closes the connection. A response that ends in CLOSE closes it as well."""

CLOSE = b"<close>"


class Server(NamedTuple):
    """A server, the section that it uses or breaks, and the clauses that are reported."""

    section: str
    answer: Answer
    reported: tuple[str, ...] = ()
    reads_bodies: bool = True


def _field(line: bytes) -> tuple[bytes, bytes]:
    name, _, value = line.partition(b":")
    return name.lower(), value.strip()


@contextlib.contextmanager
def serving(server: Server) -> Iterator[str]:
    """Run a server on 127.0.0.1; yield its base URL."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    listener.settimeout(0.1)
    stopping = threading.Event()

    def accept() -> None:
        while not stopping.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = listener.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    def serve(connection: socket.socket) -> None:
        connection.settimeout(20)
        with connection, contextlib.suppress(OSError), connection.makefile("rb") as file:
            index = 0
            while line := file.readline():
                fields = dict(_field(each) for each in iter(file.readline, CRLF) if each)
                length = int(fields.get(b"content-length", b"0")) if server.reads_bodies else 0
                response = respond(line, Call(index, fields, file.read(length), connection))
                if response is None:
                    break
                connection.sendall(response.removesuffix(CLOSE))
                if response.endswith(CLOSE) or fields.get(b"connection") == b"close":
                    break
                index += 1

    def respond(line: bytes, call: Call) -> bytes | None:
        if line.startswith(b"POST /code "):
            return server.answer(call)
        if line.startswith((b"GET ", b"DELETE ", b"PUT ", b"PATCH ", b"TRACE ", b"OPTIONS ")):
            return b"HTTP/1.1 405 Method Not Allowed\r\nAllow: POST\r\nContent-Length: 0\r\n\r\n"
        return b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n" + CLOSE

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stopping.set()
        thread.join(2)
        listener.close()
