"""Secrets appear in no output, regardless of what the target returns."""

from __future__ import annotations

import base64
import gzip
import html
import itertools
import json
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

import mock_server
from code_contract_cli.main import run
from tests.servers.hostile import HEAD, Behave, raw_server, send

HEADER = 'canary/of<a>"header"\\5f2c'
SOURCE = "canary-of-a-来源-91d0"
PASSWORD = "canary/of#a?url@77aa"
COOKIE = "canary-of-a-cookie-3e1b"
SECRETS = (HEADER, SOURCE, PASSWORD, COOKIE, base64.b64encode(f"user:{PASSWORD}".encode()).decode())


ECHO: list[bytes] = []


def remembering(connection: socket.socket) -> socket.socket:
    ECHO.append(connection.recv(65536, socket.MSG_PEEK))
    return connection


def as_text(body: bytes) -> bytes:
    return body.replace(b"\r\n", b" ").replace(b'"', b"'")


def body(encode: Callable[[str], str]) -> Behave:
    """Return the request in a message, as `encode` writes it."""
    document = '{"succFlag":true,"code":200,"data":null,"msg":[%s]}'
    return lambda c: send(HEAD + b"\r\n" + (document % encode(ECHO[-1].decode())).encode())(c)


def secrets_only(text: str) -> str:
    return " ".join((HEADER, SOURCE, PASSWORD, COOKIE, SECRETS[-1]))


