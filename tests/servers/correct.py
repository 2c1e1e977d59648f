"""Correct servers: one small server, and the ways in which correct implementations differ.

It is written from the document alone and shares no code with the mock, so that no bug hides in both.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import secrets
import ssl
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.servers.pictures import annotated, drawn, interlaced, saved, several_idats

Answer = dict[str, Any]
CLOSE = -1
"""In place of a status: close the connection."""


@dataclass(frozen=True)
class Server:
    """The differences of one correct server from the default."""

    version: str = "HTTP/1.1"
    framing: str = "length"
    gzip: bool = False
    interim: bool = False
    content_type: str | None = "application/json;charset=UTF-8"
    write: Callable[[Answer], str] = json.dumps
    change: Callable[[Answer], Answer] = lambda answer: answer
    uuid: Callable[[], str] = lambda: uuid.uuid4().hex
    png: Callable[[], bytes] = lambda: saved(drawn())
    headers: tuple[tuple[str, str], ...] = ()
    other_methods: str = "405"
    source_error_status: str = ""
    requires_content_type: bool = False
    delay: float = 0.0
    limit: int = 0
    base_path: str = ""
    certificate: Any = None
    refuses: Callable[[Message], int] = lambda headers: 0
    write_for: Callable[[Message, bytes], bytes] = lambda headers, body: body


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


@contextlib.contextmanager
def serving(settings: Server) -> Iterator[str]:
    """Run a server on 127.0.0.1; yield its base URL."""
    recent: deque[float] = deque()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = settings.version

        def log_message(self, *_: object) -> None:
            """Log nothing."""

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path.partition("?")[0] != f"{settings.base_path}/code":
                self.reply(404, b"<h1>Not Found</h1>", "text/html")
            elif limited():
                self.reply(429, b"slow down", "text/plain", ("Retry-After", "1"))
            elif (status := settings.refuses(self.headers)) == CLOSE:
                self.close_connection = True
            elif status:
                self.reply(status, b"", None)
            elif settings.requires_content_type and not self.headers.get("Content-Type"):
                self.reply(415, b"", None)
            elif settings.source_error_status and not self.headers.get("Source"):
                error = {"succFlag": False, "code": 403, "data": None, "msg": "来源缺失"}
                status = int(settings.source_error_status)
                self.reply(status, settings.write(error).encode(), settings.content_type)
            else:
                time.sleep(settings.delay)
                img = "data:image/png;base64," + base64.b64encode(settings.png()).decode()
                answer = {"succFlag": True, "code": 200, "msg": None, "data": {"uuid": settings.uuid(), "img": img}}
                body = settings.write_for(self.headers, settings.write(settings.change(answer)).encode())
                self.reply(200, body, settings.content_type, *settings.headers)

        def other(self) -> None:
            if settings.other_methods == "same":
                self.do_POST()
            elif settings.other_methods == "404":
                self.reply(404, b"<h1>Cannot GET</h1>", "text/html; charset=utf-8")
            else:
                self.reply(405, b"", None, ("Allow", "POST, OPTIONS"))

        do_GET = do_DELETE = do_PUT = other

        def reply(self, status: int, body: bytes, content_type: str | None, *more: tuple[str, str]) -> None:
            if settings.interim:
                self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            if settings.gzip and body and "gzip" in (self.headers.get("Accept-Encoding") or ""):
                body = gzip.compress(body)
                more = (*more, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
            self.send_response(status)
            for name, value in more:
                self.send_header(name, value)
            if content_type:
                self.send_header("Content-Type", content_type)
            if settings.framing == "chunked":
                self.send_header("Transfer-Encoding", "chunked")
                pieces = [body[at : at + 700] for at in range(0, len(body), 700)]
                body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
            elif settings.framing == "length":
                self.send_header("Content-Length", str(len(body)))
            else:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

    def limited() -> bool:
        with lock:
            now = time.monotonic()
            while recent and now - recent[0] > 1:
                recent.popleft()
            if settings.limit and len(recent) >= settings.limit:
                return True
            recent.append(now)
            return False

    server = _Http(("127.0.0.1", 0), Handler)
    scheme = "http"
    if settings.certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        settings.certificate.configure_cert(context)
        # The handshake happens on the first read, in the thread of the connection.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        scheme = "https"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"{scheme}://127.0.0.1:{server.server_address[1]}{settings.base_path}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _data(**more: Any) -> Callable[[Answer], Answer]:
    return lambda answer: {**answer, "data": {**answer["data"], **more}}


def _reordered(answer: Answer) -> Answer:
    return dict(sorted(answer.items(), reverse=True))


SERVERS: dict[str, Server] = {
    "plain": Server(),
    "HTTP/1.0": Server(version="HTTP/1.0", framing="close"),
    "close-delimited": Server(framing="close"),
    "chunked": Server(framing="chunked"),
    "gzip": Server(gzip=True),
    "gzip chunked": Server(gzip=True, framing="chunked"),
    "100 Continue": Server(interim=True),
    "no charset": Server(content_type="application/json"),
    "charset in lower case": Server(content_type="application/json; charset=utf-8"),
    "escaped slashes": Server(write=lambda a: json.dumps(a).replace("/", "\\/")),
    "escaped characters": Server(write=lambda a: json.dumps({**a, "msg": "成功"})),
    "unescaped Chinese": Server(write=lambda a: json.dumps({**a, "msg": "成功"}, ensure_ascii=False)),
    "pretty-printed": Server(write=lambda a: json.dumps(a, indent="\t") + "\n"),
    "fields in reverse order": Server(change=_reordered),
    "extra fields": Server(change=lambda a: {**_data(expire=60)(a), "timestamp": 1, "traceId": "x"}),
    "msg empty": Server(change=lambda a: {**a, "msg": ""}),
    "msg absent": Server(change=lambda a: {k: v for k, v in a.items() if k != "msg"}),
    "uuid with dashes": Server(uuid=lambda: str(uuid.uuid4())),
    "uuid short": Server(uuid=lambda: secrets.token_urlsafe(6)),
    "uuid a nanoid": Server(uuid=lambda: secrets.token_urlsafe(16)[:21]),
    "uuid of time": Server(uuid=lambda: str(uuid.uuid1())),
    "grey": Server(png=lambda: saved(drawn("L"))),
    "grey and alpha": Server(png=lambda: saved(drawn("LA"))),
    "RGBA": Server(png=lambda: saved(drawn("RGBA"))),
    "palette": Server(png=lambda: saved(drawn("P"))),
    "palette of 4 bits": Server(png=lambda: saved(drawn().quantize(16), bits=4)),
    "palette of 2 bits": Server(png=lambda: saved(drawn().quantize(4), bits=2)),
    "palette of 1 bit": Server(png=lambda: saved(drawn("L").point(lambda v: v > 128).quantize(2), bits=1)),
    "palette with transparency": Server(png=lambda: saved(drawn().quantize(16), transparency=0)),
    "black and white": Server(png=lambda: saved(drawn("1"))),
    "16 bits": Server(png=lambda: saved(drawn("I;16"))),
    "interlaced": Server(png=interlaced),
    "several IDATs": Server(png=several_idats),
    "ancillary chunks": Server(png=annotated),
    "60x20": Server(png=lambda: saved(drawn(size=(60, 20)))),
    "1000x400": Server(png=lambda: saved(drawn(size=(1000, 400)))),
    "cookies, ETag, Vary": Server(headers=(("Set-Cookie", "JSESSIONID=x; Path=/; HttpOnly"), ("Set-Cookie", "a=b"), ("ETag", '"x"'), ("Vary", "Origin"))),
    "no-store": Server(headers=(("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate"), ("Pragma", "no-cache"), ("Expires", "0"))),
    "other methods like POST": Server(other_methods="same"),
    "other methods 404": Server(other_methods="404"),
    "source required, error 200": Server(source_error_status="200"),
    "source required, error 400": Server(source_error_status="400"),
    "source required, error 403": Server(source_error_status="403"),
    "415 without a content type": Server(requires_content_type=True),
    "700 ms": Server(delay=0.7),
    "30 calls a second": Server(limit=30),
    "base path": Server(base_path="/prod-api/v1"),
}  # fmt: skip
