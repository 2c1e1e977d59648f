"""The conformance statement and the badge."""

from __future__ import annotations

import hashlib
import json
import shlex
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import click
import pytest

from code_contract import load
from code_contract_cli.check import command
from code_contract_cli.main import run
from contract_tests.engine.comparison import Baseline
from contract_tests.reports import badge, statement
from contract_tests.result import Result
from contract_tests.settings import Settings
from contract_tests.verdict import Outcome
from contract_tests.version import version
from tests.contract_tests.reports.results import CONTRACT, hostile

SVG = "{http://www.w3.org/2000/svg}"


def test_a_statement_has_every_verdict(result: Result) -> None:
    """It names contract, suite, target, date and command, and the verdict on each clause."""
    found = json.loads(statement.write(result))
    assert found["contract"]["sha256"] == hashlib.sha256(CONTRACT.path.read_bytes()).hexdigest()
    assert found["suite"] == {"name": "code-contract", "version": version()}
    assert found["target"] == result.settings.base_url
    assert datetime.fromisoformat(found["date"]).timestamp() == int(result.collection.started)
    assert [each["id"] for each in found["clauses"]] == [v.clause.id for v in result.verdicts]
    assert found["conforms"] is (result.exit_status == 0)
    expected = [v.status.name.lower() if result.was_reachable else "not checked" for v in result.verdicts]
    assert [each["verdict"] for each in found["clauses"]] == expected
    for verdict, each in zip(result.verdicts, found["clauses"], strict=True):
        assert (each["level"], each["checked"], each["failed"]) == (
            verdict.clause.level,
            verdict.checked,
            verdict.failed,
        )


def test_a_part_of_the_clauses_is_no_conformance(correct: Result) -> None:
    """Neither --only nor known failures make a conforming server."""
    assert statement.statement(correct)["conforms"]
    only = replace(correct, settings=replace(correct.settings, only=frozenset({"img-is-a-png"})))
    assert not statement.statement(only)["conforms"]


def test_the_digest_of_the_document_ignores_its_form(tmp_path: Path, correct: Result) -> None:
    """JSON and YAML of one document have one digest; an overlay has another, and is named."""
    path = tmp_path / "own.json"
    path.write_text(json.dumps(CONTRACT.document, ensure_ascii=False), encoding="utf-8")
    found = statement.statement(replace(correct, contract=load(path)))["contract"]
    expected = statement.statement(correct)["contract"]
    assert found["documentSha256"] == expected["documentSha256"]
    assert found["sha256"] != expected["sha256"]
    change = tmp_path / "change.yaml"
    change.write_text(
        "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions:\n- target: $.info\n  update: {version: '9'}\n"
    )
    changed = statement.statement(replace(correct, contract=load(path, overlays=[change])), [change])["contract"]
    assert changed["documentSha256"] != found["documentSha256"]
    assert changed["overlays"] == ["change.yaml"]


def test_the_command_repeats_the_run(correct: Result) -> None:
    """It has every setting, and variables in place of secrets; the command line accepts it."""
    settings = Settings(
        "https://x/api v",
        headers=(("Authorization", "Bearer s3cr3t-token"), ("X-Plain", "it's")),
        values=(("petId", "4 2"),),
        auth=(("", "anna:s3cr3t-word"),),
        source="s3cr3t-source",
        proxy="http://u:s3cr3t-pass@p:1",
        samples=7,
        rate=2.5,
        strict=True,
        only=frozenset({"img-is-a-png", "uuid-is-unique"}),
    )
    install, line = statement.statement(replace(correct, settings=settings))["reproduce"]
    assert install == f"pip install code-contract=={version()}"
    assert "s3cr3t" not in line
    words = shlex.split(line)
    assert words[:2] == ["code-contract", "check"]
    parsed, _, _ = command.make_parser(click.Context(command)).parse_args(words[2:])
    assert parsed["samples"] == "7"
    assert parsed["rate"] == "2.5"
    assert parsed["strict"] is True
    assert parsed["values"] == ["petId=4 2"]
    assert parsed["only"] == ["img-is-a-png", "uuid-is-unique"]
    assert parsed["headers"][0] == "Authorization: ${CODE_AUTHORIZATION:?set CODE_AUTHORIZATION}"
    assert parsed["base_url"] == "https://x/api v"


def test_the_command_line_writes_both(tmp_path: Path) -> None:
    """The files are valid, and named like reports."""
    paths = [tmp_path / "statement.json", tmp_path / "badge.svg"]
    options = ["--statement", str(paths[0]), "--badge", str(paths[1])]
    assert run(["check", "--samples", "2", *options]) == 0
    assert json.loads(paths[0].read_text("utf-8"))["verdict"] == "passed"
    assert ElementTree.parse(paths[1]).getroot().tag == f"{SVG}svg"


def test_one_path_for_two_outputs_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The second would replace the first."""
    path = str(tmp_path / "x")
    assert run(["check", "http://127.0.0.1:9", "--statement", path, "--badge", path]) == 2
    assert "is given for two outputs" in capsys.readouterr().err


def words(result: Result) -> tuple[str, str, str]:
    """The label, the message and the colour of a badge, which is well-formed and as wide as its parts."""
    root = ElementTree.fromstring(badge.write(result))
    label, message = (each.text or "" for each in root.iter(f"{SVG}text"))
    assert root.attrib["aria-label"] == root.findtext(f"{SVG}title") == f"{label}: {message}"
    left, right = (float(each.attrib["width"]) for each in root.findall(f"{SVG}g/{SVG}rect"))
    assert float(root.attrib["width"]) == left + right
    colour = root.findall(f"{SVG}g/{SVG}rect")[1].attrib["fill"]
    return label, message, colour


def test_a_badge_has_the_verdict(correct: Result, faulty: Result, unreachable: Result) -> None:
    """Green with the passed clauses, red with the failed ones, grey if nothing could be checked."""
    assert words(correct) == ("General interface", f"{correct.counts[Outcome.PASSED]} passed", "#2e7d32")
    assert words(faulty)[1:] == (f"{len(faulty.failed)} failed", "#c62828")
    known = replace(faulty, baseline=Baseline("x.json", "", frozenset(v.clause.id for v in faulty.failing)))
    assert known.exit_status == 0
    assert words(known) == words(faulty)
    assert words(unreachable)[1:] == ("not checked", "#616161")
    assert words(replace(correct, interrupted=True))[1:] == ("interrupted", "#616161")
    assert words(replace(correct, verdicts=()))[1:] == ("not checked", "#616161")


@pytest.mark.parametrize(
    "title", ["<script>\"&'</script>", "统一验证码接口", "x" * 200, "", "\x00\x1b\ud800\u202e", "a\nb"], ids=range(6)
)
def test_a_badge_is_valid_for_any_title(title: str, correct: Result) -> None:
    """Markup is text, and a long title is cut."""
    label, _, _ = words(replace(correct, contract=replace(CONTRACT, title=title)))
    assert len(label) <= 40
    assert label.isprintable()


def test_a_hostile_target_is_text() -> None:
    """Nothing that it sends is in a statement or a badge unescaped."""
    written = statement.write(hostile()).decode()
    assert "\u202e" not in written
    assert "\x1b" not in written
