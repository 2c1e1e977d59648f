"""The hint of a run in which every request ended for the same cause."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import mock_server
from code_contract import Contract, load
from code_contract_cli.main import run
from contract_tests.engine.session import EvaluationSession
from contract_tests.http.exchange import Exchange, Request, TransportError, TransportErrorKind
from contract_tests.run import check
from contract_tests.settings import Settings
from tests.contract_tests.test_checks import CONTRACT, REFUSED, SAMPLE, exchange
from tests.servers.hostile import raw_server, send

HTML = ("Content-Type", "text/html; charset=utf-8")
FORM = b"<form action=/do><input name=u><input type='password' name=p></form>"
TLS = TransportError(TransportErrorKind.TLS, "TLS failed: certificate verify failed")


def hint(*exchanges: Exchange, contract: Contract = CONTRACT, **settings: object) -> str:
    session = EvaluationSession(contract, Settings("http://x", **settings))
    for each in exchanges:
        session.add(each)
    return session.hints.sentence


def to(location: str, status: int = 302) -> Exchange:
    return exchange(b"", ("Location", location), status=status)


def failed(reason: str) -> Exchange:
    return exchange(b"", status=None, error=replace(TLS, detail=f"TLS failed: {reason}"))


def refused(text: str, status: int = 200) -> Exchange:
    return exchange(REFUSED | {"msg": text}, status=status)


CASES = {
    "wrong path": (exchange(b"<h1>", HTML, status=404), "nothing is served at POST http://x/code: check host and"),
    "unauthorized": (exchange({"error": "x"}, status=401), "wants credentials: --header 'Authorization: Bearer …'"),
    "forbidden": (exchange(b"<h1>", HTML, status=403), "wants credentials: --header 'Authorization: Bearer …'"),
    "unauthorized in the envelope": (exchange(REFUSED | {"code": 401}), "wants credentials: --header 'Authorization:"),
    "basic": (exchange(b"", ("WWW-Authenticate", "Basic realm=x"), status=401), "--header 'Authorization: Basic …'"),
    "login": (to("https://sso.example.com/cas/login?service=x"), "this is a login page (https://sso.example.com/cas/login)"),
    "sign in": (to("/sign-in"), "this is a login page (http://x/sign-in)"),
    "login form": (exchange(FORM, HTML), "this is a login page (http://x/code)"),
    "moved": (to("https://x/api/code", 308), "the API has moved: use that base URL, https://x/api"),
    "redirect": (to("/index", 301), "redirects are not followed: use the base URL behind http://x/index"),
    "source": (refused("Source is invalid"), "correct where it is carried: components/parameters/Source (openapi"),
    "Chinese source": (refused("来源不能为空"), "the refusal speaks of the source: send another one (--source VALUE)"),
    "source and status": (refused("unknown source PC", 403), "the refusal speaks of the source"),
    "web page": (exchange(b"<!doctype html><div id=app></div>", HTML), "this is the HTML page of a single-page app"),
    "proxy": (exchange(b"", status=407), "the proxy wants credentials: --proxy http://USER:PASSWORD@host:port"),
    "gateway": (exchange(b"<h1>", HTML, status=502), "the gateway does not reach its server: start it, or wait"),
    "plain HTTP": (failed("WRONG_VERSION_NUMBER"), "speaks plain HTTP at this port: use http://x"),
    "TLS (nginx)": (
        exchange(b"<center>The plain HTTP request was sent to HTTPS port</center>", HTML, status=400),
        "the server speaks TLS at this port: use https://x",
    ),
    "TLS (Go)": (
        exchange(b"Client sent an HTTP request to an HTTPS server.\n", ("Content-Type", "text/plain"), status=400),
        "the server speaks TLS at this port: use https://x",
    ),
    "client certificate": (failed("TLSV13_ALERT_CERTIFICATE_REQUIRED"), "client certificate, pass it (--cert"),
    "closed handshake": (failed("EOF occurred in violation of protocol"), "ended the TLS handshake"),
    "certificate": (exchange(b"", status=None, error=TLS), "--ca-bundle FILE names its issuer"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_cause_has_one_hint(name: str) -> None:
    """It is one line that names the cure."""
    response, expected = CASES[name]
    found = hint(*[response] * 4)
    assert expected in found
    assert "\n" not in found


@pytest.mark.parametrize(
    "responses",
    [
        [exchange()],
        [refused("the resource is closed")],
        [refused("来自缓存")],
        [exchange(REFUSED | {"code": 1401})],
        [exchange(REFUSED | {"data": {"count": 401}})],
        [exchange(SAMPLE, status=500)],
        [exchange(b"<h1>", HTML, status=500)],
        [exchange(b"<h1>400 Bad Request</h1>", HTML, status=400)],
        [exchange(b"<h1>", HTML), exchange()],
        [exchange(b"<h1>", HTML), exchange(b"", status=401)],
        [exchange(b"<h1>", HTML, label="other-method")],
        [exchange(b"", status=None, error=replace(TLS, kind=TransportErrorKind.REFUSED))],
        [],
    ],
)
def test_other_runs_have_no_hint(responses: list[Exchange]) -> None:
    """A response was a success, the cause is not known, or the requests ended in different ways."""
    assert hint(*responses) == ""


def test_rejected_credentials_are_named() -> None:
    """Whoever has given some needs no hint to give some."""
    given = (("Authorization", "Bearer x"),)
    assert hint(exchange(b"", status=401), headers=given).endswith("it rejects the given ones (--header, --auth)")


def test_the_security_scheme_of_a_document_is_named(tmp_path: Path) -> None:
    """Its name is that of the document."""
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "components": {"securitySchemes": {"teamKey": {"type": "apiKey", "in": "header", "name": "X-Key"}}},
        "security": [{"teamKey": []}],
        "paths": {"/x": {"get": {"operationId": "getX", "responses": {"200": {"description": "ok"}}}}},
    }
    path = tmp_path / "x.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    answer = Exchange(Request("GET", "http://x/x"), "plain", "getX", 0, 0.0, 401)
    assert hint(answer, contract=load(path)) == "the target wants credentials: --auth 'teamKey=…'"


def test_the_name_of_the_source_is_that_of_the_contract(tmp_path: Path) -> None:
    """Another document, another name; the place is the one in that document."""
    text = CONTRACT.path.read_text("utf-8")
    path = tmp_path / "own.yaml"
    path.write_text(text.replace("name: Source\n", "name: X-Origin-App\n").replace("name: 来源", "name: 渠道"), "utf-8")
    own = load(path)
    assert "(own.yaml:" in hint(refused("x-origin-app is missing"), contract=own)
    assert "(own.yaml:" in hint(refused("渠道不正确"), contract=own)
    assert hint(refused("Source is invalid"), contract=own) == ""


def test_text_of_a_target_is_escaped_and_redacted() -> None:
    """The address of a redirect may hold anything."""
    found = hint(to("http://evil/login\x1b[2J\u202e?token=s3cr3t-t0ken"), headers=(("X-Token", "s3cr3t-t0ken"),))
    assert found.isprintable()
    assert "s3cr3t" not in found


@pytest.mark.parametrize("location", ["http://[::1", "//[x]y/", "http://[\x1b[2J", "http://℀/", "javascript:alert(1)"])
def test_an_address_that_is_not_a_url_is_shown_as_it_was_sent(location: str) -> None:
    """It ends no run."""
    found = hint(to(location))
    assert found.isprintable()
    assert location[:3] in found


@pytest.mark.parametrize(("path", "probes"), [("/api/v9", 2), ("/api", 1)])
def test_a_parent_that_answers_is_named(contract: Contract, path: str, probes: int) -> None:
    """At most two requests go to parents of the base path; they are counted, and not checked."""
    with mock_server.running() as mock:
        result = check(contract, Settings(mock.base_url + path, samples=2))
        assert result.hint == f"POST {mock.base_url}/code answers: use that base URL, {mock.base_url}"
    listed = sum(map(result.collection.count, result.collection.exchanges)) + len(result.generated.exchanges)
    assert result.calls == listed + probes


def test_the_terminal_shows_the_hint_of_a_wrong_base_path(capsys: pytest.CaptureFixture[str]) -> None:
    """On a line of its own before the sections, although some clauses could be checked."""
    with mock_server.running() as mock:
        assert run(["check", f"{mock.base_url}/api", "--samples", "2"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == f"hint: POST {mock.base_url}/code answers: use that base URL, {mock.base_url}"


@pytest.mark.parametrize(
    ("response", "is_api"),
    [
        (exchange(), True),
        (exchange({"error": "x"}, status=401), True),
        (exchange(b"<h1>", HTML), False),
        (to("/login"), False),
        (exchange(b"", status=405), False),
        (exchange(b"", status=502), False),
        (exchange(b"", status=None, error=TLS), False),
    ],
)
def test_only_an_api_answers(response: Exchange, is_api: bool) -> None:
    """A page, a redirect or a gateway at a parent is no answer."""
    session = EvaluationSession(CONTRACT, Settings("http://x/api"))
    session.add(replace(CASES["wrong path"][0], request=Request("POST", "http://x/api/code")))
    session.hints.probe(lambda request: response)
    assert ("use that base URL, http://x" in session.hints.sentence) is is_api


def test_no_parent_answers(contract: Contract) -> None:
    """The hint names the address."""
    page = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<h1>"
    with raw_server(send(page)) as port:
        result = check(contract, Settings(f"http://127.0.0.1:{port}/a/b/c", samples=2))
    assert result.hint == f"nothing is served at POST http://127.0.0.1:{port}/a/b/c/code: check host and base path"
    assert result.collection.unlisted == 2


def test_a_gateway_on_every_call_is_not_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit status is 3 instead of 1, and every report has the hint."""
    page = b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<h1>"
    reports = [tmp_path / name for name in ("x.html", "x.md", "x.json", "x.xml")]
    options = [part for each in reports for part in ("--report", str(each))]
    with raw_server(send(page)) as port:
        assert run(["check", f"http://127.0.0.1:{port}", "--samples", "4", *options]) == 3
    expected = "the gateway does not reach its server: start it, or wait for it (--wait 60)"
    assert f"\nhint: {expected}\n" in capsys.readouterr().out
    for path in reports:
        assert expected in path.read_text("utf-8"), path
    assert json.loads(reports[2].read_text("utf-8"))["results"]["extra"]["hint"] == expected


