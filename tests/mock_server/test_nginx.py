"""Several mocks with the same secret behind a real balancer are one mock to their clients."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests

from tests.code_contract_cli.test_cli import mock_process
from tests.conftest import GRANTED

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")

pytestmark = [pytest.mark.slow, pytest.mark.skipif(NGINX is None, reason="nginx is not installed")]

CONFIGURATION = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  upstream mocks {{ {servers} }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://mocks;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      add_header X-Upstream $upstream_addr always;
    }}
  }}
}}
"""


@contextmanager
def balanced(folder: Path, *urls: str) -> Iterator[str]:
    """Runs nginx in front of these servers, which take turns, and gives its URL."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    servers = " ".join(f"server {url.removeprefix('http://')};" for url in urls)
    configuration = folder / "nginx.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, servers=servers, port=port), encoding="utf-8")
    command = [str(NGINX), "-p", str(folder), "-c", str(configuration), "-e", str(folder / "error.log")]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        try:
            deadline = time.monotonic() + 10
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    assert process.poll() is None, process.communicate(timeout=5)
                    assert time.monotonic() < deadline
                    time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def test_every_mock_knows_the_answer_to_every_captcha(tmp_path: Path) -> None:
    """Two mocks with one secret take turns; both give the same question, answer and picture for each id."""
    with ExitStack() as stack:
        urls = [stack.enter_context(mock_process("--secret", "shared"))[1] for _ in range(2)]
        url = stack.enter_context(balanced(tmp_path, *urls))
        upstreams, captchas = set(), []
        for _ in range(8):
            answer = requests.post(f"{url}/code", headers=GRANTED, timeout=10)
            upstreams.add(answer.headers["X-Upstream"])
            captchas.append(answer.json()["data"])
        assert upstreams == {each.removeprefix("http://") for each in urls}
        assert len({captcha["uuid"] for captcha in captchas}) == 8
        for captcha in captchas:
            known = [requests.get(f"{each}/__mock/challenges/{captcha['uuid']}", timeout=10).json() for each in urls]
            assert known[0] == known[1]
            assert known[0]["picture"] == captcha["img"]


def test_mocks_with_secrets_of_their_own_do_not(tmp_path: Path) -> None:
    """Without a shared secret they disagree, so the test above can fail."""
    with ExitStack() as stack:
        urls = [stack.enter_context(mock_process())[1] for _ in range(2)]
        url = stack.enter_context(balanced(tmp_path, *urls))
        captcha = requests.post(f"{url}/code", headers=GRANTED, timeout=10).json()["data"]
        known = [requests.get(f"{each}/__mock/challenges/{captcha['uuid']}", timeout=10).json() for each in urls]
        assert [each["picture"] == captcha["img"] for each in known].count(True) == 1
