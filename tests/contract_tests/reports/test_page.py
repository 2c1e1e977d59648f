"""The content of the HTML report."""

from __future__ import annotations

import re

import pytest

from contract_tests.reports import wording, writers
from contract_tests.result import Result
from tests.contract_tests.reports.results import CONTRACT, page, shown


@pytest.mark.parametrize(
    ("name", "headline", "kind"),
    [
        ("correct", "Passed", "passed"),
        ("faulty", "Failed", "failed"),
        ("unreachable", "Not checked", "skipped"),
    ],
)
def test_the_verdict_comes_first(name: str, headline: str, kind: str, request: pytest.FixtureRequest) -> None:
    """The first heading is the verdict; the header has the target."""
    result = request.getfixturevalue(name)
    found = page(result)
    assert found.texts["h1"] == [headline]
    assert found.all("header", kind)
    assert result.settings.base_url in found.texts["header"][0]


def test_every_report_has_the_reason_why_a_target_is_not_checked(unreachable: Result) -> None:
    """The connection was refused; the page lists no clause."""
    for suffix in (".html", ".md", ".json", ".xml"):
        assert "nothing listens there" in writers.FORMATS[suffix](unreachable).decode()
    assert page(unreachable).all("details") == []


def test_clauses_are_in_the_order_of_the_contract_with_their_sources(faulty: Result) -> None:
    """Every clause appears once under its section, with its text and the words of the document or another source."""
    found = page(faulty)
    assert [each["id"] for each in found.all("details")] == [verdict.clause.id for verdict in faulty.verdicts]
    headings = "".join(found.texts["h2"])
    places = [headings.index(part.title) for part in CONTRACT.sections.values()]
    assert places == sorted(places)
    for verdict, text in zip(faulty.verdicts, found.texts["details"], strict=True):
        clause = verdict.clause
        assert clause.text in text
        for word in clause.quotes if clause.basis == "document" else [clause.source or "implied"]:
            assert word in text


def test_a_failed_clause_shows_its_evidence(faulty: Result) -> None:
    """Location, values, counts and a curl command are visible, and the list at the top links to them."""
    found = page(faulty)
    failed = [verdict for verdict in faulty.verdicts if verdict.failed]
    assert {verdict.status.name for verdict in failed} == {"FAILED", "WARNING", "INFO"}
    shown = dict(zip((str(each["id"]) for each in found.all("details")), found.texts["details"], strict=True))
    for verdict in failed:
        first = verdict.findings[0].violation
        evidence = (
            first.where,
            first.expected,
            first.received,
            f"{verdict.failed} of {verdict.checked} response",
            "curl -i",
        )
        for part in evidence:
            assert part in shown[verdict.clause.id]
    assert {each["id"] for each in found.all("details") if "open" in each} == {v.clause.id for v in failed}
    assert {f"#{v.clause.id}" for v in failed} <= {each["href"] for each in found.all("a")}


def test_counts_name_what_they_count(faulty: Result) -> None:
    """A failed clause has "3 of 16 failed", a passed one "16 checked", a skipped one "skipped"."""
    shares = re.findall('<span class="share">(.*?)</span>', shown(faulty))
    for verdict, text in zip(faulty.verdicts, shares, strict=True):
        checked = f"{verdict.checked} checked" if verdict.checked else "skipped"
        assert text == (f"{verdict.failed} of {verdict.checked} failed" if verdict.failed else checked)


def test_open_questions_and_assumptions_are_listed(correct: Result) -> None:
    """Every x-assumption of the contract and every clause with the origin assumption is listed."""
    text = CONTRACT.path.read_text(encoding="utf-8")
    questions = wording.assumptions(CONTRACT)
    assert len(questions) == len(re.findall(r"^ +x-assumption:", text, re.MULTILINE)) == 3
    listed = page(correct).texts["dl"][-1]
    for question in questions:
        assert question.name in listed
        assert question.text in listed
    assert {
        v.clause.id for v in correct.verdicts if v.clause.basis == "assumption" and v.clause.id not in listed
    } == set()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.00324, "3.24 ms"), (0.14, "140 ms"), (0.9996, "1 s"), (2.5, "2.5 s"), (0.0, "0 ms")],
)
def test_a_duration_has_a_readable_unit(seconds: float, text: str) -> None:
    """Durations below one second are in milliseconds."""
    assert wording.milliseconds(seconds) == text
