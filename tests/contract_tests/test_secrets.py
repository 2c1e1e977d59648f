"""Secrets appear in no output, regardless of what the target returns."""

from __future__ import annotations

import base64
import json
import socket
from pathlib import Path
from urllib.parse import quote

import pytest

import mock_server
from code_contract_cli.main import run
from contract_tests.redaction import Redactor
from contract_tests.settings import Settings
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
def test_a_returned_secret_is_in_no_output(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Headers, source and credentials of the URL are redacted in the terminal, every report and the recording."""
    ECHO.clear()
    with raw_server(TARGETS[name], remembering) as port:
        url = f"http://user:{PASSWORD}@127.0.0.1:{port}"
        options = ["--header", f"X-Token: {HEADER}", "--source", SOURCE, "--samples", "2", "-v"]
        for path in outputs(tmp_path):
            options += ["--save-har" if path.suffix == ".har" else "--report", str(path)]
        assert run(["check", url, *options]) in (1, 3)
    sent = ECHO[-1].decode()
    assert all(secret in sent for secret in (HEADER, SOURCE, SECRETS[-1])), "the target received no secret"
    printed = capfd.readouterr()
    written = [printed.out, printed.err, *(path.read_text(encoding="utf-8") for path in outputs(tmp_path))]
    for text in written:
        assert not [secret for secret in SECRETS if secret in text]
    # Bodies of a recording are in base64.
    log = json.loads((tmp_path / "r.har").read_bytes())["log"]
    bodies = [base64.b64decode(each["response"]["content"]["text"]) for each in log["entries"]]
    assert not [secret for secret in SECRETS for body in bodies if secret.encode() in body]


def test_a_curl_command_has_placeholders(capsys: pytest.CaptureFixture[str]) -> None:
    """A curl command has shell variables instead of secrets."""
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
    """Messages about invalid values do not show secrets."""
    assert run(arguments) == 2
    assert not [secret for secret in SECRETS if secret in capsys.readouterr().err]


PLAIN = 'p"a/s s密'


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        (f"x{PLAIN}y", "x$Ay"),
        (json.dumps(PLAIN), '"$A"'),
        (quote(PLAIN, safe=""), "$A"),
        (base64.b64encode(PLAIN.encode()).decode(), "$A"),
        (f"{PLAIN[:5]}… and {PLAIN[:6]}…", "$A… and $A…"),
        (f"{PLAIN[:3]}…", f"{PLAIN[:3]}…"),
        ("abc abcd xabc abc=", "$B abcd xabc abc="),
        ("public", "public"),
    ],
    ids=["plain", "JSON", "percent", "base64", "truncated", "too short", "words", "public"],
)
def test_a_secret_is_redacted_in_every_encoding(text: str, redacted: str) -> None:
    """A short secret is redacted as a word only, and public text is not redacted."""
    secrets = {PLAIN: "$A", "abc": "$B", "public": "$C"}
    assert Redactor(secrets, public="this is public").text(text) == redacted
    assert Settings("http://x", headers=(("A", PLAIN),)).redact(f"x{PLAIN}y") == "x$CODE_Ay"
