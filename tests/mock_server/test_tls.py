"""HTTPS: with a certificate that is made for the run, and with given files. Connection faults work as over TCP."""

from __future__ import annotations

import socket
import ssl
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests
import trustme

import mock_server
from code_contract import Contract
from code_contract_cli.main import run
from mock_server import MockServer
from mock_server.server import protocol
from mock_server.server.tls import Certificate, TlsError
from tests.conftest import GRANTED
from tests.mock_server.parsers import PROTOCOLS, serving

POST = b"POST /code HTTP/1.1\r\nHost: localhost\r\nSource: PC\r\nContent-Length: 0\r\n%b\r\n"


@pytest.fixture(scope="module", params=PROTOCOLS)
def mock(request: pytest.FixtureRequest, contract: Contract) -> Iterator[MockServer]:
    with serving(request.param, contract=contract, tls=Certificate.made_for(["mock.test", "0.0.0.0"])) as mock:
        yield mock


def authority(mock: MockServer) -> str:
    assert mock._tls is not None
    return str(mock._tls.authority)


def connect(mock: MockServer, name: str = "localhost") -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=authority(mock))
    raw = socket.create_connection(("127.0.0.1", int(mock.root_url.rpartition(":")[2])), 5)
    return context.wrap_socket(raw, server_hostname=name)


def received(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "mock.test"])
def test_a_made_certificate_is_valid_for_the_names_of_the_mock(mock: MockServer, name: str) -> None:
    """Trusted by its authority; two requests over one connection."""
    with connect(mock, name) as connection:
        for _ in range(2):
            connection.sendall(POST % b"")
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
    with pytest.raises(ssl.SSLCertVerificationError):
        connect(mock, "other.test")


def test_a_reset_reaches_a_client_of_tls(mock: MockServer) -> None:
    """As a reset of TCP, which Python's own socket of TLS does not tell from an end."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = ssl.create_default_context(cafile=authority(mock)).wrap_bio(incoming, outgoing, server_hostname="localhost")
    with socket.create_connection(("127.0.0.1", int(mock.root_url.rpartition(":")[2])), 5) as raw:
        while tls.version() is None or outgoing.pending:
            with suppress(ssl.SSLWantReadError):
                tls.do_handshake()
            raw.sendall(outgoing.read())
            if tls.version() is None:
                incoming.write(raw.recv(65536))
        tls.write(POST % b"Prefer: fault=reset\r\n")
        raw.sendall(outgoing.read())
        with pytest.raises(ConnectionResetError):
            received(raw)


@pytest.mark.parametrize("fault", ["empty-reply", "last-chunk-missing", "truncated"])
def test_a_connection_that_ends_early_ends_early_over_tls(mock: MockServer, fault: str) -> None:
    """The client reads what was sent, and then the end or an error of TLS."""
    found = b""
    with connect(mock) as connection:
        connection.sendall(POST % b"Prefer: fault=%b\r\n" % fault.encode())
        with suppress(ssl.SSLEOFError):
            while part := connection.recv(65536):
                found += part
    head, _, body = found.partition(b"\r\n\r\n")
    assert bool(head) is (fault != "empty-reply")
    length = [int(line[16:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length: ")]
    assert not length or len(body) < length[0]
    assert b"\r\n0\r\n" not in body


def test_a_body_that_never_ends_dribbles_over_tls(mock: MockServer) -> None:
    """A byte comes at once."""
    with connect(mock) as connection:
        connection.sendall(POST % b"Prefer: fault=body-never-ends\r\n")
        found = b""
        while not found.endswith(b"1\r\n \r\n"):
            found += connection.recv(65536)


def test_bytes_that_are_not_http_get_400_over_tls(mock: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection is closed after the response, also if the client has ended it."""
    monkeypatch.setattr(protocol, "LINGER_TIMEOUT", 0.1)
    with connect(mock) as connection:
        connection.sendall(b"no request\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 400 ")
    with connect(mock) as connection:
        connection.sendall(b"POST /code HTTP/1.1\r\n")
    with connect(mock) as connection:
        connection.sendall(POST % b"Connection: close\r\n")
        assert received(connection).startswith(b"HTTP/1.1 200 ")


