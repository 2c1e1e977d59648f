"""The HTML page: verdict first, then the clauses as the document has them."""

from __future__ import annotations

import re

import pytest

from contract_tests.reports import wording as saying
from contract_tests.reports import writers as files
from contract_tests.result import Result
from tests.contract_tests.reports.results import CONTRACT, page


@pytest.mark.parametrize(
    ("name", "said", "kind"),
    [
        ("honest", "Conforms", "holds"),
        ("faulty", "Does not conform", "broken"),
        ("unreachable", "Could not be judged", "unjudged"),
    ],
)
def test_the_verdict_comes_first(name: str, said: str, kind: str, request: pytest.FixtureRequest) -> None:
    """The first heading is the verdict, the target beside it."""
    result = request.getfixturevalue(name)
    found = page(result)
    assert found.texts["h1"] == [said]
    assert found.all("header", kind)
    assert result.settings.base_url in found.texts["header"][0]


def test_why_nothing_could_be_judged_is_said_in_every_report(unreachable: Result) -> None:
    """The connection was refused: HTML, Markdown and CTRF say so, and list no clause as broken."""
    for suffix in (".html", ".md", ".json"):
        assert "nothing listens there" in files.FORMATS[suffix](unreachable).decode()
    assert page(unreachable).all("details") == []


def test_clauses_stand_as_the_document_does_each_with_its_words(faulty: Result) -> None:
    """Every clause once, in the contract's order under its part, with the document's words or where else it is from."""
    found = page(faulty)
    assert [each["id"] for each in found.all("details")] == [verdict.clause.id for verdict in faulty.verdicts]
    headings = "".join(found.texts["h2"])
    places = [headings.index(part.title) for part in CONTRACT.sections.values()]
    assert places == sorted(places)
    for verdict, shown in zip(faulty.verdicts, found.texts["details"], strict=True):
        clause = verdict.clause
        assert clause.text in shown
        for word in clause.quotes if clause.basis == "document" else [clause.source or "purpose"]:
            assert word in shown


def test_a_broken_clause_shows_expected_received_how_often_and_curl(faulty: Result) -> None:
    """Its evidence is open to be read, and the list on top leads to it."""
    found = page(faulty)
    broken = [verdict for verdict in faulty.verdicts if verdict.failed]
    assert {verdict.status.name for verdict in broken} == {"FAILED", "WARNING", "INFO"}
    shown = dict(zip((str(each["id"]) for each in found.all("details")), found.texts["details"], strict=True))
    for verdict in broken:
        first = verdict.findings[0].problem
        evidence = (
            first.where,
            first.expected,
            first.received,
            f"{verdict.failed} of {verdict.checked} call",
            "curl -i",
        )
        for part in evidence:
            assert part in shown[verdict.clause.id]
    assert {each["id"] for each in found.all("details") if "open" in each} == {v.clause.id for v in broken}
    assert {f"#{v.clause.id}" for v in broken} <= {each["href"] for each in found.all("a")}


def test_open_questions_and_the_readings_chosen_are_listed(honest: Result) -> None:
    """Every x-assumption of the contract, and every clause of that origin with its source."""
    text = CONTRACT.path.read_text(encoding="utf-8")
    questions = saying.assumptions(CONTRACT)
    assert len(questions) == len(re.findall(r"^ +x-assumption:", text, re.MULTILINE)) == 3
    listed = page(honest).texts["dl"][-1]
    for question in questions:
        assert question.name in listed
        assert question.reading in listed
    assert {
        v.clause.id for v in honest.verdicts if v.clause.basis == "assumption" and v.clause.id not in listed
    } == set()


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.00324, "3.24 ms"), (0.14, "140 ms"), (0.9996, "1 s"), (2.5, "2.5 s"), (0.0, "0 ms")],
)
def test_a_time_is_said_as_people_do(seconds: float, said: str) -> None:
    """In milliseconds below a second."""
    assert saying.milliseconds(seconds) == said
