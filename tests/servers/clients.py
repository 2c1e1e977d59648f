"""Servers that refuse what one kind of client sends, each with the clause and the header that a report must name."""

from __future__ import annotations

from collections.abc import Callable
from email.message import Message
from typing import NamedTuple

from tests.servers.correct import CLOSE, Server

CLAUSE = "real-clients-are-served"


class Refusing(NamedTuple):
    """A server with a defect for some clients.

    Attributes:
        server: The server.
        header: The beginning of the words of the report about the header.
        client: A client that the report names.
        clause: The clause that fails.
    """

    server: Server
    header: str
    client: str
    clause: str = CLAUSE


def _refusing(status: int, when: Callable[[Message], object]) -> Server:
    return Server(refuses=lambda headers: status if when(headers) else 0)


def _absent(name: str) -> Callable[[Message], object]:
    return lambda headers: headers[name] is None


def _contains(name: str, text: str) -> Callable[[Message], object]:
    return lambda headers: text in (headers[name] or "")


def _own_origin(headers: Message) -> object:
    return headers["Origin"] == f"http://{headers['Host']}"


def _bom_for_ajax(headers: Message, body: bytes) -> bytes:
    return b"\xef\xbb\xbf" + body if headers["X-Requested-With"] else body


SERVERS: dict[str, Refusing] = {
    "charset compared by case": Refusing(_refusing(415, lambda h: "UTF-8" not in h["Content-Type"]), 'with "Content-Type: application/json;charset=utf-8"', "axios in Chrome"),
    "content type compared as text": Refusing(_refusing(415, lambda h: h["Content-Type"].lower() != "application/json;charset=utf-8"), 'with "Content-Type: application/json; charset=utf-8"', "OkHttp"),
    "one media type in Accept": Refusing(_refusing(406, _contains("Accept", "application/json,")), 'with "Accept: application/json, text/plain, */*"', "axios in Node.js"),
    "weights in Accept": Refusing(_refusing(400, _contains("Accept", "q=0.2")), 'with "Accept: text/html, image/gif, image/jpeg, */*; q=0.2"', "Java HttpURLConnection"),
    "Accept required": Refusing(_refusing(406, _absent("Accept")), "without Accept", "OkHttp"),
    "Accept-Encoding required": Refusing(_refusing(400, _absent("Accept-Encoding")), "without Accept-Encoding", "curl"),
    "length required": Refusing(_refusing(411, _absent("Content-Length")), "without Content-Length", "curl"),
    "trace context refused": Refusing(_refusing(400, _contains("traceparent", "00-")), "with \"traceparent: 00-", "a gateway"),
    "proxied requests refused": Refusing(_refusing(403, _contains("Via", "1.1")), 'with "Via: 1.1 gateway.example"', "a gateway"),
    "several forwarded addresses": Refusing(_refusing(500, _contains("X-Forwarded-For", ",")), 'with "X-Forwarded-For: 203.0.113.7, 198.51.100.23"', "a gateway"),
    "own origin refused": Refusing(_refusing(403, _own_origin), "with \"Origin: http://127.0.0.1:", "fetch in Firefox"),
    "fetch metadata not found": Refusing(_refusing(404, _contains("Sec-Fetch-Dest", "empty")), 'with "Sec-Fetch-Dest: empty"', "fetch in Safari"),
    "languages with weights": Refusing(_refusing(500, _contains("Accept-Language", "q=")), "with \"Accept-Language: ", "fetch in Chrome"),
    "a browser redirected": Refusing(_refusing(302, _contains("User-Agent", "Firefox")), "with \"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:144.0)", "fetch in Firefox"),
    "a client that needs to log in": Refusing(_refusing(401, _contains("User-Agent", "okhttp")), "with \"User-Agent: okhttp/", "OkHttp"),
    "mini program refused": Refusing(_refusing(403, _contains("Referer", "servicewechat")), "with \"Referer: https://servicewechat.com/", "a WeChat mini program"),
    "connection option closes": Refusing(_refusing(CLOSE, _contains("Connection", "Keep-Alive")), 'with "Connection: Keep-Alive"', "OkHttp"),
    "names compared by case": Refusing(_refusing(400, lambda h: "Source" not in list(h)), 'with "source: PC"', "fetch in Node.js"),
    "byte order mark for Ajax": Refusing(Server(write_for=_bom_for_ajax), 'with "X-Requested-With: XMLHttpRequest"', "XMLHttpRequest in Edge", "body-has-no-byte-order-mark"),
}  # fmt: skip
