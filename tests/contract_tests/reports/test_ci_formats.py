"""Formats for CI systems: GitLab code quality, SARIF, and the workflow commands and summaries of GitHub Actions."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from code_contract import default_path, load
from contract_tests.reports import codequality, github, places, sarif
from contract_tests.result import Result
from contract_tests.settings import Waiver
from tests.contract_tests.reports.results import CONTRACT, exchange, hostile, result_of
from tests.paths import DATA

SARIF = Draft4Validator(json.loads((DATA / "sarif.schema.json").read_text(encoding="utf-8")))
COMMAND = re.compile(r"::(error|warning|notice) ((?:[a-z]+=[^,:\r\n]*,?)+)::([^\r\n]+)")
WAIVER = Waiver("charset-is-stated", "ticket](http://evil)", date(2999, 1, 1))


def waived(result: Result) -> Result:
    """The result with a waiver of one violated clause."""
    verdicts = [replace(v, waived="ticket 1") if v.clause.id == WAIVER.clause else v for v in result.verdicts]
    return replace(result, verdicts=tuple(verdicts))


def line_of(clause: str) -> int:
    """The line of the contract that has the id of a clause."""
    lines = default_path().read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if re.match(rf" *- {{?id: {clause}\b", line))


def test_code_quality_has_the_fields_of_gitlab(result: Result) -> None:
    """Each issue has description, check, severity and place; fingerprints are unique and stable."""
    issues = json.loads(codequality.write(result))
    for issue in issues:
        assert issue.keys() == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert issue["location"]["path"] == "openapi.yaml"
        assert re.fullmatch("[0-9a-f]{64}", issue["fingerprint"])
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    expected = [v.clause.id for v in result.verdicts if v.failed] if result.was_reachable else ["target-is-reachable"]
    assert [issue["check_name"] for issue in issues] == expected


def test_code_quality_is_stable_and_leads_to_the_clause(faulty: Result) -> None:
    """The fingerprint is the same for other counts and values; the line is that of the clause."""
    issues = {each["check_name"]: each for each in codequality.issues(faulty)}
    others = {each["check_name"]: each for each in codequality.issues(hostile())}
    same = issues.keys() & others.keys()
    assert same
    assert all(issues[name]["fingerprint"] == others[name]["fingerprint"] for name in same)
    assert all(issues[name]["location"]["lines"]["begin"] == line_of(name) for name in issues)
    assert issues["succ-flag-is-present"]["severity"] == "critical"
    assert issues["charset-is-stated"]["severity"] == "minor"
    strict = replace(faulty, settings=replace(faulty.settings, strict=True))
    severities = {each["check_name"]: each["severity"] for each in codequality.issues(strict)}
    assert severities["charset-is-stated"] == "critical"


def test_sarif_is_valid_against_the_public_schema(result: Result) -> None:
    """The schema of OASIS accepts it; each result refers to its rule."""
    report = json.loads(sarif.write(waived(result)))
    assert list(SARIF.iter_errors(report)) == []
    (run,) = report["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [v.clause.id for v in result.verdicts]
    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in run["results"])
    assert run["invocations"][0]["exitCode"] == waived(result).exit_status


def test_sarif_has_levels_places_and_suppressions(faulty: Result) -> None:
    """A failure is an error, a warning a warning; a waived one is suppressed with its reason."""
    found: dict[str, Any] = {each["ruleId"]: each for each in sarif.report(faulty)["runs"][0]["results"]}
    assert found["succ-flag-is-present"]["level"] == "error"
    assert found["charset-is-stated"]["level"] == "warning"
    assert found["envelope-adds-nothing"]["level"] == "note"
    for name, each in found.items():
        (place,) = each["locations"]
        assert place["physicalLocation"]["artifactLocation"]["uri"] == "openapi.yaml"
        assert place["physicalLocation"]["region"]["startLine"] == line_of(name)
    found = {each["ruleId"]: each for each in sarif.report(waived(faulty))["runs"][0]["results"]}
    assert found["charset-is-stated"]["suppressions"] == [{"kind": "external", "justification": "ticket 1"}]
    assert "suppressions" not in found["succ-flag-is-present"]


def test_sarif_of_an_unreachable_target_has_no_result(unreachable: Result) -> None:
    """The invocation failed, and a notification has the reason."""
    (run,) = sarif.report(unreachable)["runs"]
    assert run["results"] == []
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "nothing listens there" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_a_target_adds_no_link_to_sarif() -> None:
    """A message has no `](`, which would be the middle of a link (SARIF §3.11.6)."""
    messages = [each["message"]["text"] for each in sarif.report(hostile())["runs"][0]["results"]]
    assert any("[link] (http://evil)" in each for each in messages)
    assert not [each for each in messages if "](" in each]


def test_annotations_are_workflow_commands(result: Result) -> None:
    """One line each, with file, line and title; at most ten of a type."""
    lines = list(github.workflow_commands(result))
    kinds = [found[1] for line in lines if (found := COMMAND.fullmatch(line))]
    assert len(kinds) == len(lines)
    assert bool(lines) is (not result.was_reachable or any(v.failed for v in result.verdicts))
    assert not [kind for kind in kinds if kinds.count(kind) > github.MAX_ANNOTATIONS]


def test_annotations_lead_to_the_clause(faulty: Result) -> None:
    """Errors first, at the line of the clause."""
    lines = list(github.workflow_commands(faulty))
    name = faulty.failed[0].clause.id
    assert lines[0].startswith(f"::error file=openapi.yaml,line={line_of(name)},title={name}::")
    assert any(f"::warning file=openapi.yaml,line={line_of('charset-is-stated')}," in line for line in lines)


def test_further_annotations_are_counted() -> None:
    """The tenth names the number of those that GitHub would not show."""
    run = hostile()
    errors = [line for line in github.workflow_commands(run) if line.startswith("::error ")]
    assert len(errors) == 10 < len(run.failed)
    assert errors[-1].endswith(f"::{len(run.failed) - 9} more: see the summary or a report")


def test_hostile_text_stays_within_its_annotation() -> None:
    """Line breaks, `%` and the separators of properties are encoded: no second command, no other property."""
    text = "a%0Ab\r\n::error file=x::pwned,line=1"
    assert github._command("error", text, {"title": text}) == (
        "::error title=a%250Ab%0D%0A%3A%3Aerror file=x%3A%3Apwned%2Cline=1::a%250Ab%0D%0A::error file=x::pwned,line=1"
    )


@pytest.mark.parametrize("line", ["::error::x", "  ::set-env name=x::y", "text ##[error]x", "\t::stop-commands::y"])
def test_a_log_has_no_command_of_a_target(line: str) -> None:
    """A runner reads `::name` at the beginning of a line and `##[name]` anywhere."""
    (shown,) = github.inert([line])
    assert not shown.lstrip().startswith("::")
    assert "##[" not in shown


def test_the_summary_keeps_the_limit(faulty: Result) -> None:
    """The report if there is room for it, else the verdict, else nothing."""
    whole = github.summary(faulty, github.MAX_SUMMARY)
    assert b"<details" in whole
    short = github.summary(faulty, len(whole) - 1)
    assert short.startswith(b"### FAILED: ")
    assert len(short) < 200
    assert github.summary(faulty, 10) == b""


def test_places_are_relative_to_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The root is the workspace of the CI system, else the working directory; other files have their name."""
    folder = tmp_path / "api"
    folder.mkdir()
    path = folder / "own.yaml"
    path.write_text(default_path().read_text(encoding="utf-8").replace("1.0.0", "1.0.1", 1), encoding="utf-8")
    contract = load(path)
    clause = contract.clauses["img-is-a-png"]
    monkeypatch.chdir(folder)
    assert places.place(contract, clause) == ("own.yaml", clause.line)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    assert places.place(contract, clause) == ("api/own.yaml", clause.line)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "elsewhere"))
    assert places.place(contract, clause) == ("own.yaml", clause.line)
    assert places.place(CONTRACT, CONTRACT.clauses["img-is-a-png"])[0] == "openapi.yaml"


def test_no_secret_is_in_a_format() -> None:
    """A token that the target returns is a placeholder in both formats."""
    secret = "s3cr3t-t0ken-value"
    run = result_of(exchange({"code": secret, "succFlag": secret}), headers=(("Authorization", f"Bearer {secret}"),))
    for written in (codequality.write(run), sarif.write(run), "\n".join(github.workflow_commands(run)).encode()):
        assert secret.encode() not in written
        assert b"$CODE_AUTHORIZATION" in written