def test_the_reports_of_a_checked_target_have_the_hint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After the sentence on top, also with --quiet."""
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<h1>"
    reports = [tmp_path / name for name in ("x.html", "x.md", "x.json", "x.xml")]
    options = [part for each in reports for part in ("--report", str(each))]
    with raw_server(send(page)) as port:
        assert run(["check", f"http://127.0.0.1:{port}", "--samples", "2", "-q", *options]) == 1
    assert capsys.readouterr().out.startswith("hint: this is the HTML page of a single-page app")
    for path in reports:
        assert "this is the HTML page of a single-page app" in path.read_text("utf-8"), path


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("127.0.0.1:4010", "http://127.0.0.1:4010"),
        ("localhost:4010/api", "http://localhost:4010/api"),
        ("[::1]:4010", "http://[::1]:4010"),
        ("mock:4010", "http://mock:4010"),
        ("staging.example.com/api/v1", "https://staging.example.com/api/v1"),
    ],
)
def test_an_address_without_a_scheme(typed: str, offered: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The error offers the URL: http for machines nearby, https for others."""
    assert run(["check", typed]) == 2
    assert f"{typed!r} has no scheme; did you mean {offered!r}?" in capsys.readouterr().err


def test_a_password_is_not_offered(capsys: pytest.CaptureFixture[str]) -> None:
    """User information is masked in both addresses."""
    assert run(["check", "anna:hunter2@staging.example.com"]) == 2
    printed = capsys.readouterr().err
    assert "did you mean 'https://***@staging.example.com'?" in printed
    assert "hunter2" not in printed
