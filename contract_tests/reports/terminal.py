"""The report on a terminal or in a log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from code_contract import Clause
from contract_tests.reports import curl, wording
from contract_tests.reports.wrapping import wrap
from contract_tests.result import Result
from contract_tests.verdict import Outcome, Verdict

Paint = Callable[[str, Outcome], str]

WIDTH = 100
"""Columns at which lines are wrapped by default; a curl command never is, so that it can be pasted."""

_LABEL = 13

_COLOURS = {
    Outcome.PASSED: "32",
    Outcome.FAILED: "1;31",
    Outcome.WARNING: "33",
    Outcome.WAIVED: "35",
    Outcome.INFO: "36",
    Outcome.SKIPPED: "2",
}


def plain(text: str, outcome: Outcome) -> str:
    """Return the text without colour."""
    return text


def coloured(text: str, outcome: Outcome) -> str:
    """Return the text in the colour of an outcome, by ANSI escapes (ECMA-48)."""
    return f"\x1b[{_COLOURS[outcome]}m{text}\x1b[0m"


def render(result: Result, paint: Paint = plain, verbose: bool = False, width: int = WIDTH) -> Iterator[str]:
    """Yield the lines of the report.

    Args:
        result: The result of a run.
        paint: `plain` or `coloured`.
        verbose: True to show the text of every clause, and every request with its duration.
        width: Columns at which lines are wrapped.
    """
    yield from wrap(f"{result.contract.title} {result.contract.version} against {result.settings.base_url}", width)
    if not result.was_reachable:
        yield ""
        yield from _not_checked(result, paint, width)
        return
    if sentence := wording.diagnosis(result):
        yield ""
        yield from (paint(line, Outcome.FAILED) for line in wrap(sentence, width))
    yield from _hint(result, width)
    lines = sections(result, lambda verdict: [clause_line(verdict, paint, verbose)], fold=not verbose)
    yield from (part for line in lines for part in (wrap(line, width, " " * 6) if line else [""]))
    for verdict in result.verdicts:
        if verdict.failed:
            yield ""
            yield from evidence(verdict, result, paint, width)
    yield ""
    if verbose:
        yield from _requests(result)
    yield from _comparison(result, width)
    yield from _notes(result, width)
    yield from wrap(summary_line(result, paint), width, " " * 4)


def render_failures(result: Result, paint: Paint = plain, width: int = WIDTH) -> Iterator[str]:
    """Yield the lines of the report that show why the run failed, none if it passed."""
    if not result.was_reachable:
        yield from _not_checked(result, paint, width)
        return
    yield from _hint(result, width)
    for verdict in result.failed:
        yield from evidence(verdict, result, paint, width)
        yield ""
    if result.exit_status:
        yield from _comparison(result, width)
        yield from wrap(summary_line(result, paint), width, " " * 4)


def sections(result: Result, lines: Callable[[Verdict], Iterable[str]], *, fold: bool = False) -> Iterator[str]:
    """Yield the title of each section of the contract, then the lines of its verdicts.

    With `fold`, a section in which nothing could be checked is one line.
    """
    for name, group in groupby(result.verdicts, key=lambda verdict: verdict.clause.section):
        section, verdicts = result.contract.sections[name], list(group)
        yield ""
        if fold and (reason := wording.skipped_section(verdicts)):
            yield f"{section.heading}: {reason}"
            continue
        yield section.heading
        yield from (f"  {line}" for verdict in verdicts for line in lines(verdict))


def evidence(verdict: Verdict, result: Result, paint: Paint = plain, width: int = WIDTH) -> Iterator[str]:
    """Yield the evidence of a failed clause: requirement, source, location, values, counts and a curl command."""
    clause, first = verdict.clause, verdict.findings[0]
    yield paint(f"{verdict.status.value} {clause.id}", verdict.status) + f"  ({wording.level_label(clause)})"
    fields = {
        "requirement": clause.text,
        "source": source(clause),
        "waived": verdict.waived,
        "at": first.violation.where,
        "expected": first.violation.expected,
        "received": first.violation.received,
        "clients": verdict.clients,
        "failed": f"{verdict.failed} of {wording.plural(verdict.checked, 'response')}",
    }
    for label, text in fields.items():
        if text or label not in ("waived", "clients"):
            yield from wrap(f"    {label:<{_LABEL}}{text}", width, " " * (4 + _LABEL))
    yield "    reproduce"
    yield f"      {curl.reproduction(verdict, result)}"


def source(clause: Clause) -> str:
    """Return the source of a clause: words of the document, a standard, an assumption, or "implied"."""
    if clause.basis == "document":
        return "document: " + ("; ".join(clause.quotes) or clause.source or "")
    if clause.basis == "implied":
        return wording.IMPLIED
    return f"assumption: {clause.source}" if clause.basis == "assumption" else clause.source or ""


def summary_line(result: Result, paint: Paint = plain) -> str:
    """Return the last line of a report: verdict, counts, requests and duration."""
    return f"{verdict_line(result, paint)}; {wording.plural(result.calls, 'request')}, {result.elapsed:.1f} s"


def verdict_line(result: Result, paint: Paint = plain) -> str:
    """Return the verdict with the number of clauses per outcome."""
    counts = result.counts
    parts = [paint(_count(counts[each], each), each) for each in Outcome if counts[each] or each is Outcome.PASSED]
    outcome = {"Passed": Outcome.PASSED, "Failed": Outcome.FAILED}.get(wording.headline(result), Outcome.SKIPPED)
    word = wording.headline(result).upper()
    line = f"{paint(word, outcome)}: {', '.join(parts)} ({wording.plural(len(result.verdicts), 'clause')})"
    not_called = len(result.collection.not_called)
    return line + (f"; {not_called} of {len(result.contract.operations)} operations not called" if not_called else "")


def clause_line(verdict: Verdict, paint: Paint = plain, verbose: bool = False) -> str:
    """Return the outcome of one clause, with its counts if it failed and the reason if it was skipped."""
    line = paint(verdict.status.value, verdict.status) + f" {verdict.clause.id}"
    if verdict.failed:
        line += f"  {wording.share(verdict)}"
    elif not verdict.checked:
        line += f"  skipped: {verdict.reason}"
    elif verbose:
        line += f"  {wording.share(verdict)}"
    return f"{line}  {verdict.clause.text}" if verbose else line


def _count(count: int, outcome: Outcome) -> str:
    word = wording.outcome_label(outcome)
    return wording.plural(count, word) if outcome is Outcome.WARNING else f"{count} {word}"


def _requests(result: Result) -> Iterator[str]:
    for exchange in [*result.collection.all(), *result.generated.exchanges]:
        outcome = exchange.error.kind.value if exchange.error else str(exchange.status)
        kind = wording.request_kind(exchange)
        yield f"request {exchange.index + 1:>4}  {kind:<22} {outcome:<16} {exchange.elapsed * 1000:7.1f} ms"
    yield ""


def _not_checked(result: Result, paint: Paint, width: int) -> Iterator[str]:
    yield from wrap(f"{paint('NOT CHECKED', Outcome.SKIPPED)}: {wording.failure_reason(result)}", width, " " * 4)
    yield from _hint(result, width)
    yield from _notes(result, width)


def _comparison(result: Result, width: int) -> Iterator[str]:
    for line in (*wording.comparison(result), *wording.parity(result)):
        yield from wrap(line, width, " " * 4)


def _hint(result: Result, width: int) -> Iterator[str]:
    if found := wording.hint(result):
        yield from wrap(f"hint: {found}", width, " " * 6)


def _notes(result: Result, width: int) -> Iterator[str]:
    for note in wording.notes(result):
        yield from wrap(f"note: {note}", width, " " * 6)
