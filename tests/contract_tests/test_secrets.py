"""The canary: what a run is given in confidence appears in no output, whatever the target does with it."""

from __future__ import annotations

import base64
import json
import socket
from pathlib import Path

import pytest

import mock_server
from code_contract_cli.main import run
from tests.servers.hostile import HEAD, Behave, raw_server, send

HEADER = "canary-of-a-header-5f2c"
SOURCE = "canary-of-a-source-91d0"
PASSWORD = "canary-of-a-url-77aa"
SECRETS = (HEADER, SOURCE, PASSWORD, base64.b64encode(f"user:{PASSWORD}".encode()).decode())


ECHO: list[bytes] = []


def remembering(connection: socket.socket) -> socket.socket:
    ECHO.append(connection.recv(65536, socket.MSG_PEEK))
    return connection


def as_text(body: bytes) -> bytes:
    return body.replace(b"\r\n", b" ").replace(b'"', b"'")


TARGETS: dict[str, Behave] = {
    "echoes into the body": lambda c: send(HEAD + b"\r\n" + ECHO[-1])(c),
    "echoes into a field": lambda c: send(HEAD + b'\r\n{"succFlag":true,"code":200,"msg":["' + as_text(ECHO[-1]) + b'"],"data":null}')(c),
    "echoes into a header": lambda c: send(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /?" + as_text(ECHO[-1]).replace(b" ", b"+") + b"\r\n\r\n")(c),
    "echoes instead of HTTP": lambda c: send(ECHO[-1].split(b"Authorization: ")[-1] + b"\r\n")(c),
    "echoes the token alone": lambda c: send(HEAD + b"\r\n" + ECHO[-1].split(b"Basic ")[1].split()[0])(c),
    "echoes the reason": lambda c: send(b"HTTP/1.1 500 " + as_text(ECHO[-1]) + b"\r\nContent-Length: 0\r\n\r\n")(c),
}  # fmt: skip


def outputs(folder: Path) -> list[Path]:
    return [folder / f"r{suffix}" for suffix in (".html", ".md", ".json", ".xml", ".har")]


@pytest.mark.parametrize("name", TARGETS)
def test_a_secret_that_is_sent_back_is_in_no_output(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Headers, source and the URL's user-info are not in the verdict, nor in any report."""
    ECHO.clear()
    with raw_server(TARGETS[name], remembering) as port:
        url = f"http://user:{PASSWORD}@127.0.0.1:{port}"
        options = ["--header", f"X-Token: {HEADER}", "--source", SOURCE, "--samples", "2", "-v"]
        for path in outputs(tmp_path):
            options += ["--save-har" if path.suffix == ".har" else "--report", str(path)]
        assert run(["check", url, *options]) in (1, 3)
    sent = ECHO[-1].decode()
    assert all(secret in sent for secret in (HEADER, SOURCE, SECRETS[-1])), "the target was told none of them"
    printed = capfd.readouterr()
    written = [printed.out, printed.err, *(path.read_text(encoding="utf-8") for path in outputs(tmp_path))]
    for text in written:
        assert not [secret for secret in SECRETS if secret in text]
    # The bodies in a recording are in base64.
    log = json.loads((tmp_path / "r.har").read_bytes())["log"]
    bodies = [base64.b64decode(each["response"]["content"]["text"]) for each in log["entries"]]
    assert not [secret for secret in SECRETS for body in bodies if secret.encode() in body]


def test_a_curl_carries_placeholders(capsys: pytest.CaptureFixture[str]) -> None:
    """What was given appears in a curl as a variable of the shell."""
    with mock_server.running(faults=[mock_server.fault("img-crc")]) as mock:
        run(["check", mock.base_url, "--header", f"X-Token: {HEADER}", "--source", SOURCE, "--samples", "1"])
    out = capsys.readouterr().out
    assert '-H "Source: $CODE_SOURCE"' in out
    assert '-H "X-Token: $CODE_X_TOKEN"' in out


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", f"ftp://user:{PASSWORD}@host"],
        ["check", f"http://user:{PASSWORD}@host/?q"],
        ["check", "http://h", "--header", f"X-Token {HEADER}"],
        ["check", "http://h", "--header", f"X-Token: {HEADER}\x00"],
    ],
    ids=["scheme", "query", "no colon", "control character"],
)
def test_wrong_usage_shows_no_secret(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A value that is refused is shown without what it holds in confidence."""
    assert run(arguments) == 2
    assert not [secret for secret in SECRETS if secret in capsys.readouterr().err]
