"""CTRF, Markdown, and which format a file gets."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from contract_tests.reports import ctrf, markdown
from contract_tests.reports import writers as files
from contract_tests.result import Result
from contract_tests.settings import SettingsError
from tests.contract_tests.reports.results import CONTRACT, CTRF, hostile


def test_ctrf_is_valid_against_its_schema(result: Result) -> None:
    """And its summary counts its tests."""
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
    """A warning and a note are `other`; in a strict run a warning fails."""
    for strict in (False, True):
        told = replace(faulty, settings=replace(faulty.settings, strict=strict))
        tests = {test["name"]: test for test in ctrf.report(told)["results"]["tests"]}
        assert {name for name, test in tests.items() if test["status"] == "failed"} == {
            v.clause.id for v in told.failed
        }
        assert tests["charset-is-stated"]["status"] == ("failed" if strict else "other")
        assert tests["envelope-adds-nothing"]["status"] == "other"
        assert tests["source-is-required"]["status"] == "skipped"
        assert "received" in tests["uuid-is-unique"]["message"]


def test_ctrf_of_a_target_that_could_not_be_judged_accuses_nobody(unreachable: Result) -> None:
    """No test of it failed, none passed, and it is not healthy."""
    summary = ctrf.report(unreachable)["results"]["summary"]
    assert summary["other"] == summary["tests"] == len(CONTRACT.clauses)


def test_markdown_is_short_enough_for_a_comment() -> None:
    """Fewer than the 65,536 characters of a GitHub comment, with everything broken that can be."""
    written = markdown.write(hostile()).decode()
    assert len(written) < 40_000
    assert written.count("<details") == markdown.MOST
    assert "more is in the other reports" in written


def test_markdown_names_what_is_broken_what_fails_first(faulty: Result) -> None:
    """One row a clause, and its evidence below."""
    written = markdown.write(faulty).decode()
    rows = re.findall(r"^\| \S \| <code>(.+?)</code> \| (\w+) \| (\d+ of \d+) ", written, re.MULTILINE)
    broken = sorted((v for v in faulty.verdicts if v.failed), key=lambda v: v not in faulty.failed)
    assert rows == [(v.clause.id, v.clause.level, f"{v.failed} of {v.checked}") for v in broken]
    assert written.count("<details open>") == len(faulty.failed)


@pytest.mark.parametrize("suffix", [".html", ".HTML", ".md", ".json", ".xml"])
def test_the_suffix_of_a_file_says_the_format(suffix: str, honest: Result, tmp_path: Path) -> None:
    """In small letters or capitals."""
    path = tmp_path / f"report{suffix}"
    files.check_report_path(path)
    assert not path.exists()
    files.write(path, honest)
    assert path.read_bytes() == files.FORMATS[suffix.lower()](honest)


@pytest.mark.parametrize("name", ["report.pdf", "report", ".html"])
def test_an_unknown_suffix_is_refused_with_those_there_are(name: str, tmp_path: Path) -> None:
    """Before the run, by name."""
    with pytest.raises(SettingsError, match=re.escape(".html, .json, .md, .xml")):
        files.check_report_path(tmp_path / name)


def test_a_file_that_cannot_be_written_is_refused(honest: Result, tmp_path: Path) -> None:
    """In a folder that is not there, and in place of a folder; an old report is kept until there is a new one."""
    (tmp_path / "folder.md").mkdir()
    for path in (tmp_path / "none" / "r.html", tmp_path / "folder.md"):
        with pytest.raises(SettingsError, match="cannot be written"):
            files.check_report_path(path)
        with pytest.raises(SettingsError, match="cannot be written"):
            files.write(path, honest)
    old = tmp_path / "old.md"
    old.write_text("old", encoding="utf-8")
    files.check_report_path(old)
    assert old.read_text(encoding="utf-8") == "old"
