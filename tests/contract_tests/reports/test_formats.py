"""CTRF, JUnit, Markdown, and the format of a file."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from contract_tests.reports import ctrf, junit, markdown, writers
from contract_tests.result import Result
from contract_tests.settings import SettingsError
from tests.contract_tests.reports.results import CONTRACT, CTRF, hostile


def test_ctrf_is_valid_against_its_schema(result: Result) -> None:
    """A CTRF report is valid, and its summary has the number of tests per status."""
    report = json.loads(ctrf.write(result))
    assert list(CTRF.iter_errors(report)) == []
    summary, tests = report["results"]["summary"], report["results"]["tests"]
    counts = Counter(test["status"] for test in tests)
    assert summary["tests"] == len(tests) == len(result.verdicts)
    assert {name: summary[name] for name in ("passed", "failed", "skipped", "pending", "other")} == {
        name: counts[name] for name in ("passed", "failed", "skipped", "pending", "other")
    }
    assert summary["stop"] - summary["start"] == summary["duration"]
    assert report["results"]["environment"]["healthy"] is (result.exit_status == 0)


def test_ctrf_fails_what_fails_the_run(faulty: Result) -> None:
    """Warnings and infos are `other`; in a strict run a warning is failed. `rawStatus` is the outcome."""
    for strict in (False, True):
        run = replace(faulty, settings=replace(faulty.settings, strict=strict))
        tests = {test["name"]: test for test in ctrf.report(run)["results"]["tests"]}
        assert {name for name, test in tests.items() if test["status"] == "failed"} == {v.clause.id for v in run.failed}
        assert tests["charset-is-stated"]["status"] == ("failed" if strict else "other")
        assert tests["envelope-adds-nothing"]["status"] == "other"
        assert tests["source-is-required"]["status"] == "skipped"
        assert {test["rawStatus"] for test in tests.values()} == {"passed", "failed", "warning", "info", "skipped"}
        assert "received" in tests["uuid-is-unique"]["message"]


def test_ctrf_of_an_unreachable_target_has_no_failed_test(unreachable: Result) -> None:
    """No test passed or failed."""
    summary = ctrf.report(unreachable)["results"]["summary"]
    assert summary["other"] == summary["tests"] == len(CONTRACT.clauses)


def totals(element: ElementTree.Element) -> dict[str, int]:
    return {name: int(element.attrib[name]) for name in ("tests", "failures", "errors", "skipped")}


def counted(element: ElementTree.Element) -> dict[str, int]:
    """The numbers of elements that the totals are about."""
    tags = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
    return {name: len(list(element.iter(tag))) for name, tag in tags.items()}


def test_junit_totals_are_the_numbers_of_elements(result: Result) -> None:
    """The root and every suite have totals that match their test cases and results."""
    root = ElementTree.fromstring(junit.write(result))
    assert totals(root) == counted(root)
    assert totals(root)["tests"] == len(result.verdicts) + 1
    for suite in root:
        assert totals(suite) == counted(suite)


def test_junit_of_an_unreachable_target_is_one_error_and_the_rest_skipped(unreachable: Result) -> None:
    """The error has the reason; no clause failed."""
    root = ElementTree.fromstring(junit.write(unreachable))
    clauses = len(CONTRACT.clauses)
    assert totals(root) == {"tests": clauses + 1, "failures": 0, "errors": 1, "skipped": clauses}
    case = next(each for each in root.iter("testcase") if each.find("error") is not None)
    assert case.attrib["name"] == "target-is-reachable"
    assert "nothing listens there" in next(root.iter("error")).attrib["message"]


def test_junit_has_the_duration_of_the_run(result: Result) -> None:
    """The root, the test case of the target and the sum of all test cases have it; no clause claims one of its own."""
    root = ElementTree.fromstring(junit.write(result))
    took = f"{result.elapsed:.3f}"
    assert root.attrib["time"] == took != "0.000"
    assert [each.attrib["time"] for each in root.iter("testcase") if "time" in each.attrib] == [took]


def test_markdown_is_short_enough_for_a_comment() -> None:
    """With every clause failed that can fail, the report fits into a GitHub comment (65,536 characters)."""
    written = markdown.write(hostile()).decode()
    assert len(written) < 40_000
    assert written.count("<details") == markdown.MAX_EVIDENCE
    assert "The other reports have the evidence of" in written


def test_markdown_lists_failures_before_warnings(faulty: Result) -> None:
    """The table has one row per failed clause, with failures first; only the evidence of failures is open."""
    written = markdown.write(faulty).decode()
    rows = re.findall(r"^\| \S \| <code>(.+?)</code> \| (\w+) \| (\d+ of \d+ failed) ", written, re.MULTILINE)
    found = sorted((v for v in faulty.verdicts if v.failed), key=lambda v: v not in faulty.failed)
    levels = {"must": "MUST", "should": "SHOULD", "info": "info"}
    assert rows == [(v.clause.id, levels[v.clause.level], f"{v.failed} of {v.checked} failed") for v in found]
    assert written.count("<details open>") == len(faulty.failed)


@pytest.mark.parametrize("suffix", [".html", ".HTML", ".md", ".json", ".xml"])
def test_the_suffix_selects_the_format(suffix: str, tmp_path: Path) -> None:
    """Upper and lower case are the same."""
    assert writers.format_of(tmp_path / f"report{suffix}") is writers.FORMATS[suffix.lower()]


@pytest.mark.parametrize("name", ["report.pdf", "report", ".html"])
def test_an_unknown_suffix_is_rejected(name: str, tmp_path: Path) -> None:
    """The error lists the known suffixes."""
    with pytest.raises(SettingsError, match=re.escape(".html, .json, .md, .xml")):
        writers.format_of(tmp_path / name)
