"""One sentence on top of a report, if every request ended in the same way before anything could be checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from code_contract import load
from code_contract_cli.main import run
from contract_tests.engine.session import EvaluationSession
from contract_tests.http.exchange import Exchange, Request, TransportError, TransportErrorKind
from contract_tests.settings import Settings
from tests.contract_tests.test_checks import CONTRACT, REFUSED, SAMPLE, exchange
from tests.paths import ROOT
from tests.servers.hostile import raw_server, send

HTML = (b"<h1>It works!</h1>", ("Content-Type", "text/html"))
CUT = TransportError(TransportErrorKind.INCOMPLETE, "the body breaks off")


def sentence(*exchanges: Exchange) -> str:
    session = EvaluationSession(CONTRACT, Settings("http://x"))
    for each in exchanges:
        session.add(each)
    return session.diagnosis.sentence


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (exchange(*HTML), "200 text/html, no envelope; is this the base URL of the API?"),
        (exchange(*HTML, status=404), "404 text/html, no envelope; is this the base URL of the API?"),
        (exchange({"error": "x"}), "200 application/json, no envelope; is this the base URL of the API?"),
        (exchange([None, 1]), "200 application/json, no envelope; is this the base URL of the API?"),
        (exchange(b"", ("X", ""), status=302), "302; redirects are not followed: is this the base URL of the API?"),
        (exchange(*HTML, status=401), "401 text/html; does the API need credentials (--header)?"),
        (exchange(*HTML, status=500), "500 text/html; does the API work at all?"),
        (exchange(SAMPLE, error=CUT), "200, and a body that breaks off"),
        (exchange(b"x", ("Content-Type", "\x1b[31m")), "200 \\x1b[31m, no envelope; is this the base URL of the API?"),
    ],
)
def test_equal_endings_are_named(response: Exchange, expected: str) -> None:
    """The sentence has the status, the type and a question about the cause."""
    assert sentence(*[response] * 32) == f"32 of 32 requests: {expected}"


@pytest.mark.parametrize(
    "responses",
    [
        [exchange()],
        [exchange(REFUSED, status=400)],
        [exchange([SAMPLE])],
        [exchange({"code": "x"})],
        [exchange(*HTML), exchange()],
        [exchange(*HTML), exchange(*HTML, status=404)],
        [exchange(status=None, error=CUT)],
        [exchange(*HTML, status=502)],
        [exchange(*HTML, label="other-method")],
        [],
    ],
)
def test_other_runs_have_no_sentence(responses: list[Exchange]) -> None:
    """Something could be checked, the endings differ, or the run was not checked for a reason of its own."""
    assert sentence(*responses) == ""


@pytest.mark.parametrize(("name", "media_type"), [("picture-body", "image/jpeg"), ("eladmin", "application/json")])
def test_contracts_without_an_envelope(name: str, media_type: str) -> None:
    """A page of HTML is named although its status is that of a success; the documented content is not."""
    contract = load(ROOT / "examples" / "contracts" / f"{name}.yaml")
    operation = next(iter(contract.operations))
    found = []
    for body, kind in ((b"<h1>", "text/html"), (b'{"img":"","uuid":""}', media_type)):
        session = EvaluationSession(contract, Settings("http://x"))
        headers: Any = (("Content-Type", kind),)
        session.add(Exchange(Request("GET", "http://x"), "plain", operation, 0, 0.0, 200, headers=headers, body=body))
        found.append(session.diagnosis.sentence)
    assert "1 of 1 requests: 200 text/html, no " in found[0]
    assert found[1] == ""


def test_every_report_begins_with_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The terminal, HTML, Markdown, JUnit and CTRF have the sentence, before the verdicts."""
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<h1>"
    reports = [tmp_path / name for name in ("x.html", "x.md", "x.json", "x.xml")]
    options = [part for each in reports for part in ("--report", str(each))]
    with raw_server(send(page)) as port:
        assert run(["check", f"http://127.0.0.1:{port}", "--samples", "4", *options]) == 1
    expected = "4 of 4 requests: 200 text/html, no envelope; is this the base URL of the API?"
    out = capsys.readouterr().out
    assert out.index(expected) < out.index("✗")
    html, markdown, ctrf, junit = (each.read_text("utf-8") for each in reports)
    assert html.index(expected) < html.index('id="clauses"')
    assert "4 of 4 requests" in markdown[: markdown.index("FAILED")]
    assert json.loads(ctrf)["results"]["extra"]["diagnosis"] == expected
    assert ElementTree.fromstring(junit).findtext("testsuite/testcase/system-out") == expected