TARGETS: dict[str, Behave] = {
    "echoes into the body": lambda c: send(HEAD + b"\r\n" + ECHO[-1])(c),
    "echoes into a field": lambda c: send(HEAD + b'\r\n{"succFlag":true,"code":200,"msg":["' + as_text(ECHO[-1]) + b'"],"data":null}')(c),
    "echoes into a header": lambda c: send(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /?" + as_text(ECHO[-1]).replace(b" ", b"+") + b"\r\n\r\n")(c),
    "echoes instead of HTTP": lambda c: send(ECHO[-1].split(b"Authorization: ")[-1] + b"\r\n")(c),
    "echoes the token alone": lambda c: send(HEAD + b"\r\n" + ECHO[-1].split(b"Basic ")[1].split()[0])(c),
    "echoes the reason": lambda c: send(b"HTTP/1.1 500 " + as_text(ECHO[-1]) + b"\r\nContent-Length: 0\r\n\r\n")(c),
    "echoes as JSON": body(json.dumps),
    "echoes as JSON with escapes": body(lambda text: json.dumps(text).replace("/", "\\/").replace("a", "\\u0061")),
    "echoes the secrets in percent": body(lambda text: json.dumps(quote(secrets_only(text), safe=""))),
    "echoes the secrets in HTML": body(lambda text: json.dumps(html.escape(secrets_only(text)))),
    "echoes the secrets in base64": body(lambda text: json.dumps(base64.b64encode(secrets_only(text).encode()).decode())),
    "echoes at the limit of an excerpt": body(lambda text: json.dumps("x" * 105 + HEADER)),
    "echoes as the name of a field": body(lambda text: json.dumps({HEADER: {COOKIE: 1}, SOURCE: PASSWORD})),
    "echoes before invalid UTF-8": lambda c: send(HEAD + b"\r\n" + COOKIE.encode() + b"\xff")(c),
    "echoes as the picture": lambda c: send(HEAD + b'\r\n{"succFlag":true,"code":200,"msg":null,"data":{"uuid":"' + COOKIE.encode() + b'","img":"data:image/png;base64,' + base64.b64encode(COOKIE.encode()) + b'"}}')(c),
    "echoes in gzip": lambda c: send(HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(ECHO[-1]) + gzip.compress(ECHO[-1]))(c),
}  # fmt: skip


def outputs(folder: Path) -> list[Path]:
    return [folder / f"r{suffix}" for suffix in (".html", ".md", ".json", ".xml", ".har")]


def spellings(secret: str) -> list[str]:
    """Return the spellings of a secret that are searched for in the outputs."""
    data = secret.encode()
    written = json.dumps(secret)[1:-1]
    return [
        secret,
        written,
        written.replace("/", "\\/"),
        quote(secret, safe=""),
        quote(quote(secret, safe="")),
        html.escape(secret),
        html.escape(html.escape(secret)),
        data.decode("latin-1"),
        data.hex(),
        data.hex(" ", 1)[:24],
        *(base64.b64encode(bytes(n) + data).decode()[4:-4] for n in range(3)),
    ]


@pytest.mark.parametrize("name", TARGETS)
def test_a_returned_secret_is_in_no_output(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Headers, source and credentials of the URL are redacted in the terminal, every report and the recording."""
    ECHO.clear()
    with raw_server(TARGETS[name], remembering) as port:
        url = f"http://user:{quote(PASSWORD, safe='')}@127.0.0.1:{port}"
        options = ["--header", f"X-Token: {HEADER}", "--source", SOURCE, "--samples", "2", "-v"]
        options += ["--header", f"Cookie: theme=light; session={COOKIE}"]
        for path in outputs(tmp_path):
            options += ["--save-har" if path.suffix == ".har" else "--report", str(path)]
        assert run(["check", url, *options]) in (1, 3)
    sent = ECHO[-1].decode()
    assert all(secret in sent for secret in (HEADER, SOURCE, COOKIE, SECRETS[-1])), "the target received no secret"
    printed = capfd.readouterr()
    written = [printed.out, printed.err, *(path.read_text(encoding="utf-8") for path in outputs(tmp_path))]
    # Bodies of a recording are in base64.
    log = json.loads((tmp_path / "r.har").read_bytes())["log"]
    bodies = [base64.b64decode(each["response"]["content"]["text"]) for each in log["entries"]]
    inflated = [gzip.decompress(each) for each in bodies if each[:2] == b"\x1f\x8b"]
    written += [each.decode("utf-8", "replace") for each in bodies + inflated]
    for text in written:
        unwrapped = "".join(line.strip() for line in text.splitlines())
        found = [each for secret in SECRETS for each in spellings(secret) if each in text or each in unwrapped]
        assert not found
        # Nor is a piece of one, which an excerpt ends with.
        assert "canary" not in text


def test_a_curl_command_has_placeholders(capsys: pytest.CaptureFixture[str]) -> None:
    """A curl command has shell variables instead of secrets, which the shell requires to be set."""
    with mock_server.running(faults=[mock_server.fault("img-crc")]) as mock:
        run(["check", mock.base_url, "--header", f"X-Token: {HEADER}", "--source", SOURCE, "--samples", "1"])
    out = capsys.readouterr().out
    assert '-H "Source: ${CODE_SOURCE:?set CODE_SOURCE}"' in out
    assert '-H "X-Token: ${CODE_X_TOKEN:?set CODE_X_TOKEN}"' in out


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", f"ftp://user:{PASSWORD}@host"],
        ["check", f"http://user:{PASSWORD}@host/?q"],
        ["check", "http://h", "--header", f"X-Token {HEADER}"],
        ["check", "http://h", "--header", f"X-Token: {HEADER}\x00"],
        ["check", f"http://user:{PASSWORD}@host"],
        ["check", f"http://user:secret-1/{COOKIE}@host"],
        ["check", f"http://user:1/{COOKIE}@host"],
        ["check", f"http://user:{COOKIE}#1@host"],
        ["check", f"http://user:{COOKIE}?1@host/code"],
        ["check", f"http://user:{COOKIE}@1@host:port"],
        ["check", f"http://user:[{COOKIE}@host"],
        ["check", f"user:{COOKIE}@host//path"],
        ["check", f"http://host/?token={COOKIE}"],
        ["check", f"http://user:{COOKIE}\udcff@host"],
        ["check", "http://h", "--header", f"Authorization Bearer: {COOKIE}: x"],
        ["check", "http://h", "--header", f"Bearer {COOKIE}: x"],
        ["check", "http://h", "--header", f"X-Token: {COOKIE}\udcff"],
        ["check", "http://h", "--source", f"{COOKIE}\nX: y"],
        ["check", "http://h", "--source", f"{COOKIE} "],
        ["check", "http://h", "--source", f"{COOKIE}\udcff"],
        ["check", "http://h", "--header", "Authorization:", "Bearer", COOKIE],
    ],
    ids=itertools.count(),
)
def test_wrong_usage_shows_no_secret(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Messages about invalid values do not show secrets."""
    assert run(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("code-contract: ")
    assert "canary" not in printed.err
    assert "secret" not in printed.err


@pytest.mark.parametrize(
    "text",
    [
        f'headers = "Authorization: Bearer {COOKIE}"',
        f'headers = ["X-Token: {COOKIE}"]',
        f'headers = {{ "Authorization: Bearer {COOKIE}" = "" }}',
        f'headers = {{ "Authorization: Bearer {COOKIE}" = 1 }}',
        f'headers = {{ Authorization = ["{COOKIE}"] }}',
        f'headers = {{ Authorization = "{COOKIE}\\nx" }}',
        f'source = ["{COOKIE}"]',
        f'source = "{COOKIE}\\nx"',
        f'base_url = ["http://user:{COOKIE}@host"]',
        f'base_url = "http://user:{COOKIE}/1@host"',
        f'headers = {{ Authorization = "{COOKIE} }}',
    ],
    ids=itertools.count(),
)
def test_a_wrong_configuration_shows_no_secret(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Messages about a configuration do not show the values of headers, source and URL."""
    path = tmp_path / "settings.toml"
    path.write_text(text + "\n", encoding="utf-8")
    assert run(["check", "--config", str(path), "--samples", "1"]) == 2
    assert "canary" not in capsys.readouterr().err


def test_a_chinese_source_is_sent(capsys: pytest.CaptureFixture[str]) -> None:
    """A source outside ASCII and Latin-1 works."""
    assert run(["check", "--source", "电脑端", "--samples", "1"]) == 0
