"""The verdict that a person reads, on a terminal or in a log."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from itertools import groupby

from code_contract import Clause
from contract_tests.reports import curl
from contract_tests.result import Result
from contract_tests.verdict import Outcome, Verdict

Paint = Callable[[str, Outcome], str]

WIDTH = 100

_COLOURS = {
    Outcome.PASSED: "32",
    Outcome.FAILED: "1;31",
    Outcome.WARNING: "33",
    Outcome.WAIVED: "35",
    Outcome.INFO: "36",
    Outcome.SKIPPED: "2",
}
_WORDS = {
    Outcome.PASSED: "hold",
    Outcome.FAILED: "broken",
    Outcome.WARNING: "warned",
    Outcome.WAIVED: "waived",
    Outcome.INFO: "noted",
    Outcome.SKIPPED: "not judged",
}


def plain(text: str, status: Outcome) -> str:
    """No colour."""
    return text


def coloured(text: str, status: Outcome) -> str:
    """The colour of a status, by ANSI escapes (ECMA-48)."""
    return f"\x1b[{_COLOURS[status]}m{text}\x1b[0m"


def render(result: Result, paint: Paint = plain, verbose: bool = False) -> Iterator[str]:
    """The whole verdict, a line at a time; `verbose` shows every clause's sentence and what every call took."""
    yield f"{result.contract.title} {result.contract.version} against {result.settings.base_url}"
    if not result.was_reachable:
        yield ""
        yield f"{paint('?', Outcome.SKIPPED)} could not be judged: {result.failure_reason()}"
        yield from (f"  {note}" for note in result.collection.notes)
        return
    for part, verdicts in groupby(result.verdicts, key=lambda verdict: verdict.clause.section):
        title = result.contract.sections[part]
        yield ""
        yield f"{title.title}  {title.zh}"
        for verdict in verdicts:
            yield "  " + line(verdict, paint, verbose)
    for verdict in result.verdicts:
        if verdict.failed:
            yield ""
            yield from evidence(verdict, result, paint)
    yield ""
    if verbose:
        yield from _calls(result)
    yield from (f"note: {note}" for note in result.collection.notes)
    if result.collection.throttled:
        yield f"note: the target asked {result.collection.throttled} times to wait (429), and was waited for"
    yield summary_line(result, paint)


def evidence(verdict: Verdict, result: Result, paint: Paint = plain) -> Iterator[str]:
    """What is to be said of a broken clause: its words, where, expected, received, how often, and a curl to see it."""
    clause, first = verdict.clause, verdict.findings[0]
    yield paint(f"{verdict.status.value} {clause.id}", verdict.status) + f"  ({clause.level})"
    yield from _wrapped("says", clause.text)
    yield from _wrapped("words", provenance(clause))
    if verdict.waived:
        yield from _wrapped("waived", verdict.waived)
    yield from _wrapped("where", first.problem.where)
    yield from _wrapped("expected", first.problem.expected)
    yield from _wrapped("received", first.problem.received)
    yield from _wrapped("how often", f"{verdict.failed} of {verdict.checked} {_subjects(verdict)}")
    yield f"    {'see':<10}{curl.command(first.exchange.request, result.settings)}"


def provenance(clause: Clause) -> str:
    """Where a clause comes from: the document's words, the RFC, the reading chosen, or its plain purpose."""
    if clause.basis == "document":
        return "document: " + "; ".join(clause.quotes)
    if clause.basis == "implied":
        return "the plain purpose of the call"
    return f"{clause.basis}: {clause.source}"


def summary_line(result: Result, paint: Paint = plain) -> str:
    """The one line that sums it up."""
    return f"{verdict(result, paint)}; {result.calls} calls, {result.elapsed:.1f} s"


def verdict(result: Result, paint: Paint = plain) -> str:
    """Whether it conforms, and how many clauses came out in which way."""
    counts = result.counts
    parts = [paint(f"{counts[s]} {word}", s) for s, word in _WORDS.items() if counts[s] or s is Outcome.PASSED]
    said = "does not conform" if result.failed else "conforms"
    mark = Outcome.FAILED if result.failed else Outcome.PASSED
    return f"{paint(said, mark)}: {', '.join(parts)} of {len(result.verdicts)} clauses"


def line(verdict: Verdict, paint: Paint = plain, verbose: bool = False) -> str:
    """A clause, how it came out, and how often it was broken or why it was not judged."""
    text = paint(verdict.status.value, verdict.status) + f" {verdict.clause.id}"
    if verdict.failed:
        text += f"  {verdict.failed} of {verdict.checked}"
    elif not verdict.checked:
        text += f"  {verdict.reason}"
    return f"{text}  {verdict.clause.text}" if verbose else text


def _calls(result: Result) -> Iterator[str]:
    made = [*result.collection.all(), *result.generated.exchanges]
    for exchange in made:
        what = exchange.trouble.kind.value if exchange.trouble else str(exchange.status)
        yield f"call {exchange.index + 1:>4}  {exchange.label:<12} {what:<16} {exchange.elapsed * 1000:7.1f} ms"
    yield ""


def _subjects(verdict: Verdict) -> str:
    return "call" if verdict.checked == 1 else "calls"


def _wrapped(label: str, text: str) -> Iterator[str]:
    first, *rest = textwrap.wrap(text, WIDTH - 14, break_on_hyphens=False) or [""]
    yield f"    {label:<10}{first}"
    yield from (f"    {'':<10}{line}" for line in rest)
