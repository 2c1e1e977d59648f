"""The verdict that a person reads, on a terminal or in a log."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from itertools import groupby

from contract import Clause
from contract_tests.findings import Status, Verdict
from contract_tests.reports import curl
from contract_tests.result import Result

Paint = Callable[[str, Status], str]

WIDTH = 100

_COLOURS = {
    Status.HOLDS: "32",
    Status.BROKEN: "1;31",
    Status.WARNED: "33",
    Status.WAIVED: "35",
    Status.NOTED: "36",
    Status.UNJUDGED: "2",
}
_WORDS = {
    Status.HOLDS: "hold",
    Status.BROKEN: "broken",
    Status.WARNED: "warned",
    Status.WAIVED: "waived",
    Status.NOTED: "noted",
    Status.UNJUDGED: "not judged",
}


def plain(text: str, status: Status) -> str:
    """No colour."""
    return text


def coloured(text: str, status: Status) -> str:
    """The colour of a status, by ANSI escapes (ECMA-48)."""
    return f"\x1b[{_COLOURS[status]}m{text}\x1b[0m"


def lines(result: Result, paint: Paint = plain, verbose: bool = False) -> Iterator[str]:
    """The whole verdict, a line at a time; `verbose` shows every clause's sentence and what every call took."""
    yield f"{result.contract.title} {result.contract.version} against {result.settings.base_url}"
    if not result.answered:
        yield ""
        yield f"{paint('?', Status.UNJUDGED)} could not be judged: {result.trouble()}"
        yield from (f"  {note}" for note in result.collection.notes)
        return
    for part, verdicts in groupby(result.verdicts, key=lambda verdict: verdict.clause.part):
        title = result.contract.parts[part]
        yield ""
        yield f"{title.title}  {title.zh}"
        for verdict in verdicts:
            yield "  " + line(verdict, paint, verbose)
    for verdict in result.verdicts:
        if verdict.broken:
            yield ""
            yield from evidence(verdict, result, paint)
    yield ""
    if verbose:
        yield from _calls(result)
    yield from (f"note: {note}" for note in result.collection.notes)
    if result.collection.throttled:
        yield f"note: the target asked {result.collection.throttled} times to wait (429), and was waited for"
    yield totals(result, paint)


def evidence(verdict: Verdict, result: Result, paint: Paint = plain) -> Iterator[str]:
    """What is to be said of a broken clause: its words, where, expected, received, how often, and a curl to see it."""
    clause, first = verdict.clause, verdict.findings[0]
    yield paint(f"{verdict.status.value} {clause.id}", verdict.status) + f"  ({clause.level})"
    yield from _wrapped("says", clause.text)
    yield from _wrapped("words", words(clause))
    if verdict.waived:
        yield from _wrapped("waived", verdict.waived)
    yield from _wrapped("where", first.problem.where)
    yield from _wrapped("expected", first.problem.expected)
    yield from _wrapped("received", first.problem.received)
    yield from _wrapped("how often", f"{verdict.broken} of {verdict.judged} {_subjects(verdict)}")
    yield f"    {'see':<10}{curl.command(first.exchange.request, result.settings)}"


def words(clause: Clause) -> str:
    """Where a clause comes from: the document's words, the RFC, the reading chosen, or its plain purpose."""
    if clause.origin == "document":
        return "document: " + "; ".join(clause.words)
    if clause.origin == "purpose":
        return "the plain purpose of the call"
    return f"{clause.origin}: {clause.source}"


def totals(result: Result, paint: Paint = plain) -> str:
    """The one line that sums it up."""
    return f"{verdict(result, paint)}; {result.calls} calls, {result.elapsed:.1f} s"


def verdict(result: Result, paint: Paint = plain) -> str:
    """Whether it conforms, and how many clauses came out in which way."""
    counts = result.counts
    parts = [paint(f"{counts[s]} {word}", s) for s, word in _WORDS.items() if counts[s] or s is Status.HOLDS]
    said = "does not conform" if result.failed else "conforms"
    mark = Status.BROKEN if result.failed else Status.HOLDS
    return f"{paint(said, mark)}: {', '.join(parts)} of {len(result.verdicts)} clauses"


def line(verdict: Verdict, paint: Paint = plain, verbose: bool = False) -> str:
    """A clause, how it came out, and how often it was broken or why it was not judged."""
    text = paint(verdict.status.value, verdict.status) + f" {verdict.clause.id}"
    if verdict.broken:
        text += f"  {verdict.broken} of {verdict.judged}"
    elif not verdict.judged:
        text += f"  {verdict.reason}"
    return f"{text}  {verdict.clause.text}" if verbose else text


def _calls(result: Result) -> Iterator[str]:
    made = [*result.collection.all(), *result.generated.exchanges]
    for exchange in made:
        what = exchange.trouble.kind.value if exchange.trouble else str(exchange.status)
        yield f"call {exchange.index + 1:>4}  {exchange.label:<12} {what:<16} {exchange.elapsed * 1000:7.1f} ms"
    yield ""


def _subjects(verdict: Verdict) -> str:
    return "call" if verdict.judged == 1 else "calls"


def _wrapped(label: str, text: str) -> Iterator[str]:
    first, *rest = textwrap.wrap(text, WIDTH - 14, break_on_hyphens=False) or [""]
    yield f"    {label:<10}{first}"
    yield from (f"    {'':<10}{line}" for line in rest)
