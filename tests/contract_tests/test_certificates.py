"""Client certificates, and the trust store of the system."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import trustme

from code_contract import Contract
from code_contract_cli.main import run
from contract_tests.http.client import Client
from contract_tests.http.exchange import Exchange, Request
from contract_tests.run import check
from contract_tests.settings import Settings
from tests.servers.correct import Server, serving
from tests.servers.forward_proxy import proxy
from tests.servers.tls import tls_server


def call(url: str, **options: object) -> Exchange:
    return Client(timeout=3, **options).send(Request("POST", url))


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.mark.parametrize("files", ["one file", "two files"])
def test_a_client_certificate_is_presented(authority: trustme.CA, tmp_path: Path, files: str) -> None:
    """With its key in the same file or in one of its own; without it the server refuses."""
    issued = authority.issue_cert("client.example")
    options: dict[str, object] = {"insecure": True, "cert": str(tmp_path / "client.pem")}
    if files == "one file":
        issued.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "client.pem"))
    else:
        issued.cert_chain_pems[0].write_to_path(str(tmp_path / "client.pem"))
        issued.private_key_pem.write_to_path(str(tmp_path / "client.key"))
        options["cert_key"] = str(tmp_path / "client.key")
    with tls_server(authority, authority) as port:
        assert call(f"https://127.0.0.1:{port}/", **options).status == 200
        assert call(f"https://127.0.0.1:{port}/", insecure=True).status is None


def test_an_unusable_client_certificate_is_an_error(
    authority: trustme.CA, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence names the file and the reason, before any request; a password is never asked for."""
    encrypted = tmp_path / "encrypted.pem"
    key = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n"
    encrypted.write_bytes(authority.issue_cert("x").cert_chain_pems[0].bytes() + key.encode())
    empty = tmp_path / "empty.pem"
    empty.write_text("", encoding="utf-8")
    for path, reason in ((encrypted, "unencrypted"), (empty, "unencrypted"), (tmp_path / "no", "No such file")):
        assert run(["check", "https://127.0.0.1:9", "--cert", str(path)]) == 2
        printed = capsys.readouterr().err
        assert str(path) in printed
        assert reason in printed
    assert run(["check", "https://127.0.0.1:9", "--cert-key", str(empty)]) == 2
    assert "add --cert FILE" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("platform", [sys.platform, "darwin"])
def test_the_store_of_the_system_is_trusted(
    authority: trustme.CA, tmp_path: Path, platform: str, contract: Contract
) -> None:
    """A CA of the system needs no --ca-bundle: read by OpenSSL, and by truststore where the store is no file."""
    authority.cert_pem.write_to_path(str(tmp_path / "system.pem"))
    code = f"""
import sys
from contract_tests.http import tls
tls.sys = type("sys", (), {{"platform": {platform!r}}})
from contract_tests.http.client import Client
from contract_tests.http.exchange import Request
client = Client(timeout=5)
print(client.send(Request("POST", sys.argv[1])).status, type(client._context()).__module__)
"""
    with tls_server(authority) as port:
        line = [sys.executable, "-c", code, f"https://127.0.0.1:{port}/"]
        trusting = os.environ | {"SSL_CERT_FILE": str(tmp_path / "system.pem")}
        done = subprocess.run(line, env=trusting, capture_output=True, text=True, timeout=60)
        assert done.stdout.split() == ["200", "truststore._api" if platform == "darwin" else "ssl"], done.stderr
        done = subprocess.run(line, capture_output=True, text=True, timeout=60)
        assert done.stdout.split()[0] == "None", done.stderr


def test_threads_of_truststore_shake_hands_at_the_same_time(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each thread has a context of its own: one that waits for a silent server does not stop the others."""
    monkeypatch.setattr("contract_tests.http.tls.sys.platform", "darwin")
    client, contexts = Client(timeout=3), []
    threads = [threading.Thread(target=lambda: contexts.append(client._context())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(each) for each in contexts}) == 3
    assert client._context() is client._context()


def test_a_server_passes_through_all_of_it(contract: Contract, authority: trustme.CA, tmp_path: Path) -> None:
    """A correct server with TLS, behind a proxy, with a rate."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with serving(Server(certificate=authority.issue_cert("127.0.0.1"))) as base_url, proxy() as server:
        settings = Settings(
            base_url, samples=4, budget=0, ca_bundle=str(tmp_path / "ca.pem"), proxy=server.url, rate=200.0
        )
        result = check(contract, settings)
        assert server.targets
    assert result.exit_status == 0
