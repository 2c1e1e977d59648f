"""Markdown (GFM), short: for the summary of a CI job, or a comment on a merge request.

What a target sent stands in fenced blocks only, where no Markdown and no HTML means anything, no link is made and
nobody is mentioned.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from contract_tests.reports import terminal as text
from contract_tests.reports import wording as saying
from contract_tests.result import Result
from contract_tests.verdict import Verdict

MOST = 10
"""Clauses whose evidence is shown: a comment has an end (65,536 characters on GitHub)."""

# What Markdown, GFM's extensions or HTML could take for markup; "www." becomes a link of itself.
_MARKUP = re.compile(r"[&<>\"'`*_{}\[\]()#|~\\!@:$^]|(?<=[wW])\.")


def write(result: Result) -> bytes:
    """The report as bytes of UTF-8."""
    return ("\n".join(_lines(result)) + "\n").encode("utf-8", "backslashreplace")


def _lines(result: Result) -> Iterator[str]:
    mark = "❔" if not result.was_reachable else "❌" if result.failed else "✅"
    contract = _text(f"{result.contract.title} {result.contract.version}")
    yield f"### {mark} {saying.headline(result)}: {contract}"
    yield ""
    yield f"<code>{_text(result.settings.base_url)}</code>"
    yield ""
    if not result.was_reachable:
        yield from _fenced([saying.failure_reason(result), *map(saying.escape_long, result.collection.notes)])
        return
    yield _text(text.summary_line(result))
    failing = {verdict.clause.id for verdict in result.failed}
    broken = [verdict for verdict in result.verdicts if verdict.failed]
    # What fails the run comes first; sorting keeps the document's order otherwise.
    broken.sort(key=lambda verdict: verdict.clause.id not in failing)
    if broken:
        yield ""
        yield "| | clause | level | how often | what it says |"
        yield "| --- | --- | --- | --- | --- |"
        yield from (_row(verdict) for verdict in broken)
    for verdict in broken[:MOST]:
        yield ""
        fails = verdict.clause.id in failing
        yield f"<details{' open' if fails else ''}><summary>{_name(verdict)}</summary>"
        yield ""
        yield from _fenced(list(map(saying.escape_long, text.evidence(verdict, result))))
        yield ""
        yield "</details>"
    if len(broken) > MOST:
        yield ""
        yield f"The evidence of {len(broken) - MOST} more is in the other reports."
    yield ""
    yield from (f"Note: {_text(note)}  " for note in result.collection.notes)
    questions = saying.assumptions(result.contract)
    if questions:
        names = ", ".join(f"<code>{_text(each.name)}</code>" for each in questions)
        yield f"The document leaves {len(questions)} questions open ({names}); the readings chosen are in the contract."


def _row(verdict: Verdict) -> str:
    clause = verdict.clause
    often = f"{verdict.failed} of {verdict.checked}"
    return f"| {verdict.status.value} | {_name(verdict)} | {clause.level} | {often} | {_text(clause.text)} |"


def _name(verdict: Verdict) -> str:
    return f"<code>{_text(verdict.clause.id)}</code>"


def _fenced(lines: list[str]) -> Iterator[str]:
    """A block in which nothing is markup: its fence is longer than any run of backticks in it."""
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}text"
    yield from lines
    yield fence


def _text(value: str) -> str:
    """Text in which nothing is markup: what might be is written as an entity."""
    return _MARKUP.sub(lambda match: f"&#{ord(match[0])};", saying.escape_long(value))
