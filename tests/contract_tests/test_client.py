"""The HTTP client: every exchange ends in time, with the transport error classified."""

from __future__ import annotations

import contextlib
import queue
import socket
import ssl
import time

import pytest
import trustme

from contract_tests.http.client import Client
from contract_tests.http.exchange import Exchange, Request, TransportErrorKind
from contract_tests.http.transport import ssl_context
from contract_tests.settings import SettingsError
from tests.servers.hostile import BODY, HEAD, Behave, raw_server, send

LIMIT = 0.6
"""Time limit of an exchange in these tests, in seconds."""


def call(port: int, path: str = "/code", scheme: str = "http", host: str = "127.0.0.1", **options: object) -> Exchange:
    """Send one request with a new client."""
    return Client(timeout=LIMIT, **options).send(Request("POST", f"{scheme}://{host}:{port}{path}"))


VALID = {
    "length": send(HEAD + b"Content-Length: 7\r\n\r\n" + BODY),
    "length, kept open": send(HEAD + b"Content-Length: 7\r\n\r\n" + BODY, then="hold"),
    "close-delimited": send(HEAD + b"Connection: close\r\n\r\n" + BODY),
    "HTTP/1.0": send(b"HTTP/1.0 200 OK\r\n\r\n" + BODY),
    "chunked": send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4;x=y\r\n\":1}\r\n0\r\nX-T: 1\r\n\r\n"),
    "interim response": send(b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"Content-Length: 7\r\n\r\n" + BODY),
    "interim responses of any status": send(b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 199 x\r\nContent-Length: 3\r\n\r\n" + HEAD + b"Content-Length: 7\r\n\r\n" + BODY),
    "30 interim responses": send(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 30 + HEAD + b"Content-Length: 7\r\n\r\n" + BODY),
    "equal lengths, kept open": send(HEAD + b"Content-Length: 7, 7\r\nContent-Length: 007\r\n\r\n" + BODY, then="hold"),
    "byte by byte": send(*[bytes([b]) for b in HEAD + b"Content-Length: 7\r\n\r\n" + BODY], wait=0.001),
    "no reason": send(b"HTTP/1.1 200\r\nContent-Length: 7\r\n\r\n" + BODY),
    "90 headers": send(HEAD + b"".join(b"X-%d: y\r\n" % n for n in range(90)) + b"Content-Length: 7\r\n\r\n" + BODY),
}  # fmt: skip


@pytest.mark.parametrize("name", VALID)
def test_a_valid_response_is_complete(name: str) -> None:
    """Every valid framing is read to its end without a transport error."""
    with raw_server(VALID[name]) as port:
        found = call(port)
    assert found.error is None
    assert (found.status, found.body) == (200, BODY)


