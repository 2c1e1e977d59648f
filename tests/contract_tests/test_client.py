"""The client: one call to a hostile target ends in time, whatever comes, with the trouble named."""

from __future__ import annotations

import contextlib
import socket
import time

import pytest
import trustme

from contract_tests.http.client import Client
from contract_tests.http.exchange import Exchange, Request, TransportErrorKind
from contract_tests.settings import SettingsError
from tests.servers.hostile import BODY, HEAD, Behave, raw_server, send

LIMIT = 0.6
"""Seconds per call in these tests."""


def call(port: int, path: str = "/code", scheme: str = "http", host: str = "127.0.0.1", **options: object) -> Exchange:
    """One call with a client of its own."""
    with Client(timeout=LIMIT, **options) as client:
        return client.send(Request("POST", f"{scheme}://{host}:{port}{path}"))


RIGHT = {
    "length": send(HEAD + b"Content-Length: 7\r\n\r\n" + BODY),
    "length, kept open": send(HEAD + b"Content-Length: 7\r\n\r\n" + BODY, then="hold"),
    "close-delimited": send(HEAD + b"Connection: close\r\n\r\n" + BODY),
    "HTTP/1.0": send(b"HTTP/1.0 200 OK\r\n\r\n" + BODY),
    "chunked": send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4;x=y\r\n\":1}\r\n0\r\nX-T: 1\r\n\r\n"),
    "interim answers": send(b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"Content-Length: 7\r\n\r\n" + BODY),
    "byte by byte": send(*[bytes([b]) for b in HEAD + b"Content-Length: 7\r\n\r\n" + BODY], wait=0.001),
    "no reason": send(b"HTTP/1.1 200\r\nContent-Length: 7\r\n\r\n" + BODY),
    "more than announced": send(HEAD + b"Content-Length: 7\r\n\r\n" + BODY + b"garbage"),
    "90 headers": send(HEAD + b"".join(b"X-%d: y\r\n" % n for n in range(90)) + b"Content-Length: 7\r\n\r\n" + BODY),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_answer_is_whole(name: str) -> None:
    """Every legal framing is read to its end without trouble."""
    with raw_server(RIGHT[name]) as port:
        found = call(port)
    assert found.trouble is None
    assert (found.status, found.body) == (200, BODY)


