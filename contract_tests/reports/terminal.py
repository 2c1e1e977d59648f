"""The report on a terminal or in a log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import groupby

from contract_tests.message import Message, joined, translate
from contract_tests.reports import curl, wording
from contract_tests.reports.wrapping import columns, wrap
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
    title = Message("{} against {}", wording.title(result.contract), result.settings.base_url)
    yield from wrap(translate(title, result.lang), width)
    if not result.was_reachable:
        yield ""
        yield from _not_checked(result, paint, width)
        return
    if sentence := wording.diagnosis(result):
        yield ""
        yield from (paint(line, Outcome.FAILED) for line in wrap(translate(sentence, result.lang), width))
    yield from _hint(result, width)
    lines = sections(result, lambda verdict: [clause_line(verdict, paint, verbose, result.lang)], fold=not verbose)
    yield from (part for line in lines for part in (wrap(line, width, " " * 6) if line else [""]))
    for verdict in result.verdicts:
        if verdict.failed:
            yield ""
            yield from evidence(verdict, result, paint, width)
    yield ""
    if verbose:
        yield from _requests(result, width)
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
        heading = section.heading if result.lang == "en" else section.zh or section.title
        yield ""
        if fold and (reason := wording.skipped_section(verdicts)):
            yield translate(Message("{}: {}", heading, reason), result.lang)
            continue
        yield heading
        yield from (f"  {line}" for verdict in verdicts for line in lines(verdict))


def evidence(verdict: Verdict, result: Result, paint: Paint = plain, width: int = WIDTH) -> Iterator[str]:
    """Yield the evidence of a failed clause: requirement, source, location, values, counts and a curl command."""
    clause, first, say = verdict.clause, verdict.findings[0], partial(translate, lang=result.lang)
    yield (
        paint(f"{verdict.status.value} {clause.id}", verdict.status)
        + f"  {say(Message('({})', wording.level_label(clause)))}"
    )
    fields = {
        "requirement": wording.requirement(clause),
        "source": wording.source(clause),
        "waived": verdict.waived,
        "at": first.violation.where,
        "expected": first.violation.expected,
        "received": first.violation.received,
        "clients": verdict.clients,
        "failed": Message("{} of {}", verdict.failed, wording.plural(verdict.checked, "response")),
    }
    for label, text in fields.items():
        if text or label not in ("waived", "clients"):
            yield from wrap(f"    {_padded(say(label), _LABEL)}{say(text)}", width, " " * (4 + _LABEL))
    yield f"    {say('reproduce')}"
    yield f"      {curl.reproduction(verdict, result)}"


def summary_line(result: Result, paint: Paint = plain) -> str:
    """Return the last line of a report: verdict, counts, requests and duration."""
    cost = Message("{}, {:.1f} s", wording.plural(result.calls, "request"), result.elapsed)
    return translate(Message("{}; {}", verdict_line(result, paint), cost), result.lang)


def verdict_line(result: Result, paint: Paint = plain) -> str:
    """Return the verdict with the number of clauses per outcome."""
    counts, say = result.counts, partial(translate, lang=result.lang)
    listed = (each for each in Outcome if counts[each] or each is Outcome.PASSED)
    parts = joined("{}, {}", (paint(say(_count(counts[each], each)), each) for each in listed))
    outcome = {"Passed": Outcome.PASSED, "Failed": Outcome.FAILED}.get(wording.headline(result), Outcome.SKIPPED)
    word = paint(say(wording.headline(result).upper()), outcome)
    line: str = Message("{}: {} ({})", word, parts, wording.plural(len(result.verdicts), "clause"))
    if not_called := len(result.collection.not_called):
        rest = Message("{} of {} operations not called", not_called, len(result.contract.operations))
        line = Message("{}; {}", line, rest)
    return say(line)


def clause_line(verdict: Verdict, paint: Paint = plain, verbose: bool = False, lang: str = "en") -> str:
    """Return the outcome of one clause, with its counts if it failed and the reason if it was skipped."""
    say = partial(translate, lang=lang)
    line = paint(verdict.status.value, verdict.status) + f" {verdict.clause.id}"
    if verdict.failed:
        line += f"  {say(wording.share(verdict))}"
    elif not verdict.checked:
        line += f"  {say(Message('skipped: {}', verdict.reason))}"
    elif verbose:
        line += f"  {say(wording.share(verdict))}"
    return f"{line}  {say(wording.requirement(verdict.clause))}" if verbose else line


def _count(count: int, outcome: Outcome) -> str:
    word = wording.outcome_label(outcome)
    return wording.plural(count, word) if outcome is Outcome.WARNING else Message(f"{{}} {word}", count)


def _requests(result: Result, width: int) -> Iterator[str]:
    for exchange in [*result.collection.all(), *result.generated.exchanges]:
        outcome = exchange.error.kind.value if exchange.error else str(exchange.status)
        number = f"{translate('request', result.lang)} {exchange.index + 1:>4}"
        cells = (number, 14), (wording.request_kind(exchange), 23), (outcome, 17)
        row = "".join(_padded(translate(text, result.lang), size) for text, size in cells)
        yield from wrap(f"{row}{exchange.elapsed * 1000:7.1f} ms", width, " " * 4)
    yield ""


def _padded(text: str, size: int) -> str:
    return text + " " * max(size - columns(text), 1)


def _not_checked(result: Result, paint: Paint, width: int) -> Iterator[str]:
    word = paint(translate("NOT CHECKED", result.lang), Outcome.SKIPPED)
    reason = Message("{}: {}", word, wording.failure_reason(result))
    yield from wrap(translate(reason, result.lang), width, " " * 4)
    yield from _hint(result, width)
    yield from _notes(result, width)


def _comparison(result: Result, width: int) -> Iterator[str]:
    for line in (*wording.comparison(result), *wording.parity(result)):
        yield from wrap(translate(line, result.lang), width, " " * 4)


def _hint(result: Result, width: int) -> Iterator[str]:
    if found := wording.hint(result):
        yield from wrap(translate(Message("hint: {}", found), result.lang), width, " " * 6)


def _notes(result: Result, width: int) -> Iterator[str]:
    for note in wording.notes(result):
        yield from wrap(translate(Message("note: {}", note), result.lang), width, " " * 6)