FAULTY = {
    "no response": (send(then="hold"), TransportErrorKind.NO_RESPONSE),
    "slow head": (send(b"HTTP/1.1 200 OK\r\nX: ", b"y", wait=0.05, forever=True), TransportErrorKind.NO_RESPONSE),
    "endless interim responses": (send(b"HTTP/1.1 100 Continue\r\n\r\n", wait=0.01, forever=True), TransportErrorKind.NO_RESPONSE),
    "endless interim responses of any status": (send(b"HTTP/1.1 103 Early Hints\r\n\r\n", wait=0.001, forever=True), TransportErrorKind.NO_RESPONSE),
    "closed after an interim response": (send(b"HTTP/1.1 103 Early Hints\r\n\r\n"), TransportErrorKind.RESET),
    **{f"Content-Length {value!r}": (send(HEAD + b"Content-Length: %s\r\n\r\n" % value.encode() + BODY), TransportErrorKind.LENGTH) for value in ("-5", "+7", "", "7.0", "0x7", "7_0", "9" * 5000)},
    "two lengths": (send(HEAD + b"Content-Length: 7\r\nContent-Length: 8\r\n\r\n" + BODY), TransportErrorKind.LENGTH),
    "longer than its Content-Length": (send(HEAD + b"Content-Length: 7\r\n\r\n" + BODY + b"garbage"), TransportErrorKind.EXCESS),
    "connection closed": (send(), TransportErrorKind.RESET),
    "connection reset": (send(then="reset"), TransportErrorKind.RESET),
    "not HTTP": (send(b"220 mail.example.com ESMTP\r\n"), TransportErrorKind.NOT_HTTP),
    "10000 headers": (send(HEAD + b"X: y\r\n" * 10_000 + b"\r\n"), TransportErrorKind.HEAD_TOO_LARGE),
    "header of 1 MB": (send(HEAD + b"X: " + b"y" * 1_000_000 + b"\r\n\r\n"), TransportErrorKind.HEAD_TOO_LARGE),
    "slow body": (send(HEAD + b"\r\n", b"{", wait=0.05, forever=True), TransportErrorKind.TOO_SLOW),
    "body shorter than its length, connection open": (send(HEAD + b"Content-Length: 999999999\r\n\r\n{", then="hold"), TransportErrorKind.TOO_SLOW),
    "body shorter than its length, connection closed": (send(HEAD + b"Content-Length: 99\r\n\r\n{}"), TransportErrorKind.INCOMPLETE),
    "connection reset in the body": (send(HEAD + b"Content-Length: 99\r\n\r\n{}", wait=0.1, then="reset"), TransportErrorKind.INCOMPLETE),
    "malformed chunk": (send(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"), TransportErrorKind.CHUNK),
    "incomplete chunk": (send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n9\r\n{}"), TransportErrorKind.INCOMPLETE),
    "endless body": (send(HEAD + b"\r\n", b"x" * 65536, forever=True), TransportErrorKind.TOO_LARGE),
    "endless chunk header": (send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1" * 65536, forever=True), TransportErrorKind.CHUNK),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_response_ends_in_time_and_is_classified(name: str) -> None:
    """The exchange ends within its limit and records the transport error."""
    behave, kind = FAULTY[name]
    with raw_server(behave) as port:
        begun = time.monotonic()
        found = call(port)
        took = time.monotonic() - begun
    assert found.error is not None
    assert found.error.kind is kind, found.error
    assert took < LIMIT + 0.5
    assert len(found.body) <= 64 * 1024
    assert found.error.detail.isprintable()


def test_a_closed_port() -> None:
    """A closed port is a refused connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    found = call(port)
    assert found.error is not None
    assert found.error.kind is TransportErrorKind.REFUSED


def test_an_unknown_host_name() -> None:
    """A host name without an address is a transport error of its own kind."""
    found = call(80, host="no-such-host.invalid")
    assert found.error is not None
    assert found.error.kind is TransportErrorKind.NAME_NOT_FOUND


def test_a_redirect_is_not_followed() -> None:
    """A 3xx response is recorded."""
    with raw_server(send(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")) as port:
        found = call(port)
    assert (found.status, found.header("location"), found.error) == (302, "http://127.0.0.1:1/", None)


def test_cookies_and_proxy_variables_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cookie is not sent with the next request, and the proxy of the environment is not used."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    seen: list[bytes] = []

    def behave(connection: socket.socket) -> None:
        connection.sendall(HEAD + b"Set-Cookie: a=b; Path=/\r\nContent-Length: 7\r\n\r\n" + BODY)

    def watch(connection: socket.socket) -> socket.socket:
        seen.append(connection.recv(65536, socket.MSG_PEEK))
        return connection

    client = Client(timeout=LIMIT)
    with raw_server(behave, watch) as port:
        for _ in range(2):
            assert client.send(Request("POST", f"http://127.0.0.1:{port}/code")).error is None
    assert len(seen) == 2
    assert b"cookie" not in seen[1].lower()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_each_exchange_opens_a_connection(scheme: str, authority: trustme.CA) -> None:
    """A connection that the server keeps open is not used for another request, and is closed."""
    after: queue.Queue[bytes] = queue.Queue()

    def behave(connection: socket.socket) -> None:
        connection.sendall(HEAD + b"Content-Length: 7\r\n\r\n" + BODY)
        after.put(connection.recv(65536))

    server = raw_server(behave) if scheme == "http" else tls_server(authority, "127.0.0.1", behave)
    client = Client(timeout=LIMIT, insecure=True)
    with server as port:
        for _ in range(3):
            assert client.send(Request("POST", f"{scheme}://127.0.0.1:{port}/code")).error is None
    assert [after.get(timeout=10) for _ in range(3)] == [b""] * 3


def test_after_the_deadline_nothing_is_sent() -> None:
    """After the deadline of the run no connection is opened."""
    found = Client(timeout=LIMIT).send(Request("POST", "http://127.0.0.1:1/"), deadline=time.monotonic() - 1)
    assert found.error is not None
    assert "not sent" in found.error.detail


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def tls_server(authority: trustme.CA, name: str, behave: Behave) -> contextlib.AbstractContextManager[int]:
    """Start a raw TLS server with a certificate for `name`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return raw_server(behave, lambda connection: context.wrap_socket(connection, server_side=True))


def test_a_private_authority_is_trusted_with_ca_bundle(authority: trustme.CA, tmp_path: object) -> None:
    """A private certificate is accepted with a CA bundle or with --insecure, and rejected without."""
    bundle = f"{tmp_path}/ca.pem"
    authority.cert_pem.write_to_path(bundle)
    with tls_server(authority, "127.0.0.1", VALID["length"]) as port:
        assert call(port, scheme="https", ca_bundle=bundle).error is None
        assert call(port, scheme="https", insecure=True).error is None
        untrusted = call(port, scheme="https").error
    assert untrusted is not None
    assert untrusted.kind is TransportErrorKind.TLS


def test_loading_certificates_takes_no_time_of_the_exchange(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The TLS context is created before the time limit of the first exchange starts."""

    def slow(*arguments: object) -> ssl.SSLContext:
        time.sleep(LIMIT + 0.2)
        return ssl_context(None, insecure=True)

    monkeypatch.setattr("contract_tests.http.client.ssl_context", slow)
    with tls_server(authority, "127.0.0.1", VALID["length"]) as port:
        found = call(port, scheme="https")
    assert found.error is None
    assert found.elapsed < LIMIT


def test_a_certificate_for_another_name_is_rejected(authority: trustme.CA, tmp_path: object) -> None:
    """A certificate for another host name is a TLS error."""
    bundle = f"{tmp_path}/ca.pem"
    authority.cert_pem.write_to_path(bundle)
    with tls_server(authority, "other.example", VALID["length"]) as port:
        error = call(port, scheme="https", ca_bundle=bundle).error
    assert error is not None
    assert error.kind is TransportErrorKind.TLS


def test_a_slow_body_over_tls_ends_in_time(authority: trustme.CA) -> None:
    """The time limit holds for TLS."""
    with tls_server(authority, "127.0.0.1", FAULTY["slow body"][0]) as port:
        begun = time.monotonic()
        error = call(port, scheme="https", insecure=True).error
    assert error is not None
    assert error.kind is TransportErrorKind.TOO_SLOW
    assert time.monotonic() - begun < LIMIT + 0.5


def test_an_endless_handshake_ends_in_time() -> None:
    """A port that accepts connections and never starts the TLS handshake is a timeout."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        begun = time.monotonic()
        error = call(listener.getsockname()[1], scheme="https").error
    assert error is not None
    assert error.kind is TransportErrorKind.NO_RESPONSE
    assert time.monotonic() - begun < LIMIT + 0.5


def test_an_unreadable_bundle_is_rejected(tmp_path: object) -> None:
    """A CA bundle that cannot be read raises an error before any request."""
    with pytest.raises(SettingsError, match=r"none\.pem"):
        Client(timeout=1, ca_bundle=f"{tmp_path}/none.pem")
