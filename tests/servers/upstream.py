"""The server behind a mock: its responses show what a fallback passes back."""

from __future__ import annotations

import gzip
import threading
import time
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

PACKED = gzip.compress(b"packed")


class Handler(BaseHTTPRequestHandler):
    """Answers by path, and keeps the requests."""

    protocol_version = "HTTP/1.1"
    received: ClassVar[list[tuple[str, str, list[tuple[str, str]], bytes]]] = []
    go_on: ClassVar = threading.Event()

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.received.append((self.command, self.path, self.headers.items(), body))
        path = self.path.partition("?")[0]
        if path == "/api/stream":
            self.respond([("Transfer-Encoding", "chunked")])
            self.wfile.write(b"5\r\nfirst\r\n")
            self.wfile.flush()
            self.go_on.wait(5)
            self.wfile.write(b"4\r\nlast\r\n0\r\n\r\n")
        elif path == "/api/broken":
            self.respond([("Content-Length", "100")])
            self.wfile.write(b"half")
            self.close_connection = True
        elif path == "/api/silent":
            time.sleep(1)
            self.close_connection = True
        elif path == "/api/moved":
            self.respond([("Location", "http://elsewhere.test/"), ("Content-Length", "0")], 302)
        elif path == "/api/packed":
            self.respond([("Content-Encoding", "gzip"), ("Content-Length", str(len(PACKED)))])
            self.wfile.write(PACKED)
        else:
            self.respond(
                [
                    *(("Content-Length", "2"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Total", "3")),
                    *(("Connection", "X-Private"), ("X-Private", "1"), ("Keep-Alive", "timeout=5")),
                    ("Access-Control-Allow-Origin", "*"),
                ]
            )
            self.wfile.write(b"" if self.command == "HEAD" else b"ok")

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = handle_any

    def respond(self, headers: list[tuple[str, str]], status: int = 200) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        pass
