"""A reverse proxy that serves a server below a path, as the proxies of development servers do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

CHUNK_SIZE = 64 * 1024
TIMEOUT = 30
"""Seconds."""


@contextmanager
def stripping_proxy(target: str, prefix: str) -> Iterator[str]:
    """Run a proxy on a free port of 127.0.0.1.

    Args:
        target: The root URL of the server.
        prefix: The path below which the proxy serves it. It removes the prefix from the path of each request, and
            changes nothing in the responses. Paths outside of it are not found.

    Yields:
        The URL of the prefix.
    """

    class Proxy(BaseHTTPRequestHandler):
        timeout = TIMEOUT

        def do_GET(self) -> None:
            if not self.path.startswith(prefix):
                self.send_error(404)
                return
            path = self.path.removeprefix(prefix) or "/"
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            headers["X-Forwarded-For"] = self.client_address[0]
            with closing(HTTPConnection(urlsplit(target).netloc, timeout=TIMEOUT)) as connection:
                connection.request(self.command, path, body, headers)
                response = connection.getresponse()
                self.send_response(response.status)
                for name, value in response.getheaders():
                    if name.lower() not in ("transfer-encoding", "connection", "date", "server"):
                        self.send_header(name, value)
                self.end_headers()
                while chunk := response.read1(CHUNK_SIZE):
                    self.wfile.write(chunk)

        do_POST = do_PUT = do_DELETE = do_GET

        def log_message(self, *args: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{prefix}"
        finally:
            server.shutdown()
