"""Never a false alarm: every correct server passes, in the default mode, whatever its stack."""

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
from tests.servers.correct import ZOO, Server, serving

pytestmark = pytest.mark.slow

QUIET = {"charset-is-stated": {"no charset"}}
"""Advice that a correct server may deserve: the clause, and on whom."""


def accused(result: Result) -> list[str]:
    """The clauses under which a must or a should was reported."""
    return [v.clause.id for v in result.verdicts if v.status in (Outcome.FAILED, Outcome.WARNING)]


@pytest.mark.parametrize("name", ZOO)
def test_a_correct_server_is_not_accused(contract: Contract, name: str) -> None:
    """Default settings, zero accusations."""
    with serving(ZOO[name]) as base_url:
        result = check(contract, Settings(base_url))
    assert [clause for clause in accused(result) if name not in QUIET.get(clause, ())] == []
    assert result.exit_status == 0
    assert not result.collection.notes


@pytest.mark.parametrize("name", ["source demanded, refused with 200", "source demanded, refused with 403"])
def test_a_source_that_is_demanded_is_found_so_when_asked(contract: Contract, name: str) -> None:
    """Asked by name, a server that refuses a call without a source keeps the clause."""
    with serving(ZOO[name]) as base_url:
        result = check(contract, Settings(base_url, samples=2, only=frozenset({"source-is-required"})))
    assert [(v.status, v.checked) for v in result.verdicts] == [(Outcome.PASSED, 1)]


def test_a_limiter_is_waited_for(contract: Contract) -> None:
    """More calls than the limiter allows: the run waits, and judges them all."""
    with serving(Server(limit=30)) as base_url:
        result = check(contract, Settings(base_url, samples=80))
    assert accused(result) == []
    assert result.collection.throttled > 0
    assert result.verdicts[0].checked == 80


def test_a_private_authority(contract: Contract, tmp_path: Path) -> None:
    """TLS under a private CA passes with --ca-bundle."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with serving(Server(certificate=authority.issue_cert("127.0.0.1"))) as base_url:
        assert base_url.startswith("https://")
        result = check(contract, Settings(base_url, ca_bundle=str(tmp_path / "ca.pem")))
    assert accused(result) == []
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
    """A correct server behind nginx, which codes its answers, passes."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        pytest.skip("nginx is not on this machine")
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
    assert accused(result) == []
    assert result.collection.exchanges["getCode"][0].header("content-encoding") == "gzip"
