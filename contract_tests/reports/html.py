"""One HTML file, for people: the verdict first, then every clause with its evidence, the pictures and the times.

It needs no network and runs no script, and its own policy (CSP) forbids both. Whatever is shown is escaped in `_text`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from pathlib import Path

from contract_tests.checks.registry import BASELINE
from contract_tests.reports import curl
from contract_tests.reports import gallery as sheet
from contract_tests.reports import latency_chart as svg
from contract_tests.reports import wording as saying
from contract_tests.result import Result
from contract_tests.verdict import Outcome, Verdict
from contract_tests.version import version

STYLE = Path(__file__).with_name("html.css")

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

LEVELS = {"must": "fails the run", "should": "warns, and fails a strict run", "info": "is reported, no more"}

ORIGINS = {"rfc": "standard", "implied": "implied", "assumption": "reading"}

_COUNTED = {Outcome.PASSED: "hold", Outcome.SKIPPED: "not judged"}


def write(result: Result) -> bytes:
    """The report as bytes of UTF-8."""
    return ("\n".join(_page(result)) + "\n").encode("utf-8", "backslashreplace")


def _page(result: Result) -> Iterator[str]:
    contract = result.contract
    yield "<!DOCTYPE html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">'
    yield f"<title>{saying.headline(result)}: {_text(contract.title)} {_text(contract.version)}</title>"
    yield f"<style>{STYLE.read_text(encoding='utf-8')}</style></head><body><main>"
    drawn = (
        ("pictures", "Pictures", "with their ids", sheet.gallery(result)),
        ("times", "Response times", "every call, in order", svg.latency_chart(result)),
        ("questions", "Open questions", "", _questions(result)),
    )
    sections = [each for each in drawn if each[3]]
    clauses = [("clauses", "Clauses")] if result.was_reachable else []
    yield from _verdict(result, clauses + [each[:2] for each in sections])
    yield from _summary(result)
    if result.was_reachable:
        yield '<div id="clauses">'
        yield from _parts(result)
        yield "</div>"
    for name, title, beside, content in sections:
        yield f'<section id="{name}"><h2>{title} <small>{beside}</small></h2>{content}</section>'
    yield from _again(result)
    yield "</main></body></html>"


def _verdict(result: Result, links: Sequence[tuple[str, str]]) -> Iterator[str]:
    contract, settings = result.contract, result.settings
    title = contract.document["info"].get("x-i18n-zh", {}).get("title", "")
    kind = "unjudged" if not result.was_reachable else "broken" if result.failed else "holds"
    yield f'<header class="{kind}">'
    yield f'<p class="over">{_text(contract.title)} {_text(contract.version)} <span lang="zh">{_text(title)}</span></p>'
    yield f"<h1>{saying.headline(result)}</h1>"
    yield f'<p class="target">{_text(settings.base_url)}</p>'
    if not result.was_reachable:
        yield f'<p class="trouble">{_text(saying.failure_reason(result))}</p>'
    else:
        counts = [(status, result.counts[status]) for status in Outcome if result.counts[status]]
        bar = (f'<i class="{_kind(status)}" style="flex-grow:{count}"></i>' for status, count in counts)
        yield f'<div class="bar" aria-hidden="true">{"".join(bar)}</div>'
        words = (
            f'<li class="{_kind(status)}"><b>{count}</b> {_COUNTED.get(status, _kind(status))}</li>'
            for status, count in counts
        )
        yield f'<ul class="counts">{"".join(words)}</ul>'
    started = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(result.collection.started))
    yield f'<p class="when">{started} · {result.calls} calls · {saying.milliseconds(result.elapsed)}</p>'
    notes = list(result.collection.notes)
    if result.collection.throttled:
        notes.append(f"The target asked {result.collection.throttled} times to wait (429), and was waited for.")
    yield from (f'<p class="note">{_text(note)}</p>' for note in notes)
    anchors = (f'<a href="#{name}">{title}</a>' for name, title in links)
    yield f"<nav>{''.join(anchors)}</nav></header>"


def _summary(result: Result) -> Iterator[str]:
    """What fails the run, and what is worth a look, each a line that leads to its evidence."""
    if not result.was_reachable:
        return
    failing = {verdict.clause.id for verdict in result.failed}
    rest = tuple(verdict for verdict in result.verdicts if verdict.failed and verdict.clause.id not in failing)
    for title, verdicts in (("What is broken", result.failed), ("Worth a look", rest)):
        if verdicts:
            lines = (
                f'<li class="{_kind(v.status)}"><a href="#{v.clause.id}"><code>{v.clause.id}</code> '
                f"<span>{_text(v.clause.text)}</span></a> <b>{_often(v)}</b></li>"
                for v in verdicts
            )
            yield f'<section><h2>{title}</h2><ul class="summary">{"".join(lines)}</ul></section>'


def _parts(result: Result) -> Iterator[str]:
    for name, group in groupby(result.verdicts, key=lambda verdict: verdict.clause.section):
        part, verdicts = result.contract.sections[name], list(group)
        holding = sum(verdict.status is Outcome.PASSED for verdict in verdicts)
        yield f'<section id="part-{_text(name)}"><h2>{_text(part.title)} <span lang="zh">{_text(part.zh)}</span>'
        yield f"<small>{holding} of {len(verdicts)} hold</small></h2>"
        for verdict in verdicts:
            yield from _clause(verdict, result)
        yield "</section>"


def _clause(verdict: Verdict, result: Result) -> Iterator[str]:
    clause = verdict.clause
    yield f'<details class="{_kind(verdict.status)}" id="{clause.id}"{" open" if verdict.failed else ""}><summary>'
    level = "" if clause.level == "must" else f" <small>{clause.level}</small>"
    yield f'<i class="mark">{verdict.status.value}</i><span class="id"><code>{clause.id}</code>{level}</span>'
    yield f'<span class="often">{_often(verdict)}</span><span class="says">{_text(clause.text)}</span></summary><dl>'
    place = f"<small>{_place(result, clause.line)}</small>"
    if clause.basis == "document":
        yield _row("document", "".join(f'<q lang="zh">{_text(each)}</q>' for each in clause.quotes) + place)
    else:
        yield _row(ORIGINS[clause.basis], f"{_text(clause.source or 'the plain purpose of the call')} {place}")
    if result.settings.reference_url:
        target = escape(f"{result.settings.reference_url}#clause-{clause.id}")
        yield _row("reference", f'<a href="{target}">{clause.id}</a>')
    if clause.assumption and clause.basis != "assumption":
        yield _row("reading", _text(clause.assumption))
    yield _row("level", f"{clause.level}: broken, it {LEVELS[clause.level]}")
    if verdict.waived:
        yield _row("waived", _text(verdict.waived))
    if verdict.findings:
        yield from _evidence(verdict, result)
    elif verdict.reason:
        yield _row("not judged", _text(verdict.reason))
    yield "</dl></details>"


def _evidence(verdict: Verdict, result: Result) -> Iterator[str]:
    first = verdict.findings[0]
    yield _row("where", f"<code>{_text(first.problem.where)}</code> in {_text(saying.call_label(first.exchange))}")
    yield _row("expected", _text(first.problem.expected), "expected")
    yield _row("received", _text(first.problem.received), "received")
    yield _row("how often", f"{verdict.failed} of {verdict.checked} {'call' if verdict.checked == 1 else 'calls'}")
    others = "".join(
        f"<li>{escape(call)}: {escape(said)}</li>" for call, said in saying.further_findings(verdict.findings)
    )
    if others:
        yield _row("and also", f"<ul>{others}</ul>")
    yield _row("see", f"<pre>{_text(curl.command(first.exchange.request, result.settings))}</pre>")


def _questions(result: Result) -> str:
    """What the document leaves open: the assumptions of the contract, and the clauses that rest on a reading."""
    rows = []
    for each in saying.assumptions(result.contract):
        words = f'<q lang="zh">{_text(each.words)}</q>' if each.words else ""
        rows.append(f"<dt><code>{_text(each.name)}</code>{words}</dt>")
        rows.append(f"<dd>{_text(each.reading)} <small>{_place(result, each.line)}</small></dd>")
    for verdict in result.verdicts:
        clause, mark = verdict.clause, f'<i class="mark">{verdict.status.value}</i>' if result.was_reachable else ""
        if clause.basis == "assumption":
            rows.append(f'<dt class="{_kind(verdict.status)}">{mark}<code>{clause.id}</code></dt>')
            rows.append(f"<dd>{_text(clause.source or '')} <small>{_place(result, clause.line)}</small></dd>")
    if not rows:
        return ""
    told = "<p>Where the document is silent, or contradicts itself, these readings were chosen.</p>"
    return f'{told}<dl class="questions">{"".join(rows)}</dl>'


def _again(result: Result) -> Iterator[str]:
    """How to see it again."""
    plain = next((exchange for exchange in result.collection.all() if exchange.label == BASELINE), None)
    yield "<footer>"
    if plain is not None:
        yield f"<p>The plain call:</p><pre>{_text(curl.command(plain.request, result.settings))}</pre>"
    yield f"<p>Exit status {result.exit_status}. Made by code-contract {_text(version())}.</p></footer>"


def _row(name: str, shown: str, kind: str = "") -> str:
    return f"<dt>{name}</dt><dd{f' class={kind}' if kind else ''}>{shown}</dd>"


def _often(verdict: Verdict) -> str:
    if verdict.failed:
        return f"{verdict.failed} of {verdict.checked}"
    return f"{verdict.checked} of {verdict.checked}" if verdict.checked else "not judged"


def _place(result: Result, line: int) -> str:
    return f"{_text(result.contract.path.name)}:{line}"


def _kind(status: Outcome) -> str:
    return status.name.lower()


def _text(value: str) -> str:
    """Text of whatever origin as HTML: nothing hidden, nothing that is markup."""
    return escape(saying.escape_long(value))
