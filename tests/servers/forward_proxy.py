"""An HTTP proxy that forwards whole URLs and opens tunnels, and records what it received."""

from __future__ import annotations

import contextlib
import http.client
import select
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def do_CONNECT(self) -> None:
        if not self._is_allowed():
            return
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=5) as target:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            pair = [self.connection, target]
            while ready := select.select(pair, [], [], 5)[0]:
                data = ready[0].recv(65536)
                if not data:
                    break
                pair[pair.index(ready[0]) - 1].sendall(data)
        self.close_connection = True

    def forward(self) -> None:
        if not self._is_allowed():
            return
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name: value for name, value in self.headers.items() if name.lower() != "proxy-authorization"}
        target = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=5)
        with contextlib.closing(target):
            target.request(self.command, parts.path, body or None, headers)
            response = target.getresponse()
            content = response.read()
        self.send_response_only(response.status)
        for name, value in response.getheaders():
            if name.lower() not in ("transfer-encoding", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PROPFIND = do_OPTIONS = do_HEAD = forward

    def _is_allowed(self) -> bool:
        self.server.targets.append(self.path)
        self.server.credentials.append(self.headers.get("Proxy-Authorization"))
        if self.server.required in (None, self.headers.get("Proxy-Authorization")):
            return True
        self.send_response(407)
        self.send_header("Content-Length", "0")
        self.end_headers()
        return False

    def log_message(self, *args: object) -> None:
        pass


class Proxy(ThreadingHTTPServer):
    """Attributes: `targets` and `credentials` of the requests; `required` is the value of Proxy-Authorization."""

    daemon_threads = True
    url = ""

    def __init__(self, required: str | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.required = required
        self.targets: list[str] = []
        self.credentials: list[str | None] = []

    def handle_error(self, request: object, client_address: object) -> None:
        pass


@contextlib.contextmanager
def proxy(required: str | None = None) -> Iterator[Proxy]:
    """Run a proxy; with `required`, for requests with that value of Proxy-Authorization."""
    with Proxy(required) as server:
        server.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