def test_http_on_the_port_of_https_disturbs_nothing(mock: MockServer) -> None:
    """The connection is closed."""
    with socket.create_connection(("127.0.0.1", int(mock.root_url.rpartition(":")[2])), 5) as plain:
        plain.sendall(POST % b"")
        assert not plain.recv(65536).startswith(b"HTTP")
    with connect(mock) as connection:
        connection.sendall(POST % b"Connection: close\r\n")
        assert received(connection).startswith(b"HTTP/1.1 200 ")


def test_the_contract_and_the_admin_api_are_served_by_https(contract: Contract) -> None:
    """The server URL names it; pages of https origins are let in. The files are gone after the end."""
    with mock_server.running(contract=contract, tls=Certificate.made_for([])) as mock:
        assert mock.base_url.startswith("https://127.0.0.1:")
        verify = authority(mock)
        reply = requests.post(f"{mock.base_url}/code", headers=GRANTED, verify=verify, timeout=5)
        assert reply.json()["succFlag"] is True
        document = requests.get(f"{mock.root_url}/openapi.json", verify=verify, timeout=5).json()
        assert document["servers"] == [{"url": mock.root_url}]
        origin = {"Origin": mock.root_url}
        health = requests.get(f"{mock.root_url}/__mock/health", headers=origin, verify=verify, timeout=5)
        assert health.status_code == 200
        folder = Path(authority(mock)).parent
        assert [each.stat().st_mode & 0o077 for each in (folder, folder / "mock.pem")] == [0, 0]
    assert not folder.exists()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate and its key, another key, and both in one file."""
    folder = tmp_path_factory.mktemp("tls")
    issued, other = (trustme.CA().issue_cert("localhost") for _ in range(2))
    issued.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
    issued.private_key_pem.write_to_path(str(folder / "key.pem"))
    issued.private_key_and_cert_chain_pem.write_to_path(str(folder / "both.pem"))
    other.private_key_pem.write_to_path(str(folder / "other.pem"))
    (folder / "text.pem").write_text("not PEM")
    return folder


@pytest.mark.parametrize("names", [("cert.pem", "key.pem"), ("both.pem",)], ids=["two files", "one file"])
def test_given_files_are_served(contract: Contract, files: Path, names: tuple[str, ...]) -> None:
    """Closing leaves them."""
    with mock_server.running(contract=contract, tls=Certificate(*(files / each for each in names))) as mock:
        context = ssl.create_default_context(cafile=str(files / "cert.pem"))
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        raw = socket.create_connection(("127.0.0.1", int(mock.root_url.rpartition(":")[2])), 5)
        with context.wrap_socket(raw) as connection:
            expected = ssl.PEM_cert_to_DER_cert((files / "cert.pem").read_text())
            assert connection.getpeercert(binary_form=True) == expected
    assert all((files / each).exists() for each in names)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--tls-cert", "none.pem"], "none.pem' cannot be read: No such file"),
        (["--tls-cert", "cert.pem", "--tls-key", "none.pem"], "none.pem' cannot be read: No such file"),
        (["--tls-cert", "cert.pem", "--tls-key", "other.pem"], "other.pem' does not belong to"),
        (["--tls-cert", "text.pem"], "text.pem': not a certificate and its key in PEM"),
        (["--tls-cert", "cert.pem"], "cert.pem': not a certificate and its key in PEM"),
        (["--tls-key", "key.pem"], "--tls-key needs --tls-cert"),
    ],
)
def test_files_that_cannot_be_used_are_rejected(
    files: Path, arguments: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With exit status 2 and one sentence."""
    given = [str(files / each) if each.endswith(".pem") else each for each in arguments]
    assert run(["mock", "--port", "0", *given]) == 2
    assert problem in capsys.readouterr().err


def test_a_name_that_no_certificate_can_have_is_rejected() -> None:
    """The sentence names it; no file is left."""
    with pytest.raises(TlsError, match=r"no certificate can be made for .*a{100}"):
        Certificate.made_for(["a" * 300])


def test_a_missing_extra_names_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """As every extra does."""
    monkeypatch.setitem(sys.modules, "trustme", None)
    assert run(["mock", "--port", "0", "--tls"]) == 2
    error = capsys.readouterr().err
    assert "trustme is not installed: " in error
    assert "code-contract[tls]" in error
