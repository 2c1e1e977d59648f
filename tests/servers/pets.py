"""A server of the pet store in tests/data/pets.yaml, correct or with one defect."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

KEY = "s3cret-key"
PET = {"id": 7, "name": "Mimi", "tags": ["cat"]}

Response = tuple[int, dict[str, str], Any]
"""Status, headers, and a JSON value, or bytes as they are."""


def respond(method: str, path: str, headers: Any, body: bytes, defect: str = "") -> Response:
    """Return the response to a request; `defect` is the id of the clause that it violates."""
    if defect == "500":
        return 500, {"Content-Type": "text/html"}, b"<h1>Internal Server Error</h1>"
    if headers.get("X-Key") != KEY and defect != "list-pets-requires-credentials":
        return 401, {}, {"error": "no key"}
    if path == "/v1/pets" and method == "POST":
        return 201, {}, PET | json.loads(body) | {"id": 7}
    if path == "/v1/pets":
        found: Response = 200, {"X-Total": "1"}, [PET]
        match defect:
            case "list-pets-is-served":
                found = 404, {}, {"error": "no such path"}
            case "list-pets-status-is-documented":
                found = 203, {"X-Total": "1"}, [PET]
            case "list-pets-200-media-type-is-documented":
                found = 200, {"X-Total": "1", "Content-Type": "text/plain"}, [PET]
            case "list-pets-200-body-is-as-documented":
                found = 200, {"X-Total": "1"}, [PET | {"name": 5}]
            case "list-pets-200-headers-are-as-documented":
                found = 200, {"X-Total": "many"}, [PET]
            case "list-pets-has-no-server-error":
                found = 503, {}, {"error": "down"}
        return found
    if path == "/v1/pets/7" and method in ("GET", "DELETE"):
        return (204, {}, b"") if method == "DELETE" else (200, {}, PET)
    return 404, {}, {"error": "no such pet"}


@contextmanager
def serving(defect: str = "") -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Run the server; yield its base URL, and the method and path of each request."""
    calls: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_request(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            path = urlsplit(self.path).path
            calls.append((self.command, path))
            status, headers, value = respond(self.command, path, self.headers, body, defect)
            data = value if isinstance(value, bytes) else json.dumps(value).encode()
            self.send_response(status)
            for name, text in ({"Content-Type": "application/json"} | headers).items():
                self.send_header(name, text)
            if status != 204:
                self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(b"" if status == 204 else data)

        do_GET = do_POST = do_PUT = do_DELETE = handle_request

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", calls
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
