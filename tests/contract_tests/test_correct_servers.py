"""No false positives: every correct server passes with default settings."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest
import trustme

from code_contract import Contract
from contract_tests.result import Result
from contract_tests.run import check
from contract_tests.settings import Settings
from contract_tests.verdict import Outcome
from tests.servers.correct import SERVERS, Server, serving

pytestmark = pytest.mark.slow

EXPECTED = {"no charset": ["charset-is-stated"]}
"""Warnings that a correct server gets."""
LEAKS = ("answer-is-not-in-the-body", "img-carries-no-answer", "uuid-tells-no-time")
EXPECTED_LEAKS = {"uuid of time": ["uuid-tells-no-time"]}


def reported(result: Result) -> list[str]:
    """Return the MUST and SHOULD clauses that fail."""
    return [v.clause.id for v in result.verdicts if v.status in (Outcome.FAILED, Outcome.WARNING)]


@pytest.mark.parametrize("name", SERVERS)
def test_a_correct_server_passes(contract: Contract, name: str) -> None:
    """With default settings, nothing but the expected warnings is reported."""
    with serving(SERVERS[name]) as base_url:
        result = check(contract, Settings(base_url))
    assert reported(result) == EXPECTED.get(name, [])
    assert [v.clause.id for v in result.verdicts if v.failed and v.clause.id in LEAKS] == EXPECTED_LEAKS.get(name, [])
    assert result.exit_status == 0
    assert not result.collection.notes
    assert not result.diagnosis


@pytest.mark.parametrize("name", ["source required, error 200", "source required, error 403"])
def test_a_required_source_passes_if_selected(contract: Contract, name: str) -> None:
    """A server that rejects requests without a source passes the clause, selected by name."""
    with serving(SERVERS[name]) as base_url:
        result = check(contract, Settings(base_url, samples=2, only=frozenset({"source-is-required"})))
    assert [(v.status, v.checked) for v in result.verdicts] == [(Outcome.PASSED, 1)]


def test_a_rate_limit_is_respected(contract: Contract) -> None:
    """With more samples than the rate limit allows, the run waits and checks them all."""
    with serving(Server(limit=30)) as base_url:
        result = check(contract, Settings(base_url, samples=80))
    assert reported(result) == []
    assert result.collection.throttled > 0
    assert result.verdicts[0].checked == 80


def test_a_private_ca_is_trusted(contract: Contract, tmp_path: Path) -> None:
    """A server with a certificate of a private CA passes with --ca-bundle."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with serving(Server(certificate=authority.issue_cert("127.0.0.1"))) as base_url:
        assert base_url.startswith("https://")
        result = check(contract, Settings(base_url, ca_bundle=str(tmp_path / "ca.pem")))
    assert reported(result) == []
    assert result.exit_status == 0


NGINX = """
daemon off; pid {folder}/pid; error_log stderr crit; worker_processes 1;
events {{ worker_connections 128; }}
http {{
  access_log off; gzip on; gzip_types application/json; gzip_min_length 1;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass {upstream}; }} }}
}}
"""


def test_behind_nginx_with_gzip(contract: Contract, tmp_path: Path) -> None:
    """A correct server behind nginx, which compresses responses, passes."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        pytest.skip("nginx is not installed")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with serving(Server()) as upstream:
        (tmp_path / "conf").write_text(NGINX.format(folder=tmp_path, port=port, upstream=upstream), encoding="utf-8")
        process = subprocess.Popen([nginx, "-c", str(tmp_path / "conf"), "-p", str(tmp_path)], stderr=subprocess.PIPE)
        try:
            until = time.monotonic() + 10
            while time.monotonic() < until:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.05)
            result = check(contract, Settings(f"http://127.0.0.1:{port}"))
        finally:
            process.terminate()
            process.communicate(timeout=10)
    assert reported(result) == []
    assert "gzip" in {each.header("content-encoding") for each in result.collection.exchanges["getCode"]}