TROUBLED = {
    "never answers": (send(then="hold"), TransportErrorKind.NO_ANSWER),
    "drips its head": (send(b"HTTP/1.1 200 OK\r\nX: ", b"y", wait=0.05, forever=True), TransportErrorKind.NO_ANSWER),
    "continues for ever": (send(b"HTTP/1.1 100 Continue\r\n\r\n", wait=0.01, forever=True), TransportErrorKind.NO_ANSWER),
    "closes at once": (send(), TransportErrorKind.RESET),
    "resets at once": (send(then="reset"), TransportErrorKind.RESET),
    "is not HTTP": (send(b"220 mail.example.com ESMTP\r\n"), TransportErrorKind.NOT_HTTP),
    "10000 headers": (send(HEAD + b"X: y\r\n" * 10_000 + b"\r\n"), TransportErrorKind.HEAD_TOO_LARGE),
    "a header of 1 MB": (send(HEAD + b"X: " + b"y" * 1_000_000 + b"\r\n\r\n"), TransportErrorKind.HEAD_TOO_LARGE),
    "drips its body": (send(HEAD + b"\r\n", b"{", wait=0.05, forever=True), TransportErrorKind.TOO_SLOW),
    "announces more, then nothing": (send(HEAD + b"Content-Length: 999999999\r\n\r\n{", then="hold"), TransportErrorKind.TOO_SLOW),
    "announces more, then closes": (send(HEAD + b"Content-Length: 99\r\n\r\n{}"), TransportErrorKind.INCOMPLETE),
    "resets in the body": (send(HEAD + b"Content-Length: 99\r\n\r\n{}", wait=0.1, then="reset"), TransportErrorKind.INCOMPLETE),
    "breaks its chunks": (send(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"), TransportErrorKind.INCOMPLETE),
    "cuts its chunks": (send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n9\r\n{}"), TransportErrorKind.INCOMPLETE),
    "never ends its body": (send(HEAD + b"\r\n", b"x" * 65536, forever=True), TransportErrorKind.TOO_LARGE),
    "never ends a chunk line": (send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1" * 65536, forever=True), TransportErrorKind.INCOMPLETE),
}  # fmt: skip


@pytest.mark.parametrize("name", TROUBLED)
def test_a_hostile_answer_ends_in_time_and_is_named(name: str) -> None:
    """Whatever a target does, the call ends within its limit, and the exchange says what went wrong."""
    behave, kind = TROUBLED[name]
    with raw_server(behave) as port:
        begun = time.monotonic()
        found = call(port)
        took = time.monotonic() - begun
    assert found.trouble is not None
    assert found.trouble.kind is kind, found.trouble
    assert took < LIMIT + 0.5
    assert len(found.body) <= 64 * 1024
    assert found.trouble.detail.isprintable()


def test_nothing_listens() -> None:
    """A closed port is named as such, at once."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    found = call(port)
    assert found.trouble is not None
    assert found.trouble.kind is TransportErrorKind.REFUSED


def test_a_name_without_address() -> None:
    """A host that does not exist is named as such."""
    found = call(80, host="no-such-host.invalid")
    assert found.trouble is not None
    assert found.trouble.kind is TransportErrorKind.NAME_NOT_FOUND


def test_a_redirect_is_not_followed() -> None:
    """A 3xx is an answer like any other."""
    with raw_server(send(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")) as port:
        found = call(port)
    assert (found.status, found.header("location"), found.trouble) == (302, "http://127.0.0.1:1/", None)


def test_a_cookie_is_not_kept_and_the_environment_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one answer sets is not sent with the next call, and no proxy is picked up."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    seen: list[bytes] = []

    def behave(connection: socket.socket) -> None:
        connection.sendall(HEAD + b"Set-Cookie: a=b; Path=/\r\nContent-Length: 7\r\n\r\n" + BODY)

    def watch(connection: socket.socket) -> socket.socket:
        seen.append(connection.recv(65536, socket.MSG_PEEK))
        return connection

    with raw_server(behave, watch) as port, Client(timeout=LIMIT) as client:
        for _ in range(2):
            assert client.send(Request("POST", f"http://127.0.0.1:{port}/code")).trouble is None
    assert len(seen) == 2
    assert b"cookie" not in seen[1].lower()


def test_a_deadline_that_is_over_sends_nothing() -> None:
    """After the run's deadline no connection is made."""
    with Client(timeout=LIMIT) as client:
        found = client.send(Request("POST", "http://127.0.0.1:1/"), deadline=time.monotonic() - 1)
    assert found.trouble is not None
    assert "not sent" in found.trouble.detail


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def tls_server(authority: trustme.CA, name: str, behave: Behave) -> contextlib.AbstractContextManager[int]:
    """A raw server that speaks TLS under a certificate for `name`."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return raw_server(behave, lambda connection: context.wrap_socket(connection, server_side=True))


def test_a_private_authority_is_trusted_when_named(authority: trustme.CA, tmp_path: object) -> None:
    """--ca-bundle makes a private certificate good, --insecure any; without them it is refused."""
    bundle = f"{tmp_path}/ca.pem"
    authority.cert_pem.write_to_path(bundle)
    with tls_server(authority, "127.0.0.1", RIGHT["length"]) as port:
        assert call(port, scheme="https", ca_bundle=bundle).trouble is None
        assert call(port, scheme="https", insecure=True).trouble is None
        untrusted = call(port, scheme="https").trouble
    assert untrusted is not None
    assert untrusted.kind is TransportErrorKind.TLS


def test_a_certificate_for_another_name_is_refused(authority: trustme.CA, tmp_path: object) -> None:
    """TLS for another name is no answer of the target."""
    bundle = f"{tmp_path}/ca.pem"
    authority.cert_pem.write_to_path(bundle)
    with tls_server(authority, "other.example", RIGHT["length"]) as port:
        trouble = call(port, scheme="https", ca_bundle=bundle).trouble
    assert trouble is not None
    assert trouble.kind is TransportErrorKind.TLS


def test_a_body_that_drips_over_tls_ends_in_time(authority: trustme.CA) -> None:
    """The wall clock bounds TLS too."""
    with tls_server(authority, "127.0.0.1", TROUBLED["drips its body"][0]) as port:
        begun = time.monotonic()
        trouble = call(port, scheme="https", insecure=True).trouble
    assert trouble is not None
    assert trouble.kind is TransportErrorKind.TOO_SLOW
    assert time.monotonic() - begun < LIMIT + 0.5


def test_a_handshake_that_never_ends_ends_in_time() -> None:
    """A port that takes TLS connections and says nothing is given up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        begun = time.monotonic()
        trouble = call(listener.getsockname()[1], scheme="https").trouble
    assert trouble is not None
    assert trouble.kind is TransportErrorKind.NO_ANSWER
    assert time.monotonic() - begun < LIMIT + 0.5


def test_an_unreadable_bundle_is_refused(tmp_path: object) -> None:
    """A CA bundle that cannot be read is wrong usage, said before any call."""
    with pytest.raises(SettingsError, match=r"none\.pem"):
        Client(timeout=1, ca_bundle=f"{tmp_path}/none.pem")
