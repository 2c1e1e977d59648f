"""One client of the mock: sends requests over TCP, on a persistent or on a fresh connection."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from http.client import HTTPConnection
from random import Random

JSON = {"Content-Type": "application/json;charset=UTF-8"}
CLIENTS = {
    "browser": {
        "Content-Length": "0",
        "sec-ch-ua-platform": '"Linux"',
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0",
        "Accept": "application/json, text/plain, */*",
        "Source": "PC",
        "Origin": "http://localhost:5173",
        "Sec-Fetch-Site": "same-site",
        "Sec-Fetch-Mode": "cors",
        "Referer": "http://localhost:5173/",
        "Accept-Encoding": "gzip, deflate, br, zstd",
        "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8",
    },
    "axios": JSON | {"Accept": "*/*", "Source": "PC", "User-Agent": "axios/1.12.0", "Content-Length": "0"},
    "OkHttp": {"Source": "PC", "Content-Length": "0", "Accept-Encoding": "gzip", "User-Agent": "okhttp/5.1.0"},
    "curl": {"User-Agent": "curl/8.5.0", "Accept": "*/*", "Source": "PC"} | JSON,
    "JDK": {
        "Connection": "Upgrade, HTTP2-Settings",
        "Content-Length": "0",
        "HTTP2-Settings": "AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAAAAYABgAA",
        "Upgrade": "h2c",
        "User-Agent": "Java-http-client/21.0.4",
        "Source": "PC",
    },
    "Python": {"User-Agent": "python-requests/2.34.0", "Accept": "*/*", "Source": "PC", "Content-Length": "0"},
}
_RESET = struct.pack("ii", 1, 0)
MAX_READ = 200_000
"""Bytes of the response to a fault that are read; it may be endless."""


class Caller:
    """One client, with a persistent connection."""

    def __init__(self, host: str, port: int, random: Random) -> None:
        self.random = random
        self._address = (host, port)
        self._kept = HTTPConnection(host, port, timeout=30)
        self.uuid = "x"

    def close(self) -> None:
        self._kept.close()

    def send(
        self, method: str, target: str, *expected: int, headers: dict[str, str], body: bytes = b"", fresh: bool = False
    ) -> bytes:
        """Send a request, over the persistent connection or a fresh one; return the body of the response."""
        connection = HTTPConnection(*self._address, timeout=30) if fresh else self._kept
        connection.putrequest(method, target, skip_accept_encoding=True, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name, value)
        if body and "Content-Length" not in headers:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        response = connection.getresponse()
        content = response.read()
        if fresh:
            connection.close()
        assert response.status in expected, f"{method} {target[:100]}: {response.status} {content[:300]!r}"
        return content

    def raw(self, sent: bytes, *, reads: bool = True, resets: bool = False, patience: float = 5.0) -> bytes:
        """Send bytes over a fresh connection; return what is received, until the client loses patience."""
        received = b""
        with socket.create_connection(self._address, timeout=patience) as connection, suppress(OSError):
            connection.sendall(sent)
            while reads and len(received) < MAX_READ and (part := connection.recv(65536)):
                received += part
            if resets:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        return received

    def headers(self) -> dict[str, str]:
        """The headers of a real client; each fourth request has one of its own, which no cache can know."""
        own = {"X-Request-Id": self.word()} if self.random.random() < 0.25 else {}
        return self.random.choice(list(CLIENTS.values())) | own

    def word(self) -> str:
        return f"{self.random.getrandbits(64):016x}"

    def client(self) -> str:
        return f"client-{self.random.randrange(3000)}"
