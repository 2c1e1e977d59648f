"""Real captcha libraries as targets: each conforms; sent as another type or again, it fails under that clause."""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path

import pytest

from code_contract import load
from contract_tests.run import check
from contract_tests.settings import Settings
from contract_tests.verdict import Outcome, Verdict
from tests import npm
from tests.paths import ROOT
from tests.servers import captcha_libraries as libraries

pytestmark = pytest.mark.slow

COUNT = 64
"""Pictures of a library; no run of a test asks for more."""
SAMPLES = 16
TIMEOUT = 240
PACKAGES = ("captchapng@0.0.1", "svg-captcha@1.4.0", "trek-captcha@0.4.0")
DEBIAN_PACKAGE = "php-gregwar-captcha"
TYPES = {
    "captcha-png": "image/png",
    "captcha-jpeg": "image/jpeg",
    "multicolorcaptcha": "image/png",
    "easy-captcha-python-png": "image/png",
    "easy-captcha-python-gif": "image/gif",
    "captchapng": "image/png",
    "svg-captcha": "image/svg+xml",
    "trek-captcha": "image/gif",
    DEBIAN_PACKAGE: "image/jpeg",
}


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT, check=False)


@pytest.fixture(scope="module")
def node_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("captchas")
    npm.install(folder, *PACKAGES)
    return folder


def gregwar(folder: Path) -> list[str]:
    """The command of PHP with the library, which is unpacked below `folder`."""
    if any(shutil.which(name) is None for name in ("php", "apt-get", "dpkg-deb")):
        pytest.skip("no PHP on this machine, or no Debian")
    if "\ngd\n" not in run(["php", "-m"], folder).stdout:
        pytest.skip("PHP has no GD on this machine")
    if run(["apt-get", "download", "-q", DEBIAN_PACKAGE], folder).returncode:
        pytest.skip(f"apt-get reaches no {DEBIAN_PACKAGE}")
    (package,) = folder.glob("*.deb")
    assert run(["dpkg-deb", "-x", str(package), "."], folder).returncode == 0
    return ["php", "-r", libraries.GREGWAR.format(count=COUNT), "usr/share/php/Gregwar/Captcha/autoload.php"]


def pictures(name: str, folder: Path, request: pytest.FixtureRequest) -> list[bytes]:
    if name in libraries.PYTHON:
        if find_spec(libraries.PYTHON[name].split()[1].partition(".")[0]) is None:
            pytest.skip(f"{name} is not installed (dependency group captchas)")
        command = [sys.executable, "-c", libraries.PYTHON_MAIN.format(glue=libraries.PYTHON[name], count=COUNT)]
    elif name in libraries.NODE:
        folder = request.getfixturevalue("node_folder")
        command = ["node", "-e", libraries.NODE_MAIN.format(glue=libraries.NODE[name], count=COUNT)]
    else:
        command = gregwar(folder)
    done = run(command, folder)
    assert done.returncode == 0, done.stderr
    return [base64.b64decode(line) for line in done.stdout.split()]


@contextmanager
def serving(bodies: list[bytes], media_type: str) -> Iterator[str]:
    """Serve each body once, in the order of the requests."""
    left, lock = iter(bodies), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with lock:
                body = next(left)
            self.send_response(200)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def checked(bodies: list[bytes], documented: str, folder: Path, sent: str = "") -> dict[str, Verdict]:
    """Check a server of these pictures; return the verdicts by clause."""
    text = (ROOT / "examples" / "contracts" / "picture-body.yaml").read_text("utf-8")
    path = folder / "contract.yaml"
    path.write_text(text.replace("image/jpeg:", f"{documented}:").replace("x-picture:", "x-unused:"), "utf-8")
    with serving(bodies, sent or documented) as url:
        result = check(load(path), Settings(url, samples=SAMPLES))
    return {verdict.clause.id: verdict for verdict in result.verdicts}


@pytest.mark.parametrize("name", TYPES)
def test_a_library_conforms(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Every clause of its pictures is checked, and passes."""
    verdicts = checked(pictures(name, tmp_path, request), TYPES[name], tmp_path)
    failed = {clause: each.findings[0].violation for clause, each in verdicts.items() if each.failed}
    assert failed == {}
    assert {each.status for each in verdicts.values()} == {Outcome.PASSED}
    assert verdicts["img-is-fresh"].checked == SAMPLES


@pytest.mark.parametrize("name", [name for name, media_type in TYPES.items() if media_type != "image/png"])
def test_a_library_under_the_wrong_type_is_failed_once(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Sent as image/png, as documented, only the clause about the type fails; said to be what it is, the carrier's."""
    bodies = pictures(name, tmp_path, request)
    for sent, clauses in (("image/png", ["img-is-a-png"]), (TYPES[name], ["img-is-carried-as-documented"])):
        verdicts = checked(bodies, "image/png", tmp_path, sent)
        assert [clause for clause, each in verdicts.items() if each.failed] == clauses


def test_a_library_whose_picture_is_kept_is_failed(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """A server that sends the first picture again violates the clause about freshness alone."""
    bodies = pictures("captcha-jpeg", tmp_path, request)
    verdicts = checked(bodies[:1] * COUNT, "image/jpeg", tmp_path)
    assert [clause for clause, each in verdicts.items() if each.failed] == ["img-is-fresh"]
