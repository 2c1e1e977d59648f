"""A short report in Markdown (GFM), for the summary of a CI job or a comment on a merge request.

Text of the target appears in fenced blocks only, where markup, links and mentions have no effect.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from contract_tests.reports import terminal, wording
from contract_tests.result import Result
from contract_tests.verdict import Verdict

MAX_EVIDENCE = 10
"""Clauses whose evidence is shown; a comment on GitHub has at most 65,536 characters."""

# Characters that can be markup in Markdown, GFM or HTML; GFM makes a link of "www.".
_MARKUP = re.compile(r"[&<>\"'`*_{}\[\]()#|~\\!@:$^]|(?<=[wW])\.")


def write(result: Result) -> bytes:
    """Return the report in UTF-8."""
    return ("\n".join(_lines(result)) + "\n").encode("utf-8", "backslashreplace")


def _lines(result: Result) -> Iterator[str]:
    mark = "❔" if not result.was_reachable else "❌" if result.failed else "✅"
    contract = _text(f"{result.contract.title} {result.contract.version}")
    yield f"### {mark} {wording.headline(result)}: {contract}"
    yield ""
    yield f"<code>{_text(result.settings.base_url)}</code>"
    yield ""
    if not result.was_reachable:
        yield from _fenced([wording.failure_reason(result), *wording.notes(result)])
        return
    yield _text(terminal.summary_line(result))
    failing = {verdict.clause.id for verdict in result.failed}
    found = [verdict for verdict in result.verdicts if verdict.failed]
    # A stable sort keeps the order of the contract.
    found.sort(key=lambda verdict: verdict.clause.id not in failing)
    if found:
        yield ""
        yield "| | clause | level | responses | requirement |"
        yield "| --- | --- | --- | --- | --- |"
        yield from (_row(verdict) for verdict in found)
    for verdict in found[:MAX_EVIDENCE]:
        yield ""
        fails = verdict.clause.id in failing
        yield f"<details{' open' if fails else ''}><summary>{_name(verdict)}</summary>"
        yield ""
        yield from _fenced(list(map(wording.escape, terminal.evidence(verdict, result))))
        yield ""
        yield "</details>"
    if len(found) > MAX_EVIDENCE:
        yield ""
        yield f"The other reports have the evidence of {len(found) - MAX_EVIDENCE} more clauses."
    yield ""
    yield from (f"Note: {_text(note)}  " for note in wording.notes(result))
    questions = wording.assumptions(result.contract)
    if questions:
        names = ", ".join(f"<code>{_text(each.name)}</code>" for each in questions)
        count = wording.plural(len(questions), "question")
        yield f"The document leaves {count} open ({names}). The contract states the assumptions."


def _row(verdict: Verdict) -> str:
    clause = verdict.clause
    level, share = wording.level_label(clause), wording.share(verdict)
    return f"| {verdict.status.value} | {_name(verdict)} | {level} | {share} | {_text(clause.text)} |"


def _name(verdict: Verdict) -> str:
    return f"<code>{_text(verdict.clause.id)}</code>"


def _fenced(lines: list[str]) -> Iterator[str]:
    """Yield a fenced block whose fence is longer than any run of backticks in it."""
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}text"
    yield from lines
    yield fence


def _text(value: str) -> str:
    """Return text with entities for all characters that can be markup."""
    return _MARKUP.sub(lambda match: f"&#{ord(match[0])};", wording.escape(value))
