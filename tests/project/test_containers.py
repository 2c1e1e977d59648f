"""Dockerfile, .dockerignore and compose.yaml, carried out by hand: nothing here needs a container runtime."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
import yaml

from tests.paths import ROOT
from tests.ports import free_port
from tests.project.conftest import once

if TYPE_CHECKING:
    from tests.project.containers import Image

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the steps are for a POSIX shell")


def test_the_compose_file_is_valid_by_the_public_schema() -> None:
    """The JSON schema of the Compose Specification accepts compose.yaml."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def image(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The image of the Dockerfile, built by hand in a clean virtual environment."""
    pytest.importorskip("dockerfile_parse")
    from tests.project.containers import Image

    return once(tmp_path_factory, "container", lambda folder: Image.build(folder / "root", environment))


@contextmanager
def container(image: Image, *arguments: str) -> Iterator[tuple[int, dict[str, str]]]:
    """A started container, once its HEALTHCHECK passes: its port and its environment variables."""
    environment = image.environment | {"CODE_CONTRACT_PORT": str(free_port())}
    process = subprocess.Popen(
        image.command(*arguments), cwd=image.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        deadline = time.monotonic() + 30
        check = image.started["HEALTHCHECK"]
        # Before the mock listens, the health check fails.
        while subprocess.run(check, env=environment, capture_output=True, timeout=10).returncode:
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < deadline, "not healthy in time"
        yield int(environment["CODE_CONTRACT_PORT"]), environment
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert process.returncode == 0, "SIGTERM of `docker stop` ends it"
    assert subprocess.run(check, env=environment, capture_output=True, timeout=10).returncode != 0


@pytest.mark.slow
def test_the_image_holds_the_environment_alone(image: Image) -> None:
    """Slim base images, an unprivileged user, no sources and no pip; the mock on 0.0.0.0:4010 is the default."""
    assert image.stages == ["python:${PYTHON_VERSION}-slim AS build", "python:${PYTHON_VERSION}-slim"]
    assert image.started["USER"].partition(":")[0] not in ("", "0", "root")
    assert sorted(path.name for path in image.root.iterdir()) == ["opt", "work"]
    assert not list(image.root.glob("opt/code-contract/lib/*/site-packages/pip"))
    assert image.command() == ["code-contract", "mock"]
    defaults = {name: image.environment[name] for name in ("CODE_CONTRACT_HOST", "CODE_CONTRACT_PORT")}
    assert defaults == {"CODE_CONTRACT_HOST": "0.0.0.0", "CODE_CONTRACT_PORT": "4010"}


@pytest.mark.slow
def test_the_container_mocks_and_checks(image: Image) -> None:
    """`docker run` serves captchas and the page under every address of the host; `check URL` is an argument."""
    with container(image) as (port, environment):
        answer = requests.post(f"http://127.0.0.1:{port}/code", headers={"Source": "PC"}, json={}, timeout=10)
        assert answer.json()["succFlag"] is True
        for host, status in (("localhost", 200), ("192.168.1.7", 200), ("rebound.example.com", 403)):
            page = requests.get(f"http://127.0.0.1:{port}/__mock/", headers={"Host": f"{host}:{port}"}, timeout=10)
            assert page.status_code == status
        command = image.command("check", f"http://127.0.0.1:{port}", "--samples", "2")
        done = subprocess.run(command, cwd=image.folder, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASSED: " in done.stdout


@pytest.mark.slow
def test_the_services_of_compose_work_together(image: Image) -> None:
    """The page is served, may call the mock from the host, and other services reach the mock by its name."""
    assert COMPOSE["page"]["depends_on"] == {"mock": {"condition": "service_healthy"}}
    assert COMPOSE["mock"]["ports"] == ["127.0.0.1:4010:4010"]
    source, target, _ = COMPOSE["page"]["volumes"][0].split(":")
    server = [*COMPOSE["page"]["command"]]
    port_at, folder_at = server.index("8080"), server.index(target)
    server[port_at], server[folder_at] = str(free_port()), str(ROOT / source)
    process = subprocess.Popen(server, env=image.environment, stderr=subprocess.DEVNULL)
    try:
        folder, mounted, _ = COMPOSE["mock"]["volumes"][0].split(":")
        arguments = [each.replace(mounted, str(ROOT / folder)) for each in COMPOSE["mock"]["command"]]
        with container(image, *arguments) as (port, _):
            origin = f"http://localhost:{server[port_at]}"
            assert "captcha" in requests.get(f"http://127.0.0.1:{server[port_at]}/", timeout=10).text
            url = f"http://127.0.0.1:{port}"
            answer = requests.post(f"{url}/code", headers={"Source": "PC", "Origin": origin}, json={}, timeout=10)
            assert answer.headers["Access-Control-Allow-Origin"] in ("*", origin)
            body = {"user": "li", "uuid": answer.json()["data"]["uuid"], "answer": "none"}
            login = requests.post(f"{url}/login", headers={"Origin": origin}, json=body, timeout=10)
            assert (login.status_code, login.json()["msg"]) == (401, "Wrong answer")
            named = {"Host": "mock:4010"}
            assert requests.get(f"{url}/__mock/health", headers=named, timeout=10).status_code == 200
    finally:
        process.terminate()
        process.wait(timeout=10)
